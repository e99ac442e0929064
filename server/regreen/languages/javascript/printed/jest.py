"""What Jest prints."""

from __future__ import annotations

import re
from dataclasses import replace

from regreen.core.testing import ExceptionFacts, TestOutcome, TestResult
from regreen.languages.javascript.stack import facts_of, is_frame
from regreen.languages.paths import SavedPaths

from .printed import Printed, dedented, result_of, two_sided

_FILE = re.compile(
    r"^(?:(?:::|##\[)group[:\]]{1,2}Errors thrown in | ?(?P<verdict>FAIL|PASS) +)(?:(?P<project>[\w@/ -]+?) +)?"
    r"(?P<path>\S+\.[cm]?[jt]sx?)(?: \([\d.]+ m?s\))?\s*(?:\([\d.,]+ \w+ heap size\))?$"
)
_BLOCK = re.compile(r"^  ● (?P<title>\S.*)$")
_EXIT = re.compile(r"^  ● +process\.exit called with \"(?P<code>[^\"]*)\"$")
_END = re.compile(
    r"^(?:Test Suites:|Tests: |Snapshots: |Ran all test suites|Summary of all failing tests| › \d+|Snapshot Summary"
    r"|-{5,}|=+ Coverage|(?:::|##\[)endgroup)"
)
_CODE = re.compile(r"^\s*(?:>\s*)?\d+ \||^\s*\| +\^|^\s+\|\s*[\^~]+")
_SUMMARY = re.compile(r"^Tests: +(?P<counts>.*?(?P<total>\d+) total)", re.MULTILINE)
_SUITES = re.compile(r"^Test Suites: +(?P<counts>.*?\d+ total)", re.MULTILINE)
_SIDE = re.compile(
    r"^(?P<side>Expected|Received)(?: (?:value|length|substring|pattern|string|path|constructor|name|message"
    r"|number of calls|difference|precision|property name|set|array|object))?: +(?P<value>.+)$",
    re.MULTILINE,
)
_BLOCK_SIDE = re.compile(r"^(?P<side>Expected|Received)(?: value[^\n]*)?:\n\s+(?P<value>\S[^\n]*)$", re.MULTILINE)
_RETRY = re.compile(r"^ +LOGGING RETRY ERRORS (?P<name>.+)$", re.MULTILINE)
_TORN_DOWN = re.compile(
    r"^ReferenceError: You are trying to (?:`import`|access) .*? after the Jest environment has been torn down\."
    r" From (?P<path>\S+?\.[cm]?[jt]sx?)\.?$",
    re.MULTILINE,
)
_NO_MESSAGE = ("Test suite failed to run",)


def read_jest(text: str, paths: SavedPaths) -> Printed:
    """Read the failures and the summary of one run."""
    results: dict[tuple[str, str, str], TestResult] = {}
    summary, suites = _SUMMARY.search(text), _SUITES.search(text)
    failed = any(match is not None and "failed" in match["counts"] for match in (summary, suites))
    # A summary without a failure says that what looks like one was printed by a test.
    failures = _failures(text, paths) if failed or summary is None else []
    for result in (*failures, *_exits(text, paths), *_late(text, paths)):
        message = result.exception.message if result.exception else ""
        results.setdefault((result.id.name, result.path, message), result)
    total = int(summary["total"]) if summary is not None else 0
    return Printed(tuple(results.values()), summary is not None, failed, total)


def read_retries(text: str) -> tuple[TestResult, ...]:
    """Return the tests that were tried again, with what they failed with at first."""
    found = []
    matches = list(_RETRY.finditer(text))
    for match in matches:
        rest = text[match.end() :]
        end = re.search(r"^(?:PASS|FAIL|Test Suites:| ?LOGGING RETRY)", rest, re.MULTILINE)
        body = [line for line in rest[: end.start() if end else None].splitlines() if not line.startswith(" RETRY ")]
        paths = SavedPaths(())
        facts = facts_of_block("\n".join(dedented(body, 4)).strip("\n"), paths)
        facts = replace(facts, frames=tuple(replace(each, path=each.path.removeprefix("/")) for each in facts.frames))
        path = next((frame.path for frame in facts.frames if frame.inside), "")
        found.append(result_of(match["name"].strip().replace(" › ", " "), path, facts))
    return tuple(found)


def _failures(text: str, paths: SavedPaths) -> list[TestResult]:
    found: list[TestResult] = []
    file, title = "", ""
    body: list[str] = []

    def close() -> None:
        if title and file:
            found.append(_result(file, title, body, paths))

    for line in text.splitlines():
        if match := _FILE.match(line):
            close()
            title, body = "", []
            file = match["path"] if match["verdict"] != "PASS" else ""
        elif _END.match(line):
            close()
            title, body = "", []
        elif (match := _BLOCK.match(line)) and not _EXIT.match(line) and match["title"] != "Console":
            close()
            title, body = match["title"].strip(), []
        elif title:
            body.append(line)
    close()
    return found


def _result(file: str, title: str, body: list[str], paths: SavedPaths) -> TestResult:
    path = paths.place(file)[0]
    lines = dedented(body, 4)
    text = "\n".join(lines).strip("\n")
    facts = facts_of_block(text, paths)
    if title in _NO_MESSAGE:
        return result_of(path, path, facts, text=text, phase="collect")
    return result_of(title.replace(" › ", " "), path, facts, text=text)


def facts_of_block(text: str, paths: SavedPaths) -> ExceptionFacts:
    """Read one failure: message, code, stack."""
    plain = "\n".join(line for line in text.splitlines() if not _CODE.match(line))
    facts = facts_of(plain, paths.place)
    attributes = {**compared(facts.message), **dict(facts.attributes)}
    if text.lstrip().startswith("thrown: "):
        attributes["thrown"] = "string"
    return replace(facts, attributes=tuple(sorted(attributes.items())))


def compared(message: str) -> dict[str, str]:
    """Return both sides of a matcher's message, as far as each is one line."""
    matches = (*_BLOCK_SIDE.finditer(message), *_SIDE.finditer(message))
    found = {match["side"]: match["value"].strip() for match in matches}
    sides = {"expected": found.get("Expected", ""), "actual": found.get("Received", "")}
    if not sides["expected"] and "- Expected" in message:
        minus = [line[1:] for line in message.splitlines() if re.match(r"^-\s+(?!Expected)", line)]
        plus = [line[1:] for line in message.splitlines() if re.match(r"^\+\s+(?!Received)", line)]
        expected, actual = two_sided(minus, plus)
        sides = {"expected": expected, "actual": actual}
    return {name: value for name, value in sides.items() if value}


def _late(text: str, paths: SavedPaths) -> list[TestResult]:
    """Read what was loaded when its file was over: Jest tells it below its summary, and fails."""
    found = []
    for match in _TORN_DOWN.finditer(text):
        body = text[match.start() :].splitlines()
        end = next((at for at, line in enumerate(body) if _END.match(line) or _FILE.match(line)), len(body))
        facts = facts_of_block("\n".join(line.strip() for line in body[:end]), paths)
        path = paths.place(match["path"])[0]
        found.append(result_of(path, path, facts, text=match[0], outcome=TestOutcome.ERROR))
    return found[:1]


def _exits(text: str, paths: SavedPaths) -> list[TestResult]:
    """Read the calls of `process.exit` that Jest tells of before it is gone."""
    found = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = _EXIT.match(line)
        if match is None:
            continue
        stack = []
        for each in lines[number + 1 :]:
            if each.startswith("  ●") or _FILE.match(each):
                break
            if is_frame(each):
                stack.append(each)
        facts = facts_of("\n".join(stack), paths.place)
        facts = replace(facts, type="", lineage=(), message=f"process.exit({match['code']}) was called")
        path = next((frame.path for frame in facts.frames if frame.inside), "")
        found.append(result_of("", path, facts, text="\n".join([line, *stack]), outcome=TestOutcome.UNFINISHED))
    return found
