"""What every editor feature reads: open failures, results and repairs, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from regreen.core.confine import Protection
from regreen.core.events import (
    AttemptEnded,
    Event,
    MutationEnded,
    Protected,
    RepairEnded,
    RunEnded,
    TestEnded,
    TestsStarted,
)
from regreen.core.failure import Failure
from regreen.core.mutation import Judged, Strength
from regreen.core.repair import Attempt, Outcome, RepairReport
from regreen.core.testing import TestId, TestResult
from regreen.core.trace import RunId


@dataclass(frozen=True, slots=True)
class Board:
    """The present state. Invariant: failures sorted by path, line, test."""

    failures: tuple[Failure, ...] = ()
    results: Mapping[TestId, TestResult] = field(default_factory=lambda: MappingProxyType({}))
    reports: tuple[RepairReport, ...] = ()  # oldest first
    running: tuple[TestId, ...] = ()
    attempts: Mapping[RunId, tuple[Attempt, ...]] = field(default_factory=lambda: MappingProxyType({}))
    survivors: tuple[Judged, ...] = ()  # what the tests would not notice, of the code that was mutated last
    protection: Protection | None = None  # None until it was found out

    def failures_in(self, path: str) -> tuple[Failure, ...]:
        """Return the failures whose culprit or whose test is in a file."""
        return tuple(failure for failure in self.failures if path in (failure.path, failure.test_path))

    def failures_at(self, path: str, line: int) -> tuple[Failure, ...]:
        """Return the failures whose culprit or whose test's definition is on a 1-based line."""
        place = (path, line)
        return tuple(
            failure
            for failure in self.failures
            if place in ((failure.path, failure.line), (failure.test_path, failure.test_line))
        )

    def failures_of(self, test: TestId) -> tuple[Failure, ...]:
        """Return the failures of a test, or of all cases of a definition."""
        return tuple(failure for failure in self.failures if test.defines(failure.test))

    def reports_for(self, test: TestId) -> tuple[RepairReport, ...]:
        """Return the repairs of a test, of any case of a definition, or of the place that it is in, oldest first."""
        return tuple(
            report
            for report in self.reports
            if any(test.covers(wanted) or wanted.covers(test) for wanted in report.wanted)
        )

    def report(self, run_id: RunId) -> RepairReport | None:
        """Return one repair."""
        return next((report for report in self.reports if report.run_id == run_id), None)


def next_board(board: Board, event: Event) -> Board:
    """Return the board after an event."""
    match event:
        case TestsStarted(collected=collected):
            return replace(board, running=collected)
        case TestEnded():
            return _with_result(board, event)
        case RunEnded():
            return _with_run(board, event)
        case AttemptEnded(run_id=run_id, attempt=attempt):
            so_far = board.attempts.get(run_id, ())
            return replace(board, attempts=MappingProxyType({**board.attempts, run_id: (*so_far, attempt)}))
        case RepairEnded(report=report):
            left = {run_id: tries for run_id, tries in board.attempts.items() if run_id != report.run_id}
            others = tuple(other for other in board.reports if other.run_id != report.run_id)
            failures = _with_verdict(board.failures, report)
            board = _with_strength(board, report.strength if report.outcome is Outcome.REPAIRED else None)
            return replace(board, failures=failures, reports=(*others, report), attempts=MappingProxyType(left))
        case MutationEnded(strength=strength):
            return _with_strength(board, strength)
        case Protected(protection=protection):
            return replace(board, protection=protection)
        case _:
            return board


def _with_verdict(failures: tuple[Failure, ...], report: RepairReport) -> tuple[Failure, ...]:
    """Show a test as a repair left it, until it is run again: proved green in the buffers, red again, or flaky."""
    found = report.failure
    others = tuple(one for one in failures if one.test not in report.wanted)
    if report.outcome is Outcome.REPAIRED:
        return others
    if report.outcome is Outcome.UNDONE and found is not None:
        return (*others, found)
    if found is None or report.outcome is not Outcome.FLAKY or all(one.test != found.test for one in failures):
        return failures
    return _sorted((*(one for one in failures if one.test != found.test), found))


def _with_strength(board: Board, strength: Strength | None) -> Board:
    """Show what survived in the functions that were mutated, instead of what was said of them before."""
    if strength is None or not strength.judged:
        return board
    anew = {(one.mutant.path, one.mutant.function) for one in strength.judged}
    kept = tuple(one for one in board.survivors if (one.mutant.path, one.mutant.function) not in anew)
    found = sorted((*kept, *strength.shown), key=lambda one: (one.mutant.path, one.mutant.edit))
    return replace(board, survivors=tuple(found))


def _with_result(board: Board, event: TestEnded) -> Board:
    test = event.result.id
    others = tuple(failure for failure in board.failures if failure.test != test)
    found = (*others, event.failure) if event.failure else others
    return replace(
        board,
        failures=_sorted(found),
        results=MappingProxyType({**board.results, test: event.result}),
        running=tuple(other for other in board.running if other != test),
    )


def _with_run(board: Board, event: RunEnded) -> Board:
    """Take the run's word for every test that it ran, and for the whole project when it ran all of it."""
    project = event.run.project
    ran = {result.id for result in event.run.results} | set(event.run.collected)
    # What could not be collected or run has a failure of its own, named after its file or project.
    definitions = {test.name.partition("::")[0] for test in ran}

    def superseded(failure: Failure) -> bool:
        if failure.test.project != project:
            return False
        return event.everything or failure.test in ran or failure.test.name in definitions or not failure.test.name

    kept = tuple(failure for failure in board.failures if not superseded(failure))
    results = {
        test: result for test, result in board.results.items() if not (event.everything and test.project == project)
    }
    results.update((result.id, result) for result in event.run.results)
    return replace(board, failures=_sorted((*kept, *event.failures)), results=MappingProxyType(results), running=())


def _sorted(failures: tuple[Failure, ...]) -> tuple[Failure, ...]:
    return tuple(sorted(dict.fromkeys(failures), key=lambda failure: (failure.path, failure.line, failure.test)))
