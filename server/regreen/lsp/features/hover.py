"""Over a test, or a line that is to blame: what is red, what was tried, how it ended."""

from __future__ import annotations

from lsprotocol import types

from regreen.core.repair import Attempt
from regreen.core.testing import TestId
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.markdown import Block, to_markdown, to_plain
from regreen.lsp.timeline import test_story
from regreen.lsp.uris import to_path

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
        blocks += test_story(test, board.failures_of(test), board.reports_for(test), _running(server, folder, test))
    if not blocks:
        return None
    markdown = server.client.markdown_hover
    kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
    text = to_markdown(tuple(blocks)) if markdown else to_plain(tuple(blocks))
    return types.Hover(contents=types.MarkupContent(kind=kind, value=text))


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
