"""JavaScript and TypeScript behind `core.ports.Language`: every question goes to the module that answers it."""

from __future__ import annotations

from dataclasses import dataclass

from regreen.core.ports import ReportReader, Tree
from regreen.core.testing import CommandSpec, Place, Selection
from regreen.core.text import SourceText
from regreen.core.workspace import FileFacts, Project
from regreen.syntax import Parsed

from . import detect, outline, run


@dataclass(frozen=True, slots=True)
class JavaScript:
    """One of the two languages, which share their projects, runners and files."""

    name: str = "javascript"
    suffixes: tuple[str, ...] = (".js", ".mjs", ".cjs", ".jsx")

    def detect(self, tree: Tree) -> tuple[Project, ...]:
        """Find the projects of this language, each fact with its evidence."""
        return detect.detect(tree, self.name)

    def outline(self, path: str, source: SourceText) -> FileFacts:
        """Index one file."""
        return outline.outline_file(path, source, self.name)

    def outline_parsed(self, path: str, parsed: Parsed) -> FileFacts:
        """Index one file from a tree that somebody keeps."""
        return outline.outline_parsed(path, parsed, self.name)

    def command(self, project: Project, selection: Selection, place: Place, timeout: float) -> CommandSpec:
        """Say how to run tests through the project's runner with a reporter of ours.

        Raises:
            ToolMissing: the runner is not installed, or Regreen cannot run it.
        """
        return run.command(project, selection, place, timeout)

    def reader(self, project: Project, place: Place) -> ReportReader:
        """Return a fresh reader for one run."""
        return run.reader(project, place)

    def trials(self, project: Project, place: Place) -> CommandSpec | None:
        """Return None: there is no warm worker, each candidate costs a run of its tests."""
        del project, place
        return None


TYPESCRIPT = JavaScript("typescript", (".ts", ".mts", ".cts", ".tsx"))
