"""What a person is asked when attempts lead nowhere: with what is known by then."""

from __future__ import annotations

from dataclasses import replace

from regreen.core.failure import Failure
from regreen.core.repair import Attempt, Inquiry, Outcome, RepairReport, Verdict, Way
from regreen.guard import LIFTABLE, SCOPE, scope_question

NOT_CONVERGING = "not-converging"
_VALUES = ("expected", "actual", "missing", "symbol")


def asking(report: RepairReport, failure: Failure, attempts: tuple[Attempt, ...]) -> RepairReport:
    """Return the report of a repair that was given up, with the question that is left."""
    held = next((attempt for attempt in attempts if attempt.rule == SCOPE), None)
    if held is None:
        return replace(report, inquiry=not_converging(failure, attempts))
    what = held.reason.partition(". ")[0].removeprefix("The patch touches ")
    asked = scope_question(failure, f"A change that was proposed would touch {what}. Go on?")
    return replace(report, outcome=Outcome.REFUSED, reason=f"{asked.text} Nothing was changed.", inquiry=asked)


def not_converging(failure: Failure, attempts: tuple[Attempt, ...]) -> Inquiry | None:
    """Return the question that is left when several attempts, or one that the guard refused, did not get there."""
    made = tuple(attempt for attempt in attempts if attempt.verdict is not Verdict.NO_IDEA)
    if len(made) < 2 and not any(attempt.rule in LIFTABLE for attempt in made):
        return None
    return Inquiry(NOT_CONVERGING, _text(failure, made), _evidence(failure, made), _WAYS)


_WAYS = (Way("Try Again", again=True), Way("Leave It to Me"))


def _text(failure: Failure, made: tuple[Attempt, ...]) -> str:
    if all(attempt.verdict is Verdict.REFUSED for attempt in made):
        return "Every change that was proposed is one that is not allowed here. May one of them be made?"
    same = sum(attempt.failure is not None and attempt.failure.message == failure.message for attempt in made)
    digests = [attempt.patch.digest for attempt in made if attempt.patch is not None]
    if len(set(digests)) < len(digests):
        return (
            f"The same change was proposed twice, and the failure is still: {failure.message} What is it meant to do?"
        )
    if same == len(made):
        return f"{len(made)} different changes leave the same failure: {failure.message} What is it meant to do?"
    return f"{len(made)} changes fail in different ways. What is {failure.test.name.rpartition('::')[2]} meant to hold?"


def _evidence(failure: Failure, made: tuple[Attempt, ...]) -> tuple[str, ...]:
    values = [f"{name} {value}" for name in _VALUES if (value := failure.slot(name))]
    where = f"It is red at {failure.path}:{failure.line}{': ' + failure.code.strip() if failure.code else ''}"
    known = (where,) if failure.path else ()
    told = (f"Known: {', '.join(values)}.",) if values else ()
    return (*known, *told, *(f"Tried: {each.hypothesis or each.provider}. {each.reason}" for each in made))
