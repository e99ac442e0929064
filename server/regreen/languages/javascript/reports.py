"""Reports that runners wrote besides what they printed: JSON of Jest, Vitest and Mocha, events of Node, JUnit, TAP."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

from regreen.core.testing import ExceptionFacts, TestOutcome, TestResult
from regreen.languages.paths import SavedPaths

from .errors import error_facts
from .nodetest import NodeTests
from .printed import Printed
from .printed.jest import facts_of_block
from .printed.printed import result_of
from .stack import facts_of
from .tapdocs import facts_of_point, points_of

Read = Callable[[str, SavedPaths], Printed | None]
_MAX_XML = 20_000_000  # characters
_ENTITY = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def read_reports(reports: Mapping[str, str], runner: str, paths: SavedPaths) -> Printed | None:
    """Read the best report of one run; None when there is none that can be read."""
    for wanted, read in _FORMS:
        for name in sorted(reports):
            if wanted.search(name) and (found := read(reports[name], runner, paths)) is not None:
                return found
    return None


def _json(text: str, runner: str, paths: SavedPaths) -> Printed | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    try:
        if "testResults" in document:
            return _jest(document, runner, paths)
        if "stats" in document:
            return _mocha(document, paths)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None  # Somebody else's document.
    return None


def _jest(document: dict[str, Any], runner: str, paths: SavedPaths) -> Printed:
    """Read the form of Jest, which Vitest writes too."""
    separator = " > " if runner.startswith("vitest") else " "
    results = []
    retried = []
    for suite in document["testResults"]:
        path = paths.place(str(suite.get("name") or ""))[0]
        tests = suite.get("assertionResults") or []
        message = str(suite.get("message") or "")
        if suite.get("status") == "failed" and not any(test.get("status") == "failed" for test in tests) and message:
            results.append(result_of(path, path, _suite_facts(message, paths), text=message, phase="collect"))
        for test in tests:
            titles = [*(test.get("ancestorTitles") or []), test.get("title") or ""]
            name = separator.join(str(title) for title in titles)
            name = f"{path} > {name}" if separator == " > " else name
            messages = test.get("retryReasons") or (test.get("failureMessages") if separator == " > " else None) or []
            if test.get("status") == "passed" and messages:
                retried.append(result_of(name, path, facts_of_block(str(messages[0]), paths)))
            if separator == " > " and test.get("status") == "pending":
                results.append(result_of(name, path, None, outcome=TestOutcome.UNFINISHED))
            else:
                results += _jest_test(name, path, test, paths)
    ran = any(result.outcome is not TestOutcome.SKIPPED for result in results)
    n_tests = int(document.get("numTotalTests") or ran)
    return Printed(tuple(results), True, document.get("success") is False, n_tests, tuple(retried))


def _jest_test(name: str, path: str, test: dict[str, Any], paths: SavedPaths) -> list[TestResult]:
    line = int((test.get("location") or {}).get("line") or 0)
    messages = [str(message) for message in test.get("failureMessages") or []]
    if test.get("status") == "failed":
        details = (test.get("failureDetails") or [{}])[0]
        facts = _with_details(facts_of_block(messages[0], paths) if messages else ExceptionFacts("", (), ""), details)
        return [result_of(name, path, facts, text="\n".join(messages)[:4000], line=line)]
    if test.get("status") == "passed":
        return [result_of(name, path, None, outcome=TestOutcome.PASSED, line=line)]
    return [result_of(name, path, None, outcome=TestOutcome.SKIPPED, line=line)]


def _with_details(facts: ExceptionFacts, details: object) -> ExceptionFacts:
    matcher = details.get("matcherResult") if isinstance(details, dict) else None
    if not isinstance(matcher, dict):
        return facts
    plain = {key: _plain(matcher[key]) for key in ("expected", "actual") if key in matcher}
    attributes = {**{key: value for key, value in plain.items() if value}, **dict(facts.attributes)}
    return replace(facts, attributes=tuple(sorted(attributes.items())))


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, int | float | bool) else ""


def _suite_facts(message: str, paths: SavedPaths) -> ExceptionFacts:
    text = "\n".join(line.removeprefix("    ") for line in message.splitlines() if not line.startswith("  ● "))
    return facts_of_block(text.strip("\n"), paths)


def _mocha(document: dict[str, Any], paths: SavedPaths) -> Printed:
    results = []
    failed = document.get("failures") or []
    for test in failed:
        path = paths.place(str(test.get("file") or ""))[0]
        name = str(test.get("fullTitle") or "")
        hook = re.search(r"\"(before|after)( each| all)\" hook", name)
        facts = error_facts({**(test.get("err") or {}), "cause": None}, paths.place)
        phase = "call" if hook is None else "setup" if hook[1] == "before" else "teardown"
        results.append(result_of(name, path, facts, text=facts.message, phase=phase))
    names = {result.id.name for result in results}
    for test in document.get("passes") or []:
        name = str(test.get("fullTitle") or "")
        if name not in names:
            path = paths.place(str(test.get("file") or ""))[0]
            results.append(result_of(name, path, None, outcome=TestOutcome.PASSED))
    stats = document["stats"]
    return Printed(tuple(results), "end" in stats, bool(failed), int(stats.get("tests") or 0))


def _events(text: str, runner: str, paths: SavedPaths) -> Printed | None:
    """Read the events of Node's own test stream, one JSON object a line."""
    del runner
    told = []
    for line in text.splitlines():
        try:
            event = json.loads(line)
            told.append((str(event["type"]), event.get("data") or {}))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
    if not any(kind.startswith("test:") for kind, _ in told):
        return None
    try:
        return _from_events(told, paths)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None


def _from_events(told: list[tuple[str, dict[str, Any]]], paths: SavedPaths) -> Printed:
    node = NodeTests()
    results: list[TestResult] = []
    open_files: dict[str, None] = {}
    complete = False
    for kind, data in told:
        for event in node.translate(_translated(kind, data)):
            what = event.get("event")
            if what == "file":
                open_files[str(event["path"])] = None
            elif what in ("end", "suite", "file_end", "unhandled"):
                results += _event_result(event, paths)
                if what == "file_end":
                    open_files.pop(str(event["path"]), None)
        if kind == "test:summary" and not data.get("file"):
            complete = True
    if not complete:
        done = {result.path for result in results}
        for path in open_files:
            where = paths.place(path)[0]
            if where not in done:
                results.append(result_of(where, where, None, outcome=TestOutcome.UNFINISHED))
    failed = any(result.outcome in (TestOutcome.FAILED, TestOutcome.ERROR) for result in results)
    return Printed(tuple(results), complete, failed, len(results))


def _translated(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    base = {"path": str(data.get("file") or ""), "name": data.get("name", ""), "nesting": data.get("nesting", 0)}
    base |= {"line": data.get("line") or 0}
    details = data.get("details") or {}
    if kind == "test:dequeue":
        return {**base, "event": "node_start", "kind": data.get("type") or ""}
    if kind in ("test:pass", "test:fail"):
        error = details.get("error") or None
        skipped = data.get("skip") is not None or data.get("todo") is not None
        told = {"event": "node_end", "kind": details.get("type") or "", "skipped": skipped}
        outcome = "passed" if kind == "test:pass" else "failed"
        return {**base, **told, "outcome": outcome, "errors": [_thrown(error)] if error else []}
    if kind in ("test:stderr", "test:stdout"):
        return {**base, "event": "node_output", "text": str(data.get("message") or "")}
    if kind == "test:diagnostic":
        return {**base, "event": "node_note", "message": str(data.get("message") or "")}
    return {"event": "node_nothing", "path": ""}


def _thrown(error: dict[str, Any]) -> dict[str, Any]:
    cause = error.get("cause")
    inner = cause if isinstance(cause, dict) else {"message": str(cause)} if cause else error
    return {**inner, "failure": str(error.get("failureType") or ""), "cause": inner.get("cause") or None}


def _event_result(event: dict[str, Any], paths: SavedPaths) -> list[TestResult]:
    path = paths.place(str(event.get("path") or ""))[0]
    errors = event.get("errors") or []
    if event["event"] == "unhandled":
        facts = error_facts(event["error"], paths.place, unhandled=str(event.get("kind") or "error"))
        return [result_of(path, path, facts, outcome=TestOutcome.ERROR)]
    if event["event"] == "file_end":
        if not errors:
            return []
        facts = error_facts(errors[0], paths.place)
        return [result_of(path, path, facts, text=str(errors[0].get("shown") or ""), phase="collect")]
    name = " > ".join(event["titles"])
    if event.get("outcome") in ("passed", "skipped"):
        outcome = TestOutcome.PASSED if event["outcome"] == "passed" else TestOutcome.SKIPPED
        return [result_of(name, path, None, outcome=outcome, line=event.get("line") or 0)]
    thrown = error_facts(errors[0], paths.place) if errors else None
    phase = "setup" if event["event"] == "suite" else "call"
    return [result_of(name, path, thrown, phase=phase, line=event.get("line") or 0)]


def _junit(text: str, runner: str, paths: SavedPaths) -> Printed | None:
    """Read JUnit's XML; one with entities of its own is not read."""
    if _MAX_XML < len(text) or _ENTITY.search(text):
        return None
    try:
        root = ET.fromstring(text)
    except (ET.ParseError, RecursionError, ValueError):
        return None
    results = []
    for suite, case in _cases(root, ()):
        failure = case.find("failure") if case.find("failure") is not None else case.find("error")
        file = case.get("file") or case.get("classname") or ""
        path = paths.place(file)[0] if re.search(r"\.[cm]?[jt]sx?$", file) else ""
        name = _junit_name(runner, suite, case, path)
        if failure is not None:
            body = (failure.text or "").strip() or f"{failure.get('type') or ''}: {failure.get('message') or ''}"
            facts = facts_of(_thrown_in(body), paths.place)
            results.append(result_of(name, path, facts, text=body[:4000], line=int(case.get("line") or 0)))
        else:
            skipped = case.find("skipped") is not None
            outcome = TestOutcome.SKIPPED if skipped else TestOutcome.PASSED
            results.append(result_of(name, path, None, outcome=outcome))
    failed = any(result.outcome is TestOutcome.FAILED for result in results)
    return Printed(tuple(results), bool(results), failed, len(results))


_WRAPPED = re.compile(r"^\[Error \[ERR_TEST_FAILURE\]: .*?^  cause: (?P<thrown>.+)", re.MULTILINE | re.DOTALL)


def _thrown_in(body: str) -> str:
    """Return what a test threw: Node wraps it in an error of its own."""
    match = _WRAPPED.search(body)
    return body if match is None else re.sub(r"^    ", "", match["thrown"], flags=re.MULTILINE)


def _cases(node: ET.Element, around: tuple[str, ...]) -> list[tuple[tuple[str, ...], ET.Element]]:
    found: list[tuple[tuple[str, ...], ET.Element]] = []
    for child in node:
        if child.tag == "testcase":
            found.append((around, child))
        elif child.tag == "testsuite" and len(around) < 50:
            found += _cases(child, (*around, child.get("name") or ""))
    return found


def _junit_name(runner: str, suite: tuple[str, ...], case: ET.Element, path: str) -> str:
    name = case.get("name") or ""
    if runner.startswith("vitest"):
        return f"{path} > {name}" if path and name != path else name
    if runner.startswith("bun"):
        return " > ".join([*(each for each in suite if not each.endswith((".ts", ".js", ".tsx", ".jsx"))), name])
    if runner.startswith("node"):
        return " > ".join([*suite, name])
    return name


def _tap(text: str, runner: str, paths: SavedPaths) -> Printed | None:
    points = [point for point in points_of(text) if point.field("failureType") != "subtestsFailed"]
    if not points:
        return None
    results = []
    for point in points:
        facts = None if point.ok else facts_of_point(point, paths)
        outcome = TestOutcome.SKIPPED if point.skipped else TestOutcome.PASSED if point.ok else TestOutcome.FAILED
        path = facts.attribute("defined_in") if facts is not None else ""
        results.append(result_of(point.name, path, facts, text=point.text, outcome=outcome))
    del runner
    return Printed(tuple(results), True, any(not point.ok for point in points), len(points))


_FORMS: tuple[tuple[re.Pattern[str], Callable[[str, str, SavedPaths], Printed | None]], ...] = (
    (re.compile(r"\.(?:jsonl|ndjson)$"), _events),
    (re.compile(r"\.json$"), _json),
    (re.compile(r"\.xml$"), _junit),
    (re.compile(r"\.tap$"), _tap),
)
