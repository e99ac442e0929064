"""What Deno's test runner prints."""

from __future__ import annotations

import re
from dataclasses import replace

from regreen.core.testing import ExceptionFacts, TestOutcome, TestResult
from regreen.languages.javascript.stack import facts_of, is_frame, plain_path
from regreen.languages.paths import SavedPaths

from .printed import Printed, result_of, two_sided
from .tsc import read_tsc

_PLACE = re.compile(r"^(?P<name>.+?) => (?P<path>\S+?):(?P<line>\d+):\d+$")
_WHOLE = re.compile(r"^(?P<path>\S+\.[cm]?[jt]sx?) \(uncaught error\)$")
_SECTION = re.compile(r"^ (?P<name>ERRORS|FAILURES) $|^(?P<bare>ERRORS|FAILURES)$")
_TEST = re.compile(r"^(?P<name>\S.*?) \.\.\. (?P<verdict>ok|FAILED|ignored)(?: \(.*\))?$")
_RUNNING = re.compile(r"^running \d+ tests? from (?P<path>\S+)")
_SUMMARY = re.compile(
    r"^(?:ok|FAILED) \| (?P<passed>\d+) passed(?: \(\d+ steps?\))? \| (?P<failed>\d+) failed", re.MULTILINE
)
_STARTED = re.compile(r"^(?P<name>\S.*?) \.\.\.\s*$")
_ERROR = re.compile(r"^error: (?P<rest>(?!Test failed|Type checking failed).+(?:\n(?!error: ).*)*)", re.MULTILINE)
_DIFF = re.compile(r"^(?P<sign>[-+]) {3}(?P<value>.+)$", re.MULTILINE)
_TWO = re.compile(r"^(?P<actual>\S.*?) (?:!==|!=) (?P<expected>\S.*)$", re.MULTILINE)
_OUTCOMES = {"ok": TestOutcome.PASSED, "FAILED": TestOutcome.FAILED, "ignored": TestOutcome.SKIPPED}


def read_deno(text: str, paths: SavedPaths) -> Printed:
    """Read the tests and the summary of one run."""
    failures = _failures(text, paths)
    summary = _SUMMARY.search(text)
    results = [*_passed(text, paths), *failures, *read_tsc(text, paths).results]
    if not results and summary is None:
        results = _before_any_test(text, paths) or _cut_off(text, paths)
    n_tests = int(summary["passed"]) + int(summary["failed"]) if summary is not None else 0
    failed = bool(failures) or (summary is not None and summary["failed"] != "0")
    return Printed(tuple(results), summary is not None, failed, n_tests)


def _failures(text: str, paths: SavedPaths) -> list[TestResult]:
    """Read the blocks below the heading of errors."""
    found: list[TestResult] = []
    head: tuple[str, str, int] | None = None
    body: list[str] = []
    inside = False
    for line in (*text.splitlines(), " FAILURES "):
        section = _SECTION.match(line)
        start = _PLACE.match(line) or _WHOLE.match(line)
        if (section or start) and head is not None:
            found.append(_result(head, body, paths))
            head = None
        if section is not None:
            inside = (section["name"] or section["bare"]) == "ERRORS"
        elif inside and start is not None:
            groups = start.groupdict()
            head, body = (groups.get("name") or "", groups["path"], int(groups.get("line") or 0)), []
        elif head is not None:
            body.append(line)
    return found


def _result(head: tuple[str, str, int], body: list[str], paths: SavedPaths) -> TestResult:
    name, file, line = head
    path = paths.place(plain_path(file))[0]
    text = "\n".join(body).strip("\n")
    facts = facts_of_text(text, paths)
    # A step is printed as "outer ... inner".
    titles = " > ".join(name.split(" ... ")) if name else path
    return result_of(titles, path, facts, text=text, line=line, phase="call" if name else "collect")


def facts_of_text(text: str, paths: SavedPaths) -> ExceptionFacts:
    """Read one error; the code that is shown between message and stack is left out."""
    lines = text.removeprefix("error: ").splitlines()
    marker = next((n for n, line in enumerate(lines) if line.strip() == "^"), None)
    if marker:
        lines = lines[: marker - 1] + lines[marker + 1 :]
    facts = facts_of("\n".join(line for line in lines if line.strip() or not is_frame(line)), paths.place)
    minus = [match["value"] for match in _DIFF.finditer(text) if match["sign"] == "-"]
    plus = [match["value"] for match in _DIFF.finditer(text) if match["sign"] == "+"]
    actual, expected = two_sided(minus, plus)
    if not expected and (two := _TWO.search(facts.message)):
        actual, expected = two["actual"], two["expected"]
    attributes = {**dict(facts.attributes), **({"expected": expected, "actual": actual} if expected else {})}
    return replace(facts, attributes=tuple(sorted(attributes.items())))


def _passed(text: str, paths: SavedPaths) -> list[TestResult]:
    found, path = [], ""
    for line in text.splitlines():
        if match := _RUNNING.match(line):
            path = paths.place(plain_path(match["path"]))[0]
        elif (match := _TEST.match(line)) and match["verdict"] != "FAILED":
            found.append(result_of(match["name"], path, None, outcome=_OUTCOMES[match["verdict"]]))
    return found


def _before_any_test(text: str, paths: SavedPaths) -> list[TestResult]:
    match = _ERROR.search(text)
    if match is None:
        return []
    facts = facts_of_text(match["rest"].strip(), paths)
    path = next((frame.path for frame in reversed(facts.frames) if frame.inside), "")
    return [result_of(path, path, facts, text=match[0], phase="collect", outcome=TestOutcome.ERROR)]


def _cut_off(text: str, paths: SavedPaths) -> list[TestResult]:
    path, name = "", ""
    for line in text.splitlines():
        if match := _RUNNING.match(line):
            path, name = paths.place(plain_path(match["path"]))[0], ""
        elif match := _STARTED.match(line):
            name = match["name"]
    return [result_of(name or path, path, None, outcome=TestOutcome.UNFINISHED)] if path else []
