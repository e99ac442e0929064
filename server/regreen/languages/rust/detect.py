"""Rust projects of a workspace, every fact read from its files and backed by evidence. Nothing is run."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from regreen.core.ports import Tree
from regreen.core.workspace import Evidence, Module, Project
from regreen.languages.manifest import Manifest, join

from .dependencies import find_dependencies
from .files import CargoFiles
from .gates import gates
from .habits import Habits, find_habits
from .targets import Target, find_places, find_targets, package_name
from .workspace import Root, find_roots

_TOOLCHAINS = ("rust-toolchain.toml", "rust-toolchain")
_CHANNEL = re.compile(
    r"""^\s*(?:channel\s*=\s*)?["']?(?P<channel>(?:stable|beta|nightly|\d+\.\d+)[\w.-]*)["']?\s*$""", re.MULTILINE
)
_VENDORED = re.compile(r"(?:^|/)(?:vendor|vendored|third_party|third-party)$")
_HAS_TEST = re.compile(r"#\[(?:\w+::)*(?:test|rstest|quickcheck)\b")
_MATERIAL = frozenset(
    {"tests", "testsuite", "testdata", "fixtures", "src"}
)  # a folder named so in these is no vendoring
_LOOKED_AT = 30  # files of a package in which a unit test is looked for


def detect(tree: Tree) -> tuple[Project, ...]:
    """Find the Rust projects of a workspace, sorted by folder."""
    files = CargoFiles(tree)
    return tuple(_project(files, root) for root in find_roots(files))


def _project(files: CargoFiles, root: Root) -> Project:
    habits = find_habits(files, root)
    targets = {folder: find_targets(files, folder) for folder in root.members}
    dependencies, dependencies_evidence = find_dependencies(files, root)
    interpreter = _cargo(files.tree)
    name, name_evidence = _name(files, root)
    test_command = _test_command(root, habits)
    return Project(
        path=root.folder,
        language="rust",
        name=name,
        package_manager="cargo",
        runner=habits.runner,
        interpreter=interpreter,
        test_command=test_command,
        cwd=root.folder,
        test_dirs=tuple(
            sorted({each for folder in root.members for each in _test_dirs(files, folder, targets[folder])})
        ),
        source_roots=tuple(
            sorted(
                {posixpath.dirname(each.path) or "." for own in targets.values() for each in own if each.kind != "test"}
            )
        ),
        dependencies=dependencies,
        prepare=tuple(_prepare(files, root, habits)),
        gates=gates(files, root, interpreter, test_command),
        vendored=_vendored(files, root),
        evidence=(
            *name_evidence,
            _managed(files, root),
            *habits.evidence,
            *(() if not interpreter else (Evidence("interpreter", interpreter, 0),)),
            *dependencies_evidence,
        ),
        confidence=habits.confidence if root.folder == "." or root.is_workspace else min(habits.confidence, 0.8),
        problems=tuple(_problems(files, root)),
        modules=tuple(_modules(files, root, habits)),
        places=tuple(sorted({place for folder in root.members for place in find_places(folder, targets[folder])})),
    )


def _test_command(root: Root, habits: Habits, only: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return what runs all tests: of a package at the root of a workspace, cargo alone would leave out the others."""
    base = ("cargo", "nextest", "run") if habits.runner == "nextest" else ("cargo", "test")
    everything = ("--workspace",) if root.is_workspace and (root.is_virtual or 1 < len(root.members)) else ()
    return (*base, *(only or everything), *habits.options)


def _modules(files: CargoFiles, root: Root, habits: Habits) -> Iterator[Module]:
    """Name the packages of a workspace, each with what runs its tests alone."""
    if len(root.members) < 2:
        return
    for folder in root.members:
        manifest = files.cargo(folder)
        if manifest is not None and (name := package_name(manifest)):
            yield Module(folder, name, _test_command(root, habits, ("--package", name)))


def _cargo(tree: Tree) -> str:
    found = tree.search_path("cargo")
    homes = [tree.environment.get("CARGO_HOME", ""), join(tree.environment.get("HOME", ""), ".cargo")]
    usual = (f"{home}/bin/cargo" for home in homes if home.startswith("/"))
    return found or next((path for path in usual if tree.is_executable(path)), "")


def _name(files: CargoFiles, root: Root) -> tuple[str, tuple[Evidence, ...]]:
    if name := package_name(root.manifest):
        return name, (root.manifest.evidence("name", "package", "name"),)
    place = files.tree.root if root.folder == "." else root.folder
    return place.rstrip("/").rpartition("/")[2], ()


def _managed(files: CargoFiles, root: Root) -> Evidence:
    lock = join(root.folder, "Cargo.lock")
    return files.evidence("package_manager", lock if lock in files.known else root.manifest.path)


def _test_dirs(files: CargoFiles, folder: str, targets: tuple[Target, ...]) -> Iterator[str]:
    """Yield the folders of a package's integration tests, and of its sources when they hold unit tests."""
    for target in targets:
        if target.kind == "test":
            yield _top(target.path, folder)
    sources = sorted({_top(target.path, folder) for target in targets if target.kind in ("lib", "bin")})
    for source in sources:
        own = [path for path in files.inside(source) if path.endswith(".rs")][:_LOOKED_AT]
        if any(_HAS_TEST.search(files.tree.read(path) or "") for path in own):
            yield source


def _top(path: str, folder: str) -> str:
    """Return the first folder below a package on the way to a file; the package itself for a file right in it."""
    inner = path if folder == "." else path.removeprefix(f"{folder}/")
    return join(folder, inner.partition("/")[0]) if "/" in inner else folder


def _prepare(files: CargoFiles, root: Root, habits: Habits) -> Iterator[tuple[str, ...]]:
    if channel := _channel(files, root):
        yield ("rustup", "toolchain", "install", channel)
    locked = join(root.folder, "Cargo.lock") in files.known
    yield ("cargo", "fetch", "--locked") if locked else ("cargo", "fetch")
    if habits.runner == "nextest" and not files.tree.search_path("cargo-nextest"):
        yield ("cargo", "install", "cargo-nextest", "--locked")


def _channel(files: CargoFiles, root: Root) -> str:
    for folder in dict.fromkeys((root.folder, ".")):
        for name in _TOOLCHAINS:
            path = join(folder, name)
            if path in files.known and (found := _CHANNEL.search(files.tree.read(path) or "")):
                return found["channel"]
    return ""


def _vendored(files: CargoFiles, root: Root) -> tuple[str, ...]:
    found = set()
    for path in files.inside(root.folder):
        segments = path.split("/")[:-1]
        if not _MATERIAL.isdisjoint(segments):
            continue
        for n in range(len(segments)):
            if _VENDORED.search("/".join(segments[: n + 1])):
                found.add("/".join(segments[: n + 1]))
                break
    return tuple(sorted(each for each in found if each not in root.members))


def _problems(files: CargoFiles, root: Root) -> Iterator[str]:
    manifests: list[Manifest] = [root.manifest]
    manifests += [found for folder in root.members if folder != root.folder and (found := files.cargo(folder))]
    yield from (manifest.problem for manifest in manifests if manifest.problem)
    if root.is_workspace and not root.members:
        yield (
            f"{root.manifest.path}: no member of this Cargo workspace was found. "
            "Correct the paths in workspace.members; until then none of its tests can be run."
        )
