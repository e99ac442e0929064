"""Reads what our reporters write: one JSON object a line, each with the nonce of the run."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from regreen.core.testing import (
    Ended,
    Place,
    RawRun,
    TestId,
    TestOutcome,
    TestResult,
    TestRun,
)
from regreen.core.titles import SEPARATOR
from regreen.core.workspace import Project
from regreen.languages.events import Event, event_of, no_result
from regreen.languages.paths import is_installed

from .errors import error_facts, exit_facts
from .nodetest import NodeTests

_OUTCOMES = {
    "passed": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "skipped": TestOutcome.SKIPPED,
    "pending": TestOutcome.UNFINISHED,  # Vitest's word for a test that has not ended
}


class JavascriptReader:
    """Reads one run of any of the runners that have a reporter of ours."""

    def __init__(self, project: Project, place: Place, nonce: str) -> None:
        self._project = project
        self._root = place.root.rstrip("/") + "/"
        self._home = f"{self._root}{project.cwd}/" if project.cwd != "." else self._root
        self._outside = (*project.vendored, *project.generated)
        self._nonce = nonce
        self._n_lines = 0
        self._results: list[TestResult] = []
        self._collected: list[TestId] = []
        self._lines: dict[TestId, int] = {}
        self._started: dict[TestId, str] = {}  # and not ended -> path
        self._files: dict[str, tuple[TestId, ...]] = {}  # open files -> their tests
        self._ended: set[TestId] = set()
        self._exits: list[Event] = []
        self._unhandled: list[Event] = []
        self._finished = False
        self._node = NodeTests()
        self._handlers: dict[str, Callable[[Event], tuple[TestResult, ...]]] = {
            "file": self._on_file,
            "collected": self._on_collected,
            "known": self._on_known,
            "test": self._on_test,
            "end": self._on_end,
            "lines": self._on_lines,
            "parent": self._on_parent,
            "suite": self._on_suite,
            "hook": self._on_suite,
            "file_end": self._on_file_end,
            "unhandled": self._on_unhandled,
            "exit": self._on_exit,
            "finish": self._on_finish,
        }

    def feed(self, line: str) -> tuple[TestResult, ...]:
        """Read one line of the report; return the tests that ended with it."""
        self._n_lines += 1
        event = event_of(line, self._nonce)
        if event is None:
            return ()
        found: list[TestResult] = []
        for each in self._node.translate(event):
            found += self._handlers.get(str(each.get("event")), no_result)(each)
        self._results += found
        return tuple(found)

    def collected(self) -> tuple[TestId, ...]:
        """Return the ids collected so far."""
        return tuple(self._collected)

    def finish(self, raw: RawRun) -> TestRun:
        """Return the whole run."""
        for line in raw.report.split("\n")[:-1][self._n_lines :]:
            self.feed(line)
        unfinished = self._unfinished()
        late = self._late()
        over = self._finished and raw.ended is Ended.EXITED
        return TestRun(
            project=self._project.key,
            results=(*self._results, *unfinished, *late),
            collected=tuple(self._collected),
            exit_code=raw.exit_code,
            ended=raw.ended,
            seconds=raw.seconds,
            complete=over and not unfinished,
            output=raw.stdout + raw.stderr,
            command=raw.spec.argv,
        )

    def _unfinished(self) -> tuple[TestResult, ...]:
        """Return what was running when the process ended: tests, else the first test of an open file, else the file."""
        running = [(test, path) for test, path in self._started.items() if test not in self._ended]
        if not running:
            for path, tests in self._files.items():
                left = [test for test in tests if test not in self._ended]
                if len(left) == 1:
                    running.append((left[0], path))
                elif left or not self._finished:
                    # One of several: the sources tell which of them can do that.
                    running.append((TestId(self._project.key, f"{self._name(path)}::"), path))
        stack = next((exit_facts(event, self._place) for event in self._exits if event.get("called")), None)
        return tuple(
            TestResult(test, TestOutcome.UNFINISHED, self._relative(path), self._lines.get(test, 0), exception=stack)
            for test, path in running
        )

    def _late(self) -> tuple[TestResult, ...]:
        """Return what was thrown where no test could catch it; in the name of the test that was running then."""
        found = []
        for event in self._unhandled:
            test, path = self._culprit(event)
            facts = error_facts(event["error"], self._place, unhandled=str(event.get("kind") or "error"))
            found.append(TestResult(test, TestOutcome.ERROR, path, self._lines.get(test, 0), exception=facts))
        return tuple(found)

    def _culprit(self, event: Event) -> tuple[TestId, str]:
        path, name = str(event.get("path") or ""), str(event.get("test") or "")
        place = self._name(path) if path else ""
        near = [test for test in self._lines if test.name.startswith(f"{place}::") and test.name.endswith(name)]
        if name and near:
            return near[0], self._relative(path)
        return TestId(self._project.key, place), self._relative(path) if path else ""

    def _on_file(self, event: Event) -> tuple[TestResult, ...]:
        self._files.setdefault(event["path"], ())
        return ()

    def _on_collected(self, event: Event) -> tuple[TestResult, ...]:
        tests = []
        for titles, line in event["tests"]:
            test = self._id(event["path"], titles)
            tests.append(test)
            self._lines.setdefault(test, line)
        self._files[event["path"]] = tuple(tests)
        self._collected += tests
        return ()

    def _on_known(self, event: Event) -> tuple[TestResult, ...]:
        """Take the tests of a file whose end nobody tells."""
        for titles, line in event["tests"]:
            test = self._id(event["path"], titles)
            self._lines.setdefault(test, line)
            self._collected.append(test)
        return ()

    def _on_test(self, event: Event) -> tuple[TestResult, ...]:
        test = self._id(event["path"], event["titles"])
        self._started[test] = event["path"]
        self._ended.discard(test)
        self._note(test, event)
        return ()

    def _on_lines(self, event: Event) -> tuple[TestResult, ...]:
        self._note(self._id(event["path"], event["titles"]), event)
        return ()

    def _on_parent(self, event: Event) -> tuple[TestResult, ...]:
        """Take the end of a test that failed only by its sub-tests: it neither passed nor is a failure of its own."""
        test = self._id(event["path"], event["titles"])
        self._ended.add(test)
        self._started.pop(test, None)
        return ()

    def _note(self, test: TestId, event: Event) -> None:
        if test not in self._lines:
            self._collected.append(test)
        self._lines[test] = event.get("line") or self._lines.get(test, 0)

    def _on_end(self, event: Event) -> tuple[TestResult, ...]:
        test = self._id(event["path"], event["titles"])
        outcome = _OUTCOMES.get(event["outcome"], TestOutcome.FAILED)
        if outcome is TestOutcome.UNFINISHED:
            return ()
        self._note(test, event)
        self._ended.add(test)
        self._started.pop(test, None)
        return (self._result(test, outcome, event, "call"),)

    def _on_suite(self, event: Event) -> tuple[TestResult, ...]:
        """Take the failure of a hook: of one test, or of all tests of a suite."""
        titles = [title for title in event["titles"] if title]
        test = self._id(event["path"], titles) if titles else TestId(self._project.key, self._name(event["path"]))
        # The first test of a suite stands for it: it can be asked for by its name.
        inner = f"{test.name}{SEPARATOR}" if titles else f"{test.name}::"
        test = next((each for each in self._lines if each.name.startswith(inner)), test)
        self._results = [each for each in self._results if each.id != test or each.outcome is not TestOutcome.SKIPPED]
        self._ended.add(test)
        self._started.pop(test, None)
        phase = "teardown" if str(event.get("hook", "")).startswith("after") else "setup"
        return (self._result(test, TestOutcome.ERROR, event, phase),)

    def _on_file_end(self, event: Event) -> tuple[TestResult, ...]:
        path = event["path"]
        tests = self._files.pop(path, ())
        if not event["errors"]:
            for test in tests:  # It ended: what was collected and not run was left out.
                self._ended.add(test)
            return ()
        for test in [test for test, where in self._started.items() if where == path]:
            self._started.pop(test)
        return (self._result(TestId(self._project.key, self._name(path)), TestOutcome.ERROR, event, "collect"),)

    def _on_unhandled(self, event: Event) -> tuple[TestResult, ...]:
        self._unhandled.append(event)
        return ()

    def _on_exit(self, event: Event) -> tuple[TestResult, ...]:
        self._exits.append(event)
        return ()

    def _on_finish(self, _: Event) -> tuple[TestResult, ...]:
        self._finished = True
        return ()

    def _result(self, test: TestId, outcome: TestOutcome, event: Event, phase: str) -> TestResult:
        errors = list(event.get("errors") or [])
        facts = error_facts(errors[0], self._place) if errors and outcome is not TestOutcome.PASSED else None
        if facts is not None and event.get("hook"):
            facts = replace(facts, attributes=tuple(sorted((*facts.attributes, ("hook", str(event["hook"]))))))
        return TestResult(
            id=test,
            outcome=outcome,
            path=self._relative(event["path"]),
            line=self._lines.get(test, event.get("line") or 0),
            phase=phase,
            seconds=event.get("seconds", 0.0),
            exception=facts,
            text=_text_of(errors[0]) if facts is not None else "",
            sections=(("console", str(event["console"])),) if event.get("console") else (),
        )

    def _id(self, path: str, titles: list[str]) -> TestId:
        return TestId(self._project.key, f"{self._name(path)}::{SEPARATOR.join(titles)}")

    def _name(self, path: str) -> str:
        """Return a file as ids name it: relative to the project's cwd."""
        return path.removeprefix(self._home) if path.startswith(self._home) else self._relative(path)

    def _relative(self, path: str) -> str:
        return path.replace("\\", "/").removeprefix(self._root)

    def _place(self, path: str) -> tuple[str, bool]:
        full = path if path.startswith("/") or re.match(r"^[A-Za-z]:", path) else self._home + path.removeprefix("./")
        relative = self._relative(full)
        return relative, not is_installed(relative, self._outside)


def _text_of(error: Event) -> str:
    return str(error.get("shown") or error.get("stack") or error.get("message") or "")
