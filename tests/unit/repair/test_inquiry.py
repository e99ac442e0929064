"""A repair that may not begin, or leads nowhere, ends in a question with what is known and with its answers."""

from __future__ import annotations

from dataclasses import replace

from regreen.core.edit import patch_between
from regreen.core.failure import Failure, FailureKind
from regreen.core.repair import Attempt, Outcome, RepairReport, Verdict
from regreen.core.testing import TestId
from regreen.core.trace import RunId, TraceId
from regreen.journal.reports import ReportRecord
from regreen.repair.inquiry import asking, not_converging

FAILURE = Failure(
    FailureKind.ASSERTION, TestId(".", "t.py::test_add"), "calc.py", 2, "assert -1 == 3",
    (("actual", "-1"), ("expected", "3")), code="    return a - b",
)  # fmt: skip
TEXT = "def add(a, b):\n    return a - b\n"


def attempt(n: int, new: str, verdict: Verdict = Verdict.STILL_RED, reason: str = "The same failure.") -> Attempt:
    patch = patch_between({"calc.py": TEXT}, {"calc.py": TEXT.replace("a - b", new)})
    failure = FAILURE if verdict is Verdict.STILL_RED else None
    return Attempt(n, "search", f"`a - b` should be `{new}`", patch, verdict, reason, failure, 0.1)


def test_different_changes_that_leave_the_same_failure_end_in_a_question_with_what_is_known() -> None:
    inquiry = not_converging(FAILURE, (attempt(1, "a * b"), attempt(2, "b - a")))
    assert inquiry is not None
    assert inquiry.text == "2 different changes leave the same failure: assert -1 == 3 What is it meant to do?"
    assert inquiry.evidence == (
        "It is red at calc.py:2: return a - b",
        "Known: expected 3, actual -1.",
        "Tried: `a - b` should be `a * b`. The same failure.",
        "Tried: `a - b` should be `b - a`. The same failure.",
    )
    assert [way.label for way in inquiry.ways] == ["Try Again", "Leave It to Me"]


def test_the_same_change_twice_is_said_to_be_that() -> None:
    inquiry = not_converging(FAILURE, (attempt(1, "a * b"), attempt(2, "a * b")))
    assert inquiry is not None
    assert inquiry.text.startswith("The same change was proposed twice")


def test_one_refusal_that_a_person_can_lift_is_asked_about() -> None:
    refused = replace(attempt(1, "a + b", Verdict.REFUSED, "It is too large."), rule="blast-lines")
    inquiry = not_converging(FAILURE, (refused,))
    assert inquiry is not None
    assert "May one of them be made?" in inquiry.text


def test_one_attempt_that_is_still_red_asks_nothing() -> None:
    assert not_converging(FAILURE, (attempt(1, "a * b"),)) is None
    assert not_converging(FAILURE, ()) is None


def test_a_question_survives_the_journal() -> None:
    inquiry = not_converging(FAILURE, (attempt(1, "a * b"), attempt(2, "b - a")))
    report = RepairReport(
        RunId("r"), TraceId("t"), 0.0, 0.0, (FAILURE.test,), None, Outcome.EXHAUSTED, "x", (), None, inquiry=inquiry
    )
    assert ReportRecord.model_validate_json(ReportRecord.of(report).model_dump_json()).value().inquiry == inquiry


def test_a_change_that_leads_into_such_code_from_elsewhere_is_asked_about_in_the_end() -> None:
    reason = "The patch touches payments (shop/pay.py). Repair ordinary code, or let a person look at this first."
    held = replace(attempt(1, "a + b", Verdict.REFUSED, reason), rule="security-scope")
    report = RepairReport(
        RunId("r"), TraceId("t"), 0.0, 0.0, (FAILURE.test,), FAILURE, Outcome.EXHAUSTED, "x", (held,), None
    )
    asked = asking(report, FAILURE, (held,))
    assert asked.outcome is Outcome.REFUSED
    assert asked.reason == "A change that was proposed would touch payments (shop/pay.py). Go on? Nothing was changed."
    assert asked.inquiry is not None
    assert asked.inquiry.ways[0].lifts == "security-scope"
