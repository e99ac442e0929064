"""How the tests of a Python project are run, on the project's interpreter.

With pytest and our plugin in it, which runs the cases of plain unittest as well; without pytest those are run by a
driver of ours; and where Django's runner is the only one, by that runner with a result of ours. All three write the
same events.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from regreen.core.errors import ToolMissing
from regreen.core.ports import ReportReader
from regreen.core.testing import CommandSpec, Place, Selection
from regreen.core.workspace import Project
from regreen.languages.events import nonce
from regreen.languages.folders import below

from .pytest import CASES, UNITTEST_PATTERNS
from .report import PytestReader

_INJECTED = Path(__file__).resolve().parents[2] / "injected"
_PATIENCE, _TESTS = 5.0, 20  # processor seconds that a test may take at least, and as a part of a run's time
_LONGEST = 100_000  # characters of node ids on a command line; systems refuse more than 128 KiB in one go


def command(project: Project, selection: Selection, place: Place, timeout: float) -> CommandSpec:
    """Say how to run the selected tests.

    Raises:
        ToolMissing: no interpreter was found for the project.
    """
    report = str(Path(place.scratch, "report.jsonl"))
    cwd = _cwd(project, place)
    arguments = _ARGUMENTS.get(project.runner, _pytest)(project, selection, cwd)
    env = {
        **_environment(project, place),
        "REGREEN_REPORT": report,
        "REGREEN_NONCE": nonce(place),
        "REGREEN_ROOT": place.root,
        "REGREEN_ORIGINAL": place.original,
        "REGREEN_SCRATCH": place.scratch,
        "REGREEN_PATIENCE": f"{min(timeout, max(_PATIENCE, timeout / _TESTS)):g}",
    }
    if selection.seed:
        env |= {"REGREEN_SEED": str(selection.seed), "PYTHONHASHSEED": str(selection.seed)}
    return CommandSpec((_interpreter(project), *arguments), cwd, tuple(sorted(env.items())), timeout, report)


def _pytest(project: Project, selection: Selection, cwd: str) -> tuple[str, ...]:
    return ("-m", "pytest", *_of_pytest(project, selection, cwd))


def _of_pytest(project: Project, selection: Selection, cwd: str) -> tuple[str, ...]:
    return (
        *_targets(selection),
        f"--rootdir={cwd}", "-p", "regreen_pytest", "--color=no", "--tb=short",
        # The last word against a -x or --maxfail that the project's own options may hold.
        f"--maxfail={int(selection.stop_at_first)}",
        # Whoever asks for a test by name means it, whatever the project's own options leave out of a whole run.
        *(("-k", "", "-m", "") if selection.names else ()),
        *(("-p", "regreen_order") if selection.seed else ()),
        *_collection(project),
    )  # fmt: skip


def _unittest(project: Project, selection: Selection, cwd: str) -> tuple[str, ...]:
    """Return the arguments of the driver, and behind them those of pytest, which it prefers where that is installed."""
    folders = tuple(part for folder in project.test_dirs for part in ("--in", below(folder, project.cwd)))
    patterns = tuple(part for pattern in project.test_patterns for part in ("--pattern", pattern))
    ours = (*(("--failfast",) if selection.stop_at_first else ()), *folders, *patterns, *_targets(selection))
    return (str(_INJECTED / "regreen_unittest.py"), *ours, "--", *_of_pytest(project, selection, cwd))


def _django(project: Project, selection: Selection, _cwd: str) -> tuple[str, ...]:
    program = next((word for word in project.test_command if word.endswith(".py")), "manage.py")
    ours = (*(("--failfast",) if selection.stop_at_first else ()), program, *_targets(selection))
    return (str(_INJECTED / "regreen_django.py"), *ours)


_ARGUMENTS: Mapping[str, Callable[[Project, Selection, str], tuple[str, ...]]] = {
    "trial": _unittest,
    "unittest": _unittest,
    "django": _django,
}


def reader(project: Project, place: Place) -> ReportReader:
    """Return a reader that believes only lines with the nonce of this place."""
    return PytestReader(project, place, nonce(place))


def trials_command(project: Project, place: Place) -> CommandSpec | None:
    """Say how to start the warm worker; None where pytest does not run the tests, for that is what it keeps warm.

    Raises:
        ToolMissing: no interpreter was found for the project.
    """
    if project.runner == "django" or (project.runner in CASES and project.driver != "pytest"):
        return None
    cwd = _cwd(project, place)
    argv = (_interpreter(project), str(_INJECTED / "regreen_worker.py"), f"--rootdir={cwd}", *_collection(project))
    return CommandSpec(argv, cwd, tuple(sorted(_environment(project, place).items())))


def mutation_command(project: Project, place: Place) -> CommandSpec | None:
    """Say how to start the warm worker of mutation testing; None where pytest does not run the tests.

    Raises:
        ToolMissing: no interpreter was found for the project.
    """
    spec = trials_command(project, place)
    if spec is None:
        return None
    program = str(_INJECTED / "regreen_mutate.py")
    return replace(spec, argv=(spec.argv[0], program, *spec.argv[2:]))


def _interpreter(project: Project) -> str:
    if project.interpreter:
        return project.interpreter
    raise ToolMissing(
        f"No Python interpreter was found for the project in {project.path!r}.",
        next_step="Create a virtual environment in its folder (python -m venv .venv) and install pytest into it.",
    )


def _cwd(project: Project, place: Place) -> str:
    return str(Path(place.root, project.cwd))


def _collection(project: Project) -> tuple[str, ...]:
    """Return the option that makes pytest see the files that unittest's discovery sees."""
    return (
        ("-o", f"python_files={' '.join(project.test_patterns or UNITTEST_PATTERNS)}")
        if project.runner in CASES
        else ()
    )


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
