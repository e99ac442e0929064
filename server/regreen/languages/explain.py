"""Everything that is known of failures in one language, behind one value: what `analysis` asks a language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from regreen.core.failure import FailureKind
from regreen.core.ports import ReadText
from regreen.core.testing import TestResult, TestRun
from regreen.core.workspace import Project, WorkspaceModel

from .case import Case, Verdict
from .paths import SavedPaths


def _as_it_is(result: TestResult, _model: WorkspaceModel, _read: ReadText) -> TestResult:
    return result


Place = tuple[str, int]  # path relative to the workspace and 1-based line; ("", 0) when nothing is to blame


def _nowhere(_result: TestResult, _model: WorkspaceModel, _read: ReadText) -> Place | None:
    return None


@dataclass(frozen=True, slots=True)
class SavedLog:
    """What a runner left: its output, and the reports that it wrote, by file name ("result.json")."""

    text: str
    runner: str  # as the person names it, e.g. "pytest", "go-test/go1.26"
    reports: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Explainer:
    """How the failures of one language are explained. All functions are pure."""

    judge: Callable[[Case], Verdict]  # one exception of one test
    message: Callable[[Case], str]  # the same in one line, for a person
    locate: Callable[[Case, Verdict], Place]  # where it is to be shown
    definition_line: Callable[[TestResult, ReadText], int]  # of a test that the index does not know
    hangs_at: Callable[[TestResult, WorkspaceModel, ReadText], Place | None]  # of a test that left no stack
    ends_process: Callable[[TestResult, WorkspaceModel, ReadText], bool]  # whether what it reaches can do that
    advice: Callable[[FailureKind, Mapping[str, str], Project], str]
    trouble: Callable[[TestRun], Verdict | None]  # a run without a failed test; None when nothing is wrong
    headline: Callable[[TestRun, Verdict], str]  # the same, in one line
    before_any_test: Callable[[TestRun, SavedPaths], TestResult | None]  # what stopped the run before its first test
    read_saved: Callable[[SavedLog, SavedPaths], tuple[TestRun, ...]]  # the runs of a log
    surroundings: Callable[[str], str]  # what two outputs have in common when they are of the same tree
    # Where a test that left no stack ended the process.
    ends_at: Callable[[TestResult, WorkspaceModel, ReadText], Place | None] = _nowhere
    # Names a test of a saved log by the sources, when the log itself does not.
    name_of: Callable[[TestResult, WorkspaceModel, ReadText], TestResult] = _as_it_is
