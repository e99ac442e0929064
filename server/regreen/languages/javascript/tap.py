"""Reads Ava's TAP from standard output while the run goes on."""

from __future__ import annotations

import re

from regreen.core.testing import Ended, ExceptionFacts, Place, RawRun, TestId, TestOutcome, TestResult, TestRun
from regreen.core.workspace import Project
from regreen.languages.paths import SavedPaths

from .tapdocs import TapLines, TapPoint, facts_of_point

_PROBLEM = re.compile(r"^(?:# )?(?:Timed out|Couldn.t find any|No tests found|Uncaught exception|Unhandled rejection)")


class TapReader:
    """Reads one run of Ava. Only Ava writes to that stream: what tests print comes as comments."""

    def __init__(self, project: Project, place: Place) -> None:
        self._project = project
        self._paths = SavedPaths((_home(project, place), place.root.rstrip("/")))
        self._lines = TapLines()
        self._results: list[TestResult] = []
        self._only = project.runners[0].files if project.runners else ()
        self._n_lines = 0

    def feed(self, line: str) -> tuple[TestResult, ...]:
        """Read one line of the report; return the tests that ended with it."""
        self._n_lines += 1
        found = tuple(self._result(point) for point in self._lines.feed(line))
        self._results += found
        return found

    def collected(self) -> tuple[TestId, ...]:
        """Return the ids that have ended so far: TAP names no test before that."""
        return tuple(result.id for result in self._results)

    def finish(self, raw: RawRun) -> TestRun:
        """Return the whole run."""
        if not self._n_lines:
            for line in raw.stdout.splitlines():
                self.feed(line)
        self._results += [self._result(point) for point in self._lines.close()]
        planned = self._lines.planned
        over = raw.ended is Ended.EXITED and planned is not None and planned <= self._lines.n_points
        return TestRun(
            project=self._project.key,
            results=tuple(self._results),
            collected=self.collected(),
            exit_code=raw.exit_code,
            ended=raw.ended,
            seconds=raw.seconds,
            complete=over,
            output=raw.stdout + raw.stderr,
            command=raw.spec.argv,
        )

    def _result(self, point: TapPoint) -> TestResult:
        facts = None if point.ok else facts_of_point(point, self._paths)
        path = _file(facts)
        file, _, name = point.name.partition(" › ")
        place, title = (file, name) if name and "." not in name and _is_file(file) else (path, point.name)
        outcome = TestOutcome.SKIPPED if point.skipped else TestOutcome.PASSED if point.ok else TestOutcome.FAILED
        test = TestId(self._project.key, f"{place}::{title}" if place else title)
        return TestResult(test, outcome, path, 0, exception=facts, text=point.text)


def _home(project: Project, place: Place) -> str:
    root = place.root.rstrip("/")
    return root if project.cwd == "." else f"{root}/{project.cwd}"


def _file(facts: ExceptionFacts | None) -> str:
    frames = facts.frames if facts is not None else ()
    return next((frame.path for frame in frames if frame.inside), "")


def _is_file(name: str) -> bool:
    return bool(re.search(r"\.[cm]?[jt]s$", name))
