"""What a rule is asked about, and what it answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from regreen.core.failure import FailureKind
from regreen.core.ports import ReadText
from regreen.core.testing import ExceptionFacts, Frame, TestResult
from regreen.core.workspace import Project, WorkspaceModel

from .python_paths import is_installed


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
        facts: ExceptionFacts | None = self.facts
        while facts is not None:
            own = [frame for frame in facts.frames if frame.inside]
            if own:
                return own[-1]
            facts = facts.cause
        return None

    @property
    def place(self) -> tuple[str, int] | None:
        """Return the place that the exception itself names, when that is in the workspace."""
        path, line = self.facts.attribute("filename"), self.facts.attribute("lineno")
        if not path or not line.isdecimal() or is_installed(path):
            return None
        return path, int(line)

    def is_a(self, *names: str) -> bool:
        """Tell whether the exception is one of these classes."""
        return not set(names).isdisjoint(self.facts.lineage)

    def is_own(self) -> bool:
        """Tell whether the exception's class is defined in the workspace."""
        module, dot, _ = self.facts.type.rpartition(".")
        return bool(dot) and module.partition(".")[0] in self.modules_on_top

    @cached_property
    def modules(self) -> dict[str, str]:
        """Return the dotted names of the workspace's modules, with their files."""
        roots = sorted({"", *(_prefix(root) for root in (*self.project.source_roots, self.project.cwd, "src"))})
        found: dict[str, str] = {}
        for path in sorted(self.model.files):
            if not path.endswith(".py"):
                continue
            for root in roots:
                if path.startswith(root):
                    found.setdefault(_dotted(path.removeprefix(root)), path)
        found.pop("", None)
        return found

    @cached_property
    def modules_on_top(self) -> frozenset[str]:
        """Return the first parts of the modules' names."""
        return frozenset(name.partition(".")[0] for name in self.modules)


def _prefix(root: str) -> str:
    return "" if root in (".", "") else root.rstrip("/") + "/"


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("__init__").rstrip("/").replace("/", ".")
