"""What earlier repairs of the very same failure have tried without success, so that no model tries it again. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from regreen.core.edit import Patch, diff
from regreen.core.failure import Failure
from regreen.core.repair import Attempt, Outcome, RepairReport, Verdict

_MOST = 6  # of what was tried, the latest
_LONGEST_EDIT = 240  # characters
_NOT_TRIED = frozenset({Verdict.NO_IDEA, Verdict.UNDECIDED, Verdict.FLAKY})


def memory_of(reports: Iterable[RepairReport], failures: tuple[Failure, ...]) -> tuple[str, ...]:
    """Return a line for each thing that was tried on one of these failures and did not help, the latest last.

    `reports` are the oldest first; the same failure is one with the same fingerprint.
    """
    fingerprints = {failure.fingerprint for failure in failures}
    same = [one for one in reports if one.failure is not None and one.failure.fingerprint in fingerprints]
    lines = [line for report in same for line in _lines(report)]
    latest = list(dict.fromkeys(reversed(lines)))[:_MOST]
    return tuple(reversed(latest))


def _lines(report: RepairReport) -> Iterator[str]:
    if report.outcome is Outcome.UNDONE and report.attempts:
        yield f"{_told(report.attempts[-1])} It passed the tests, and a person took it back."
    if report.outcome is Outcome.EXHAUSTED:
        tried = (attempt for attempt in report.attempts if attempt.verdict not in _NOT_TRIED)
        yield from (f"{_told(attempt)} It did not help: {attempt.reason}" for attempt in tried)


def _told(attempt: Attempt) -> str:
    hypothesis = attempt.hypothesis.strip() or "It said nothing that could be followed."
    return f"{hypothesis} {_edit(attempt.patch)}".strip() if attempt.patch else hypothesis


def _edit(patch: Patch) -> str:
    """Return what a patch changes in a few words: its lines without their surroundings."""
    lines = [line.rstrip() for line in diff(patch, context=0).splitlines() if line[:1] in "+-"]
    changed = "; ".join(line for line in lines if not line.startswith(("+++", "---")))
    return f"({changed[:_LONGEST_EDIT]})" if changed else ""
