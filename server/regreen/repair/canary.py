"""The canary run: with the patch, and with an assertion in the test that cannot hold, the run must say that it failed.

A patch may reach what judges it: end the process after it has written a report of its own, take the teeth out of an
assertion, rewrite the test before it is loaded. Whatever does so for the test does it for the canary as well.
"""

from __future__ import annotations

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, patch_between
from regreen.core.errors import UnreadableSource
from regreen.core.ports import Workbench
from regreen.core.testing import Selection, TestRun, case_of
from regreen.core.workspace import TestCase
from regreen.guard import with_canary

from .runs import run_here
from .task import Ports, Task

UNNOTICED = "A false assertion that was put into the test went unnoticed: the patch reaches what judges it."


def is_noticed(cancel: Cancellation, ports: Ports, task: Task, bench: Workbench, patch: Patch, passed: TestRun) -> bool:
    """Tell whether the run reports a failing test as one; true where no canary can be written.

    `passed` is a run with the patch in which the wanted tests passed.
    """
    for case in _cases(task, passed):
        bench.reset()
        bench.apply(patch)
        canary = _canary(bench, case)
        if canary is not None:
            bench.apply(canary)
            return bool(run_here(cancel, ports, task, bench, Selection((case.name,))).failed)
    return True


def _cases(task: Task, passed: TestRun) -> tuple[TestCase, ...]:
    """Return definitions of wanted tests; of tests that passed in a place, where one is wanted."""
    known = [case for facts in task.model.files.values() for case in facts.tests if case.project == task.project.key]
    tests = [test for test in sorted(passed.passed_ids) if any(wanted.covers(test) for wanted in task.wanted)]
    found = (case_of(test, known) for test in (*task.wanted, *tests[:1]))
    return tuple(dict.fromkeys(case for case in found if case is not None))


def _canary(bench: Workbench, case: TestCase) -> Patch | None:
    try:
        text = bench.read(case.path).text
    except UnreadableSource:
        return None
    false = with_canary(text, case)
    return None if false is None else patch_between({case.path: text}, {case.path: false})
