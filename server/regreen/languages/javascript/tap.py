"""Reads Ava's TAP from standard output while the run goes on."""

from __future__ import annotations

import re
from dataclasses import replace

from regreen.core.testing import Ended, ExceptionFacts, Place, RawRun, TestId, TestOutcome, TestResult, TestRun
from regreen.core.workspace import Project
from regreen.languages.paths import SavedPaths

from .tapdocs import TapLines, TapPoint, facts_of_point


class TapReader:
    """Reads one run of Ava. Only Ava writes to that stream: what tests print comes as comments."""

    def __init__(self, project: Project, place: Place) -> None:
        self._project = project
        self._home = _home(project, place)
        self._paths = SavedPaths((self._home, place.root.rstrip("/")))
        self._lines = TapLines()
        self._results: list[TestResult] = []
        self._prefix = "" if project.cwd == "." else f"{project.cwd}/"
        files = project.runners[0].files if project.runners else ()
        self._files = tuple(file.removeprefix(self._prefix) for file in files)
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
        named = [word for word in raw.spec.argv if word in {f"{self._home}/{file}" for file in self._files}]
        if len(named) == 1:  # With one file, Ava leaves its name out.
            only = named[0].removeprefix(f"{self._home}/")
            self._results = [self._placed(result, only) for result in self._results]
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
        file, title = self._file_and_title(point.name)
        path = self._prefix + file if file else _path_in(facts)
        outcome = TestOutcome.SKIPPED if point.skipped else TestOutcome.PASSED if point.ok else TestOutcome.FAILED
        phase = "setup" if re.search(r"(?:^| › )before(?:Each)? hook", title) else "call"
        place = path.removeprefix(self._prefix)
        test = TestId(self._project.key, f"{place}::{title}" if place else title)
        outcome = TestOutcome.ERROR if phase == "setup" and not point.ok else outcome
        return TestResult(test, outcome, path, 0, phase, exception=facts, text=point.text)

    def _placed(self, result: TestResult, file: str) -> TestResult:
        _, colons, title = result.id.name.partition("::")
        name = f"{file}::{title if colons else result.id.name}"
        return replace(result, id=TestId(self._project.key, name), path=self._prefix + file)

    def _file_and_title(self, name: str) -> tuple[str, str]:
        """Split what Ava prints, "helpers › adds": with several files, the file's own name stands first."""
        parts = name.split(" › ")
        for number in range(len(parts) - 1, 0, -1):
            fitting = [file for file in self._files if _segments(file)[-number:] == parts[:number]]
            if fitting:
                return fitting[0], " › ".join(parts[number:])
        return (self._files[0], name) if len(self._files) == 1 else ("", name)


def _segments(path: str) -> list[str]:
    """Return the parts of a file's path as Ava prints them: without its ending and the words for tests."""
    stem = re.sub(r"\.[cm]?[jt]s$", "", path)
    return [re.sub(r"^test-|[._-](?:test|spec)$", "", part) for part in stem.split("/")]


def _path_in(facts: ExceptionFacts | None) -> str:
    frames = facts.frames if facts is not None else ()
    return next((frame.path for frame in frames if frame.inside), "")


def _home(project: Project, place: Place) -> str:
    root = place.root.rstrip("/")
    return root if project.cwd == "." else f"{root}/{project.cwd}"
