"""Which interpreter runs a project's tests: the project's own environment, read and never run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from regreen.core.ports import Tree
from regreen.core.workspace import Evidence
from regreen.languages.digest import digest_of
from regreen.languages.folders import folders_above, inside
from regreen.languages.manifest import Manifests, join

from .elsewhere import MINORS, kept_elsewhere

_PROGRAMS = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")
_FOLDERS = (".venv", "venv", "env", ".env", "virtualenv")
_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter and where it was found. `own` tells whether the environment is the project's."""

    program: str  # absolute; "" when there is none
    own: bool
    evidence: tuple[Evidence, ...]
    problems: tuple[str, ...] = ()
    active: bool = False  # the person chose it, by activating an environment that stands elsewhere


def find_interpreter(manifests: Manifests, folder: str, manager: str, name: str) -> Interpreter:
    """Return the interpreter of a project; its own environments first, the search path last."""
    tree = manifests.tree
    problems: list[str] = []
    for place in _own_places(manifests, folder, manager, name):
        if program := _program(tree, place):
            return Interpreter(program, True, (_evidence(tree, place),), tuple(problems))
        if tree.read(f"{place}/pyvenv.cfg") is not None:
            problems.append(
                f"{place} is a virtual environment without a working interpreter. "
                "Remove it and create it again, e.g. with python3 -m venv."
            )
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        place = tree.environment.get(variable, "")
        if place and (program := _program(tree, place)):
            return Interpreter(
                program, False, (Evidence("interpreter", f"${variable}", 0),), tuple(problems), active=True
            )
    for program_name in ("python3", "python"):
        if program := tree.search_path(program_name):
            return Interpreter(program, False, (Evidence("interpreter", "$PATH", 0),), tuple(problems))
    problems.append(
        f"No Python interpreter was found for the project {name!r}. "
        "Create a virtual environment in its folder (python3 -m venv .venv), or put python3 on the PATH."
    )
    return Interpreter("", False, (), tuple(problems))


def _own_places(manifests: Manifests, folder: str, manager: str, name: str) -> Iterator[str]:
    """Yield the folders of environments that belong to the project, the most telling ones first."""
    tree = manifests.tree
    above = folders_above(folder)
    active = tree.environment.get("VIRTUAL_ENV", "")
    if active and _belongs(active, tree.root, above):
        yield active
    if manager == "uv" and (chosen := tree.environment.get("UV_PROJECT_ENVIRONMENT")):
        yield chosen if chosen.startswith("/") else join(above[-1], chosen)
    for each in above:
        yield from (join(each, place) for place in _FOLDERS)
    yield from kept_elsewhere(manifests, above, manager, name)
    if manager == "pixi":
        yield from (join(each, ".pixi/envs/default") for each in above)
    for each in above:
        yield from (join(each, f".tox/{environment}") for environment in _tox_environments(manifests, each))
        yield from (join(each, f".nox/{session}") for session in _nox_sessions(manifests, each))
    if manager in ("conda", "pixi") and (prefix := tree.environment.get("CONDA_PREFIX")):
        yield prefix


def _belongs(environment: str, root: str, above: tuple[str, ...]) -> bool:
    """Tell whether an environment stands in the project's folder or in one above it, within the workspace."""
    if not environment.startswith(root.rstrip("/") + "/"):
        return False
    relative = environment[len(root.rstrip("/")) + 1 :]
    return any(inside(relative, each) for each in above[:1]) or relative.rpartition("/")[0] in ("", *above)


def _program(tree: Tree, place: str) -> str:
    for program in _PROGRAMS:
        path = f"{place}/{program}"
        if tree.is_executable(path):
            return path if place.startswith("/") else f"{tree.root.rstrip('/')}/{path}"
    return ""


def _evidence(tree: Tree, place: str) -> Evidence:
    """Point at the environment's own configuration file when it has one."""
    text = None if place.startswith("/") else tree.read(f"{place}/pyvenv.cfg")
    if text is None:
        return Evidence("interpreter", place, 0)
    lines = text.splitlines()
    line = next((number for number, line in enumerate(lines, 1) if line.startswith("home")), 1)
    return Evidence("interpreter", f"{place}/pyvenv.cfg", line, digest_of(text))


def _tox_environments(manifests: Manifests, folder: str) -> list[str]:
    tox = manifests.get(folder, "tox.ini")
    pyproject = manifests.get(folder, "pyproject.toml")
    written: list[str] = []
    if tox is not None:
        for option in ("envlist", "env_list"):
            written += re.split(r"[\s,]+(?![^{]*\})", str(tox.get("tox", option) or ""))
    if pyproject is not None:
        written += pyproject.strings("tool", "tox", "env_list")
    if tox is None and not written:
        return []
    expanded = [name for each in written if each for name in _expanded(each.strip())]
    return list(dict.fromkeys([*expanded, "py", "py3", "python", *(f"py3{minor}" for minor in reversed(MINORS))]))


def _nox_sessions(manifests: Manifests, folder: str) -> list[str]:
    noxfile = manifests.get(folder, "noxfile.py")
    if noxfile is None:
        return []
    sessions = re.findall(r"^@nox\.session[^\n]*(?:\n[^\n]*)*?\ndef (\w*test\w*)\(", noxfile.text, re.MULTILINE)
    versions = [f"-3-{minor}" for minor in reversed(MINORS)]
    return [session + version for session in dict.fromkeys(sessions) for version in ("", *versions)]


def _expanded(pattern: str) -> list[str]:
    """Expand `py{39,310}-{a,b}`."""
    found = _BRACES.search(pattern)
    if found is None:
        return [pattern]
    head, tail = pattern[: found.start()], pattern[found.end() :]
    return [name for choice in found[1].split(",") for name in _expanded(head + choice.strip() + tail)]
