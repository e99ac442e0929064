"""Reads what our pytest plugin writes: one JSON object a line, each with the nonce of the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from regreen.core.testing import (
    Ended,
    ExceptionFacts,
    Frame,
    Place,
    RawRun,
    TestId,
    TestOutcome,
    TestResult,
    TestRun,
)
from regreen.core.workspace import Project
from regreen.languages.events import Event, event_of, no_result
from regreen.languages.paths import is_installed

from .stack import dumped_stacks

# (phase, outcome, expected to fail) -> what became of the test; a combination that is not here says nothing.
_OUTCOMES = {
    ("setup", "failed", False): TestOutcome.ERROR,
    ("setup", "skipped", False): TestOutcome.SKIPPED,
    ("setup", "skipped", True): TestOutcome.XFAILED,
    ("call", "failed", False): TestOutcome.FAILED,
    ("call", "failed", True): TestOutcome.FAILED,
    ("call", "passed", False): TestOutcome.PASSED,
    ("call", "passed", True): TestOutcome.XPASSED,
    ("call", "skipped", False): TestOutcome.SKIPPED,
    ("call", "skipped", True): TestOutcome.XFAILED,
    ("teardown", "failed", False): TestOutcome.ERROR,
}


class PytestReader:
    """Reads one run. Lines without the nonce are kept only as the stack of a run that hangs."""

    def __init__(self, project: Project, place: Place, nonce: str) -> None:
        self._project = project
        self._roots: tuple[str, ...] = (place.root,)
        self._outside = (*project.vendored, *project.generated)
        self._nonce = nonce
        self._n_lines = 0
        self._results: list[TestResult] = []
        self._collected: list[TestId] = []
        self._started: dict[TestId, tuple[str, int]] = {}  # and not ended
        self._collecting: tuple[str, str] = ("", "")
        self._in_part: set[TestId] = set()  # tests with a failed sub-test
        self._warnings: dict[TestId, list[str]] = {}
        self._dump: list[str] = []
        self._status: int | None = None
        self._foreign: tuple[str, ...] = ()
        self._handlers: dict[str, Callable[[Event], tuple[TestResult, ...]]] = {
            "start": self._on_start,
            "collecting": self._on_collecting,
            "collect_error": self._on_collect_error,
            "collected": self._on_collected,
            "test": self._on_test,
            "report": self._on_report,
            "end": self._on_end,
            "warning": self._on_warning,
            "internal": self._on_internal,
            "finish": self._on_finish,
        }

    def feed(self, line: str) -> tuple[TestResult, ...]:
        """Read one line of the report; return the tests that ended with it."""
        self._n_lines += 1
        event = event_of(line, self._nonce)
        if event is None:
            self._dump.append(line)
            return ()
        ended = self._handlers.get(str(event.get("event")), no_result)(event)
        self._results.extend(ended)
        return ended

    def collected(self) -> tuple[TestId, ...]:
        """Return the ids collected so far."""
        return tuple(self._collected)

    def finish(self, raw: RawRun) -> TestRun:
        """Return the whole run."""
        for line in raw.report.split("\n")[:-1][self._n_lines :]:
            self.feed(line)
        unfinished = self._unfinished(raw)
        finished = self._status is not None and raw.ended is Ended.EXITED and (raw.exit_code or not self._status)
        return TestRun(
            project=self._project.key,
            results=(*map(self._with_warnings, self._results), *unfinished),
            collected=tuple(self._collected),
            exit_code=raw.exit_code,
            ended=raw.ended,
            seconds=raw.seconds,
            complete=bool(finished) and not unfinished,
            output=raw.stdout + raw.stderr,
            foreign=self._foreign,
            command=raw.spec.argv,
        )

    def _unfinished(self, raw: RawRun) -> tuple[TestResult, ...]:
        """Return what was running when the process ended: tests, or the file that was being collected."""
        stack = self._stack(raw)
        found = [
            TestResult(test, TestOutcome.UNFINISHED, path, line, exception=stack)
            for test, (path, line) in self._started.items()
        ]
        name, path = self._collecting
        if not found and self._status is None and not self._collected and name and not self._results:
            found.append(TestResult(self._id(name), TestOutcome.UNFINISHED, path, 0, "collect", exception=stack))
        return tuple(found)

    def _stack(self, raw: RawRun) -> ExceptionFacts | None:
        dumps = dumped_stacks("\n".join(self._dump)) or dumped_stacks(raw.stderr)
        if not dumps:
            return None
        readings = [tuple(self._frame([*frame, ""]) for frame in dump.frames) for dump in dumps]
        frames = next((found for found in readings if any(frame.inside for frame in found)), readings[0])
        return ExceptionFacts("", (), dumps[0].reason, frames=frames)

    def _with_warnings(self, result: TestResult) -> TestResult:
        found = self._warnings.get(result.id)
        if not found or result.exception is None:
            return result
        return replace(result, sections=(*result.sections, ("warnings", "\n".join(found))))

    def _id(self, name: str) -> TestId:
        return TestId(self._project.key, name)

    def _on_start(self, event: Event) -> tuple[TestResult, ...]:
        self._outside = (*self._outside, event["prefix"])
        self._roots = tuple(dict.fromkeys((*self._roots, event["root"])))
        return ()

    def _on_collecting(self, event: Event) -> tuple[TestResult, ...]:
        self._collecting = (event["id"], event["path"])
        return ()

    def _on_collect_error(self, event: Event) -> tuple[TestResult, ...]:
        return (self._result(event, TestOutcome.ERROR, "collect"),)

    def _on_collected(self, event: Event) -> tuple[TestResult, ...]:
        self._collected.extend(self._id(name) for name in event["ids"])
        return ()

    def _on_test(self, event: Event) -> tuple[TestResult, ...]:
        self._started[self._id(event["id"])] = (event["path"], event["line"])
        return ()

    def _on_end(self, event: Event) -> tuple[TestResult, ...]:
        self._started.pop(self._id(event["id"]), None)
        return ()

    def _on_report(self, event: Event) -> tuple[TestResult, ...]:
        outcome = _OUTCOMES.get((event["when"], event["outcome"], event["xfail"]))
        test = self._id(event["id"])
        if outcome is None or (event["subtest"] and outcome is not TestOutcome.FAILED):
            return ()
        if event["subtest"]:
            self._in_part.add(test)
        elif test in self._in_part and event["exception"] is None and outcome is TestOutcome.FAILED:
            return ()  # it only counts the parts that were reported before
        return (self._result(event, outcome, event["when"]),)

    def _on_warning(self, event: Event) -> tuple[TestResult, ...]:
        self._warnings.setdefault(self._id(event["id"]), []).append(event["message"])
        return ()

    def _on_internal(self, event: Event) -> tuple[TestResult, ...]:
        """Blame an error of the runner itself on what it was busy with."""
        for test, (path, line) in tuple(self._started.items()):
            del self._started[test]
            return (self._result({**event, "id": test.name, "path": path, "line": line}, TestOutcome.ERROR, "call"),)
        name, path = self._collecting
        return (self._result({**event, "id": name, "path": path}, TestOutcome.ERROR, "collect"),)

    def _on_finish(self, event: Event) -> tuple[TestResult, ...]:
        self._status = event["status"]
        self._foreign = tuple(event["foreign"])
        return ()

    def _result(self, event: Event, outcome: TestOutcome, phase: str) -> TestResult:
        return TestResult(
            id=self._id(event["id"]),
            outcome=outcome,
            path=event.get("path", ""),
            line=event.get("line", 0),
            phase=phase,
            seconds=event.get("seconds", 0.0),
            exception=self._exception(event.get("exception")),
            text=event.get("text", ""),
            sections=tuple((name, content) for name, content in event.get("sections", ())),
            subtest=event.get("subtest", ""),
        )

    def _exception(self, facts: Event | None) -> ExceptionFacts | None:
        if facts is None:
            return None
        return ExceptionFacts(
            type=facts["type"],
            lineage=tuple(facts["lineage"]),
            message=facts["message"],
            attributes=tuple(sorted(facts["attributes"].items())),
            frames=tuple(self._frame(frame) for frame in facts["frames"]),
            cause=self._exception(facts["cause"]),
        )

    def _frame(self, frame: list[Any] | tuple[Any, ...]) -> Frame:
        path, line, function, code = frame
        for root in self._roots:
            path = path.removeprefix(root.rstrip("/") + "/")
        return Frame(path, line, function, code, inside=not is_installed(path, self._outside))
