"""JavaScript and TypeScript projects of a workspace, every fact read from its files and backed by evidence."""

from __future__ import annotations

from regreen.core.ports import Tree
from regreen.core.workspace import Evidence, Project
from regreen.languages.folders import below, folders_above, inside, join, parent

from .gates import gates
from .layout import (
    DENO,
    FIXTURES,
    find_layout,
    generated_folders,
    language_of,
    owned_files,
    vendored_folders,
)
from .managers import find_dependencies, find_tool, prepare_steps
from .manifest import Manifest, Manifests
from .runners import Found, find_runners

_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "spec", "specs"})
_KIN = {"javascript": ("typescript",), "typescript": ("javascript",)}
_OWN_PROGRAMS = frozenset({"node:test", "bun", "deno"})  # not packages that must be installed
_PROGRAMS = {"bun": "bun", "deno": "deno"}


def detect(tree: Tree, language: str) -> tuple[Project, ...]:
    """Find the projects of one of the two languages, sorted by folder."""
    manifests = Manifests(tree)
    layout = find_layout(manifests)
    found = []
    for folder in layout.folders:
        owned = owned_files(manifests, folder, layout.folders)
        if language_of(manifests, folder, owned, layout) == language:
            found.append(_project(manifests, folder, language, owned, layout.root_of(folder)))
    return tuple(found)


def _project(manifests: Manifests, folder: str, language: str, owned: tuple[str, ...], root: str) -> Project:
    manifest = manifests.get(folder) or next(filter(None, (manifests.get(folder, name) for name in DENO)), None)
    package = manifests.get(folder)
    tool = find_tool(manifests, folder)
    plug_and_play = manifests.first(tool.folder, (".pnp.cjs",)) != ""
    found = find_runners(manifests, folder, owned, root, plug_and_play)
    first = found.uses[0] if found.uses else None
    name, name_evidence = _name(manifests, folder, manifest)
    test_dirs = _test_dirs(found.tests, folder)
    declared = find_dependencies(package)
    node = manifests.tree.search_path(_PROGRAMS.get("" if first is None else first.name, "node"))
    cwd = folder if first is None else first.cwd
    return Project(
        path=folder,
        language=language,
        name=name,
        package_manager=tool.name,
        runner="" if first is None else first.name,
        interpreter=node,
        test_command=() if first is None else first.command,
        cwd=cwd,
        test_dirs=test_dirs,
        source_roots=_source_roots(folder, owned),
        dependencies=declared,
        prepare=prepare_steps(tool, package, folder),
        gates=gates(manifests, folder, cwd, manifests.tree.search_path("node")),
        generated=generated_folders(owned),
        vendored=vendored_folders(owned),
        evidence=(
            *name_evidence,
            *tool.evidence,
            *found.evidence,
            *(manifests.evidence("test_dirs", path) for path in found.tests[:1]),
            *((package.evidence("dependencies", "dependencies"),) if package is not None and declared else ()),
        ),
        confidence=_confidence(found, manifest),
        test_patterns=tuple(dict.fromkeys(pattern for use in found.uses for pattern in use.patterns)),
        problems=tuple(each.problem for each in (manifest,) if each is not None and each.problem),
        runners=found.uses,
        environment=() if first is None else first.env,
        prepared=first is None or bool(first.program) or plug_and_play or first.name in _OWN_PROGRAMS,
        kin=_KIN[language],
    )


def _name(manifests: Manifests, folder: str, manifest: Manifest | None) -> tuple[str, tuple[Evidence, ...]]:
    name = "" if manifest is None else manifest.text_of("name")
    if manifest is not None and name:
        return name, (manifest.evidence("name", "name"),)
    place = manifests.tree.root if folder == "." else folder
    return place.rstrip("/").rpartition("/")[2], ()


def _confidence(found: Found, manifest: Manifest | None) -> float:
    if manifest is None:
        return min(found.confidence, 0.5)
    return found.confidence if found.uses else 0.5


def _source_roots(folder: str, owned: tuple[str, ...]) -> tuple[str, ...]:
    source = join(folder, "src")
    return (source,) if any(inside(path, source) for path in owned) else (folder,)


def _test_dirs(tests: tuple[str, ...], folder: str) -> tuple[str, ...]:
    """Return where the tests lie: folders named so, else the topmost folder of each."""
    real = [path for path in tests if (FIXTURES - _TEST_FOLDERS).isdisjoint(below(path, folder).split("/")[:-1])]
    tops = sorted({_test_folder(path, folder) for path in real or tests})
    return tuple(top for top in tops if not any(top != other and inside(top, other) for other in tops))


def _test_folder(path: str, folder: str) -> str:
    holders = [each for each in folders_above(parent(path)) if inside(each, folder)]
    named = [each for each in holders if each.rpartition("/")[2] in _TEST_FOLDERS and each != folder]
    if named:
        return named[-1]
    return holders[-2] if 1 < len(holders) else holders[0]
