"""`regreen/overview`, for clients that show it; and the progress of a long index, for all that show progress."""

from __future__ import annotations

from pathlib import PurePath

from regreen.app import figures, in_words, sample_of
from regreen.core.events import Event, Indexing, JobStarted
from regreen.core.repair import Outcome
from regreen.core.testing import TestOutcome
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.overview import FolderState, overview
from regreen.lsp.progress import WorkDone
from regreen.lsp.protocol import OVERVIEW

_GATHER_SECONDS = 0.2


def on_event(server: RegreenServer, folder: Folder, event: Event) -> None:
    """Note what the overview tells of a folder, and tell it soon."""
    if isinstance(event, Indexing):
        _indexing(server, folder, event)
    if isinstance(event, JobStarted):
        folder.problem = ""
    tell_soon(server)


def tell_soon(server: RegreenServer) -> None:
    """Tell the client how the server is, once for everything that happens now."""
    if server.client.takes_overview and not server.overview_due:
        server.overview_due = True
        server.later(_GATHER_SECONDS, _tell, server)


def _tell(server: RegreenServer) -> None:
    server.overview_due = False
    states = [_state(server, folder) for folder in server.folders]
    params = overview(states, trusted=server.trusted, ready=server.ready)
    if params != server.overview:
        server.overview = params
        server.protocol.notify(OVERVIEW, params.on_wire())


def _state(server: RegreenServer, folder: Folder) -> FolderState:
    job = server.jobs.running(folder.root)
    board, model = folder.session.board, folder.session.model
    red = {path for failure in board.failures for path in (failure.path, failure.test_path) if path}
    walls = board.protection
    return FolderState(
        uri=folder.uri,
        name=PurePath(folder.root).name,
        known=0 < model.generation,
        indexing=folder.indexing,
        n_files=len(model.files),
        job="" if job is None else job.title,
        step="" if job is None else folder.step,
        n_red=len(board.failures),
        n_passed=sum(result.outcome is TestOutcome.PASSED for result in board.results.values()),
        red_files=tuple(map(folder.uri_of, sorted(red))),
        protection=() if walls is None else (str(walls), *walls.reasons),
        problem=folder.problem,
        reports=bool(board.reports),
        undoable=any(report.outcome is Outcome.REPAIRED and report.patch is not None for report in board.reports),
        lacks_environment=any(not project.prepared and project.prepare for project in model.projects),
        figures=in_words(figures([sample_of(report) for report in board.reports])),
    )


def _indexing(server: RegreenServer, folder: Folder, event: Indexing) -> None:
    ended = event.done == event.total
    folder.indexing = None if ended else (event.done, event.total)
    display = folder.index_display
    if ended:
        folder.index_display = None
        if display is not None:
            display.end("Done")
        return
    if display is None:
        display = folder.index_display = WorkDone(server.protocol, server.tokens, "Indexing", None)
        if server.client.work_done_progress:
            server.spawn(display.begin_when_allowed())
    display.report(f"{event.done} of {event.total} files", 100 * event.done // max(1, event.total))
