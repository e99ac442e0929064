"""What earlier repairs of the same failure tried without success is told to the next one."""

from __future__ import annotations

from dataclasses import replace

from regreen.app.memory import memory_of
from regreen.core.edit import patch_between
from regreen.core.failure import Failure, FailureKind
from regreen.core.repair import Attempt, Outcome, RepairReport, Verdict
from regreen.core.testing import TestId
from regreen.core.trace import RunId, TraceId

TEST = TestId(".", "test_a.py::test_a")
FAILURE = Failure(FailureKind.ASSERTION, TEST, "a.py", 1, "assert 1 == 2")
PATCH = patch_between({"a.py": "one\ntwo\n"}, {"a.py": "one\nthree\n"})
TRIED = Attempt(1, "m", "Two is three.", PATCH, Verdict.STILL_RED, "The test still fails.", FAILURE, 1.0)
FAILED = RepairReport(RunId("r"), TraceId("t"), 0.0, 1.0, (TEST,), FAILURE, Outcome.EXHAUSTED, "", (TRIED,), None)


def test_what_did_not_help_is_told_with_its_edit_and_once() -> None:
    line = "Two is three. (-two; +three) It did not help: The test still fails."
    assert memory_of((FAILED, FAILED), (FAILURE,)) == (line,)


def test_what_a_person_took_back_is_told_and_what_stands_is_not() -> None:
    undone = replace(FAILED, outcome=Outcome.UNDONE)
    line = "Two is three. (-two; +three) It passed the tests, and a person took it back."
    assert memory_of((undone, replace(FAILED, outcome=Outcome.REPAIRED)), (FAILURE,)) == (line,)


def test_another_failure_and_what_was_not_tried_are_not_told() -> None:
    other = replace(FAILURE, message="assert 3 == 4")
    nothing = replace(FAILED, attempts=(replace(TRIED, verdict=Verdict.NO_IDEA, patch=None),))
    assert memory_of((FAILED,), (other,)) == ()
    assert memory_of((nothing,), (FAILURE,)) == ()


def test_only_the_latest_are_told_the_last_at_the_end() -> None:
    reports = tuple(replace(FAILED, attempts=(replace(TRIED, hypothesis=f"Idea {n}."),)) for n in range(9))
    assert [line.split(".")[0] for line in memory_of(reports, (FAILURE,))] == [f"Idea {n}" for n in range(3, 9)]
