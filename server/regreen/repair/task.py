"""What a repair is given: the rooms that it goes through, and what is to be repaired."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum

from regreen.core.cancel import Cancellation
from regreen.core.events import Emit
from regreen.core.failure import Failure
from regreen.core.policy import Policy
from regreen.core.ports import Checkpoints, Gates, Mutation, Provider, ReadText, Reviewer, Runner, Trials, Workbench
from regreen.core.testing import TestId, TestRun
from regreen.core.trace import Clock, Trace
from regreen.core.workspace import Project, WorkspaceModel

Classify = Callable[[TestRun, Project, WorkspaceModel, ReadText], tuple[Failure, ...]]
OpenTrials = Callable[
    [Cancellation, Workbench, Project, tuple[TestId, ...], tuple[TestId, ...], Policy], AbstractContextManager[Trials]
]


Before = Callable[[Cancellation, str], tuple[str, ...]]


def without_history(cancel: Cancellation, path: str) -> tuple[str, ...]:
    """Return nothing: what a file was before is not known."""
    del cancel, path
    return ()


class Layer(StrEnum):
    """What stands between a proposal and green, one behind the other; each holds without the others."""

    GATE = "gate"  # may it be tried at all
    GUARDRAILS = "guardrails"  # may this patch be run
    PROOF = "proof"  # is it green


@dataclass(frozen=True, slots=True)
class Ports:
    """The rooms that the road goes through."""

    checkpoints: Checkpoints
    runner: Runner
    provider: Provider
    open_trials: OpenTrials
    classify: Classify
    clock: Clock
    emit: Emit
    gates: Gates
    before: Before = without_history  # a file's texts at the last commits, newest first
    mutation: Mutation | None = None  # asked of what is green whether the tests hold it; None: not wanted
    mutation_seconds: float = 20.0
    reviewer: Reviewer | None = None  # asked of what the tests have proved
    without: frozenset[Layer] = frozenset()  # taken away by tests only, to see that the other layers hold


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be repaired. `buffers` returns the unsaved texts (path -> text) as they are now."""

    trace: Trace
    wanted: tuple[TestId, ...]
    project: Project
    model: WorkspaceModel
    buffers: Callable[[], Mapping[str, str]]
    policy: Policy
    state: str = ""  # what models may be told of the running system
    memory: tuple[str, ...] = ()  # what earlier repairs of this failure tried without success
