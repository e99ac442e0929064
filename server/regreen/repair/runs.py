"""Runs of a repair: on a pristine workbench, or in it as it is."""

from __future__ import annotations

from regreen.core.cancel import Cancellation
from regreen.core.errors import WorkbenchRefused
from regreen.core.ports import Workbench
from regreen.core.testing import Selection, TestId, TestRun

from .task import Ports, Task


def run_pristine(cancel: Cancellation, ports: Ports, task: Task, bench: Workbench, selection: Selection) -> TestRun:
    """Put the workbench back and run in it.

    Raises:
        WorkbenchRefused: a module was loaded from the person's tree, so the run says nothing about the workbench.
    """
    bench.reset()
    return run_here(cancel, ports, task, bench, selection)


def run_wanted(cancel: Cancellation, ports: Ports, task: Task, bench: Workbench) -> TestRun:
    """Run the wanted tests in the workbench as it is; everything, where a wanted place holds no test of its own.

    Raises:
        WorkbenchRefused: see `run_pristine`.
    """
    run = run_here(cancel, ports, task, bench, select(task.wanted))
    has_place = any("::" not in test.name for test in task.wanted)
    return run_here(cancel, ports, task, bench, Selection()) if has_place and not run.results else run


def run_here(cancel: Cancellation, ports: Ports, task: Task, bench: Workbench, selection: Selection) -> TestRun:
    """Run in the workbench as it is.

    Raises:
        WorkbenchRefused: see `run_pristine`.
    """
    cancel.check()
    run = ports.runner.run(cancel, task.project, selection, bench.enclosure)
    if run.foreign:
        raise WorkbenchRefused(
            f"The tests load {', '.join(run.foreign[:3])} from your workspace, not from the private copy, so a "
            "fix could not be proved there.",
            next_step="Install the project in editable mode with its sources on the path (src layout or conftest.py), "
            "or remove the absolute path that points back; nothing was changed.",
            rule="workbench-origin",
        )
    return run


def select(tests: tuple[TestId, ...]) -> Selection:
    """Select tests by name."""
    return Selection(names=tuple(test.name for test in tests))
