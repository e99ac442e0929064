"""Python projects of a workspace, every fact read from its files and backed by evidence. Nothing is run."""

from __future__ import annotations

import re

from regreen.core.ports import Tree
from regreen.core.workspace import Evidence, Project
from regreen.languages.folders import inside
from regreen.languages.manifest import Manifests

from .dependencies import Declared, find_dependencies
from .elsewhere import conda_name
from .gates import gates, is_installed
from .interpreter import Interpreter, find_interpreter
from .layout import (
    defines_project,
    find_folders,
    generated_paths,
    owned_files,
    source_roots,
    vendored_folders,
)
from .pytest import CASES, TestSetup, find_tests
from .tools import find_tool, prepare_steps

_MANIFESTS = (
    "pyproject.toml",
    "setup.cfg",
    "tox.ini",
    "pytest.ini",
    ".pytest.ini",
    "pytest.toml",
    ".pytest.toml",
    "hatch.toml",
    "uv.toml",
    "pixi.toml",
    "Pipfile",
)
_NAME_KEYS = (
    ("pyproject.toml", ("project", "name")),
    ("pyproject.toml", ("tool", "poetry", "name")),
    ("pyproject.toml", ("tool", "flit", "metadata", "module")),
    ("setup.cfg", ("metadata", "name")),
)
_SETUP_NAME = re.compile(r"""^\s*name\s*=\s*["']([\w.-]+)["']""", re.MULTILINE)


def detect(tree: Tree) -> tuple[Project, ...]:
    """Find the Python projects of a workspace, sorted by folder."""
    manifests = Manifests(tree)
    folders = find_folders(manifests)
    return tuple(_project(manifests, folder, folders) for folder in folders)


def _project(manifests: Manifests, folder: str, folders: tuple[str, ...]) -> Project:
    owned = owned_files(manifests, folder, folders)
    declared = find_dependencies(manifests, folder)
    tests = find_tests(manifests, folder, owned, declared.dependencies)
    tool = find_tool(manifests, folder, declared.requirement_files)
    name, name_evidence = _name(manifests, folder)
    interpreter = find_interpreter(manifests, folder, tool.name, name)
    roots = source_roots(manifests, folder, owned, tests.python_path)
    installable = _installable(manifests, folder)
    environment = _seen_from(folder, interpreter, manifests.tree.root)
    return Project(
        path=folder,
        language="python",
        name=name,
        package_manager=tool.name,
        runner=tests.runner,
        interpreter=interpreter.program,
        test_command=_test_command(manifests, tests, interpreter.program),
        cwd=tests.cwd or folder,
        test_dirs=tests.test_dirs,
        source_roots=roots,
        dependencies=declared.dependencies,
        prepare=prepare_steps(
            tool,
            declared,
            installable=installable,
            environment=environment,
            hatch_tests=tests.hatch_tests,
            conda=conda_name(manifests, folder),
        ),
        gates=gates(manifests, folder, interpreter.program),
        generated=generated_paths(manifests, folder, owned),
        vendored=vendored_folders(owned),
        evidence=(
            *name_evidence,
            *tool.evidence,
            *tests.evidence,
            *interpreter.evidence,
            *declared.evidence,
        ),
        confidence=min(tests.confidence, 1.0 if _has_manifest(manifests, folder, declared) else 0.5),
        test_patterns=tests.patterns,
        test_functions=tests.functions,
        test_classes=tests.classes,
        shuffles=True,
        driver="pytest" if tests.runner in CASES and is_installed(manifests, interpreter.program, "pytest") else "",
        prepared=interpreter.own or interpreter.active,
        problems=(*_broken(manifests, folder), *interpreter.problems),
    )


def _test_command(manifests: Manifests, tests: TestSetup, program: str) -> tuple[str, ...]:
    """Return what runs all tests: as the repository calls it, else as its runner is called."""
    if not program:
        return ()
    if tests.arguments or tests.runner != "unittest":
        return (program, *(tests.arguments or ("-m", "pytest")))
    return (program, "-m", "unittest", "discover", *_discovery(manifests, tests))


def _discovery(manifests: Manifests, tests: TestSetup) -> tuple[str, ...]:
    """Return where unittest is to look, and for what: from its own folder it enters packages only."""
    pattern = () if tests.finds_all else ("-p", tests.patterns[-1])
    if len(tests.test_dirs) != 1 or tests.test_dirs == (".",):
        return pattern
    is_package = manifests.has(tests.test_dirs[0], "__init__.py")
    return ("-s", tests.test_dirs[0], *pattern, *(("-t", ".") if is_package else ()))


def _name(manifests: Manifests, folder: str) -> tuple[str, tuple[Evidence, ...]]:
    for file, keys in _NAME_KEYS:
        manifest = manifests.get(folder, file)
        if manifest is not None and isinstance(name := manifest.get(*keys), str):
            return name, (manifest.evidence("name", *keys),)
    setup_py = manifests.get(folder, "setup.py")
    if setup_py is not None and (found := _SETUP_NAME.search(setup_py.text)):
        line = setup_py.text.count("\n", 0, found.start(1)) + 1
        return found[1], (Evidence("name", setup_py.path, line, setup_py.digest),)
    place = manifests.tree.root if folder == "." else folder
    return place.rstrip("/").rpartition("/")[2], ()


def _installable(manifests: Manifests, folder: str) -> bool:
    if manifests.has(folder, "setup.py"):
        return True
    pyproject = manifests.get(folder, "pyproject.toml")
    return pyproject is not None and any(pyproject.get(*keys) is not None for keys in (("build-system",), ("project",)))


def _seen_from(folder: str, interpreter: Interpreter, root: str) -> str:
    """Return the interpreter of the project's own environment as one would type it in the project's folder."""
    if not interpreter.own:
        return ""
    relative = interpreter.program.removeprefix(root.rstrip("/") + "/")
    if relative == interpreter.program or not inside(relative, folder):
        return interpreter.program
    return relative if folder == "." else relative.removeprefix(f"{folder}/")


def _has_manifest(manifests: Manifests, folder: str, declared: Declared) -> bool:
    if declared.evidence or any(manifests.has(folder, name) for name in ("setup.py", "Pipfile")):
        return True
    return any(defines_project(manifests, folder, name) for name in ("pyproject.toml", "setup.cfg"))


def _broken(manifests: Manifests, folder: str) -> tuple[str, ...]:
    read = (manifests.get(folder, name) for name in _MANIFESTS)
    return tuple(manifest.problem for manifest in read if manifest is not None and manifest.problem)
