"""How the tests of a Python project are run: pytest, on the project's interpreter, with our plugin in it.

Projects of plain unittest are run the same way: pytest runs their cases, and one route is enough.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from regreen.core.errors import ToolMissing
from regreen.core.ports import ReportReader
from regreen.core.testing import CommandSpec, Place, Selection
from regreen.core.workspace import Project
from regreen.languages.events import nonce

from .report import PytestReader

_INJECTED = Path(__file__).resolve().parents[2] / "injected"
_LONGEST = 100_000  # characters of node ids on a command line; systems refuse more than 128 KiB in one go


def command(project: Project, selection: Selection, place: Place, timeout: float) -> CommandSpec:
    """Say how to run the selected tests.

    Raises:
        ToolMissing: no interpreter was found for the project.
    """
    _refuse_django(project)
    report = str(Path(place.scratch, "report.jsonl"))
    cwd = _cwd(project, place)
    argv = (
        _interpreter(project), "-m", "pytest", *_targets(selection),
        f"--rootdir={cwd}", "-p", "regreen_pytest", "--color=no", "--tb=short",
        # The last word against a -x or --maxfail that the project's own options may hold.
        f"--maxfail={int(selection.stop_at_first)}",
        # Whoever asks for a test by name means it, whatever the project's own options leave out of a whole run.
        *(("-k", "", "-m", "") if selection.names else ()),
        *(("-p", "regreen_order") if selection.seed else ()),
        *_collection(project),
    )  # fmt: skip
    env = {
        **_environment(project, place),
        "REGREEN_REPORT": report,
        "REGREEN_NONCE": nonce(place),
        "REGREEN_ROOT": place.root,
        "REGREEN_ORIGINAL": place.original,
        "REGREEN_SCRATCH": place.scratch,
    }
    if selection.seed:
        env |= {"REGREEN_SEED": str(selection.seed), "PYTHONHASHSEED": str(selection.seed)}
    return CommandSpec(argv, cwd, tuple(sorted(env.items())), timeout, report)


def reader(project: Project, place: Place) -> ReportReader:
    """Return a reader that believes only lines with the nonce of this place."""
    return PytestReader(project, place, nonce(place))


def trials_command(project: Project, place: Place) -> CommandSpec:
    """Say how to start the warm worker.

    Raises:
        ToolMissing: no interpreter was found for the project.
    """
    _refuse_django(project)
    cwd = _cwd(project, place)
    argv = (_interpreter(project), str(_INJECTED / "regreen_worker.py"), f"--rootdir={cwd}", *_collection(project))
    return CommandSpec(argv, cwd, tuple(sorted(_environment(project, place).items())))


def _interpreter(project: Project) -> str:
    if project.interpreter:
        return project.interpreter
    raise ToolMissing(
        f"No Python interpreter was found for the project in {project.path!r}.",
        next_step="Create a virtual environment in its folder (python -m venv .venv) and install pytest into it.",
    )


def _refuse_django(project: Project) -> None:
    if project.runner == "django":
        raise ToolMissing(
            f"The tests of {project.name} are run by Django ({shlex.join(project.test_command[1:])}), which tells no "
            "other program what became of them.",
            next_step="Install pytest-django into the project's environment and declare it among the dependencies "
            "for tests, and set DJANGO_SETTINGS_MODULE in pytest's settings: then they run through pytest.",
        )


def _cwd(project: Project, place: Place) -> str:
    return str(Path(place.root, project.cwd))


def _collection(project: Project) -> tuple[str, ...]:
    """Return the option that makes pytest see the files that unittest's discovery sees."""
    return ("-o", "python_files=test*.py *_test.py") if project.runner == "unittest" else ()


def _targets(selection: Selection) -> tuple[str, ...]:
    """Return node ids and paths; the files of the tests when their ids are too many for a command line."""
    names = selection.names
    if _LONGEST < sum(len(name) + 1 for name in names):
        names = tuple(dict.fromkeys(name.partition("::")[0] for name in names))
    return tuple(dict.fromkeys((*names, *selection.paths)))


def _environment(project: Project, place: Place) -> dict[str, str]:
    # The tree's own folders stand first: an editable install of another tree (the original of a copy) then loses.
    # Our folder stands last and holds no name that a workspace could want.
    roots = (str(Path(place.root, root)) for root in project.source_roots)
    return {
        "PYTHONPATH": os.pathsep.join((*roots, str(_INJECTED))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "CI": "1",
        "NO_COLOR": "1",
    }
