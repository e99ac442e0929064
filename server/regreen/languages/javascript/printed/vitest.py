"""What Vitest prints."""

from __future__ import annotations

import re
from dataclasses import replace

from regreen.core.testing import ExceptionFacts, TestOutcome, TestResult
from regreen.languages.javascript.stack import facts_of
from regreen.languages.paths import SavedPaths

from .printed import Printed, result_of, two_sided

_FAIL = re.compile(r"^ ?FAIL  (?:\|[^|]+\| |\[[\w -]+\] )?(?P<name>.+?)\s*$")
_RULE = re.compile(r"^⎯{3,}(?: (?P<title>[^⎯]+?) ⎯*)?(?:\[\d+/\d+\]⎯*)?$")
_SUITE_FILE = re.compile(r"^(?P<path>\S.*?) \[ (?P<again>.+) \]$")
_CODE = re.compile(r"^\s*(?:\d+\||\|)")
_ORIGIN = re.compile(r"^This error originated in [\"'](?P<path>[^\"']+)[\"'] test file")
_LATEST = re.compile(
    r"^The (?:latest test that might've caused the error is|last test to run before this error was)"
    r" [\"'](?P<name>.+?)[\"']\."
)
_RUNNING = re.compile(
    r"^This error was caught after test environment was torn down|- The error was thrown while Vitest was running"
    r" this test"
)
_TOTAL = re.compile(r"^ *Tests +(?P<counts>.+?)(?: \((?P<total>\d+)\))?$", re.MULTILINE)
_FILES = re.compile(r"^ *Test Files +(?P<counts>.+)$", re.MULTILINE)
_COLLECTED = re.compile(r"^ *(?:❯|✓|×|·|⠙|↓) (?:\|[^|]+\| )?(?P<path>\S+\.[cm]?[jt]sx?)(?: \(|  ?\[|$)", re.MULTILINE)
_RETRIED = re.compile(r"^ +[✓√] (?P<name>.+?) \(retry x\d+\)", re.MULTILINE)
_NO_MEMORY = "JavaScript heap out of memory"
_OUT_OF_MEMORY = re.compile(
    r"heap out of memory|Worker terminated due to reaching memory limit|ERR_WORKER_OUT_OF_MEMORY"
)


def read_vitest(text: str, paths: SavedPaths) -> Printed:
    """Read the failures and the summary of one run."""
    files, tests = _FILES.search(text), _TOTAL.search(text)
    failed = any(match is not None and "failed" in match["counts"] for match in (files, tests))
    # A summary without a failure says that what looks like one was printed by a test.
    failures = _failures(text, paths) if failed or files is None else []
    results = [*failures, *_unhandled(text, paths), *_dead(text, paths)]
    total = int(tests["total"]) if tests is not None and tests["total"] else 0
    return Printed(tuple(results), files is not None, failed or bool(results), total)


def flaky_names(text: str) -> tuple[str, ...]:
    """Return the tests that passed only when they were tried again."""
    return tuple(match["name"].strip() for match in _RETRIED.finditer(text))


def is_out_of_memory(result: TestResult) -> bool:
    """Tell whether a result only says that there was no memory left."""
    return result.exception is not None and result.exception.message == _NO_MEMORY


def _failures(text: str, paths: SavedPaths) -> list[TestResult]:
    """Read the blocks below "Failed Suites" and "Failed Tests"."""
    found: list[TestResult] = []
    names: list[str] = []
    body: list[str] = []
    section = ""

    def close() -> None:
        for name in names if body else ():
            found.append(_result(name, body, section, paths))

    for line in text.splitlines():
        rule = _RULE.match(line)
        if match := _FAIL.match(line):
            if body:
                close()
                names.clear()
                body.clear()
            names.append(match["name"])
        elif rule is not None:
            close()
            names.clear()
            body.clear()
            section = rule["title"] or section
        elif names and section and (line.strip() or body):
            body.append(line)
    close()
    return found


def _result(name: str, body: list[str], section: str, paths: SavedPaths) -> TestResult:
    text = "\n".join(body).strip("\n")
    facts = _facts(body, paths)
    if match := _SUITE_FILE.match(name):
        path = paths.place(match["path"])[0]
        return result_of(path, path, facts, text=text, phase="collect")
    file = name.partition(" > ")[0]
    path = paths.place(file)[0]
    if file == name:  # A file that could not be loaded is named twice; this is a hook of the whole file.
        return result_of(path, path, facts, text=text, phase="setup")
    phase = "setup" if section.startswith("Failed Suites") else "call"
    return result_of(path + name.removeprefix(file), path, facts, text=text, phase=phase)


def _facts(body: list[str], paths: SavedPaths) -> ExceptionFacts:
    plain = [line for line in body if not _CODE.match(line)]
    at = next((n for n, line in enumerate(plain) if line.startswith("- Expected")), None)
    facts = facts_of(
        "\n".join(plain[:at] + [line for line in plain[at:] if "❯" in line] if at is not None else plain), paths.place
    )
    if at is None:
        return facts
    minus = [line[2:] for line in plain[at + 1 :] if line.startswith("- ")]
    plus = [line[2:] for line in plain[at + 1 :] if line.startswith("+ ") and not line.startswith("+ Received")]
    expected, actual = two_sided(minus, plus)
    if not expected:
        return facts
    attributes = {"expected": expected, "actual": actual, **dict(facts.attributes)}
    return replace(facts, attributes=tuple(sorted(attributes.items())))


def _unhandled(text: str, paths: SavedPaths) -> list[TestResult]:
    """Read the errors that no test caught."""
    found: list[TestResult] = []
    kind, body = "", list[str]()
    for line in (*text.splitlines(), "⎯⎯⎯⎯"):
        rule = _RULE.match(line)
        if rule is None:
            body.append(line)
            continue
        if kind:
            found.append(_late(kind, body, paths))
        title = rule["title"] or ""
        kind = (
            title
            if re.match(r"(?:Unhandled (?:Rejection|Error)|Uncaught Exception|Unhandled Source Error)$", title)
            else ""
        )
        body = []
    return found


def _late(kind: str, body: list[str], paths: SavedPaths) -> TestResult:
    origin = next((match["path"] for line in body if (match := _ORIGIN.match(line))), "")
    latest = next((match["name"] for line in body if (match := _LATEST.match(line))), "")
    own = [line for line in body if not _ORIGIN.match(line) and not _LATEST.match(line) and not _CODE.match(line)]
    facts = facts_of("\n".join(own).strip(), paths.place)
    attributes = {**dict(facts.attributes), "unhandled": kind}
    facts = replace(facts, attributes=tuple(sorted(attributes.items())))
    path = paths.place(origin)[0] if origin else ""
    # The name may begin with the file's own.
    name = latest if latest.startswith(f"{path} > ") else f"{path} > {latest}" if latest and path else path
    return result_of(name, path, facts, text="\n".join(body).strip("\n"), outcome=TestOutcome.ERROR)


def _dead(text: str, paths: SavedPaths) -> list[TestResult]:
    """Read a worker that ran out of memory: nothing names its test but the list of files."""
    if not _OUT_OF_MEMORY.search(text):
        return []
    path = next((paths.place(match["path"])[0] for match in _COLLECTED.finditer(text)), "")
    return [result_of(path, path, ExceptionFacts("", (), _NO_MEMORY), outcome=TestOutcome.ERROR)]
