"""Red tests as diagnostics: streamed while a run goes on, gone when the test passes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from lsprotocol import types

from regreen.core.events import Event, MutationEnded, RepairEnded, RunEnded, TestEnded, TestsStarted
from regreen.core.failure import Failure
from regreen.core.mutation import Judged
from regreen.core.text import LineIndex
from regreen.lsp import to_lsp
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer

_GATHER_SECONDS = 0.03
_BATCH = 25
_MAX_IN_FILE = 500


def on_event(server: RegreenServer, folder: Folder, event: Event) -> None:
    """Publish soon what the end of a test or a repair has changed."""
    if isinstance(event, TestsStarted):
        folder.covered.clear()  # What other servers said was about the texts before.
    if isinstance(event, TestEnded | RunEnded | RepairEnded | MutationEnded):
        _publish_soon(server, folder)


def publish_anew(server: RegreenServer, folder: Folder) -> None:
    """Publish everything again: how it is shown has changed."""
    folder.shown = dict.fromkeys(folder.shown)
    _publish_soon(server, folder)


async def settle(server: RegreenServer, folder: Folder) -> None:
    """Publish now what is known, so that whoever waits for a result finds it shown when the answer comes."""
    folder.stale = True
    await _publish_waiting(server, folder)


def take_others(server: RegreenServer, folder: Folder, path: str, others: Sequence[types.Diagnostic]) -> None:
    """Take note of the errors of other servers, so that what keeps tests from being built is not shown twice."""
    errors = [one for one in others if one.severity in (None, types.DiagnosticSeverity.Error)]
    places = {to_lsp.place_of(failure) for failure in folder.session.board.failures if failure.of_build}
    found = {
        (file, line)
        for file, line in places - folder.covered
        if file == path and any(one.range.start.line < line <= one.range.end.line + 1 for one in errors)
    }
    if found:
        folder.covered |= found
        _publish_soon(server, folder)


def clear(server: RegreenServer, folder: Folder) -> None:
    """Take all diagnostics of a folder away."""
    for path in sorted(folder.shown):
        _send(server, folder, path, [])
    folder.shown.clear()


def _publish_soon(server: RegreenServer, folder: Folder) -> None:
    folder.stale = True
    if not folder.publishing:
        folder.publishing = True
        server.later(_GATHER_SECONDS, _begin, server, folder)


def _begin(server: RegreenServer, folder: Folder) -> None:
    if not folder.closed:  # else the loop may end before the coroutine begins
        server.spawn(_publish(server, folder))


async def _publish(server: RegreenServer, folder: Folder) -> None:
    folder.publishing = False
    await _publish_waiting(server, folder)


async def _publish_waiting(server: RegreenServer, folder: Folder) -> None:
    async with folder.publish_lock:  # One after the other: an older state never follows a newer one.
        while folder.stale and not folder.closed:
            folder.stale = False
            await _publish_changes(server, folder)


async def _publish_changes(server: RegreenServer, folder: Folder) -> None:
    settings = folder.session.settings
    visible = [failure for failure in folder.session.board.failures if _is_visible(folder, failure)]
    wanted = _by_path((*visible, *folder.session.board.survivors)) if settings.diagnostics else {}
    for path in sorted({*wanted, *folder.shown}):
        failures = wanted.get(path, ())
        if folder.shown.get(path, ()) == failures:
            continue
        diagnostics = await _diagnostics(server, folder, path, failures)
        if folder.closed:
            return
        _send(server, folder, path, diagnostics)
        if failures:
            folder.shown[path] = failures
        else:
            del folder.shown[path]


async def _diagnostics(
    server: RegreenServer, folder: Folder, path: str, failures: tuple[Failure | Judged, ...]
) -> list[types.Diagnostic]:
    if not failures:
        return []
    document = server.documents.at(folder.absolute(path))
    if document is not None:
        index = document.index
    else:
        text = await server.in_background(folder.session.text, path)
        index = LineIndex(text or "")
    found = []
    for n, failure in enumerate(failures[:_MAX_IN_FILE]):
        if n and n % _BATCH == 0:
            await asyncio.sleep(0)
        found += _diagnostic(server, folder, index, failure)
    return found


def _is_visible(folder: Folder, failure: Failure) -> bool:
    choice = folder.session.settings.diagnostics_of_build
    if not failure.of_build or choice == "always":
        return True
    return choice == "auto" and to_lsp.place_of(failure) not in folder.covered


def _diagnostic(
    server: RegreenServer, folder: Folder, index: LineIndex, failure: Failure | Judged
) -> list[types.Diagnostic]:
    """Return what is shown of a failure, or of a survivor as long as its line is there."""
    if isinstance(failure, Judged):
        line = to_lsp.line_of(failure, index)
        text = index.line(line - 1) if line else ""
        return [to_lsp.hint(folder, failure, line, text, server.documents.encoding)] if line else []
    line = min(to_lsp.place_of(failure)[1], index.n_lines)
    settings = folder.session.settings
    text = index.line(line - 1)
    return [to_lsp.diagnostic(folder, failure, line, text, settings, server.documents.encoding)]


def _by_path(failures: tuple[Failure | Judged, ...]) -> dict[str, tuple[Failure | Judged, ...]]:
    found: dict[str, list[Failure | Judged]] = {}
    for failure in failures:
        path = failure.mutant.path if isinstance(failure, Judged) else to_lsp.place_of(failure)[0]
        if path:
            found.setdefault(path, []).append(failure)
    return {path: tuple(some) for path, some in found.items()}


def _send(server: RegreenServer, folder: Folder, path: str, diagnostics: list[types.Diagnostic]) -> None:
    document = server.documents.at(folder.absolute(path))
    uri = folder.uri_of(path) if document is None else document.uri
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri, diagnostics=diagnostics))
