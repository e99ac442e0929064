"""Reads what nextest left: its events, its JUnit file, and its lines, which alone say how a process ended."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as Xml
from collections.abc import Iterator
from dataclasses import dataclass, replace

from regreen.core.testing import Ended, ExceptionFacts, TestId, TestOutcome, TestResult, TestRun
from regreen.languages.explain import SavedLog

from .crashes import death
from .panics import Resolve, facts_of

PROJECT = "."
_STATUS = re.compile(
    r"^ *(?P<try>TRY \d+ )?(?P<what>PASS|FAIL|SIG[A-Z0-9]+|ABORT|TIMEOUT|TMT|TERMINATING|LEAK|LEAK-FAIL|FL\+LK|FLAKY"
    r"|FLKY|FAIL \+ LEAK|EXECFAIL|XFAIL|SLOW|SKIP)(?: (?P<tries>\d+)/\d+)? \[ *>? *(?P<seconds>[\d.]+)s\]"
    r"(?: \( *[\d─-]+/[\d─-]+\))? (?P<binary>\S+)(?: (?P<name>\S.*?))?$"
)
_OLD_BLOCK = re.compile(r"^--- (?:TRY \d+ )?(?P<stream>STDOUT|STDERR): +(?P<binary>\S+) (?P<name>\S.*?) ---$")
_OUTPUT = re.compile(r"^ *(?:output|stdout|stderr) ─+$")
_RULE = re.compile(r"^─{8,}$|^ +(?:Summary|Canceling|Cancelling) ")
_ANY = re.compile(
    r"Nextest run ID|^ +Summary \[ *[\d.]+s\] \d+ tests? run|^ *(?:PASS|FAIL|SIG\w+) \[ *[\d.]+s\]", re.MULTILINE
)
_ABORTED = re.compile(r"aborted with signal (?P<number>\d+)(?::| \()\s*(?P<signal>SIG\w+)")
_EXIT = re.compile(r"test failure with exit code (?P<code>\d+)|exited with code (?P<other>\d+)")
_GOOD = frozenset({"PASS", "LEAK", "XFAIL"})
_SLOW = frozenset({"TIMEOUT", "TMT"})
_PASSING = frozenset({"SLOW", "SKIP", "TERMINATING"})


@dataclass(frozen=True, slots=True)
class _Said:
    """What is known of one test."""

    name: str
    what: str  # "PASS", "FAIL", "TIMEOUT", a signal's name, "FLAKY"
    text: str = ""
    seconds: float = 0.0
    tries: str = ""


def is_nextest(log: SavedLog) -> bool:
    """Tell whether a log is nextest's."""
    return _ANY.search(log.text) is not None or any('"nextest":' in text for text in log.reports.values())


def read_nextest(log: SavedLog, resolve: Resolve) -> TestRun:
    """Read one run of nextest."""
    said: dict[str, _Said] = {}
    for each in (*_in_junit(log), *_in_events(log), *_in_lines(log.text)):
        said[each.name] = _joined(said.get(each.name), each)
    results = tuple(_result(each, resolve) for each in said.values())
    bad = any(result.outcome is TestOutcome.FAILED for result in results) or re.search(
        r"^error\b", log.text, re.MULTILINE
    )
    return TestRun(PROJECT, results, (), 100 if bad else 0, Ended.EXITED, 0.0, bool(results), log.text)


def _joined(earlier: _Said | None, later: _Said) -> _Said:
    """Put together what two sources say of a test: the longer text, and the more exact end."""
    if earlier is None:
        return later
    text = max(earlier.text, later.text, key=lambda text: ("panicked at" in text or "overflowed" in text, len(text)))
    exact = later.what if later.what != "FAIL" or earlier.what in ("PASS", "FAIL") else earlier.what
    return replace(later, what=exact, text=text, tries=later.tries or earlier.tries)


def _in_events(log: SavedLog) -> Iterator[_Said]:
    words = {"ok": "PASS", "failed": "FAIL", "timeout": "TIMEOUT"}
    for name, text in sorted(log.reports.items()):
        for line in text.splitlines() if name.endswith(("json", "jsonl")) else ():
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if not isinstance(event, dict) or event.get("type") != "test" or event.get("event") not in words:
                continue
            test = str(event.get("name", "")).partition("$")[2] or str(event.get("name", ""))
            test, _, _ = test.partition("#")
            yield _Said(test, words[event["event"]], str(event.get("stdout") or ""), _number(event.get("exec_time")))


def _in_junit(log: SavedLog) -> Iterator[_Said]:
    for name, text in sorted(log.reports.items()):
        if not name.endswith(".xml") or "<!DOCTYPE" in text or "<!ENTITY" in text:
            continue
        try:
            root = Xml.fromstring(text)
        except Xml.ParseError:
            continue
        for case in root.iter("testcase"):
            yield _junit_case(case)


def _junit_case(case: Xml.Element) -> _Said:
    name, seconds = case.get("name", ""), _number(case.get("time"))
    failure = next((found for tag in ("failure", "error") if (found := case.find(tag)) is not None), None)
    flaky = case.find("flakyFailure")
    if failure is None and flaky is None:
        return _Said(name, "PASS", "", seconds)
    holder = failure if failure is not None else flaky
    message = f"{holder.get('type', '')} {holder.get('message', '')}" if holder is not None else ""
    text = "\n".join([(holder.text or "") if holder is not None else "", case.findtext("system-out") or ""])
    if failure is None:
        return _Said(name, "FLAKY", text, seconds, str(1 + len(case.findall("flakyFailure"))))
    signal = _ABORTED.search(message)
    what = signal["signal"] if signal else "TIMEOUT" if "timeout" in message else "FAIL"
    code = _EXIT.search(message)
    if code is not None and (code["code"] or code["other"]) not in ("101",) and what == "FAIL":
        text += f"\n(test failed with exit code {code['code'] or code['other']})"
    return _Said(name, what, text, seconds)


def _in_lines(text: str) -> Iterator[_Said]:
    found: list[_Said] = []
    block: list[str] | None = None
    blocks: dict[str, list[str]] = {}
    current = ""
    for line in text.splitlines():
        status, old = _STATUS.match(line), _OLD_BLOCK.match(line)
        if old is not None:
            block = blocks.setdefault(old["name"], [])
        elif status is not None:
            current, block = status["name"] or status["binary"], None
            if status["what"] not in _PASSING:
                found.append(
                    _Said(
                        current,
                        status["what"],
                        "",
                        float(status["seconds"]),
                        (status["tries"] or "") if "FL" in status["what"] else "",
                    )
                )
        elif _RULE.match(line):
            block = None
        elif _OUTPUT.match(line) and current:
            block = blocks.setdefault(current, [])
        elif block is not None:
            block.append(line.removeprefix("    "))
    last = {each.name: each for each in found}
    for each in last.values():
        what = {"FLKY": "FLAKY", "TMT": "TIMEOUT", "ABORT": "SIGABRT"}.get(each.what, each.what)
        yield replace(each, what=what, text="\n".join(blocks.get(each.name, ())))


def _result(said: _Said, resolve: Resolve) -> TestResult:
    test = TestId(PROJECT, said.name)
    if said.what in _GOOD:
        return TestResult(test, TestOutcome.PASSED, "", 0, seconds=said.seconds)
    facts = _facts(said, resolve)
    return TestResult(test, TestOutcome.FAILED, "", 0, seconds=said.seconds, exception=facts, text=said.text[:8000])


def _facts(said: _Said, resolve: Resolve) -> ExceptionFacts | None:
    if said.what in _SLOW:
        return ExceptionFacts("timeout", ("timeout",), "the test timed out", (("limit", f"{said.seconds:g} s"),))
    found = facts_of(said.text, said.name, resolve)
    if said.what.startswith("SIG"):
        dead = death(said.text, said.what, None, resolve)
        # A panic that aborts (panic = "abort", a destructor) is the panic's matter.
        return found if found is not None and found.type == "panic" and said.what == "SIGABRT" else dead
    if found is None and (code := re.search(r"exit(?:ed)? (?:with )?(?:code|status)[: ]+(?P<code>\d+)", said.text)):
        return death(said.text, "", int(code["code"]), resolve)
    if said.what == "FLAKY":
        facts = found or ExceptionFacts("panic", ("panic",), "the test failed at first")
        return replace(facts, attributes=tuple(sorted((*facts.attributes, ("flaky", said.tries or "2")))))
    return found


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return 0.0
