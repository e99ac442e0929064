"""Commands and custom requests: a table from name to arguments and handler. Both lead to the same job and token."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from regreen.app import FixRequest, TestRequest
from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.errors import Refused, UsageError
from regreen.core.failure import Failure
from regreen.core.repair import Outcome, RepairReport
from regreen.core.testing import TestId, TestRun
from regreen.core.trace import RunId, Trace
from regreen.lsp import from_lsp, to_lsp
from regreen.lsp.delivery import deliver
from regreen.lsp.faults import fault_of
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.protocol import (
    COMMAND_CANCEL,
    COMMAND_FIX,
    COMMAND_MUTATE,
    COMMAND_PREPARE,
    COMMAND_RUN_TESTS,
    COMMAND_SHOW_REPORT,
    COMMAND_STRENGTHEN,
    COMMAND_UNDO,
    FIX,
    MUTATE,
    PREPARE,
    REPORT,
    RUN_TESTS,
    STRENGTHEN,
    CancelArgs,
    FixArgs,
    FolderArgs,
    PrepareArgs,
    ReportArgs,
    RunTestsArgs,
    UndoArgs,
)
from regreen.lsp.protocol_mutation import MutateArgs, StrengthenArgs
from regreen.lsp.tasks import outcome_of, start_job

from . import diagnostics, endings, explorer, mutating, preparing, reports, strengthening

_AT_ONCE_SECONDS = 0.05
A = TypeVar("A", bound=FolderArgs)


@dataclass(frozen=True, slots=True)
class Row(Generic[A]):
    """A command or request: what it takes, who does it."""

    args: type[A]
    handle: Callable[[RegreenServer, A], Awaitable[Any]]


async def run_tests(server: RegreenServer, args: RunTestsArgs) -> dict[str, Any]:
    """Run tests; results stream as diagnostics."""
    if args.nodes is not None:
        return await _run_nodes(server, args, args.nodes)
    folder = await _folder(server, args, executes=True)
    ran = await _run(server, folder, from_lsp.test_request(server.folders, folder, args), args)
    return to_lsp.run_result(*ran).on_wire()


async def _run_nodes(server: RegreenServer, args: RunTestsArgs, nodes: tuple[str, ...]) -> dict[str, Any]:
    """Run what some nodes of the test explorer mean, folder by folder."""
    await _settled(server, executes=True)
    runs: tuple[TestRun, ...] = ()
    failures: tuple[Failure, ...] = ()
    for folder in list(server.folders):
        request = explorer.requested(folder, nodes, args.without)
        if request is not None:
            ran = await _run(server, folder, partial(TestRequest, request.tests, request.paths), args)
            runs, failures = runs + ran[0], failures + ran[1]
    return to_lsp.run_result(runs, failures).on_wire()


async def _run(
    server: RegreenServer, folder: Folder, request: Callable[[], TestRequest], args: RunTestsArgs
) -> tuple[tuple[TestRun, ...], tuple[Failure, ...]]:
    """Run tests of a folder; return the runs, and the failures of the tests that ran."""

    def work(cancel: Cancellation, trace: Trace) -> tuple[TestRun, ...]:
        return folder.session.run_tests(cancel, trace, request())

    runs = await outcome_of(server, start_job(server, folder, "Running tests", work, args.work_done_token))
    await diagnostics.settle(server, folder)
    ran = {result.id for run in runs for result in run.results}
    projects = {run.project for run in runs}
    failures = tuple(
        failure
        for failure in folder.session.board.failures
        if failure.test.project in projects and (failure.test in ran or "::" not in failure.test.name)
    )
    return runs, failures


async def fix(server: RegreenServer, args: FixArgs) -> dict[str, Any]:
    """Repair, or deliver a repair that was kept."""
    folder = await _folder(server, args, executes=True) if not args.nodes else await _folder_of_nodes(server, args)
    request = from_lsp.fix_request(server.folders, folder, args)
    if args.nodes:
        # Nodes of another explorer mean nothing here: their place does.
        request = replace(request, tests=_tests_of_nodes(folder, args.nodes) or request.tests)
    is_kept = bool(args.apply_run) and not args.choice
    work = _applying(server, folder, args) if is_kept else _repairing(server, folder, request)
    title = "Applying the kept fix" if is_kept else "Fix with agent"
    job = start_job(server, folder, f"{title} (dry run)" if args.dry_run else title, work, args.work_done_token)
    folder.repairing = _targets(folder, request)
    report = await outcome_of(server, job)
    await diagnostics.settle(server, folder)
    return endings.tell_report(server, folder, report, dry_run=args.dry_run).on_wire()


async def prepare(server: RegreenServer, args: PrepareArgs) -> dict[str, Any]:
    """Make the environment of a project ready, in the person's own tree."""
    folder = await _folder(server, args, executes=not args.dry_run)
    result = await preparing.prepare(server, folder, args)
    return (result if args.dry_run else endings.tell(server, result)).on_wire()


async def mutate(server: RegreenServer, args: MutateArgs) -> dict[str, Any]:
    """Tell which small changes of the code its tests would not notice."""
    folder = await _folder(server, args, executes=True)
    return endings.tell(server, await mutating.mutate(server, folder, args)).on_wire()


async def strengthen(server: RegreenServer, args: StrengthenArgs) -> dict[str, Any]:
    """Write tests for small changes of the code that the tests would not notice."""
    folder = await _folder(server, args, executes=True)
    return endings.tell(server, await strengthening.strengthen(server, folder, args)).on_wire()


async def undo(server: RegreenServer, args: UndoArgs) -> dict[str, Any]:
    """Take a repair back."""
    folder = await _folder(server, args)
    run_id = RunId(args.run_id) if args.run_id else _last_applied(folder)

    def work(cancel: Cancellation, trace: Trace) -> RepairReport:
        return folder.session.undo(cancel, trace, run_id, partial(deliver, server, folder))

    report = await outcome_of(server, start_job(server, folder, "Undo", work, args.work_done_token))
    return endings.tell_report(server, folder, report, dry_run=False).on_wire()


async def cancel(server: RegreenServer, args: CancelArgs) -> dict[str, Any]:
    """Cancel the job of a folder, or of all."""
    found = server.folders.locate(args.uri)[0] if args.uri and args.position is None else None
    folders = [found] if found else list(server.folders)
    return {"cancelled": sum(server.jobs.cancel(folder.root) for folder in folders)}


async def execute_command(server: RegreenServer, params: types.ExecuteCommandParams) -> Any:
    """Run a command. It is answered at its end, unless the client would stand still until then."""
    row = COMMANDS.get(params.command)
    if row is None:
        raise JsonRpcInvalidParams(f"unknown command {params.command!r}")
    arguments = params.arguments or ()
    if 1 < len(arguments):
        raise JsonRpcInvalidParams(f"{params.command} takes one object, {len(arguments)} values came")
    args = row.args.model_validate(_without_nulls(arguments[0] if arguments else None))
    if params.work_done_token is not None:
        args = args.model_copy(update={"work_done_token": params.work_done_token})
    if server.client.waits_for_commands:
        return await row.handle(server, args)
    return await _started(server, row.handle(server, args))


async def answer_request(method: str, server: RegreenServer, params: Any) -> Any:
    """Answer a custom request at its end."""
    row = REQUESTS[method]
    return await row.handle(server, row.args.model_validate(_without_nulls(params)))


async def _started(server: RegreenServer, work: Awaitable[Any]) -> Any:
    """Return the result of what ends at once, else only that it has begun; errors are shown to the person."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=_AT_ONCE_SECONDS)
    if done:
        return task.result()

    async def follow() -> None:
        await asyncio.wait({task})
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, Cancelled):
            server.show(types.MessageType.Error, fault_of(error).message)

    server.spawn(follow())
    return {"started": True}


async def _folder_of_nodes(server: RegreenServer, args: FixArgs) -> Folder:
    await _settled(server, executes=True)
    meant = (folder for folder in server.folders if explorer.requested(folder, args.nodes, ()) is not None)
    return next(meant, None) or from_lsp.folder_of(server.folders, args)


def _tests_of_nodes(folder: Folder, nodes: tuple[str, ...]) -> tuple[TestId, ...]:
    """Return the tests that some nodes mean; of a group or a file the red ones."""
    request = explorer.requested(folder, nodes, ()) or TestRequest()
    board = folder.session.board
    inside = [failure.test for path in request.paths for failure in board.failures_in(path)]
    red = [failure.test for test in request.tests for failure in board.failures_of(test)]
    return tuple(dict.fromkeys([*red, *inside])) or request.tests


async def _folder(server: RegreenServer, args: FolderArgs, *, executes: bool = False) -> Folder:
    await _settled(server, executes=executes)
    return from_lsp.folder_of(server.folders, args)


async def _settled(server: RegreenServer, *, executes: bool) -> None:
    await server.settled()
    if executes and not server.trusted:
        raise Refused(
            "This workspace is not trusted, so nothing of it is executed.",
            next_step="Trust the workspace in the editor, then try again.",
            rule="workspace-trust",
        )


def _repairing(
    server: RegreenServer, folder: Folder, request: FixRequest
) -> Callable[[Cancellation, Trace], RepairReport]:
    def work(cancel: Cancellation, trace: Trace) -> RepairReport:
        return folder.session.fix(cancel, trace, request, partial(deliver, server, folder))

    return work


def _applying(server: RegreenServer, folder: Folder, args: FixArgs) -> Callable[[Cancellation, Trace], RepairReport]:
    def work(cancel: Cancellation, trace: Trace) -> RepairReport:
        return folder.session.apply_kept(cancel, trace, RunId(args.apply_run), partial(deliver, server, folder))

    return work


def _targets(folder: Folder, request: FixRequest) -> tuple[TestId, ...]:
    """Return the tests whose hover tells of the running repair."""
    board = folder.session.board
    failures = board.failures_in(request.path) if request.path else board.failures
    return request.tests or tuple(failure.test for failure in failures[:1])


def _last_applied(folder: Folder) -> RunId:
    applied = [report for report in folder.session.board.reports if report.outcome is Outcome.REPAIRED]
    if not applied:
        raise UsageError("There is no applied repair to undo.", next_step="regreen history lists the repairs.")
    return applied[-1].run_id


def _without_nulls(params: Any) -> Any:
    """Read null as "not said", as clients mean it."""
    if params is None:
        return {}
    return {key: value for key, value in params.items() if value is not None} if isinstance(params, dict) else params


COMMANDS: Mapping[str, Row[Any]] = {
    COMMAND_CANCEL: Row(CancelArgs, cancel),
    COMMAND_FIX: Row(FixArgs, fix),
    COMMAND_MUTATE: Row(MutateArgs, mutate),
    COMMAND_PREPARE: Row(PrepareArgs, prepare),
    COMMAND_RUN_TESTS: Row(RunTestsArgs, run_tests),
    COMMAND_SHOW_REPORT: Row(ReportArgs, reports.show),
    COMMAND_STRENGTHEN: Row(StrengthenArgs, strengthen),
    COMMAND_UNDO: Row(UndoArgs, undo),
}
REQUESTS: Mapping[str, Row[Any]] = {
    FIX: Row(FixArgs, fix),
    MUTATE: Row(MutateArgs, mutate),
    PREPARE: Row(PrepareArgs, prepare),
    REPORT: Row(ReportArgs, reports.report),
    RUN_TESTS: Row(RunTestsArgs, run_tests),
    STRENGTHEN: Row(StrengthenArgs, strengthen),
}
