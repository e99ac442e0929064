"""A repair as a page: for the client that shows it itself, else as a document, else in the log."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from regreen.core.errors import UsageError
from regreen.core.repair import RepairReport
from regreen.core.trace import RunId
from regreen.lsp import from_lsp, to_lsp
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.markdown import to_markdown, to_plain
from regreen.lsp.protocol import PlaceRef, ReportArgs, ReportResult
from regreen.lsp.timeline import report_story
from regreen.lsp.uris import to_uri
from regreen.pages import repair_page

OPEN_PLACE = "regreen.openPlace"  # a command of the client: it leads to one of the result's places


async def report(server: RegreenServer, args: ReportArgs) -> dict[str, Any]:
    """Return a repair and its story."""
    await server.settled()
    folder = from_lsp.folder_of(server.folders, args)
    return _result(folder, server.secrets.shown(_chosen(server, folder, args)))


async def show(server: RegreenServer, args: ReportArgs) -> dict[str, Any]:
    """Show a repair to the person."""
    await server.settled()
    folder = from_lsp.folder_of(server.folders, args)
    chosen = server.secrets.shown(_chosen(server, folder, args))
    result = _result(folder, chosen)
    if not server.client.shows_reports and not await _show_document(server, chosen, result["markdown"]):
        server.log(types.MessageType.Info, to_plain(report_story(chosen)))
        server.show(types.MessageType.Info, f"{chosen.reason} The attempts are in the server's log and in the hover.")
    return result


async def _show_document(server: RegreenServer, chosen: RepairReport, markdown: str) -> bool:
    if not server.client.shows_documents:
        return False
    page = server.scratch_file(f"{chosen.run_id}.md")
    await server.in_background(page.write_text, markdown + "\n", encoding="utf-8", errors="replace")
    params = types.ShowDocumentParams(uri=to_uri(str(page)), take_focus=True)
    try:
        answer = await server.protocol.send_request_async(types.WINDOW_SHOW_DOCUMENT, params)
    except JsonRpcException:
        return False
    return bool(answer.success)


def _chosen(server: RegreenServer, folder: Folder, args: ReportArgs) -> RepairReport:
    board = folder.session.board
    if args.run_id:
        named = board.report(RunId(args.run_id))
        found: tuple[RepairReport, ...] = () if named is None else (named,)
    elif args.test is not None:
        found = board.reports_for(from_lsp.test_id(args.test))
    else:
        path = from_lsp.file_of(server.folders, folder, args)
        test = from_lsp.test_at(folder, path, args) if path else None
        found = board.reports if test is None else board.reports_for(test)
    if not found:
        raise UsageError("No repair is known here.", next_step="Choose “Fix with agent” on a failing test first.")
    return found[-1]


def _result(folder: Folder, chosen: RepairReport) -> dict[str, Any]:
    places: list[PlaceRef] = []

    def link(path: str, line: int) -> str:
        places.append(PlaceRef(uri=folder.uri_of(path), line=max(0, line - 1)))
        return f"command:{OPEN_PLACE}?{quote(json.dumps([chosen.run_id, len(places) - 1]))}"

    return ReportResult(
        report=to_lsp.fix_result(chosen),
        markdown=to_markdown(report_story(chosen)),
        html=repair_page(chosen, folder.session.board.reports, link),
        places=tuple(places),
    ).on_wire()
