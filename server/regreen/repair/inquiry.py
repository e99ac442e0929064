"""What a person is asked when attempts lead nowhere: with what is known by then."""

from __future__ import annotations

from regreen.core.failure import Failure
from regreen.core.repair import Attempt, Inquiry, Verdict, Way
from regreen.guard import LIFTABLE

NOT_CONVERGING = "not-converging"
_VALUES = ("expected", "actual", "missing", "symbol")


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
