"""Decisions of the road, as plain functions from values to values."""

from __future__ import annotations

from dataclasses import dataclass

from regreen.core.failure import Failure, FailureKind, Strategy
from regreen.core.policy import Policy
from regreen.core.repair import Attempt, Outcome, Verdict
from regreen.core.testing import TestId, TestRun


@dataclass(frozen=True, slots=True)
class Try:
    """Make another attempt at this failure. `on_top`: keep the last edit, since it moved things forward."""

    failure: Failure
    on_top: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """The road ends here."""

    outcome: Outcome
    reason: str
    failure: Failure | None = None


def after_reproduction(
    wanted: tuple[TestId, ...], first: TestRun, second: TestRun, failures: tuple[Failure, ...]
) -> Try | Stop:
    """Judge two runs of the same tests on the same tree; `failures` are the second run's, of the wanted tests."""
    if first.green_for(wanted) and passed(second, wanted):
        return Stop(Outcome.ALREADY_GREEN, "The test passes already; nothing was changed.")
    if verdicts(first, wanted) != verdicts(second, wanted):
        return Stop(
            Outcome.FLAKY,
            "The test gave different results on the same files: alone it "
            f"{_in_words(first, wanted)}, with all the others it {_in_words(second, wanted)}. "
            "Make it independent of order, time and randomness first; no code was changed.",
        )
    if not failures:
        return Stop(
            Outcome.NOT_CODE,
            "The test is red, but the run does not say why. Run it once with regreen test and read its output.",
        )
    failure = failures[0]
    if not failure.kind.editable:
        return Stop(Outcome.NOT_CODE, not_code(failure))
    return Try(failure)


def next_step(failure: Failure, attempts: tuple[Attempt, ...], policy: Policy) -> Try | Stop:
    """Decide whether another attempt is worth making. `failure` is the one that was to be repaired."""
    if not attempts:
        return Try(failure)
    last = attempts[-1]
    if last.verdict is Verdict.GREEN:
        return Stop(Outcome.REPAIRED, last.hypothesis)
    if last.verdict is Verdict.FLAKY:
        return Stop(
            Outcome.FLAKY,
            f"{last.reason} Make it independent of order, time and randomness first; no code was changed.",
        )
    if last.verdict is Verdict.UNDECIDED:
        return Stop(Outcome.UNDECIDED, f"{last.reason} Nothing was changed; choose one, or write a test that tells.")
    if last.verdict is Verdict.NO_IDEA:
        return Stop(Outcome.EXHAUSTED, f"{last.reason} Everything is as it was before.")
    if policy.max_attempts <= len(attempts):
        return Stop(
            Outcome.EXHAUSTED,
            f"Not repaired after {len(attempts)} attempts; everything is as it was before. "
            "The attempts say what was tried.",
        )
    if last.verdict is Verdict.MOVED and last.failure is not None and last.failure.kind.editable:
        seen = {failure.fingerprint} | {attempt.failure.fingerprint for attempt in attempts[:-1] if attempt.failure}
        if last.failure.fingerprint not in seen:
            return Try(last.failure, on_top=True)
    return Try(failure)


def not_code(failure: Failure) -> str:
    """Say why no edit can cure a failure, and what can."""
    what = {
        Strategy.ENVIRONMENT: "This is the environment, not the code",
        Strategy.ASK: "This is for a person to decide",
        Strategy.RERUN: "This needs another run before it can be believed",
    }.get(failure.kind.strategy, "This is not for an edit")
    advice = failure.advice or "Correct it and run the tests again."
    return f"{what} ({failure.kind.code} {failure.kind.label}: {failure.message}). {advice}"


def verdict_of(before: Failure, after: Failure | None) -> tuple[Verdict, str]:
    """Compare the failure before with the one after an attempt that is still red."""
    if after is None:
        return Verdict.STILL_RED, "The test is still red."
    if after.fingerprint == before.fingerprint:
        return Verdict.STILL_RED, f"The same failure: {after.message}"
    if after.kind is FailureKind.SYNTAX and before.kind is not FailureKind.SYNTAX:
        return Verdict.STILL_RED, f"The edit does not parse: {after.message}"
    return Verdict.MOVED, f"Another failure now: {after.kind.code} {after.message}"


def passed(run: TestRun, wanted: tuple[TestId, ...]) -> bool:
    """Tell whether every wanted test (or every case of a wanted definition or place) ran and passed in a run."""
    return all(run.has_passed(test) for test in wanted)


def verdicts(run: TestRun, wanted: tuple[TestId, ...]) -> tuple[bool, ...]:
    """Return for each wanted test whether it passed."""
    return tuple(passed(run, (test,)) for test in wanted)


def _in_words(run: TestRun, wanted: tuple[TestId, ...]) -> str:
    good = sum(verdicts(run, wanted))
    if good == len(wanted):
        return "passed"
    return "failed" if good == 0 else f"passed {good} of {len(wanted)}"
