"""What a rule is asked about, and what it answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from regreen.core.failure import FailureKind
from regreen.core.ports import ReadText
from regreen.core.testing import ExceptionFacts, Frame, TestResult, case_of
from regreen.core.workspace import Project, WorkspaceModel

from .paths import is_installed


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kind of a failure and its slots."""

    kind: FailureKind
    slots: Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """One exception of one failed test, in its workspace."""

    result: TestResult
    facts: ExceptionFacts
    project: Project
    model: WorkspaceModel
    read: ReadText

    @property
    def message(self) -> str:
        """Return the exception's message."""
        return self.facts.message

    @property
    def deepest(self) -> str:
        """Return the file of the deepest frame, with slashes; where an exception was really raised."""
        return self.facts.frames[-1].path.replace(os.sep, "/") if self.facts.frames else ""

    @cached_property
    def frame(self) -> Frame | None:
        """Return the deepest frame in the workspace's own code, of the exception or of what caused it."""
        return deepest_inside(self.facts)

    @property
    def place(self) -> tuple[str, int] | None:
        """Return the place that the exception itself names, when that is in the workspace."""
        path, line = self.facts.attribute("filename"), self.facts.attribute("lineno")
        if not path or not line.isdecimal() or is_installed(path):
            return None
        return path, int(line)

    @property
    def definition_line(self) -> int:
        """Return the 1-based line that defines the test as the index knows it, or 0."""
        found = case_of(self.result.id, self.model.tests_in(self.result.path))
        return found.line if found is not None else 0

    def is_a(self, *names: str) -> bool:
        """Tell whether the exception is one of these classes."""
        return not set(names).isdisjoint(self.facts.lineage)


def deepest_inside(facts: ExceptionFacts | None) -> Frame | None:
    """Return the deepest frame in the workspace's own code, of the exception or else of its causes."""
    while facts is not None:
        own = [frame for frame in facts.frames if frame.inside]
        if own:
            return own[-1]
        facts = facts.cause
    return None
