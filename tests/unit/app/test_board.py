"""The board after each event."""

from __future__ import annotations

from dataclasses import replace

from regreen.app import Board, next_board
from regreen.core.events import RepairEnded, RunEnded, TestEnded
from regreen.core.failure import Failure, FailureKind
from regreen.core.repair import Outcome, RepairReport
from regreen.core.testing import Ended, TestId, TestOutcome, TestResult, TestRun
from tests.support.fakes import TRACE

A, B = TestId(".", "test_a.py::test_x[1]"), TestId(".", "test_a.py::test_y")


def result(test: TestId, outcome: TestOutcome) -> TestResult:
    return TestResult(test, outcome, "test_a.py", 3)


def failure(test: TestId) -> Failure:
    return Failure(FailureKind.ASSERTION, test, "a.py", 7, "assert 1 == 2", test_path="test_a.py", test_line=3)


def run(*results: TestResult) -> TestRun:
    return TestRun(".", results, tuple(result.id for result in results), 1, Ended.EXITED, 0.1, True)


def red(*tests: TestId) -> Board:
    return next_board(Board(), RunEnded(run(), tuple(failure(test) for test in tests), everything=True))


def test_a_red_test_shows_before_the_run_has_ended() -> None:
    board = next_board(Board(), TestEnded(result(A, TestOutcome.FAILED), failure(A)))
    assert [found.test for found in board.failures] == [A]


def test_a_test_that_passes_takes_its_failure_away() -> None:
    board = next_board(red(A, B), TestEnded(result(A, TestOutcome.PASSED), None))
    assert [found.test for found in board.failures] == [B]


def test_a_run_of_one_test_leaves_the_failures_of_others() -> None:
    board = next_board(red(A, B), RunEnded(run(result(A, TestOutcome.PASSED)), (), everything=False))
    assert [found.test for found in board.failures] == [B]


def test_a_run_of_everything_forgets_tests_that_are_gone() -> None:
    board = next_board(red(A, B), RunEnded(run(result(B, TestOutcome.FAILED)), (failure(B),), everything=True))
    assert [found.test for found in board.failures] == [B]


def test_a_run_of_one_project_leaves_the_other_project_alone() -> None:
    other = TestId("web", "test_w.py::test_z")
    board = next_board(red(other), RunEnded(run(result(B, TestOutcome.PASSED)), (), everything=True))
    assert [found.test for found in board.failures] == [other]


def test_failures_are_found_at_the_culprit_and_at_the_test() -> None:
    board = red(A)
    assert board.failures_at("a.py", 7) == board.failures_at("test_a.py", 3) == board.failures
    assert board.failures_at("a.py", 8) == ()


def test_the_repairs_of_a_parametrised_case_show_at_its_definition() -> None:
    report = RepairReport(TRACE.run_id, TRACE.trace_id, 0.0, 1.0, (A,), None, Outcome.EXHAUSTED, "", (), None)
    board = next_board(Board(), RepairEnded(report))
    assert board.reports_for(A.definition) == board.reports_for(A) == (report,)
    assert board.reports_for(B) == ()


def test_a_report_that_is_told_twice_stands_once() -> None:
    report = RepairReport(TRACE.run_id, TRACE.trace_id, 0.0, 1.0, (A,), None, Outcome.REPAIRED, "", (), None)
    board = next_board(next_board(Board(), RepairEnded(report)), RepairEnded(report))
    assert len(board.reports) == 1


def test_an_applied_repair_takes_the_failure_away_until_the_test_is_run_again() -> None:
    report = RepairReport(TRACE.run_id, TRACE.trace_id, 0.0, 1.0, (A,), None, Outcome.REPAIRED, "", (), None)
    board = next_board(red(A, B), RepairEnded(report))
    assert [found.test for found in board.failures] == [B]


def test_an_undone_repair_shows_the_failure_again() -> None:
    applied = RepairReport(TRACE.run_id, TRACE.trace_id, 0.0, 1.0, (A,), failure(A), Outcome.REPAIRED, "", (), None)
    board = next_board(
        next_board(red(A, B), RepairEnded(applied)), RepairEnded(replace(applied, outcome=Outcome.UNDONE))
    )
    assert [found.test for found in board.failures] == [B, A]


def test_a_repair_that_was_not_applied_leaves_the_failure() -> None:
    report = RepairReport(
        TRACE.run_id, TRACE.trace_id, 0.0, 1.0, (A,), None, Outcome.REPAIRED_NOT_APPLIED, "", (), None
    )
    assert next_board(red(A), RepairEnded(report)).failures == red(A).failures
