"""What several runs come to together."""

from __future__ import annotations

from dataclasses import replace

from regreen.app import all_green
from regreen.app.verdict import had_nothing_to_run, not_started
from regreen.core.errors import ToolMissing
from regreen.core.failure import Failure, FailureKind
from regreen.core.testing import Ended, TestId, TestOutcome, TestResult, TestRun
from tests.support.fakes import PROJECT, model_of

ONE = TestId(".", "test_a.py::test_a")
PASSED = TestRun(".", (TestResult(ONE, TestOutcome.PASSED, "test_a.py", 1),), (ONE,), 0, Ended.EXITED, 0.1, True)
EMPTY = TestRun("tools", (), (), 0, Ended.EXITED, 0.1, True)
NO_TESTS = Failure(FailureKind.RUNNER_CONFIG, TestId("tools", ""), "", 0, "no tests")


def test_a_run_of_nothing_does_not_make_the_others_red() -> None:
    assert all_green((PASSED, EMPTY), ())


def test_nothing_alone_is_not_green() -> None:
    assert not all_green((EMPTY, EMPTY), ())
    assert not all_green((), ())


def test_a_run_that_something_is_said_of_counts() -> None:
    assert not all_green((PASSED, EMPTY), (NO_TESTS,))


def test_a_project_has_nothing_to_run_when_runner_and_index_say_so() -> None:
    assert had_nothing_to_run(EMPTY, (NO_TESTS,), model_of({}))
    assert not had_nothing_to_run(PASSED, (), model_of({}))
    assert not had_nothing_to_run(replace(EMPTY, ended=Ended.TIMED_OUT), (), model_of({}))
    broken = replace(NO_TESTS, kind=FailureKind.SYNTAX)
    assert not had_nothing_to_run(EMPTY, (broken,), model_of({}))


def test_a_project_that_cannot_start_is_red_and_says_what_to_do() -> None:
    run, failure = not_started(PROJECT, ToolMissing("No interpreter.", next_step="Make a venv."))
    assert not all_green((PASSED, run), (failure,))
    assert (failure.kind, failure.advice) == (FailureKind.ENVIRONMENT, "Make a venv.")
