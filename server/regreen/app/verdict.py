"""What several runs come to together."""

from __future__ import annotations

from regreen.core.errors import RegreenError
from regreen.core.failure import Failure, FailureKind
from regreen.core.testing import Ended, TestId, TestRun
from regreen.core.workspace import Project, WorkspaceModel


def all_green(runs: tuple[TestRun, ...], failures: tuple[Failure, ...]) -> bool:
    """Tell whether every run that had something to run is green, and at least one had."""
    red = {failure.test.project for failure in failures}
    counted = [run for run in runs if run.results or run.collected or run.project in red]
    return bool(counted) and all(run.green_for() for run in counted)


def had_nothing_to_run(run: TestRun, failures: tuple[Failure, ...], model: WorkspaceModel) -> bool:
    """Tell whether a project has no tests at all, neither by its runner's word nor by the index."""
    if run.results or run.collected or run.ended is not Ended.EXITED:
        return False
    known = any(test.project == run.project for facts in model.files.values() for test in facts.tests)
    return not known and all(failure.kind is FailureKind.RUNNER_CONFIG for failure in failures)


def not_started(project: Project, problem: RegreenError) -> tuple[TestRun, Failure]:
    """Return the run of a project that could not be started, and what is to be said of it."""
    run = TestRun(project.key, (), (), 1, Ended.NOT_STARTED, 0.0, complete=False, output=str(problem))
    failure = Failure(
        FailureKind.ENVIRONMENT, TestId(project.key, ""), "", 0, problem.message, advice=problem.next_step
    )
    return run, failure
