"""Reads what our cargo driver writes: one JSON object a line, each with the nonce of the run."""

from __future__ import annotations

import posixpath
import signal
from collections.abc import Callable
from dataclasses import replace

from regreen.core.testing import Ended, ExceptionFacts, Place, RawRun, TestId, TestOutcome, TestResult, TestRun
from regreen.core.workspace import Project
from regreen.languages.events import Event, event_of, no_result
from regreen.languages.paths import is_installed

from .crashes import death
from .panics import facts_of, is_secondary
from .rustc import facts_in_text, facts_of_json

_OUTCOMES = {"passed": TestOutcome.PASSED, "failed": TestOutcome.FAILED, "skipped": TestOutcome.SKIPPED}


class CargoReader:
    """Reads one run."""

    def __init__(self, project: Project, place: Place, nonce: str) -> None:
        self._project = project
        self._place = place
        self._outside = (*project.vendored, *project.generated)
        self._nonce = nonce
        self._n_lines = 0
        self._results: list[TestResult] = []
        self._collected: list[TestId] = []
        self._started: dict[TestId, tuple[str, int]] = {}  # and not ended
        self._places: dict[TestId, tuple[str, int]] = {}
        self._built: list[tuple[str, str]] = []
        self._status: int | None = None
        self._handlers: dict[str, Callable[[Event], tuple[TestResult, ...]]] = {
            "collected": self._on_collected,
            "built": self._on_built,
            "build": self._on_build,
            "test": self._on_test,
            "end": self._on_end,
            "died": self._on_died,
            "finish": self._on_finish,
        }

    def feed(self, line: str) -> tuple[TestResult, ...]:
        """Read one line of the report; return the tests that ended with it."""
        self._n_lines += 1
        event = event_of(line, self._nonce)
        ended = () if event is None else self._handlers.get(str(event.get("event")), no_result)(event)
        self._results.extend(ended)
        return ended

    def collected(self) -> tuple[TestId, ...]:
        """Return the ids collected so far."""
        return tuple(self._collected)

    def finish(self, raw: RawRun) -> TestRun:
        """Return the whole run."""
        for line in raw.report.split("\n")[:-1][self._n_lines :]:
            self.feed(line)
        unfinished = tuple(
            TestResult(test, TestOutcome.UNFINISHED, path, line) for test, (path, line) in self._started.items()
        )
        finished = self._status is not None and raw.ended is Ended.EXITED and raw.exit_code == self._status
        return TestRun(
            project=self._project.key,
            results=(*with_poisoners(tuple(self._results)), *self._builds(), *unfinished),
            collected=tuple(self._collected),
            exit_code=raw.exit_code,
            ended=raw.ended,
            seconds=raw.seconds,
            complete=finished and not unfinished,
            output=raw.stdout + raw.stderr,
            command=raw.spec.argv,
        )

    def _builds(self) -> tuple[TestResult, ...]:
        """Return that targets were built: what was not, and was to be repaired, is good once its tests have run."""
        if not any(result.outcome is TestOutcome.PASSED for result in self._results):
            return ()
        return tuple(
            TestResult(self._id(name), TestOutcome.PASSED, path, 0, "build") for name, path in self._built if path
        )

    def _id(self, name: str) -> TestId:
        return TestId(self._project.key, name)

    def _on_collected(self, event: Event) -> tuple[TestResult, ...]:
        self._collected.extend(self._id(name) for name in event["ids"])
        return ()

    def _on_built(self, event: Event) -> tuple[TestResult, ...]:
        self._built.append((event["id"], event["path"]))
        return ()

    def _on_build(self, event: Event) -> tuple[TestResult, ...]:
        facts = facts_of_json(event["message"], self._resolver(event["base"]))
        line = facts.attribute("lineno")
        return (
            TestResult(
                id=self._id(event["id"]),
                outcome=TestOutcome.ERROR,
                path=facts.attribute("filename"),
                line=int(line) if line.isdecimal() else 0,
                phase="build",
                exception=facts,
                text=facts.attribute("rendered"),
            ),
        )

    def _on_test(self, event: Event) -> tuple[TestResult, ...]:
        test = self._id(event["id"])
        self._started[test] = self._places[test] = (event["path"], event["line"])
        return ()

    def _on_end(self, event: Event) -> tuple[TestResult, ...]:
        test = self._id(event["id"])
        path, line = self._started.pop(test, self._places.get(test, ("", 0)))
        outcome, text = _OUTCOMES[event["outcome"]], event.get("text", "")
        exception = self._exception(test, text, event.get("message", ""), path) if outcome not in _GOOD else None
        if "limit" in event:
            exception = ExceptionFacts("timeout", ("timeout",), "the test timed out", (("limit", event["limit"]),))
        return (
            TestResult(test, outcome, path, line, seconds=event.get("seconds", 0.0), exception=exception, text=text),
        )

    def _on_died(self, event: Event) -> tuple[TestResult, ...]:
        test = self._id(event["id"])
        self._started.pop(test, None)
        code, path = event["code"], event["path"]
        place = test.name.partition("::")[0]
        facts = death(
            event["text"], "" if 0 <= code else _signal(-code), code, self._resolver("", self._package_of(place, path))
        )
        outcome = TestOutcome.FAILED if "::" in test.name else TestOutcome.ERROR
        return (TestResult(test, outcome, event["path"], event["line"], exception=facts, text=event["text"]),)

    def _on_finish(self, event: Event) -> tuple[TestResult, ...]:
        self._status = event["status"]
        return ()

    def _exception(self, test: TestId, text: str, note: str, path: str) -> ExceptionFacts | None:
        place, _, name = test.name.partition("::")
        resolve = self._resolver("", self._package_of(place, path))
        if "Couldn't compile the test." in text and (found := next(facts_in_text(text, resolve), None)):
            return found
        return facts_of(f"{text}\nnote: {note}\n" if note else text, name, resolve)

    def _package_of(self, place: str, path: str) -> str:
        """Return the folder in which a target's tests run: stacks count from there."""
        folder = posixpath.dirname(posixpath.join(self._project.cwd, place))
        names = ("src", "tests", "benches", "examples")
        parts = folder.split("/")
        at = next((n for n in range(len(parts) - 1, -1, -1) if parts[n] in names), None)
        inner = "/".join(parts if at is None else parts[:at])
        return posixpath.normpath(inner or ".") if path else "."

    def _resolver(self, base: str, package: str = ".") -> Callable[[str, bool], tuple[str, bool]]:
        """Return what makes printed paths the workspace's: `base` is the folder of the build."""
        root = self._place.root.rstrip("/") + "/"
        built = posixpath.normpath(base.replace("\\", "/").removeprefix(root) or ".") if base.startswith(root) else "."
        built = built if base else self._project.cwd

        def resolve(path: str, in_stack: bool) -> tuple[str, bool]:
            path = path.replace("\\", "/")
            if path.startswith("/"):
                relative = path.removeprefix(root)
            else:
                relative = posixpath.normpath(posixpath.join(package if in_stack else built, path))
            return relative, bool(path) and not is_installed(relative, self._outside)

        return resolve


_GOOD = frozenset({TestOutcome.PASSED, TestOutcome.SKIPPED})


def with_poisoners(results: tuple[TestResult, ...]) -> tuple[TestResult, ...]:
    """Give a test that met a poisoned lock, and nothing of its own, the panic of the test that poisoned it."""
    primary = [
        result.exception
        for result in results
        if result.exception is not None and result.exception.type == "panic" and not is_secondary(result.exception)
    ]
    return tuple(_poisoned(result, primary) for result in results)


def _poisoned(result: TestResult, primary: list[ExceptionFacts]) -> TestResult:
    facts = result.exception
    if facts is None or facts.cause is not None or not primary or "PoisonError" not in facts.message:
        return result
    return replace(result, exception=replace(facts, cause=primary[0]))


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
