"""Which tool manages a Python project, and what must be done before its tests can run.

Commands are built here, never taken from the repository.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from regreen.core.workspace import Evidence
from regreen.languages.folders import folders_above
from regreen.languages.manifest import Manifests, join

from .dependencies import Declared

_TEST_GROUPS = ("test", "tests", "testing", "dev", "development")
_OTHER_TOOLS = frozenset({"conda", "docs", "doc", "lint", "typing", "build"})
Steps = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A package manager and how it was recognised."""

    name: str
    manifest: str  # the file that says so
    folder: str  # that it is run in: the project's own or a workspace's above it
    evidence: tuple[Evidence, ...]


# First match wins, in the project's folder, then in each one above it. A lock file tells more than a table.
_SIGNS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("uv", "uv.lock", ()),
    ("poetry", "poetry.lock", ()),
    ("pdm", "pdm.lock", ()),
    ("pipenv", "Pipfile.lock", ()),
    ("pixi", "pixi.lock", ()),
    ("uv", "pyproject.toml", ("tool", "uv")),
    ("uv", "uv.toml", ()),
    ("poetry", "pyproject.toml", ("tool", "poetry")),
    ("pdm", "pyproject.toml", ("tool", "pdm", "dev-dependencies")),
    ("pdm", "pyproject.toml", ("tool", "pdm", "scripts")),
    ("hatch", "hatch.toml", ()),
    ("hatch", "pyproject.toml", ("tool", "hatch", "envs")),
    ("pixi", "pixi.toml", ()),
    ("pixi", "pyproject.toml", ("tool", "pixi")),
    ("pipenv", "Pipfile", ()),
    ("conda", "environment.yml", ()),
    ("conda", "environment.yaml", ()),
)


def find_tool(manifests: Manifests, folder: str, requirement_files: tuple[str, ...]) -> Tool:
    """Return the package manager of a project; pip when no file names another."""
    for each in folders_above(folder):
        for name, file, keys in _SIGNS:
            manifest = manifests.get(each, file)
            if keys and (manifest is None or not isinstance(manifest.get(*keys), Mapping)):
                continue
            if manifest is not None:
                return Tool(name, join(each, file), each, (manifest.evidence("package_manager", *keys),))
            if manifests.has(each, file):
                return Tool(name, join(each, file), each, (Evidence("package_manager", join(each, file), 1),))
    signs = (*requirement_files[:1], *(join(folder, name) for name in ("pyproject.toml", "setup.py", "setup.cfg")))
    sign = next((path for path in signs if path in manifests.known), None)
    return Tool("pip", sign or "", folder, () if sign is None else (manifests.evidence("package_manager", sign),))


def prepare_steps(
    tool: Tool, declared: Declared, *, installable: bool, environment: str, hatch_tests: bool = False, conda: str = ""
) -> Steps:
    """Say what must be run, in the project's folder, before its tests can run.

    `environment` is the interpreter of the project's own environment, seen from its folder; "" when it has none.
    `hatch_tests`: Hatch has an environment of its own for tests; `conda`: the environment that conda makes.
    """
    wanted = _wanted_groups(declared)
    extras = tuple(name for name in declared.extras if name in wanted)
    groups = tuple(name for name in declared.groups if name in wanted)
    if tool.name == "hatch" and hatch_tests:
        return (("hatch", "env", "create", "hatch-test"),)
    if tool.name == "conda":
        return _conda(tool, environment, conda, installable=installable)
    if tool.name in _STEPS:
        return _STEPS[tool.name](extras, groups)
    arguments = ["-e", f".[{','.join(extras)}]" if extras else "."] if installable else []
    prefix = "" if tool.folder == "." else f"{tool.folder}/"
    for path in declared.requirement_files:
        if path.endswith(".txt") and _is_for_tests(path):
            arguments += ["-r", path.removeprefix(prefix)]
    for group in groups:
        arguments += ["--group", group]
    if all(dependency.name != "pytest" for dependency in declared.dependencies):
        arguments.append("pytest")
    create = () if environment else (("python3", "-m", "venv", ".venv"),)
    install = (environment or ".venv/bin/python", "-m", "pip", "install")
    return (*create, (*install, *arguments)) if arguments else create


def _wanted_groups(declared: Declared) -> frozenset[str]:
    """Return the groups that tests need: the ones named so, and when none of these brings pytest, those that do."""
    named = frozenset(_TEST_GROUPS)
    bringing = frozenset(each.group for each in declared.dependencies if each.name == "pytest")
    return named if not bringing.isdisjoint(named | {""}) else named | bringing


def _uv(extras: tuple[str, ...], groups: tuple[str, ...]) -> Steps:
    options = [option for extra in extras for option in ("--extra", extra)]
    # uv installs the group "dev" by itself.
    options += [option for group in groups if group != "dev" for option in ("--group", group)]
    return (("uv", "sync", *options),)


def _pdm(extras: tuple[str, ...], _groups: tuple[str, ...]) -> Steps:
    # PDM installs every group of development by itself.
    return (("pdm", "install", *(option for extra in extras for option in ("-G", extra))),)


def _conda(tool: Tool, environment: str, name: str, *, installable: bool) -> Steps:
    """Update the environment, then build the project into it: what it needs for that is in the environment."""
    file = tool.manifest.rpartition("/")[2]
    update = ("conda", "env", "update", "--file", file)
    if not installable or not (environment or name):
        return (update,)
    python = (environment,) if environment else ("conda", "run", "--name", name, "python")
    return (update, (*python, "-m", "pip", "install", "--no-build-isolation", "--no-deps", "-e", "."))


def _poetry(extras: tuple[str, ...], groups: tuple[str, ...]) -> Steps:
    options = [option for extra in extras for option in ("--extras", extra)]
    return (("poetry", "install", *options, *(("--with", ",".join(groups)) if groups else ())),)


_STEPS: Mapping[str, Callable[[tuple[str, ...], tuple[str, ...]], Steps]] = {
    "uv": _uv,
    "poetry": _poetry,
    "pdm": _pdm,
    "hatch": lambda _extras, _groups: (("hatch", "env", "create"),),
    "pipenv": lambda _extras, _groups: (("pipenv", "install", "--dev"),),
    "pixi": lambda _extras, _groups: (("pixi", "install"),),
}


def _is_for_tests(path: str) -> bool:
    """Tell whether a requirements file is one for run time or for tests, by its name."""
    name = path.rpartition("/")[2].removesuffix(".txt")
    words = name.replace("_", "-").replace(".", "-").split("-")
    if not _OTHER_TOOLS.isdisjoint(words):
        return False
    return name in ("requirements", "base", "main") or not set(words).isdisjoint(_TEST_GROUPS)
