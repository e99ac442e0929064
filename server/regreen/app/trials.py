"""Opens trials: with the warm worker of a language that has one, else by running its tests."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from regreen.core.cancel import Cancellation
from regreen.core.policy import Policy
from regreen.core.ports import Trials, Workbench
from regreen.core.testing import CommandSpec, TestId
from regreen.core.workspace import Project
from regreen.languages import batching_for

from .batch_trials import BatchTrials
from .run_trials import RunTrials
from .runner import ToolRunner, confined

OpenWorker = Callable[
    [Cancellation, CommandSpec, Workbench, tuple[TestId, ...], tuple[TestId, ...], Policy],
    AbstractContextManager[Trials],
]


@dataclass(frozen=True, slots=True)
class TrialOpener:
    """Opens trials of a project's tests in a workbench."""

    runner: ToolRunner
    open_worker: OpenWorker

    @contextlib.contextmanager
    def __call__(
        self,
        cancel: Cancellation,
        bench: Workbench,
        project: Project,
        wanted: tuple[TestId, ...],
        keep: tuple[TestId, ...],
        policy: Policy,
    ) -> Iterator[Trials]:
        """Open trials bound to a workbench and its tests."""
        with self.runner.place(bench.enclosure) as place:
            spec = self.runner.languages(project.language).trials(project, place)
            if spec is None:
                batching = batching_for(project.language)
                kind = RunTrials if batching is None else partial(BatchTrials, batching=batching)
                yield kind(self.runner, bench, project, wanted, keep, policy)
                return
            with self.open_worker(
                cancel, confined(spec, bench.enclosure, place), bench, wanted, keep, policy
            ) as trials:
                yield trials
