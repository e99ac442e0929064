"""What the shell prints for people."""

from __future__ import annotations

from shlex import quote

from regreen.app import all_green
from regreen.core.edit import diff
from regreen.core.failure import Failure
from regreen.core.repair import Attempt, Inquiry, Outcome, Question, RepairReport, Rival
from regreen.core.testing import TestOutcome, TestResult, TestRun
from regreen.pages import told

from .strength import strength_text

_HEADLINES = {
    Outcome.REPAIRED: "Repaired",
    Outcome.REPAIRED_NOT_APPLIED: "A proved fix, not applied",
    Outcome.UNDONE: "Undone",
    Outcome.ALREADY_GREEN: "Already green",
    Outcome.EXHAUSTED: "Not repaired, rolled back",
    Outcome.UNDECIDED: "A question, nothing changed",
    Outcome.FLAKY: "Flaky, not edited",
    Outcome.NOT_CODE: "Not a matter of code",
    Outcome.REFUSED: "Refused",
    Outcome.CANCELLED: "Cancelled",
}


def failure_text(failure: Failure) -> str:
    """Return a failure in a few lines."""
    where = f"{failure.path}:{failure.line}" if failure.path else failure.test.name
    lines = [f"{failure.kind.code} {failure.kind.label}  {where}", f"    {told(failure.message)}"]
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
    if report.question:
        parts += question_text(report.question, report.run_id)
    parts.append(report.reason)
    parts.append(report.usage.in_words and f"Spent: {report.usage.in_words}.")
    if report.strength:
        parts.append(strength_text(report.strength, "the repaired code", most=5))
    if report.inquiry:
        parts += inquiry_text(report.inquiry, report.wanted[0].name if report.wanted else "")
    return "\n\n".join(part for part in parts if part)


def question_text(question: Question, run_id: str) -> list[str]:
    """Return a question with its choices, each with its diff, and how to answer."""
    parts = [question.text]
    for number, choice in enumerate(question.choices, 1):
        answer = f"    then: {choice.answer}" if choice.answer else ""
        parts.append("\n".join(line for line in (f"{number}. {choice.hypothesis}", answer) if line))
        parts.append(diff(choice.patch).rstrip())
    parts.append(f"Answer with: regreen fix --choose N --run {run_id}")
    return parts


def inquiry_text(inquiry: Inquiry, test: str) -> list[str]:
    """Return what a person is asked, what is known, and how to answer."""
    parts = ["\n".join([f"Question: {inquiry.text}", *(f"    {sentence}" for sentence in inquiry.evidence)])]
    answers = [
        f"    {way.label}: regreen fix --test {quote(test)} --allow {way.lifts}" for way in inquiry.ways if way.lifts
    ]
    return [*parts, "\n".join(["Answer with:", *answers])] if answers else parts


def rival_text(rival: Rival) -> str:
    """Return another patch that the tests let pass, in one line."""
    if not rival.differs_on:
        return f"    or: {rival.hypothesis} (no input is known on which it differs)"
    return f"    or: {rival.hypothesis} ({rival.differs_on} gives {rival.rival_answer}, not {rival.answer})"


def attempt_text(attempt: Attempt) -> str:
    """Return one attempt in a few lines."""
    tried = f", {attempt.tried} candidates tried" if attempt.tried else ""
    head = f"Attempt {attempt.n} ({attempt.provider}{tried}, {attempt.seconds:.1f} s): {attempt.verdict.value}"
    sure = f"    confidence: {attempt.confidence.value}" if attempt.confidence else ""
    lines = [head, attempt.hypothesis and f"    {attempt.hypothesis}", f"    {attempt.reason}", sure]
    lines += [f"    {sentence}" for sentence in attempt.evidence]
    lines.append(attempt.usage.in_words and f"    spent: {attempt.usage.in_words}")
    return "\n".join(line for line in (*lines, *map(rival_text, attempt.others)) if line)


def _is_test(result: TestResult) -> bool:
    """Tell a test from a target that was built."""
    return (result.phase, result.outcome) != ("build", TestOutcome.PASSED)
