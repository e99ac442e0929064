"""Reproduce first: twice, alone and with all the others, before anything is edited."""

from __future__ import annotations

from dataclasses import dataclass

from regreen.core.cancel import Cancellation
from regreen.core.errors import NoTests, UnreadableSource
from regreen.core.failure import Failure
from regreen.core.ports import ReadText, Workbench
from regreen.core.repair import Outcome
from regreen.core.testing import Selection, TestId, TestRun

from .decide import Stop, Try, after_reproduction
from .flaky import as_flaky, investigate, story
from .runs import run_pristine, run_wanted
from .task import Ports, Task

_MAX_RELATED = 10


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was red and what was green before any edit."""

    failure: Failure  # the one to repair
    run: TestRun  # everything, on the untouched tree
    keep: tuple[TestId, ...]  # passed, and must go on passing
    related: tuple[TestId, ...]  # also red, in the same file and in the same way: likely the same cause
    others: tuple[TestId, ...] = ()  # also red, in the same file, in other ways that an edit may cure


def reproduce(cancel: Cancellation, ports: Ports, task: Task, bench: Workbench) -> Baseline | Stop:
    """Run the wanted tests alone, then everything, each on a pristine workbench."""
    bench.reset()
    alone = run_wanted(cancel, ports, task, bench)
    everything = run_pristine(cancel, ports, task, bench, Selection())
    if not everything.collected and not alone.collected and not everything.failed and not alone.failed:
        failures = ports.classify(everything, task.project, task.model, reader(bench))
        raise NoTests(
            failures[0].message if failures else "No test was collected.",
            next_step=failures[0].advice if failures and failures[0].advice else "Name a test that exists.",
        )
    failures = failures_of(ports, task, bench, alone)
    step = after_reproduction(task.wanted, alone, everything, failures)
    if isinstance(step, Stop) and step.outcome is Outcome.FLAKY:
        reruns = investigate(cancel, ports, task, bench, alone, everything)
        seen = failures if failures else failures_of(ports, task, bench, everything)
        return Stop(step.outcome, story(reruns), as_flaky(seen[0], reruns) if seen else None)
    if isinstance(step, Stop):
        return Stop(step.outcome, step.reason, failures[0] if failures else None)
    return _baseline(ports, task, bench, step, everything)


def failures_of(ports: Ports, task: Task, bench: Workbench, run: TestRun) -> tuple[Failure, ...]:
    """Return the failures of the wanted tests in a run; those without a test of their own when there are none."""
    found = ports.classify(run, task.project, task.model, reader(bench))
    wanted = tuple(failure for failure in found if _is_wanted(task, failure.test))
    return wanted or found


def reader(bench: Workbench) -> ReadText:
    """Return a function that reads texts of the workbench."""

    def read(path: str) -> str | None:
        try:
            return bench.read(path).text
        except UnreadableSource:
            return None

    return read


def _baseline(ports: Ports, task: Task, bench: Workbench, step: Try, everything: TestRun) -> Baseline:
    keep = tuple(test for test in sorted(everything.passed_ids) if not _is_wanted(task, test))
    failure = step.failure
    red = tuple(
        other
        for other in ports.classify(everything, task.project, task.model, reader(bench))
        if other.test_path == failure.test_path and not _is_wanted(task, other.test)
    )
    related = tuple(sorted({other.test for other in red if other.kind is failure.kind}))[:_MAX_RELATED]
    others = {other.test for other in red if other.kind is not failure.kind and other.kind.editable}
    return Baseline(failure, everything, keep, related, tuple(sorted(others - set(related)))[:_MAX_RELATED])


def _is_wanted(task: Task, test: TestId) -> bool:
    return any(wanted.defines(test) for wanted in task.wanted)
