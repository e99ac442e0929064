"""Python behind `core.ports.Language`: every question goes to the module that answers it."""

from __future__ import annotations

from dataclasses import dataclass

from regreen.core.ports import ReportReader, Tree
from regreen.core.testing import CommandSpec, Place, Selection
from regreen.core.text import SourceText
from regreen.core.workspace import FileFacts, Project
from regreen.syntax import Parsed

from . import detect, outline, run


@dataclass(frozen=True, slots=True)
class Python:
    """The Python language, tested by pytest, unittest or Django's runner."""

    name: str = "python"
    suffixes: tuple[str, ...] = (".py", ".pyi")

    def detect(self, tree: Tree) -> tuple[Project, ...]:
        """Find the Python projects, each fact with its evidence."""
        return detect.detect(tree)

    def outline(self, path: str, source: SourceText) -> FileFacts:
        """Index one file."""
        return outline.outline_file(path, source)

    def outline_parsed(self, path: str, parsed: Parsed) -> FileFacts:
        """Index one file from a tree that somebody keeps."""
        return outline.outline_parsed(path, parsed)

    def command(self, project: Project, selection: Selection, place: Place, timeout: float) -> CommandSpec:
        """Say how to run tests through our pytest plugin.

        Raises:
            ToolMissing: the project has no interpreter.
        """
        return run.command(project, selection, place, timeout)

    def reader(self, project: Project, place: Place) -> ReportReader:
        """Return a fresh reader for one run."""
        return run.reader(project, place)

    def trials(self, project: Project, place: Place) -> CommandSpec | None:
        """Say how to start the warm worker that tries candidates out; None where pytest does not run the tests."""
        return run.trials_command(project, place)
