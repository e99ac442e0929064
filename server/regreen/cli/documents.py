"""The JSON documents of the shell. Their schema stands in docs/cli.md; `version` grows when a field changes meaning."""

from __future__ import annotations

from regreen.app import all_green
from regreen.core.edit import diff
from regreen.core.failure import Failure
from regreen.core.repair import Attempt, Inquiry, Outcome, Question, RepairReport, Rival, Spent
from regreen.core.testing import TestOutcome, TestRun

from .screen import as_json
from .strength import strength_document

VERSION = 1


def dump(document: dict[str, object]) -> None:
    """Print one document."""
    print(as_json(document))


def failure_document(failure: Failure) -> dict[str, object]:
    """Return a classified failure."""
    return {
        "id": failure.test.name,
        "kind": failure.kind.label,
        "code": failure.kind.code,
        "path": failure.path,
        "line": failure.line,
        "cause": failure.message,
        "slots": dict(failure.slots),
        "message": failure.message,
        "advice": failure.advice,
        "strategy": failure.kind.strategy.value,
        "test_path": failure.test_path,
        "test_line": failure.test_line,
        "fingerprint": failure.fingerprint,
        "project": failure.test.project,
        "frames": [
            {"path": frame.path, "line": frame.line, "function": frame.function, "inside": frame.inside}
            for frame in failure.frames
        ],
    }


def test_document(runs: tuple[TestRun, ...], failures: tuple[Failure, ...]) -> dict[str, object]:
    """Return what `regreen test` prints."""
    counts = {outcome.value: 0 for outcome in TestOutcome}
    for run in runs:
        for result in run.results:
            # That a target was built is not a test that passed.
            counts[result.outcome.value] += (result.phase, result.outcome) != ("build", TestOutcome.PASSED)
    return {
        "version": VERSION,
        "outcome": "green" if all_green(runs, failures) else "red",
        "counts": counts | {"collected": sum(len(run.collected) for run in runs)},
        "failures": [failure_document(failure) for failure in failures],
        "runs": [
            {
                "project": run.project,
                "command": list(run.command),
                "exit_code": run.exit_code,
                "ended": run.ended.value,
                "complete": run.complete,
                "seconds": round(run.seconds, 3),
            }
            for run in runs
        ],
    }


def report_document(report: RepairReport) -> dict[str, object]:
    """Return a repair."""
    return {
        "version": VERSION,
        "run_id": report.run_id,
        "trace_id": report.trace_id,
        "started": report.started,
        "outcome": report.outcome.value,
        "applied": report.outcome is Outcome.REPAIRED,
        "reason": report.reason,
        "tests": [test.name for test in report.wanted],
        "failure": failure_document(report.failure) if report.failure else None,
        "attempts": [_attempt_document(attempt) for attempt in report.attempts],
        "diff": diff(report.patch) if report.patch else "",
        "question": _question_document(report.question) if report.question else None,
        "mutation": strength_document(report.strength),
        "inquiry": _inquiry_document(report.inquiry) if report.inquiry else None,
        "workbench": report.workbench,
        "usage": {
            "seconds": report.seconds,
            "attempts": len(report.attempts),
            "candidates": sum(attempt.tried for attempt in report.attempts),
            **_spent_document(report.usage),
        },
    }


def _spent_document(spent: Spent) -> dict[str, object]:
    return {
        "calls": spent.calls,
        "tokens_sent": spent.sent,
        "tokens_cached": spent.cached,
        "tokens_received": spent.received,
        "money": round(spent.money, 6),
    }


def _attempt_document(attempt: Attempt) -> dict[str, object]:
    return {
        "n": attempt.n,
        "provider": attempt.provider,
        "kind": attempt.failure.kind.label if attempt.failure else "",
        "hypothesis": attempt.hypothesis,
        "diff": diff(attempt.patch) if attempt.patch else "",
        "verdict": attempt.verdict.value,
        "reason": attempt.reason,
        "seconds": attempt.seconds,
        "candidates": attempt.tried,
        "rivals": attempt.rivals,
        "confidence": attempt.confidence.value if attempt.confidence else None,
        "evidence": list(attempt.evidence),
        "others": [_rival_document(rival) for rival in attempt.others],
        "usage": _spent_document(attempt.usage),
    }


def _rival_document(rival: Rival) -> dict[str, object]:
    return {
        "hypothesis": rival.hypothesis,
        "diff": diff(rival.patch),
        "differs_on": rival.differs_on,
        "answer": rival.answer,
        "rival_answer": rival.rival_answer,
    }


def _inquiry_document(inquiry: Inquiry) -> dict[str, object]:
    ways = [{"label": way.label, "allow": way.lifts, "again": way.again} for way in inquiry.ways]
    return {"rule": inquiry.rule, "text": inquiry.text, "evidence": list(inquiry.evidence), "ways": ways}


def _question_document(question: Question) -> dict[str, object]:
    choices = [
        {"n": n, "hypothesis": choice.hypothesis, "answer": choice.answer, "diff": diff(choice.patch)}
        for n, choice in enumerate(question.choices, 1)
    ]
    return {"text": question.text, "choices": choices}
