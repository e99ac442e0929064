"""Preparing an environment: asked for by name, run as a job, its output written into the client's log."""

from __future__ import annotations

import shlex

from lsprotocol import types

from regreen.app import planned_steps
from regreen.core.cancel import Cancellation
from regreen.core.events import Event, ToolSaid
from regreen.core.failure import Failure, FailureKind
from regreen.core.preparation import Preparation, PrepareStep, in_words
from regreen.core.trace import Trace
from regreen.core.workspace import Project
from regreen.lsp import from_lsp
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.protocol import (
    COMMAND_PREPARE,
    COMMAND_RUN_TESTS,
    Action,
    PrepareArgs,
    PrepareResult,
    ProjectPreparation,
    StepResult,
)
from regreen.lsp.tasks import outcome_of, start_job

_CURED = (FailureKind.ENVIRONMENT, FailureKind.DEPENDENCY_MISSING)
_MAX_TITLE = 200


def on_event(server: RegreenServer, folder: Folder, event: Event) -> None:
    """Write what a tool says into the log, and into the progress display."""
    if isinstance(event, ToolSaid) and event.line:
        server.log(types.MessageType.Log, event.line)
        if folder.display is not None:
            folder.display.report(event.line[:_MAX_TITLE])


async def prepare(server: RegreenServer, folder: Folder, args: PrepareArgs) -> PrepareResult:
    """Prepare a project, or say how it would be."""
    key = args.project or _project_of(server, folder, args)
    if args.dry_run:
        return _result(folder, planned_steps(folder.session.model, key), ran=False)

    def work(cancel: Cancellation, trace: Trace) -> tuple[Preparation, ...]:
        return folder.session.prepare(cancel, trace, key)

    found = await outcome_of(server, start_job(server, folder, "Preparing the environment", work, args.work_done_token))
    return _result(folder, found, ran=True)


def offered(folder: Folder, failures: tuple[Failure, ...], path: str) -> types.Command | None:
    """Return the command that cures what an environment lacks; on a manifest, when the environment is not there."""
    args = cure(folder, failures, path)
    project = None if args is None else folder.session.model.project(args.project)
    if args is None or project is None:
        return None
    title = f"Prepare the environment: {in_words(project)}"
    return types.Command(title=title, command=COMMAND_PREPARE, arguments=[args.as_argument()])


def cure(folder: Folder, failures: tuple[Failure, ...], path: str) -> PrepareArgs | None:
    """Return what prepares the environment that a failure, or the manifest at a path, lacks."""
    keys = dict.fromkeys(failure.test.project for failure in failures if failure.kind in _CURED)
    model = folder.session.model
    named = (model.project(key) for key in keys)
    unprepared = (project for project in model.projects if not project.prepared and path in _manifests(project))
    project = next((found for found in (*named, *unprepared) if found is not None and found.prepare), None)
    return None if project is None else PrepareArgs(uri=folder.uri, project=project.key)


def _manifests(project: Project) -> frozenset[str]:
    facts = ("package_manager", "dependencies", "name")
    return frozenset(each.file for each in project.evidence if each.fact in facts)


def _project_of(server: RegreenServer, folder: Folder, args: PrepareArgs) -> str:
    path = from_lsp.file_of(server.folders, folder, args)
    project = folder.session.model.project_of(path) if path else None
    return "" if project is None else project.key


def _result(folder: Folder, found: tuple[Preparation, ...], *, ran: bool) -> PrepareResult:
    failed = next((step for each in found for step in each.steps if ran and not step.ok), None)
    if not found:
        outcome, message = "nothing-to-do", "Nothing needs to be prepared here."
    elif not ran:
        outcome, message = "dry-run", "Nothing was run; the steps are what would be."
    elif failed is None:
        outcome, message = "prepared", "The environment is ready. Run the tests again."
    else:
        outcome, message = "failed", _failed(failed)
    run = Action(title="Run Tests", command=COMMAND_RUN_TESTS, arguments=({"uri": folder.uri},))
    return PrepareResult(
        outcome=outcome,
        message=message,
        level="warning" if outcome == "failed" else "info",
        actions=(run,) if outcome == "prepared" else (),
        projects=tuple(_project(each) for each in found),
    )


def _failed(step: PrepareStep) -> str:
    last = next((line for line in reversed(step.tail.splitlines()) if line.strip()), "It said nothing.")
    return f"“{shlex.join(step.argv)}” failed: {last.strip()[:300]} The log has all that it said."


def _project(found: Preparation) -> ProjectPreparation:
    return ProjectPreparation(project=found.project, steps=tuple(_step(step) for step in found.steps))


def _step(step: PrepareStep) -> StepResult:
    return StepResult(
        argv=step.argv,
        cwd=step.cwd,
        ended=None if step.ended is None else step.ended.value,
        exit_code=None if step.ended is None else step.exit_code,
        seconds=round(step.seconds, 3),
        tail=step.tail,
    )
