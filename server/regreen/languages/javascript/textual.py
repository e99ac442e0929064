"""Reads runs of Bun and Deno: they take no reporters of others, so their JUnit report is read, and what they print.

The report has every test that ran; the error of a test, and what went wrong outside of all tests, is only printed.
"""

from __future__ import annotations

from dataclasses import replace

from regreen.core.testing import Ended, Place, RawRun, TestId, TestResult, TestRun
from regreen.core.workspace import Project
from regreen.languages.paths import SavedPaths

from .console import read_run
from .stack import ESCAPES


class TextReader:
    """Reads one run when it is over."""

    def __init__(self, project: Project, place: Place) -> None:
        self._project = project
        root = place.root.rstrip("/")
        self._paths = SavedPaths((root if project.cwd == "." else f"{root}/{project.cwd}", root))

    def feed(self, line: str) -> tuple[TestResult, ...]:
        """Read one line of the report: it is written when the run is over."""
        del line
        return ()

    def collected(self) -> tuple[TestId, ...]:
        """Return the ids collected so far: nothing is known before the end."""
        return ()

    def finish(self, raw: RawRun) -> TestRun:
        """Return the whole run."""
        output = ESCAPES.sub("", raw.stdout + raw.stderr)  # Deno colours whatever it is told.
        found = read_run(output, raw.report, self._project.runner, self._paths)
        results = tuple(self._named(result) for result in found.results)
        return TestRun(
            project=self._project.key,
            results=results,
            collected=tuple(result.id for result in results),
            exit_code=raw.exit_code,
            ended=raw.ended,
            seconds=raw.seconds,
            complete=found.complete and raw.ended is Ended.EXITED,
            output=output,
            command=raw.spec.argv,
        )

    def _named(self, result: TestResult) -> TestResult:
        """Name a test as all ids of the language do: by its file, then its titles."""
        name = result.id.name
        if result.path and "::" not in name and name != result.path:
            name = f"{result.path}::{name}"
        return replace(result, id=TestId(self._project.key, name))
