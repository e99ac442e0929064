"""Over a test, or a line that is to blame: what is red, what was tried, how it ended."""

from __future__ import annotations

import json
from urllib.parse import quote

from lsprotocol import types

from regreen.core.failure import Failure
from regreen.core.repair import Attempt, RepairReport
from regreen.core.testing import TestId
from regreen.lsp import to_lsp
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.markdown import Block, Links, to_markdown, to_plain
from regreen.lsp.protocol import COMMAND_FIX
from regreen.lsp.timeline import test_story
from regreen.lsp.uris import to_path

from . import endings

_MAX_TESTS = 3


def hover(server: RegreenServer, params: types.HoverParams) -> types.Hover | None:
    """Tell the story of the test at a position."""
    found = server.folders.find(to_path(params.text_document.uri))
    if found is None:
        return None
    folder, path = found
    blocks: list[Block] = []
    for test in tests_at(folder, path, params.position.line + 1)[:_MAX_TESTS]:
        board = folder.session.board
        failures, reports = board.failures_of(test), board.reports_for(test)
        seen = server.secrets.shown((failures, reports, _running(server, folder, test)))
        story = server.secrets.cleaned(test_story(test, *seen))
        choices = _links(folder, params, failures, reports) if story and server.client.command_links else ()
        blocks += [*story[:1], *choices, *story[1:]]
    if not blocks:
        return None
    markdown = server.client.markdown_hover
    kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
    text = to_markdown(tuple(blocks)) if markdown else to_plain(tuple(blocks))
    return types.Hover(contents=types.MarkupContent(kind=kind, value=text))


def _links(
    folder: Folder, params: types.HoverParams, failures: tuple[Failure, ...], reports: tuple[RepairReport, ...]
) -> tuple[Block, ...]:
    """Return what may be done about a test; arguments hold places and names of ours only, no word of the code."""
    items = []
    if any(failure.kind.editable for failure in failures):
        position = {"line": params.position.line, "character": params.position.character}
        where = {"uri": params.text_document.uri, "position": position}
        items.append(("Fix with agent", command_link(COMMAND_FIX, where)))
    for action in endings.next_actions(folder, reports[-1]) if reports else ():
        items.append((action.title, command_link(action.command, *action.arguments)))
    places = dict.fromkeys(to_lsp.place_of(failure) for failure in failures)
    items += [(f"{path}:{line}", f"{folder.uri_of(path)}#L{line}") for path, line in places if path]
    return (Links(tuple(items)),) if items else ()


def command_link(command: str, *arguments: object) -> str:
    """Return the address that runs a command."""
    return f"command:{command}?{quote(json.dumps(arguments), safe='')}"


def tests_at(folder: Folder, path: str, line: int) -> tuple[TestId, ...]:
    """Return the test that is defined on a 1-based line, else the red tests that blame it."""
    case = next((case for case in folder.session.model.tests_in(path) if case.line == line), None)
    if case is not None:
        return (TestId(case.project, case.name),)
    return tuple(dict.fromkeys(failure.test for failure in folder.session.board.failures_at(path, line)))


def _running(server: RegreenServer, folder: Folder, test: TestId) -> tuple[Attempt, ...] | None:
    job = server.jobs.running(folder.root)
    if job is None or not any(test.covers(wanted) or wanted.covers(test) for wanted in folder.repairing):
        return None
    return folder.session.board.attempts.get(job.trace.run_id, ())
