"""Where a failure of Rust is shown, and in which words."""

from __future__ import annotations

import re

from regreen.core.failure import FailureKind
from regreen.core.ports import ReadText
from regreen.core.testing import TestResult
from regreen.core.workspace import WorkspaceModel
from regreen.languages.case import Case, Verdict, deepest_inside

from .panics import is_secondary
from .patterns import place_of_property
from .sources import line_that_ends, line_that_hangs, line_that_recurs, result_function

Place = tuple[str, int]

_DOCTEST = re.compile(
    r"(?P<path>[^\s:]+\.(?:rs|md)) - .*\(line (?P<line>\d+)\)$|(?P<only>[^\s:]+\.(?:rs|md)) \(line (?P<at>\d+)\)$"
)
_HEAD = 4  # lines that rustdoc puts before an example: a panic counts from there
_DOC_MARK = re.compile(r"^\s*(?://[/!]|\*)? ?")
_MAY_PANIC = re.compile(r"\b(?:assert|panic|unwrap|expect|unreachable|todo|unimplemented)|\[|\(")


def locate(case: Case, verdict: Verdict) -> Place:
    """Return the culprit: what the failure itself names, else the deepest own frame, else the test."""
    facts, result = case.facts, case.result
    if verdict.kind is FailureKind.RUNNER_CONFIG:
        return "", 0
    if facts.type == "died":
        return _of_death(case, verdict) or _of_test(case)
    if facts.type == "timeout":
        return hangs_at(result, case.model, case.read) or _of_test(case)
    if example := _DOCTEST.search(result.id.name):
        return _in_example(case, example)
    if (said := place_of_property(facts.message)) is not None:
        return said if said[0] in case.model.files else (_known(case, said[0]), said[1])
    cause = facts.cause
    if cause is not None and is_secondary(facts) and (frame := deepest_inside(cause)) is not None:
        return frame.path, frame.line
    if case.place is not None:
        return case.place
    frame = deepest_inside(facts)
    if frame is not None:
        return frame.path, frame.line
    return _of_test(case) if result.phase != "build" else ("", 0)


def message(case: Case) -> str:
    """Return one line: what the compiler or the panic says, with the values of a comparison."""
    facts, result = case.facts, case.result
    lines = [line.strip() for line in facts.message.splitlines() if line.strip()]
    code = facts.attribute("code")
    if "rustc" in facts.lineage:
        label = facts.attribute("label")
        head = f"error[{code}]: {lines[0]}" if code and lines else f"error: {lines[0] if lines else ''}"
        return f"{head}: {label}"[:300] if label and label not in head else head[:300]
    if facts.type == "Err":
        return f"the test returned an error: {' '.join(lines)}"[:300]
    if facts.type == "should_panic" and facts.attribute("expected"):
        return f"panicked with {facts.attribute('actual')!r} instead of {facts.attribute('expected')!r}"[:300]
    if lines and lines[0].startswith("assertion"):
        return ", ".join([lines[0], *(line for line in lines[1:] if line.startswith(("left:", "right:")))])[:300]
    if lines:
        return lines[0][:300]
    text = next((line.strip() for line in result.text.splitlines() if line.strip()), "")
    return (text or result.outcome.value)[:300]


def definition_line(result: TestResult, read: ReadText) -> int:
    """Return the line that defines a test that the index does not know; 0 when the source does not tell."""
    name = result.id.name.rpartition("::")[2]
    if not result.path or not re.fullmatch(r"\w+", name):
        return 0
    text = read(result.path) or ""
    found = re.search(rf"\bfn\s+(?:r#)?{name}\b", text)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def hangs_at(result: TestResult, model: WorkspaceModel, read: ReadText) -> Place | None:
    """Return the most likely place of a hang that left no stack."""
    test = result_function(result, model, read)
    return None if test is None else line_that_hangs(test, model, read) or (test.path, test.line)


def ends_process(result: TestResult, model: WorkspaceModel, read: ReadText) -> bool:
    """Tell whether what a test reaches contains a call that ends a process at once."""
    test = result_function(result, model, read)
    return test is not None and line_that_ends(test, model, read) is not None


def _of_death(case: Case, verdict: Verdict) -> Place | None:
    if case.place is not None:
        return case.place
    test = result_function(case.result, case.model, case.read)
    if test is None:
        return None
    if verdict.slots.get("kind") == "stack":
        return line_that_recurs(test, case.model, case.read) or (test.path, test.line)
    return line_that_ends(test, case.model, case.read) or (test.path, test.line)


def _of_test(case: Case) -> Place:
    """Return the line that defines the test."""
    result = case.result
    line = case.definition_line or definition_line(result, case.read)
    if result.path and line:
        return result.path, line
    test = result_function(result, case.model, case.read)
    return (test.path, test.line) if test is not None else (result.path, result.line)


def _in_example(case: Case, example: re.Match[str]) -> Place:
    """Return the line of an example in documentation: the compiler counts in the file, a panic in the example."""
    path = _known(case, example["path"] or example["only"])
    fence = int(example["line"] or example["at"])
    if "rustc" in case.facts.lineage and case.place is not None:
        return case.place
    line = case.facts.attribute("lineno") or next((str(frame.line) for frame in reversed(case.facts.frames)), "")
    lines = (case.read(path) or "").splitlines()
    wanted = fence + int(line) - _HEAD if line.isdecimal() else fence + 1
    last = next((n for n in range(fence + 1, len(lines) + 1) if "```" in lines[n - 1]), fence + 1)
    inside = [n for n in range(fence + 1, last) if _MAY_PANIC.search(_DOC_MARK.sub("", lines[n - 1], count=1))]
    return path, min(inside, key=lambda n: (abs(n - wanted), n), default=fence)


def _known(case: Case, path: str) -> str:
    """Return the workspace's file that a printed path means."""
    if path in case.model.files:
        return path
    near = [known for known in sorted(case.model.files) if known.endswith("/" + path)]
    return near[0] if len(near) == 1 else path
