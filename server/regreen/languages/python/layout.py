"""Which folders of a workspace are Python projects, and which files belong to each."""

from __future__ import annotations

import re
from collections.abc import Mapping

from regreen.languages.folders import folders_above, inside, parent
from regreen.languages.globs import glob_matches, is_test_path
from regreen.languages.manifest import Manifest, Manifests, join

from .pytest import DEFAULT_PATTERNS, FIXTURE_FOLDERS

# A manifest below these is material of a test or an example, unless a workspace lists it.
_NO_PROJECTS = FIXTURE_FOLDERS | {"tests", "test", "testing", "template", "templates", "skeleton", "testsuite"}
# Requirements and settings below these serve the folder above.
_SERVICE_FOLDERS = frozenset(
    [
        "docs",
        "doc",
        "requirements",
        "ci",
        ".ci",
        "continuous_integration",
        ".github",
        ".gitlab",
        ".circleci",
        "scripts",
        "script",
        "tools",
        ".devcontainer",
        "docker",
        ".binder",
    ]
)
_BUILD_FILES = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "Pipfile"})
_WEAK_FILES = frozenset(
    [
        "tox.ini",
        "pytest.ini",
        ".pytest.ini",
        "pytest.toml",
        ".pytest.toml",
        "environment.yml",
        "environment.yaml",
        "pixi.toml",
        "requirements.txt",
        "requirements.in",
        "uv.lock",
        "poetry.lock",
        "pdm.lock",
        "manage.py",
        "conftest.py",
    ]
)
_VENDORED = frozenset({"vendor", "vendored", "_vendor", "_vendored", "third_party", "extern", "_extern"})
_GENERATED = frozenset({"generated", "_generated"})
_GENERATED_ENDINGS = ("_pb2.py", "_pb2_grpc.py", "_pb2.pyi")
# At the root, they say that the repository is a project of another language.
_OTHERS = frozenset({"go.mod", "Cargo.toml", "package.json", "deno.json", "pom.xml", "build.gradle", "CMakeLists.txt"})
_BLANK = re.compile(r"\{\{|\{%")
_VERSION_FILES = (
    ("tool", "setuptools_scm", "version_file"),
    ("tool", "setuptools_scm", "write_to"),
    ("tool", "hatch", "build", "hooks", "vcs", "version-file"),
)


def find_folders(manifests: Manifests) -> tuple[str, ...]:
    """Return the folders of the projects, sorted; "." alone when there are Python files without any manifest."""
    listed = _listed_members(manifests)
    python = tuple(path for path in sorted(manifests.known) if path.endswith(".py"))
    strong, weak = set(listed), set()
    for path in sorted(manifests.known):
        folder, name = parent(path), path.rpartition("/")[2]
        if folder in listed or not _NO_PROJECTS.isdisjoint(folder.split("/")):
            continue
        if name in _BUILD_FILES and defines_project(manifests, folder, name):
            if _SERVICE_FOLDERS.isdisjoint(folder.split("/")) or any(inside(path, folder) for path in python):
                strong.add(folder)
        elif (name in _WEAK_FILES or name in _BUILD_FILES) and _SERVICE_FOLDERS.isdisjoint(folder.split("/")):
            weak.add(folder)
    found = strong
    for folder in sorted(weak - strong, key=lambda each: (each.count("/") + (each != "."), each)):
        covered = folder != "." and not found.isdisjoint(folders_above(folder))
        if not covered and any(inside(path, folder) and _owner(path, found) in ("", ".") for path in python):
            found.add(folder)
    orphans = [path for path in python if not _owner(path, found) and not _is_service(path) and not _is_foreign(path)]
    if (
        orphans
        and (not found or any(is_test_path(path, DEFAULT_PATTERNS) for path in orphans))
        and _count(manifests, orphans)
    ):
        found.add(".")
    return tuple(sorted(found))


def _is_foreign(path: str) -> bool:
    """Tell whether a file is other people's code, or material."""
    return not (_VENDORED | FIXTURE_FOLDERS).isdisjoint(parent(path).split("/"))


def _count(manifests: Manifests, orphans: list[str]) -> bool:
    """Tell whether files without a manifest are a project: not a few scripts in a repository of something else."""
    if any(is_test_path(path, DEFAULT_PATTERNS) for path in orphans) or any("/" not in path for path in orphans):
        return True
    return _OTHERS.isdisjoint(manifests.known)


def _is_service(path: str) -> bool:
    """Tell whether a file serves the workspace itself, such as a script of its CI."""
    segments = parent(path).split("/")
    return not _SERVICE_FOLDERS.isdisjoint(segments) or any(each[:1] == "." and each != "." for each in segments)


def owned_files(manifests: Manifests, folder: str, folders: tuple[str, ...]) -> tuple[str, ...]:
    """Return the files of a project, sorted: what lies in its folder and in no project below it."""
    nested = frozenset(each for each in folders if each != folder and inside(each, folder))
    return tuple(
        path
        for path in manifests.tree.files
        if inside(path, folder) and not (nested and not nested.isdisjoint(folders_above(parent(path))))
    )


def defines_project(manifests: Manifests, folder: str, name: str) -> bool:
    """Tell whether a manifest describes something that is built, rather than only settings of tools."""
    manifest = manifests.get(folder, name)
    if manifest is not None and _BLANK.search(f"{folder}\n{manifest.get('project', 'name') or ''}"):
        return False  # A template: somebody fills it in and makes a project of it.
    if name == "setup.py" and manifests.has(folder, "__init__.py"):
        return False  # A module of a package that happens to be called so.
    if manifest is None or name in ("setup.py", "Pipfile"):
        return manifest is not None
    if name == "setup.cfg":
        return manifest.get("metadata") is not None or manifest.get("options") is not None
    keys = (("project",), ("build-system",), ("tool", "poetry"), ("tool", "flit", "metadata"))
    return bool(manifest.problem) or any(manifest.get(*each) is not None for each in keys)


def source_roots(
    manifests: Manifests, folder: str, owned: tuple[str, ...], python_path: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the folders that must be importable: what the manifests name, else src/, else the folder itself."""
    named = [join(folder, each) for each in _named_roots(manifests, folder)]
    source = join(folder, "src")
    if not named and any(path.startswith(f"{source}/") and path.endswith(".py") for path in owned):
        # A folder src/ with an __init__.py of its own is a package, not a root.
        named = [] if f"{source}/__init__.py" in manifests.known else [source]
    real = [each for each in named if any(inside(path, each) for path in owned)]
    return tuple(dict.fromkeys([*(real or [folder]), *python_path]))


def vendored_folders(owned: tuple[str, ...]) -> tuple[str, ...]:
    """Return the topmost folders of a project that hold other people's code."""
    return _topmost(owned, _VENDORED)


def generated_paths(manifests: Manifests, folder: str, owned: tuple[str, ...]) -> tuple[str, ...]:
    """Return folders and files that a tool writes."""
    pyproject = manifests.get(folder, "pyproject.toml")
    named = [] if pyproject is None else [pyproject.get(*keys) for keys in _VERSION_FILES]
    files = [path for path in owned if path.endswith(_GENERATED_ENDINGS)]
    files += [join(folder, each) for each in named if isinstance(each, str)]
    return tuple(sorted({*files, *_topmost(owned, _GENERATED)}))


def _listed_members(manifests: Manifests) -> set[str]:
    """Return the folders that a workspace file lists, wherever they lie."""
    holders = {parent(path) for path in manifests.known if path.endswith("pyproject.toml")}
    members: set[str] = set()
    for root in sorted(holders):
        pyproject = manifests.get(root, "pyproject.toml")
        if pyproject is None or not _NO_PROJECTS.isdisjoint(root.split("/")):
            continue
        included, excluded = _workspace(pyproject)
        inner = {each: each if root == "." else each.removeprefix(f"{root}/") for each in holders if inside(each, root)}
        members |= {
            each
            for each, relative in inner.items()
            if any(glob_matches(relative, pattern) for pattern in included)
            and not any(glob_matches(relative, pattern) for pattern in excluded)
        }
    return members


def _workspace(pyproject: Manifest) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the globs of members and of exceptions, of uv and hatch."""
    uv = ("tool", "uv", "workspace")
    included = [*pyproject.strings(*uv, "members"), *pyproject.strings("tool", "hatch", "workspace", "members")]
    for environment in pyproject.section("tool", "hatch", "envs"):
        members = pyproject.get("tool", "hatch", "envs", environment, "workspace", "members")
        for member in members if isinstance(members, list) else ():
            path = member.get("path") if isinstance(member, Mapping) else member
            included += [path] if isinstance(path, str) else []
    return tuple(included), pyproject.strings(*uv, "exclude")


def _named_roots(manifests: Manifests, folder: str) -> list[str]:
    named: list[str] = []
    if (pyproject := manifests.get(folder, "pyproject.toml")) is not None:
        named += pyproject.strings("tool", "setuptools", "packages", "find", "where")
        named += [each for each in [pyproject.get("tool", "setuptools", "package-dir", "")] if isinstance(each, str)]
        packages = pyproject.get("tool", "poetry", "packages")
        for package in packages if isinstance(packages, list) else ():
            named += [str(package["from"])] if isinstance(package, Mapping) and "from" in package else []
        wheel = pyproject.strings("tool", "hatch", "build", "targets", "wheel", "packages")
        named += [parent(each) for each in wheel]
        named += pyproject.strings("tool", "maturin", "python-source")
    if (setup_cfg := manifests.get(folder, "setup.cfg")) is not None:
        named += setup_cfg.strings("options.packages.find", "where")
    return list(dict.fromkeys(each.rstrip("/") or "." for each in named))


def _owner(path: str, folders: set[str]) -> str:
    return next((each for each in folders_above(parent(path)) if each in folders), "")


def _topmost(owned: tuple[str, ...], names: frozenset[str]) -> tuple[str, ...]:
    found = set()
    for path in owned:
        segments = parent(path).split("/")
        at = next((number for number, segment in enumerate(segments) if segment in names), None)
        if at is not None:
            found.add("/".join(segments[: at + 1]))
    return tuple(sorted(found))
