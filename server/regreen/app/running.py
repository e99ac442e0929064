"""Running the tests of the person's own tree: results stream as events, and each failure is classified as it comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from regreen.analysis import classify
from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun, ToolMissing
from regreen.core.events import Emit, Notice, RunEnded, TestEnded, TestsStarted
from regreen.core.ports import ReadText
from regreen.core.testing import GOOD, Ended, Selection, TestResult, TestRun
from regreen.core.workspace import Project, WorkspaceModel

from .parts import Parts
from .verdict import had_nothing_to_run, not_started


@dataclass(frozen=True, slots=True)
class TestRuns:
    """Runs tests as any runner would, and tells of them."""

    __test__ = False  # not a class of tests

    parts: Parts
    emit: Emit
    read: ReadText
    model: Callable[[], WorkspaceModel]

    def run_all(self, cancel: Cancellation, chosen: tuple[tuple[Project, Selection], ...]) -> tuple[TestRun, ...]:
        """Run each project's selection.

        Raises:
            ToolMissing: the only project has no interpreter or runner; of several, the others run.
        """
        if len(chosen) == 1:
            return (self._run(cancel, *chosen[0]),)
        return tuple(self._run_one_of(cancel, project, selection) for project, selection in chosen)

    def _run_one_of(self, cancel: Cancellation, project: Project, selection: Selection) -> TestRun:
        """Run one project of several: what ails it does not keep the others from running."""
        try:
            return self._run(cancel, project, selection, among_others=True)
        except (ToolMissing, CannotRun) as problem:
            run, failure = not_started(project, problem)
            self.emit(RunEnded(run, (failure,), everything=True))
            return run

    def _run(
        self, cancel: Cancellation, project: Project, selection: Selection, *, among_others: bool = False
    ) -> TestRun:
        self.emit(TestsStarted(project.key))

        def on_result(result: TestResult) -> None:
            failure = None
            if result.outcome not in GOOD:
                alone = TestRun(project.key, (result,), (result.id,), 1, Ended.EXITED, result.seconds, True)
                failure = next(iter(classify(alone, project, self.model(), self.read)), None)
            self.emit(TestEnded(result, failure))

        run = self.parts.runner.run(cancel, project, selection, None, on_result)
        failures = classify(run, project, self.model(), self.read)
        if among_others and had_nothing_to_run(run, failures, self.model()):
            self.emit(Notice("info", f"{project.name} ({project.path}) has no tests."))
            failures = ()
        self.emit(RunEnded(run, failures, everything=not selection.names and not selection.paths))
        return run
