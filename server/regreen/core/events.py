"""The closed union of things that happen in a job. One `emit` callable carries them; docs/events.md lists them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .confine import Protection
from .failure import Failure
from .mutation import Strength
from .repair import Attempt, RepairReport
from .testing import TestId, TestResult, TestRun
from .trace import RunId, Trace


@dataclass(frozen=True, slots=True)
class JobStarted:
    """A job began."""

    trace: Trace
    title: str


@dataclass(frozen=True, slots=True)
class JobEnded:
    """A job ended, however. `error` is a sentence for a person, "" when it went well."""

    trace: Trace
    title: str
    error: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A job says what it is doing."""

    message: str
    percentage: int | None = None


@dataclass(frozen=True, slots=True)
class TestsStarted:
    """A run of tests in the user's tree began; these ids were collected (empty before collection)."""

    project: str
    collected: tuple[TestId, ...] = ()


@dataclass(frozen=True, slots=True)
class TestEnded:
    """One test of a run in the user's tree ended. `failure` is None when it is good."""

    result: TestResult
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run of tests in the user's tree ended, with everything that is classified as failing now."""

    run: TestRun
    failures: tuple[Failure, ...]
    everything: bool  # the whole project was run: what is not in it is gone


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """An attempt of a repair ended."""

    run_id: RunId
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class RepairEnded:
    """A repair ended."""

    report: RepairReport


@dataclass(frozen=True, slots=True)
class MutationEnded:
    """Code was mutated because somebody asked for it; a repair's own report tells what came of its mutants."""

    strength: Strength


@dataclass(frozen=True, slots=True)
class ModelChanged:
    """The oracle has a new model."""

    generation: int
    n_files: int


@dataclass(frozen=True, slots=True)
class Indexing:
    """The oracle is reading many files, and has read so many of them; `done` is `total` when it has all."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know that is not tied to a test. `level`: info, warning, error."""

    level: str
    message: str


@dataclass(frozen=True, slots=True)
class ToolSaid:
    """A tool that prepares an environment wrote a line."""

    line: str


@dataclass(frozen=True, slots=True)
class Protected:
    """It was found out how attempts are kept apart from the person's files."""

    protection: Protection


Event = (
    JobStarted
    | JobEnded
    | Step
    | TestsStarted
    | TestEnded
    | RunEnded
    | AttemptEnded
    | RepairEnded
    | MutationEnded
    | ModelChanged
    | Indexing
    | Notice
    | Protected
    | ToolSaid
)
Emit = Callable[[Event], None]
