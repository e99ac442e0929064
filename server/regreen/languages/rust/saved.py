"""Reads a saved log of cargo test: what was built, each binary's tests, and the reports beside the log."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from regreen.core.testing import Ended, ExceptionFacts, TestId, TestOutcome, TestResult, TestRun
from regreen.languages.explain import SavedLog
from regreen.languages.paths import SavedPaths

from .crashes import death, thread_of
from .nextest import is_nextest, read_nextest
from .panics import Resolve, facts_of
from .printed import resolver
from .report import with_poisoners
from .rustc import facts_in_text, facts_of_json

PROJECT = "."
_RUNNING = re.compile(
    r"^ +Running (?:unittests )?(?P<target>\S+?)(?: \((?P<program>[^)]+)\))?$|^ +Doc-tests (?P<doc>\S+)$"
)
_COUNT = re.compile(r"^running (?P<n>\d+) tests?$")
_TEST = re.compile(
    r"^test (?P<name>\S.*?)(?P<suffix>(?: - (?:should panic|compile fail|compile))*)"
    r" \.\.\. (?P<what>ok|FAILED|ignored|bench:)\b"
)
_OPEN = re.compile(r"^test (?P<name>\S.*?)(?: - should panic)? \.\.\. *(?P<rest>.*)$")
_SLOW = re.compile(r"^test (?P<name>\S.*?)(?: - should panic)? has been running for over (?P<limit>\d+ seconds)")
_BLOCK = re.compile(r"^---- (?P<name>\S.*?)(?: - should panic)? (?:stdout|stderr) ----$")
_RESULT = re.compile(r"^test result: (?P<what>ok|FAILED)\.")
_DIED = re.compile(
    r"process didn't exit successfully: `(?P<program>[^`]+)`[^(]*"
    r" \((?:signal: \d+, (?P<signal>SIG\w+)|exit (?:status|code): (?P<code>\d+))"
)
_RERUN = re.compile(r"to rerun pass `(?:[^`]*?-p (?P<package>\S+) ?)?(?P<rest>[^`]*)`")
_START_OF_TESTS = re.compile(
    r"^ +Running |^running \d+ tests?$|^ +Doc-tests |^ *Nextest run|^\{ ?\"type\"", re.MULTILINE
)
_LIBTEST = re.compile(r"^\{ ?\"type\": ?\"(?:test|suite)\"")


def read_saved(log: SavedLog, paths: SavedPaths) -> tuple[TestRun, ...]:
    """Read a saved log as one run."""
    resolve = resolver(log.text, paths)
    errors = _build_errors(log, resolve)
    if errors:
        return (_run(tuple(errors), log.text, 101),)
    if is_nextest(log):
        run = read_nextest(log, resolve)
        return (replace(run, results=with_poisoners(run.results)),)
    return (_read_cargo(log.text, resolve),)


def surroundings(text: str) -> str:
    """Return what makes two runs comparable: the binaries and the number of their tests."""
    return "\n".join(re.findall(r"^(?: +Running .*|running \d+ tests?)$", text, re.MULTILINE))


def _run(results: tuple[TestResult, ...], text: str, code: int) -> TestRun:
    return TestRun(PROJECT, results, (), code, Ended.EXITED, 0.0, True, text)


def _build_errors(log: SavedLog, resolve: Resolve) -> Iterator[TestResult] | tuple[TestResult, ...]:
    """Return the compiler's errors, from its messages if there are any, else as they were printed."""
    messages = [message for name, text in sorted(log.reports.items()) if "build" in name for message in _messages(text)]
    found = [facts_of_json(message, resolve) for message in messages]
    if not found:
        starts = _START_OF_TESTS.search(log.text)
        text = log.text[: starts.start()] if starts else log.text
        found = list(facts_in_text(text, resolve)) if _was_compiled(text) else []
    unique: dict[tuple[str, str, str], ExceptionFacts] = {}
    for facts in found:
        unique.setdefault((facts.message, facts.attribute("filename"), facts.attribute("lineno")), facts)
    return tuple(_build_result(facts) for facts in unique.values())


def _was_compiled(text: str) -> bool:
    """Tell whether errors are the compiler's rather than cargo's own."""
    return (
        re.search(r"^error: could not compile |^error\[E\d+\]|^error: aborting due to", text, re.MULTILINE) is not None
    )


def _messages(text: str) -> Iterator[Mapping[str, Any]]:
    for line in text.splitlines():
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        message = found.get("message") if isinstance(found, dict) else None
        if not isinstance(message, dict) or found.get("reason") != "compiler-message":
            continue
        if str(message.get("level", "")).startswith("error") and not str(message.get("message")).startswith("aborting"):
            yield message


def _build_result(facts: ExceptionFacts) -> TestResult:
    line = facts.attribute("lineno")
    return TestResult(
        id=TestId(PROJECT, ""),
        outcome=TestOutcome.ERROR,
        path=facts.attribute("filename"),
        line=int(line) if line.isdecimal() else 0,
        phase="build",
        exception=facts,
        text=facts.attribute("rendered"),
    )


@dataclass(slots=True)
class _Section:
    """What one binary printed."""

    lines: list[str] = field(default_factory=list)
    started: bool = False  # "running N tests" was printed
    count: int = 0
    ended: bool = False  # its "test result" was printed


def _read_cargo(text: str, resolve: Resolve) -> TestRun:
    sections = list(_sections(text.splitlines()))
    results: list[TestResult] = []
    for n, section in enumerate(sections):
        results += _section_results(section, resolve, is_last=n == len(sections) - 1)
    failed = any(result.outcome not in (TestOutcome.PASSED, TestOutcome.SKIPPED) for result in results)
    bad = failed or re.search(r"^error\b|^thread 'main'.* panicked", text, re.MULTILINE) is not None or not sections
    run = _run(with_poisoners(tuple(results)), text, 101 if bad else 0)
    return run if failed or bad else replace(run, complete=True)


def _sections(lines: list[str]) -> Iterator[_Section]:
    """Cut a log at the binaries that were run."""
    current: _Section | None = None
    for line in lines:
        if _RUNNING.match(line):
            if current is not None:
                yield current
            current = _Section()
        elif count := _COUNT.match(line):
            if current is None or current.started:
                if current is not None:
                    yield current
                current = _Section()
            current.started, current.count = True, int(count["n"])
        elif _LIBTEST.match(line) and current is None:
            current = _Section(started=True)
            current.lines.append(line)
        elif current is not None:
            current.lines.append(line)
            current.ended = current.ended or _RESULT.match(line) is not None
    if current is not None:
        yield current


def _section_results(section: _Section, resolve: Resolve, *, is_last: bool) -> list[TestResult]:
    text = "\n".join(section.lines)
    events = dict(_libtest(section.lines))
    outcomes = {**_outcomes(section.lines), **{name: what for name, (what, _) in events.items()}}
    blocks = {**_blocks(section.lines), **{name: said for name, (_, said) in events.items() if said}}
    for name in blocks:
        outcomes.setdefault(name, "FAILED")
    package = next(
        (match["package"] for line in section.lines if (match := _RERUN.search(line)) and match["package"]), ""
    )
    results = [_result(name, what, blocks.get(name, text), resolve, package) for name, what in outcomes.items()]
    if section.ended or events or (section.started and section.count == 0 and is_last):
        return results
    return results + _cut_short(section, text, outcomes, package, resolve)


def _outcomes(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        if match := _TEST.match(line):
            found.setdefault(match["name"], match["what"])
    return found


def _blocks(lines: list[str]) -> dict[str, str]:
    """Return what each failed test printed."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in lines:
        if match := _BLOCK.match(line):
            current = found.setdefault(match["name"], [])
        elif line == "failures:" or _RESULT.match(line):
            current = None
        elif current is not None:
            current.append(line)
    return {name: "\n".join(block) for name, block in found.items()}


def _libtest(lines: list[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the results of libtest's own JSON."""
    words = {"ok": "ok", "failed": "FAILED", "ignored": "ignored"}
    for line in lines:
        if not _LIBTEST.match(line):
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if event.get("type") == "test" and event.get("event") in words:
            yield str(event.get("name")), (words[event["event"]], str(event.get("stdout") or ""))


def _result(name: str, what: str, text: str, resolve: Resolve, package: str) -> TestResult:
    if what != "FAILED":
        outcome = TestOutcome.SKIPPED if what == "ignored" else TestOutcome.PASSED
        return TestResult(TestId(PROJECT, name), outcome, "", 0)
    if "Couldn't compile the test." in text:
        facts = next(facts_in_text(text, resolve), None)
    else:
        facts = facts_of(text, name, resolve)
    if facts is not None and package:
        facts = replace(facts, attributes=tuple(sorted((*facts.attributes, ("package", package)))))
    return TestResult(TestId(PROJECT, name), TestOutcome.FAILED, "", 0, exception=facts, text=text[:8000])


def _cut_short(
    section: _Section, text: str, outcomes: Mapping[str, str], package: str, resolve: Resolve
) -> list[TestResult]:
    """Return what a binary's silence means: its process died, or the log ends while a test was running."""
    slow = [match["name"] for line in section.lines if (match := _SLOW.match(line)) and match["name"] not in outcomes]
    died = _DIED.search(text)
    if slow and died is None:
        return [TestResult(TestId(PROJECT, name), TestOutcome.UNFINISHED, "", 0, text=text[-4000:]) for name in slow]
    if not section.started or section.count <= len(outcomes):
        return []
    open_tests = [
        match["name"] for line in section.lines if (match := _OPEN.match(line)) and match["name"] not in outcomes
    ]
    signal = (died["signal"] or "") if died else ""
    code = int(died["code"]) if died and died["code"] else 0
    facts = death(text, signal, code, resolve)
    if package:
        facts = replace(facts, attributes=tuple(sorted((*facts.attributes, ("package", package)))))
    thread = thread_of(text)
    named = [name for name in (*open_tests[-1:], thread) if name and name != "main" and not name.startswith("<")]
    ended = (("ended", "\n".join(outcomes)),)
    name = named[0] if named else ""
    return [
        TestResult(TestId(PROJECT, name), TestOutcome.FAILED, "", 0, exception=facts, text=text[:8000], sections=ended)
    ]
