"""Saving a file runs the tests that it affects. Files that are saved while a job runs have their turn after it."""

from __future__ import annotations

from lsprotocol import types

from regreen.app import TestRequest
from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.errors import NoTests, RegreenError
from regreen.core.events import Event, JobEnded
from regreen.core.testing import TestRun
from regreen.core.trace import Trace
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.tasks import outcome_of, start_job
from regreen.lsp.uris import to_path

from . import overview

_SETTLE_SECONDS = 0.1  # "save all" is one run


async def did_save(server: RegreenServer, params: types.DidSaveTextDocumentParams) -> None:
    """Note the file, and run its tests soon."""
    await server.settled()
    found = server.folders.find(to_path(params.text_document.uri))
    if found is None or not server.trusted:
        return
    folder, path = found
    folder.session.file_saved(path)
    if not folder.session.settings.run_on_save or path not in folder.session.model.files:
        return
    folder.saved.add(path)
    server.later(_SETTLE_SECONDS, _run, server, folder)


def on_event(server: RegreenServer, folder: Folder, event: Event) -> None:
    """Give files that were saved during a job their turn."""
    if isinstance(event, JobEnded) and folder.saved:
        server.later(0, _run, server, folder)


def _run(server: RegreenServer, folder: Folder) -> None:
    if folder.saved and not folder.closed and server.jobs.running(folder.root) is None:
        server.spawn(_run_saved(server, folder))


async def _run_saved(server: RegreenServer, folder: Folder) -> None:
    if not folder.saved or server.jobs.running(folder.root) is not None:
        return
    paths = tuple(sorted(folder.saved))
    folder.saved.clear()

    def work(cancel: Cancellation, trace: Trace) -> tuple[TestRun, ...]:
        requests = [folder.session.affected_by(path) for path in paths]
        affected = sorted({path for request in requests for path in request.paths})
        return folder.session.run_tests(cancel, trace, TestRequest(paths=tuple(affected)))

    job = start_job(server, folder, "Running tests", work, gives_way=True)
    try:
        await outcome_of(server, job)
    except Cancelled:
        if job.gave_way:
            folder.saved.update(paths)
    except NoTests as nothing:
        server.log(types.MessageType.Info, str(nothing))
    except RegreenError as problem:
        server.trouble(folder, types.MessageType.Warning, str(problem))
        overview.tell_soon(server)
