"""`regreen/status`, for clients that said that they want it."""

from __future__ import annotations

from regreen.core.confine import Protection
from regreen.core.events import Event, ModelChanged, TestEnded
from regreen.core.testing import TestOutcome
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.protocol import STATUS, ProtectionInfo, StatusParams


def on_event(server: RegreenServer, folder: Folder, event: Event) -> None:
    """Tell the client how the folder is."""
    if not server.client.takes_status or isinstance(event, TestEnded | ModelChanged):
        return
    status = status_of(server, folder)
    if status != folder.status:
        folder.status = status
        server.protocol.notify(STATUS, status.on_wire())


def status_of(server: RegreenServer, folder: Folder) -> StatusParams:
    """Return how a folder is."""
    job = server.jobs.running(folder.root)
    board = folder.session.board
    return StatusParams(
        uri=folder.uri,
        state="idle" if job is None else "running",
        title="" if job is None else job.title,
        message=folder.step if job is not None else "",
        failures=len(board.failures),
        passed=sum(result.outcome is TestOutcome.PASSED for result in board.results.values()),
        generation=folder.session.generation,
        protection=None if board.protection is None else _shown(board.protection),
    )


def _shown(protection: Protection) -> ProtectionInfo:
    return ProtectionInfo(
        level=protection.level,
        workbench=protection.workbench,
        sandbox=protection.sandbox,
        network=protection.network.value,
        reasons=protection.reasons,
        text=str(protection),
    )
