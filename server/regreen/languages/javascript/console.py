"""Reads what a JavaScript runner left: its output, and its reports when there are any."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from regreen.core.testing import Ended, ExceptionFacts, TestOutcome, TestResult, TestRun
from regreen.languages.explain import SavedLog
from regreen.languages.paths import SavedPaths

from .printed import (
    Printed,
    read_ava,
    read_bun,
    read_deno,
    read_eslint,
    read_jasmine,
    read_jest,
    read_mocha,
    read_node,
    read_playwright,
    read_tap,
    read_tsc,
    read_uvu,
    read_vitest,
)
from .printed.jest import read_retries
from .printed.printed import PROJECT, result_of
from .printed.vitest import flaky_names, is_out_of_memory
from .reports import read_reports

_READERS: Mapping[str, Callable[[str, SavedPaths], Printed]] = {
    "ava": read_ava,
    "bun": read_bun,
    "deno": read_deno,
    "eslint": read_eslint,
    "jasmine": read_jasmine,
    "jest": read_jest,
    "mocha": read_mocha,
    "node": read_node,
    "playwright": read_playwright,
    "tsc": read_tsc,
    "uvu": read_uvu,
    "vitest": read_vitest,
}
_SEPARATORS: Mapping[str, str] = {"mocha": " ", "ava": " › "}  # between the titles of a test, where it is not " > "
# What a log looks like, whatever the person calls it.
_LOOKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.MULTILINE))
    for name, pattern in (
        ("vitest", r"^ RUN  v\d|^ Test Files  |^⎯+ (?:Failed|Startup|Unhandled)"),
        ("bun", r"^bun test v\d"),
        ("deno", r"^running \d+ tests? from |^(?:ok|FAILED) \| \d+ passed"),
        ("playwright", r"^Running \d+ tests? using \d+ workers?|^ {2}\d+\) (?:\[[^\]]+\] › )?\S+:\d+:\d+ › "),
        ("jasmine", r"^\d+ specs?, \d+ failures?"),
        ("uvu", r"^ {2}Total: +\d+\n {2}Passed: "),
        ("jest", r"^Test Suites: |^(?:FAIL|PASS) \S+\.[cm]?[jt]sx?\b|^  ●  process\.exit called"),
        ("node", r"^ℹ tests \d|^✖ failing tests:|^Failed tests:$|^# tests \d+\n# suites "),
        ("ava", r"^  ─$|^  [✘✖] |^  \d+ tests? (?:passed|failed)"),
        ("mocha", r"^ +\d+ (?:passing|failing)|^ ?Exception during run:"),
        ("tap", r"^TAP version 1\d$|^(?:not )?ok \d+ (?!.* \(\d+ ?m?s\)$)"),
        ("eslint", r"^✖ \d+ problems? \(\d+ errors?"),
        ("tsc", r"^\S.*(?:\(\d+,\d+\)|:\d+:\d+ -): error TS\d+|^error TS\d+"),
    )
)
# Reports that may stand in a log: the name of the file that they would be, how they begin, and how they end.
_EMBEDDED: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("junit.xml", re.compile(r"^<testsuites\b", re.MULTILINE), "</testsuites>"),
    ("result.json", re.compile(r"^\{\s*\"(?:stats\": ?\{|num(?:Failed|Total)TestSuites\")", re.MULTILINE), "}"),
)
_RUNS = re.compile(r"^=+ run (?P<number>\d+) =+$", re.MULTILINE)
_NUMBERED = re.compile(r"^(?P<stem>.+)\.(?P<number>\d+)\.(?P<end>\w+)$")
_TOTALS = re.compile(
    r"^(?:ℹ|#) tests \d+$|^Tests: .*?\d+ total|^ *Tests .*\(\d+\)$|^Ran \d+ tests?|^ *\d+ tests? ", re.MULTILINE
)


# A summary that counts a test that passed.
PASSED = re.compile(
    r"^(?:ℹ|#) pass [1-9]|^ *Tests +.*\b[1-9]\d* passed|^ +[1-9]\d* passing|^ *[1-9]\d* pass$|^  [1-9]\d* tests? passed"
    r"|^ok \| [1-9]\d* passed|^Tests: .*\b[1-9]\d* passed",
    re.MULTILINE,
)


def read_saved(log: SavedLog, paths: SavedPaths) -> tuple[TestRun, ...]:
    """Read a saved log, run by run; the reports of a run go before what it printed."""
    texts = _runs(log.text)
    runs: list[TestRun] = []
    for number, text in texts:
        reports = _reports_of(log.reports, number, len(texts) == 1)
        printed = _read(text, log.runner, paths)
        report = read_reports(reports, log.runner, paths)
        runs += _as_runs(text, printed if report is None else _merged(report, printed), log.runner)
    return tuple(runs)


def read_text(text: str, runner: str, paths: SavedPaths) -> Printed:
    """Read one run of which there is nothing but its output."""
    return _read(text, runner, paths)


def read_run(text: str, report: str, runner: str, paths: SavedPaths) -> Printed:
    """Read one run that is over, with the JUnit report it wrote; only its output says whether it came to its end."""
    printed = _read(text, runner, paths)
    reported = read_reports({"junit.xml": report}, runner, paths) if report.strip() else None
    return printed if reported is None else replace(_merged(reported, printed), complete=printed.complete)


def surroundings(text: str) -> str:
    """Return what makes two runs comparable: how many tests they had."""
    return "\n".join(re.sub(r"\d+ (?:failed|passed|skipped|todo)[,|]? ?", "", each) for each in _TOTALS.findall(text))


def _embedded(text: str, runner: str, paths: SavedPaths) -> Printed | None:
    """Read a report that a reporter printed instead of a text for people."""
    for name, begins, end in _EMBEDDED:
        start = begins.search(text)
        last = text.rfind(end)
        if start is not None and start.start() < last:
            report = text[start.start() : last + len(end)]
            if (found := read_reports({name: report}, runner, paths)) is not None and (found.results or found.n_tests):
                return found
    return None


def _read(text: str, runner: str, paths: SavedPaths) -> Printed:
    embedded = _embedded(text, runner, paths)
    if embedded is not None:
        return embedded
    name = next((known for known in sorted(_READERS) if runner.startswith(known)), "")
    alike = [known for known, pattern in _LOOKS if pattern.search(text)]
    # What a test prints may look like another runner: the name decides, as long as the log looks like it at all.
    looks = name if name in alike else next(iter(alike), "")
    # A package manager's name says nothing of the runner, and a log may hold another one's output than it is named for.
    chosen = name if name and (not looks or looks == name) else looks or name
    if name == "tsc" or not chosen:
        chosen = looks or "tsc"
    if chosen == "tap":
        return read_tap(text, paths, _SEPARATORS.get(name, " > "))
    found = _READERS[chosen](text, paths)
    if not found.results and not found.complete and chosen != "tsc":
        compiled = read_tsc(text, paths)
        return compiled if compiled.results else found
    return found


def _runs(text: str) -> list[tuple[str, str]]:
    """Cut a log in which the same run was repeated."""
    marks = list(_RUNS.finditer(text))
    if not marks:
        return [("", text)]
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    return [(mark["number"], text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]


def _reports_of(reports: Mapping[str, str], number: str, only: bool) -> dict[str, str]:
    if only:
        return dict(reports)
    found = {}
    for name, text in reports.items():
        match = _NUMBERED.match(name)
        if match is not None and match["number"] == number:
            found[f"{match['stem']}.{match['end']}"] = text
    return found


def _merged(report: Printed, printed: Printed) -> Printed:
    """Add what was printed to what was reported: the sides of a difference, and what no report holds."""
    by_name = {result.id.name: result for result in printed.results}
    failing = {result.id.name for result in report.results if result.outcome is not TestOutcome.PASSED}
    exhausted = next((result for result in printed.results if is_out_of_memory(result)), None)
    results = [
        replace(result, outcome=TestOutcome.ERROR, exception=exhausted.exception)
        if exhausted is not None and result.outcome is TestOutcome.UNFINISHED
        else _completed(result, by_name.get(result.id.name))
        for result in report.results
    ]
    known = {result.id.name for result in report.results if result.outcome is not TestOutcome.SKIPPED}
    files = {result.path for result in report.results if result.outcome in (TestOutcome.FAILED, TestOutcome.ERROR)}
    for result in printed.results:
        unhandled = result.exception is not None and result.exception.attribute("unhandled")
        if result is exhausted and any(each.exception is result.exception for each in results):
            continue
        if result.id.name not in known or (unhandled and result.id.name not in failing):
            if result.outcome is TestOutcome.UNFINISHED and files:
                continue
            results = [each for each in results if each.id != result.id]
            results.append(result)
    complete = report.complete and (printed.complete or not printed.results)
    failed = report.failed or printed.failed
    own = tuple(result for result in results if not _is_of_steps(result, results))
    return Printed(own, complete or printed.complete, failed, report.n_tests, report.retried)


def _is_of_steps(result: TestResult, results: list[TestResult]) -> bool:
    """Tell whether a test failed only because steps of it did: those are shown."""
    message = result.exception.message if result.exception is not None else ""
    if not re.match(r"\d+ test steps? failed", message):
        return False
    return any(other.id.name.startswith(f"{result.id.name} > ") for other in results if other.exception is not None)


def _completed(result: TestResult, printed: TestResult | None) -> TestResult:
    facts = result.exception
    other = printed.exception if printed is not None else None
    if facts is None or other is None:
        return result
    if facts.message in ("test failed", "") and other.message:
        return replace(result, exception=other, text=printed.text if printed is not None else result.text)
    attributes = {**dict(other.attributes), **dict(facts.attributes)}
    better = replace(
        facts,
        type=facts.type or other.type,
        lineage=facts.lineage or other.lineage,
        message=facts.message or other.message,
        attributes=tuple(sorted(attributes.items())),
        frames=facts.frames if any(frame.inside for frame in facts.frames) else other.frames or facts.frames,
        cause=facts.cause or other.cause,
    )
    phase = printed.phase if printed is not None and result.phase == "call" else result.phase
    return replace(result, exception=better, phase=phase, path=result.path or (printed.path if printed else ""))


def _as_runs(text: str, found: Printed, runner: str) -> list[TestRun]:
    bad = [result for result in found.results if result.outcome not in (TestOutcome.PASSED, TestOutcome.SKIPPED)]
    exit_code = 1 if found.failed or bad else 0
    # A run in which no test was run proves nothing.
    ran = PASSED.search(text) is not None or any(result.outcome is not TestOutcome.SKIPPED for result in found.results)
    run = TestRun(PROJECT, found.results, (), exit_code, Ended.EXITED, 0.0, found.complete and ran, text)
    retried = found.retried or _retried(text, runner, found)
    if not retried or bad:
        return [run]
    # The attempts of one run: what failed first and passed then is two runs of the same tree.
    return [TestRun(PROJECT, retried, (), 1, Ended.EXITED, 0.0, True, text), replace(run, complete=True)]


def _retried(text: str, runner: str, found: Printed) -> tuple[TestResult, ...]:
    """Return what failed at first, as it was printed."""
    if runner.startswith("jest"):
        return read_retries(text)
    path = next((result.path for result in found.results if result.path), "")
    again = ExceptionFacts("", (), "passed when it was tried again")
    return tuple(result_of(name, path, again) for name in flaky_names(text))
