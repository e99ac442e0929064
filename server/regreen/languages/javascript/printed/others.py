"""What runners print that are named and not run here, and what ESLint prints: Playwright, Jasmine, uvu."""

from __future__ import annotations

import re
from dataclasses import replace

from regreen.core.testing import ExceptionFacts, TestOutcome, TestResult
from regreen.languages.javascript.stack import facts_of, is_frame, plain_path
from regreen.languages.paths import SavedPaths

from .jest import facts_of_block
from .printed import Printed, dedented, result_of

_PLAYWRIGHT = re.compile(
    r"^ {2}\d+\) (?:\[(?P<project>[^\]]+)\] › )?(?P<path>\S+?):(?P<line>\d+):\d+ › (?P<title>.+?)(?: [─-]+)?$"
)
_PLAYWRIGHT_END = re.compile(r"^ {2}\d+ (?:failed|passed|flaky|skipped|did not run|interrupted)\b")
_RETRY = re.compile(r"^ {4}Retry #\d+ |^ {4}attachment #\d+|^ {4}Error Context: ")
_JASMINE = re.compile(r"^\d+\) (?P<title>.+)$")
_JASMINE_END = re.compile(r"^(?P<specs>\d+) specs?, (?P<failures>\d+) failures?")
_JASMINE_SIDES = re.compile(r"^Expected (?P<actual>.+?) (?:not )?to (?:be|equal)(?: close to)? (?P<expected>.+?)\.?$")
_UVU = re.compile(r"^ {3}FAIL {2}(?:(?P<suite>[^\s\"].*?) +)?\"(?P<title>.+)\"$")
_UVU_SIDE = re.compile(r"^ *(?P<sign>\+\+|--)(?P<value>.*?) +\((?:Expected|Actual)\)$", re.MULTILINE)
_UVU_END = re.compile(r"^ {2}(?P<what>Total|Passed): +(?P<count>\d+)$", re.MULTILINE)
_LINTED = re.compile(r"^(?P<path>(?:/|[A-Za-z]:|\./)?\S[^\n]*\.\w+)$")
_COMPLAINT = re.compile(r"^ +(?P<line>\d+):(?P<column>\d+) +error +(?P<message>.+?)(?: {2,}(?P<rule>[@\w/-]+))?$")


def read_playwright(text: str, paths: SavedPaths) -> Printed:
    """Read the failures of Playwright's line, list and dot reporters; of a test that was tried again, the first."""
    results: dict[str, TestResult] = {}
    for head, body in _blocks(text, _PLAYWRIGHT, _PLAYWRIGHT_END):
        end = next((n for n, line in enumerate(body) if _RETRY.match(line)), len(body))
        block = "\n".join(dedented(body[:end], 4)).strip("\n")
        path = paths.place(head["path"])[0]
        name = " > ".join(head["title"].strip().split(" › "))
        result = result_of(name, path, facts_of_block(block, paths), text=block, line=int(head["line"]))
        results.setdefault(name, result)
    ended = re.search(r"^ {2}(?P<count>\d+) (?:passed|failed)", text, re.MULTILINE)
    failed = re.search(r"^ {2}\d+ (?:failed|interrupted)", text, re.MULTILINE) is not None
    return Printed(tuple(results.values()) if failed or ended is None else (), ended is not None, failed)


def read_jasmine(text: str, paths: SavedPaths) -> Printed:
    """Read the failures and the summary of Jasmine."""
    results = []
    failures = text.partition("\nFailures:\n")[2]
    for head, body in _blocks(failures, _JASMINE, _JASMINE_END):
        lines = [line.strip() for line in body]
        start = lines.index("Message:") + 1 if "Message:" in lines else 0
        stack = lines.index("Stack:") if "Stack:" in lines else len(lines)
        message = "\n".join(lines[start:stack]).strip()
        facts = facts_of("\n".join([message, *(f"    {line}" for line in lines[stack + 1 :])]), paths.place)
        results.append(result_of(head["title"], _first_path(facts), _asserted(facts, message), text="\n".join(body)))
    end = next((match for line in text.splitlines() if (match := _JASMINE_END.match(line))), None)
    failed = end is not None and end["failures"] != "0"
    return Printed(tuple(results) if failed or end is None else (), end is not None, failed)


def read_uvu(text: str, paths: SavedPaths) -> Printed:
    """Read the failures and the totals of uvu."""
    results = []
    for head, body in _blocks(text, _UVU, _UVU_END):
        lines = [line.strip() if is_frame(line) else line for line in dedented(body, 4)]
        facts = facts_of("\n".join(lines).strip(), paths.place)
        sides = {match["sign"]: match["value"] for match in _UVU_SIDE.finditer("\n".join(body))}
        if sides or facts.message.startswith("Expected"):
            facts = _assertion(facts, sides.get("++", ""), sides.get("--", ""))
        name = " > ".join(filter(None, (head["suite"], head["title"])))
        results.append(result_of(name, _first_path(facts), facts, text="\n".join(body)))
    counts = {match["what"]: match["count"] for match in _UVU_END.finditer(text)}
    failed = counts.get("Total") != counts.get("Passed") or bool(results)
    return Printed(tuple(results), bool(counts), failed)


def read_eslint(text: str, paths: SavedPaths) -> Printed:
    """Read the errors that ESLint's own formatter prints below the name of each file."""
    results: list[TestResult] = []
    path = ""
    for line in text.splitlines():
        if match := _LINTED.match(line):
            path = paths.place(plain_path(match["path"]))[0]
        elif path and (match := _COMPLAINT.match(line)):
            kind = f"eslint.{match['rule'] or 'syntax'}"
            attributes = (("filename", path), ("lineno", match["line"]))
            facts = ExceptionFacts(kind, (kind,), match["message"], attributes)
            results.append(result_of("", path, facts, text=line.strip(), phase="build", outcome=TestOutcome.ERROR))
    return Printed(tuple(results), bool(results), bool(results))


def _blocks(text: str, head: re.Pattern[str], end: re.Pattern[str]) -> list[tuple[re.Match[str], list[str]]]:
    found: list[tuple[re.Match[str], list[str]]] = []
    is_open = False
    for line in text.splitlines():
        if match := head.match(line):
            found.append((match, []))
            is_open = True
        elif end.match(line):
            is_open = False
        elif is_open:
            found[-1][1].append(line)
    return [(match, body) for match, body in found if any(line.strip() for line in body)]


def _asserted(facts: ExceptionFacts, message: str) -> ExceptionFacts:
    """Mark what Jasmine says of an expectation: it prints no class of an error before it."""
    if not message.startswith("Expected "):
        return facts
    sides = _JASMINE_SIDES.match(message.partition("\n")[0])
    facts = replace(facts, message=message)
    return _assertion(facts, sides["expected"] if sides else "", sides["actual"] if sides else "")


def _assertion(facts: ExceptionFacts, expected: str, actual: str) -> ExceptionFacts:
    known = {"expected": expected.strip(), "actual": actual.strip(), **dict(facts.attributes)}
    attributes = tuple(sorted((name, value) for name, value in known.items() if value))
    return replace(facts, type="AssertionError", lineage=("AssertionError", "Error"), attributes=attributes)


def _first_path(facts: ExceptionFacts) -> str:
    return next((frame.path for frame in facts.frames if frame.inside), "")
