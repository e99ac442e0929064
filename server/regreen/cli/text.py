"""What the shell prints for people."""

from __future__ import annotations

from regreen.app import all_green
from regreen.core.edit import diff
from regreen.core.failure import Failure
from regreen.core.repair import Attempt, Outcome, RepairReport
from regreen.core.testing import TestOutcome, TestResult, TestRun

_HEADLINES = {
    Outcome.REPAIRED: "Repaired",
    Outcome.REPAIRED_NOT_APPLIED: "A proved fix, not applied",
    Outcome.UNDONE: "Undone",
    Outcome.ALREADY_GREEN: "Already green",
    Outcome.EXHAUSTED: "Not repaired, rolled back",
    Outcome.FLAKY: "Flaky, not edited",
    Outcome.NOT_CODE: "Not a matter of code",
    Outcome.REFUSED: "Refused",
    Outcome.CANCELLED: "Cancelled",
}


def failure_text(failure: Failure) -> str:
    """Return a failure in a few lines."""
    where = f"{failure.path}:{failure.line}" if failure.path else failure.test.name
    lines = [f"{failure.kind.code} {failure.kind.label}  {where}", f"    {failure.message}"]
    if failure.code:
        lines.append(f"    > {failure.code.strip()}")
    if failure.test.name:
        lines.append(f"    in {failure.test.name}")
    if failure.advice:
        lines.append(f"    {failure.advice}")
    return "\n".join(lines)


def failures_text(runs: tuple[TestRun, ...], failures: tuple[Failure, ...]) -> str:
    """Return the summary of a run."""
    shown = [failure_text(failure) for failure in failures]
    counts = [
        f"{n} {outcome.value}"
        for outcome in TestOutcome
        if (n := sum(result.outcome is outcome and _is_test(result) for run in runs for result in run.results))
    ]
    verdict = "Green" if all_green(runs, failures) else "Red"
    return "\n".join([*shown, f"{verdict}: {', '.join(counts) or 'no test ran'}."])


def report_text(report: RepairReport) -> str:
    """Return the story of a repair."""
    parts = [f"{_HEADLINES[report.outcome]}: {', '.join(test.name for test in report.wanted)}  (run {report.run_id})"]
    if report.failure:
        parts.append(failure_text(report.failure))
    parts += [attempt_text(attempt) for attempt in report.attempts]
    if report.patch:
        parts.append(diff(report.patch).rstrip())
    parts.append(report.reason)
    return "\n\n".join(part for part in parts if part)


def attempt_text(attempt: Attempt) -> str:
    """Return one attempt in a few lines."""
    tried = f", {attempt.tried} candidates tried" if attempt.tried else ""
    head = f"Attempt {attempt.n} ({attempt.provider}{tried}, {attempt.seconds:.1f} s): {attempt.verdict.value}"
    return "\n".join(
        part for part in (head, attempt.hypothesis and f"    {attempt.hypothesis}", f"    {attempt.reason}") if part
    )


def _is_test(result: TestResult) -> bool:
    """Tell a test from a target that was built."""
    return (result.phase, result.outcome) != ("build", TestOutcome.PASSED)
