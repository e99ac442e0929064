"""Where a failure of Python is shown, and in which words."""

from __future__ import annotations

from regreen.core.failure import FailureKind
from regreen.languages.case import Case, Verdict, deepest_inside

from .culprit import (
    definition_line,
    line_of_assertion,
    line_of_function,
    line_of_symbol,
    line_that_calls,
    line_that_ends,
)
from .raising import line_that_raises

# No line of the workspace is to blame for these: a person or the machine is asked.
_BLAMELESS = frozenset({FailureKind.RUNNER_CONFIG})
_NAMED = frozenset({FailureKind.NAME_UNDEFINED, FailureKind.MEMBER_MISSING})


def locate(case: Case, verdict: Verdict) -> tuple[str, int]:
    """Return the culprit: what the exception names, else the deepest own frame, else the test."""
    result = case.result
    if verdict.kind in _BLAMELESS:
        return "", 0
    if case.place is not None:
        return case.place
    frame = deepest_inside(case.facts)
    if frame is not None:
        return frame.path, frame.line
    if not result.path:
        return "", 0
    if verdict.kind in _NAMED and (named := line_of_symbol(verdict.slots.get("symbol", ""), case.model, case.read)):
        return named
    if verdict.kind is FailureKind.PROCESS_CRASH and (ended := line_that_ends(result, case.model, case.read)):
        return ended
    if raised := line_that_raises(case.facts, result, case.model, case.read):
        return raised
    return result.path, _line_within(case, verdict) or case.definition_line or definition_line(
        result, case.read
    ) or result.line


def _line_within(case: Case, verdict: Verdict) -> int:
    """Return the line of the test's file that its source gives away."""
    slots = verdict.slots
    if verdict.kind is FailureKind.ASSERTION and slots.get("actual") != "passed":
        return line_of_assertion(case.result, case.read)
    if verdict.kind is FailureKind.TEST_SETUP and slots.get("function"):
        return line_of_function(slots["function"], case.result.path, case.read)
    if verdict.kind is FailureKind.TEST_SETUP and slots.get("fixture"):
        return line_that_calls(slots["fixture"], case.result, case.read)
    return 0


def message(case: Case) -> str:
    """Return one line: type and first line of the message; an assertion without its type."""
    facts, result = case.facts, case.result
    first = next((line.strip() for line in facts.message.splitlines() if line.strip()), "")
    short = facts.type.rpartition(".")[2]
    if short == "AssertionError" and first:
        return first[:300]
    if short in ("Failed", "CollectError"):
        return (first or short)[:300]
    if short == "DocTestFailure":
        return f"doctest: expected {facts.attribute('expected')!r}, got {facts.attribute('actual')!r}"[:300]
    if short == "FixtureLookupError":
        return f"fixture {facts.attribute('argname')!r} not found"
    if short:
        return f"{short}: {first}"[:300] if first else short
    text = next((line.strip() for line in result.text.splitlines() if line.strip()), "")
    return (first or text or result.outcome.value)[:300]
