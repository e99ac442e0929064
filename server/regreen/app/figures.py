"""Figures of repairs, and whether they are where they should be. Pure: from journals and benchmarks alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from regreen.core.failure import FailureKind
from regreen.core.repair import Attempt, Outcome, RepairReport, Verdict

PROVED = frozenset({Outcome.REPAIRED, Outcome.REPAIRED_NOT_APPLIED, Outcome.UNDONE})
RAN = frozenset({Verdict.GREEN, Verdict.STILL_RED, Verdict.MOVED, Verdict.BROKE_OTHERS})
NOT_BUILT = frozenset(
    {
        FailureKind.SYNTAX,
        FailureKind.IMPORT_UNRESOLVED,
        FailureKind.NAME_UNDEFINED,
        FailureKind.BORROW_CHECK,
        FailureKind.COMPILE_RULE,
    }
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One repair, as far as figures are made of it."""

    proved: bool
    rolled_back: bool  # patches were tried, and none proved to be green
    attempts: int
    first_built: bool | None  # whether the first patch that was run could be built; None when none was run
    seconds: float
    cpu_seconds: float | None = None  # None where it was not measured
    calls: int = 0
    tokens: int = 0  # sent and received
    money: float = 0.0
    taken_back: bool = False  # by the person
    score: float | None = None  # of the mutants of what was changed; None where it was not measured


@dataclass(frozen=True, slots=True)
class Figures:
    """What many repairs say together; None where nothing can be said."""

    runs: int
    proved: int
    rolled_back: int
    declined: int  # nothing was tried, with a reason: not a matter of code, flaky, undecided, refused, cancelled
    taken_back: int
    repairs_per_success: float | None  # attempts beyond the first one, on average of those that ended green
    rollback_rate: float | None  # of those in which patches were tried
    first_pass_build_rate: float | None
    attempts_average: float | None
    seconds_median: float | None
    seconds_average: float | None
    cpu_seconds_average: float | None
    calls: int
    tokens: int
    tokens_per_call: float | None
    money: float
    money_per_success: float | None
    mutation_score: float | None


@dataclass(frozen=True, slots=True)
class Target:
    """Where a figure should be; `met` is None when there is no figure yet."""

    name: str
    words: str
    aim: str
    value: float | None
    met: bool | None


_ENOUGH = 10  # repairs, before a share of them means anything
_TARGETS: tuple[tuple[str, str, str, Callable[[float], bool]], ...] = (
    ("repairs_per_success", "repairs for each success, beyond the first", "below 0.3", lambda value: value < 0.3),
    ("rollback_rate", "rolled back", "below 10 %", lambda value: value < 0.1),
    ("mutation_score", "mutation score", "100 %", lambda value: 1.0 <= value),
)


def sample_of(report: RepairReport) -> Sample:
    """Return what a repair adds to the figures."""
    proved, usage = report.outcome in PROVED, report.usage
    return Sample(
        proved=proved,
        rolled_back=not proved and report.outcome is Outcome.EXHAUSTED and any(one.patch for one in report.attempts),
        attempts=len(report.attempts),
        first_built=_first_built(report),
        seconds=report.seconds,
        calls=usage.calls,
        tokens=usage.sent + usage.received,
        money=usage.money,
        taken_back=report.outcome is Outcome.UNDONE,
        score=report.strength.score if report.strength else None,
    )


def figures(samples: Sequence[Sample]) -> Figures:
    """Return the figures of some repairs."""
    proved = [one for one in samples if one.proved]
    rolled_back = sum(one.rolled_back for one in samples)
    tried = len(proved) + rolled_back
    built = [one.first_built for one in samples if one.first_built is not None]
    seconds = [one.seconds for one in samples if one.proved or one.rolled_back]
    calls, tokens = sum(one.calls for one in samples), sum(one.tokens for one in samples)
    money = sum(one.money for one in samples)
    return Figures(
        runs=len(samples),
        proved=len(proved),
        rolled_back=rolled_back,
        declined=len(samples) - tried,
        taken_back=sum(one.taken_back for one in samples),
        repairs_per_success=_average([max(0, one.attempts - 1) for one in proved]),
        rollback_rate=rolled_back / tried if tried else None,
        first_pass_build_rate=_average(built),
        attempts_average=_average([one.attempts for one in samples if one.proved or one.rolled_back]),
        seconds_median=median(seconds) if seconds else None,
        seconds_average=_average(seconds),
        cpu_seconds_average=_average([one.cpu_seconds for one in samples if one.cpu_seconds is not None]),
        calls=calls,
        tokens=tokens,
        tokens_per_call=tokens / calls if calls else None,
        money=money,
        money_per_success=money / len(proved) if proved else None,
        mutation_score=_average([one.score for one in samples if one.score is not None]),
    )


def targets(found: Figures) -> tuple[Target, ...]:
    """Say which figures are where they should be."""
    rows = []
    for name, words, aim, is_met in _TARGETS:
        value: float | None = getattr(found, name)
        rows.append(Target(name, words, aim, value, None if value is None else is_met(value)))
    return tuple(rows)


def in_words(found: Figures) -> str:
    """Return the figures in a few words, "" when nothing was tried yet; a missed target is told after ten repairs."""
    tried = found.proved + found.rolled_back
    if not tried:
        return ""
    words = f"Repairs so far: {found.proved} proved, {found.rolled_back} rolled back."
    missed = [row for row in targets(found) if row.met is False] if _ENOUGH <= tried else []
    return " ".join([words, *(f"Not on target: {row.words} should be {row.aim}." for row in missed)])


def _first_built(report: RepairReport) -> bool | None:
    first = next((one for one in report.attempts if one.patch is not None and one.verdict in RAN), None)
    return None if first is None else _built(first, report)


def _built(attempt: Attempt, report: RepairReport) -> bool:
    """Tell whether a patch could be built; what was not built before and is not now is not its fault."""
    after = attempt.failure
    was_built = report.failure is None or report.failure.kind not in NOT_BUILT
    return after is None or after.kind not in NOT_BUILT or not was_built


def _average(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
