"""Figures of repairs: what counts, and what is a target."""

from __future__ import annotations

import pytest

from regreen.app import Sample, figures, in_words, sample_of, targets
from regreen.core.edit import patch_between
from regreen.core.failure import Failure, FailureKind
from regreen.core.repair import Attempt, Outcome, RepairReport, Spent, Verdict
from regreen.core.testing import TestId
from regreen.core.trace import RunId, TraceId

TEST = TestId(".", "test_a.py::test_a")
PATCH = patch_between({"a.py": "one\n"}, {"a.py": "two\n"})


def failing(kind: FailureKind) -> Failure:
    return Failure(kind, TEST, "a.py", 1, "It fails.")


def repair(outcome: Outcome, *verdicts: tuple[Verdict, FailureKind | None]) -> RepairReport:
    attempts = tuple(
        Attempt(
            n, "model", "h", None if verdict is Verdict.NO_IDEA else PATCH, verdict, "", kind and failing(kind), 1.0,
            usage=Spent(1, 100, 0, 20, 0.5),
        )
        for n, (verdict, kind) in enumerate(verdicts, 1)
    )  # fmt: skip
    failure = failing(FailureKind.ASSERTION)
    return RepairReport(RunId("r"), TraceId("t"), 0.0, 4.0, (TEST,), failure, outcome, "", attempts, None)


def test_attempts_beyond_the_first_are_repairs_and_rollbacks_are_counted_among_what_was_tried() -> None:
    reports = [
        repair(Outcome.REPAIRED, (Verdict.GREEN, None)),
        repair(Outcome.UNDONE, (Verdict.STILL_RED, FailureKind.ASSERTION), (Verdict.GREEN, None)),
        repair(Outcome.EXHAUSTED, (Verdict.MOVED, FailureKind.SYNTAX)),
        repair(Outcome.EXHAUSTED, (Verdict.NO_IDEA, None)),
        repair(Outcome.FLAKY),
    ]
    found = figures([sample_of(report) for report in reports])
    counted = (found.runs, found.proved, found.rolled_back, found.declined, found.taken_back)
    assert counted == (5, 2, 1, 2, 1)
    assert found.repairs_per_success == 0.5
    assert found.rollback_rate == pytest.approx(1 / 3)
    assert found.first_pass_build_rate == pytest.approx(2 / 3)
    assert (found.calls, found.tokens, found.tokens_per_call, found.money_per_success) == (5, 600, 120, 1.25)
    assert [row.met for row in targets(found)] == [False, False, None]


def test_nothing_is_said_of_nothing() -> None:
    found = figures([])
    assert (found.runs, found.repairs_per_success, found.rollback_rate, found.seconds_median) == (0, None, None, None)
    assert {row.met for row in targets(found)} == {None}


def test_targets_are_met_below_and_not_at_their_aims() -> None:
    good = Sample(proved=True, rolled_back=False, attempts=1, first_built=True, seconds=1.0, score=1.0)
    bad = Sample(proved=False, rolled_back=True, attempts=3, first_built=True, seconds=1.0)
    assert [row.met for row in targets(figures([good] * 10))] == [True, True, True]
    assert [row.met for row in targets(figures([*[good] * 9, bad]))] == [True, False, True]


def test_what_was_not_built_before_is_not_the_fault_of_the_first_patch() -> None:
    before = repair(Outcome.EXHAUSTED, (Verdict.STILL_RED, FailureKind.SYNTAX))
    assert sample_of(before).first_built is False
    broken = RepairReport(
        RunId("r"), TraceId("t"), 0.0, 4.0, (TEST,), failing(FailureKind.SYNTAX), Outcome.EXHAUSTED, "",
        before.attempts, None,
    )  # fmt: skip
    assert sample_of(broken).first_built is True


def test_a_target_that_is_missed_is_spoken_of_after_ten_repairs() -> None:
    good = Sample(proved=True, rolled_back=False, attempts=1, first_built=True, seconds=1.0)
    bad = Sample(proved=False, rolled_back=True, attempts=3, first_built=True, seconds=1.0)
    assert in_words(figures([])) == ""
    assert in_words(figures([good, bad])) == "Repairs so far: 1 proved, 1 rolled back."
    assert in_words(figures([good] * 20)) == "Repairs so far: 20 proved, 0 rolled back."
    assert in_words(figures([*[good] * 8, bad, bad])) == (
        "Repairs so far: 8 proved, 2 rolled back. Not on target: rolled back should be below 10 %."
    )
