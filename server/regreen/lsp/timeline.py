"""The story of a test: what is red, what was tried, how it ended. Values to blocks; pure."""

from __future__ import annotations

from regreen.core.edit import diff
from regreen.core.failure import Failure
from regreen.core.mutation import MEANS, Strength
from regreen.core.repair import Attempt, Question, RepairReport, Rival, Verdict
from regreen.core.testing import TestId

from .markdown import Block, Code, Heading, Paragraph

_MAX_REPORTS = 3
_MAX_SURVIVORS = 3
VERDICTS = {
    Verdict.GREEN: "✔ green",
    Verdict.STILL_RED: "✘ still red",
    Verdict.MOVED: "✘ red in another way",
    Verdict.BROKE_OTHERS: "✘ broke other tests",
    Verdict.UNPROVED: "✘ passes, and is not believed",
    Verdict.FLAKY: "✘ flaky, so it proves nothing",
    Verdict.REFUSED: "✘ refused, not run",
    Verdict.OBJECTED: "✘ green, and a reviewer objects",
    Verdict.UNDECIDED: "? a question to you",
    Verdict.NO_IDEA: "– no idea",
}


def test_story(
    test: TestId,
    failures: tuple[Failure, ...],
    reports: tuple[RepairReport, ...],
    running: tuple[Attempt, ...] | None,
) -> tuple[Block, ...]:
    """Tell what is known of a test, if anything; `running` are the attempts of a repair that has not ended."""
    blocks: list[Block] = []
    for failure in failures:
        blocks += _failure(failure)
    if running is not None:
        blocks += [Paragraph("A repair is running."), *(block for attempt in running for block in _attempt(attempt))]
    for report in reports[: -_MAX_REPORTS - 1 : -1]:
        blocks += report_story(report)
    if not blocks:
        return ()
    older = len(reports) - _MAX_REPORTS
    if 0 < older:
        blocks.append(Paragraph(f"{older} older repairs: regreen history lists them."))
    return (Heading(test.name, 3), *blocks)


def report_story(report: RepairReport) -> tuple[Block, ...]:
    """Tell one repair."""
    n_attempts = len(report.attempts)
    tries = "1 attempt" if n_attempts == 1 else f"{n_attempts} attempts"
    outcome = report.outcome.value.replace("-", " ")
    blocks: list[Block] = [
        Heading(f"Repair {report.run_id}: {outcome}, {tries}, {report.seconds:.1f} s", 4),
    ]
    if all(attempt.hypothesis != report.reason for attempt in report.attempts):
        blocks.append(Paragraph(report.reason))
    for attempt in report.attempts:
        blocks += _attempt(attempt)
    if report.strength is not None:
        blocks += _strength(report.strength)
    if report.question is not None:
        blocks += _question(report.question)
    if report.inquiry is not None:
        blocks += [Paragraph(report.inquiry.text), *(Paragraph(sentence) for sentence in report.inquiry.evidence)]
    return tuple(blocks)


def _strength(strength: Strength) -> list[Block]:
    said = strength.in_words("the repaired code")
    blocks: list[Block] = [Paragraph(f"{said} {MEANS}" if strength.n_counting else said)]
    for one in strength.shown[:_MAX_SURVIVORS]:
        blocks += [Paragraph(f"{one.mutant.path}:{one.mutant.line}, {one.mutant.operator}:"), Code(one.diff, "diff")]
    return blocks


def _failure(failure: Failure) -> list[Block]:
    where = f" at {failure.path}:{failure.line}" if failure.path else ""
    blocks: list[Block] = [
        Paragraph(f"{failure.kind.code} {failure.kind.label}{where}"),
        Code(failure.message),
    ]
    if failure.advice:
        blocks.append(Paragraph(failure.advice))
    return blocks


def _question(question: Question) -> list[Block]:
    blocks: list[Block] = []
    for number, choice in enumerate(question.choices, 1):
        then = f" Then: {choice.answer}" if choice.answer else ""
        blocks += [Paragraph(f"Choice {number}: {choice.hypothesis}.{then}"), Code(diff(choice.patch), "diff")]
    return blocks


def _attempt(attempt: Attempt) -> list[Block]:
    verdict = VERDICTS[attempt.verdict]
    head = f"Attempt {attempt.n}: {verdict} ({attempt.provider}, {attempt.seconds:.1f} s): {attempt.hypothesis}"
    blocks: list[Block] = [Paragraph(head)]
    if attempt.patch is not None:
        blocks.append(Code(diff(attempt.patch), "diff"))
    if attempt.reason:
        blocks.append(Paragraph(attempt.reason))
    if attempt.confidence is not None:
        blocks.append(Paragraph(" ".join((f"Confidence: {attempt.confidence.value}.", *attempt.evidence))))
    elif attempt.evidence:
        blocks.append(Paragraph(" ".join(attempt.evidence)))
    if attempt.usage.in_words:
        blocks.append(Paragraph(f"Spent: {attempt.usage.in_words}."))
    blocks += [Paragraph(_rival(rival)) for rival in attempt.others]
    if attempt.failure is not None and attempt.verdict in (Verdict.MOVED, Verdict.BROKE_OTHERS):
        blocks += [
            Paragraph(f"Then {attempt.failure.kind.code} {attempt.failure.kind.label}:"),
            Code(attempt.failure.message),
        ]
    return blocks


def _rival(rival: Rival) -> str:
    if not rival.differs_on:
        return f"The tests also let pass: {rival.hypothesis}. No input is known on which it differs."
    return (
        f"The tests also let pass: {rival.hypothesis}. "
        f"{rival.differs_on} then gives {rival.rival_answer}, and not {rival.answer}."
    )
