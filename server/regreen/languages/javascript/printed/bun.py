"""What Bun's test runner prints."""

from __future__ import annotations

import re
from dataclasses import replace

from regreen.core.testing import ExceptionFacts, TestOutcome, TestResult
from regreen.languages.javascript.stack import facts_of
from regreen.languages.paths import SavedPaths

from .jest import compared
from .printed import Printed, result_of

_FILE = re.compile(r"^(?P<path>\S.*\.[cm]?[jt]sx?):$")
_TEST = re.compile(
    r"^(?:\((?P<word>fail|pass|skip|todo)\)|(?P<mark>[✗✓»])) (?P<name>.+?)(?: \[[\d.]+m?s\])?(?: \(attempt \d+\))?$"
)
_BETWEEN = "# Unhandled error between tests"
_RULE = re.compile(r"^-{10,}$")
_CODE = re.compile(r"^\s*\d+ \| |^\s+\^$")
_TIMED_OUT = re.compile(r"^\s*\^ (?P<what>.*timed out after \d+ms)")
_RAN = re.compile(r"^Ran (?P<count>\d+) tests? across", re.MULTILINE)
_COUNT = re.compile(r"^ *(?P<count>\d+) (?P<what>pass|fail|error)s?$", re.MULTILINE)
_OUTCOMES = {"fail": TestOutcome.FAILED, "✗": TestOutcome.FAILED, "pass": TestOutcome.PASSED, "✓": TestOutcome.PASSED}


def read_bun(text: str, paths: SavedPaths) -> Printed:
    """Read the tests and the summary of one run."""
    results = _tests(text, paths)
    counts = {match["what"]: int(match["count"]) for match in _COUNT.finditer(text)}
    ran = _RAN.search(text)
    failed = 0 < counts.get("fail", 0) + counts.get("error", 0)
    if ran is None and not any(result.outcome is not TestOutcome.PASSED for result in results):
        results += _cut_off(text, paths)
    return Printed(tuple(results), ran is not None, failed, int(ran["count"]) if ran is not None else 0)


def _tests(text: str, paths: SavedPaths) -> list[TestResult]:
    found: list[TestResult] = []
    file, body, between = "", list[str](), False
    for line in text.splitlines():
        if match := _FILE.match(line):
            file, body = paths.place(match["path"])[0], []
        elif line == _BETWEEN:
            body, between = [], True
        elif between and _RULE.match(line):
            if any(each.strip() for each in body):
                facts = _facts(body, paths)
                found.append(result_of(file, file, facts, text="\n".join(body), phase="collect"))
                between = False
            body = []
        elif match := _TEST.match(line):
            outcome = _OUTCOMES.get(match["word"] or match["mark"], TestOutcome.SKIPPED)
            error = _facts(body, paths) if outcome is TestOutcome.FAILED else None
            found.append(result_of(match["name"], file, error, text="\n".join(body).strip(), outcome=outcome))
            body = []
        elif (late := _TIMED_OUT.match(line)) and found:
            found[-1] = replace(found[-1], exception=ExceptionFacts("", (), late["what"]))
        else:
            body.append(line)
    return found


def _facts(body: list[str], paths: SavedPaths) -> ExceptionFacts:
    plain = "\n".join(line for line in body if not _CODE.match(line)).strip()
    cut = plain.rfind("\nerror: ")
    facts = facts_of((plain[cut + 1 :] if 0 <= cut else plain).removeprefix("error: "), paths.place)
    attributes = {**compared(facts.message), **dict(facts.attributes)}
    return replace(facts, attributes=tuple(sorted(attributes.items())))


def _cut_off(text: str, paths: SavedPaths) -> list[TestResult]:
    """Name the file that was running when the output ends without a summary."""
    files = [match["path"] for line in text.splitlines() if (match := _FILE.match(line))]
    if not files:
        return []
    path = paths.place(files[-1])[0]
    return [result_of(path, path, None, outcome=TestOutcome.UNFINISHED)]
