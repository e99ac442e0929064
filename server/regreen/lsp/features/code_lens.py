"""“Run test” above each test, and “Fix with agent” above the red ones."""

from __future__ import annotations

from lsprotocol import types

from regreen.core.events import Event, ModelChanged, RepairEnded, RunEnded
from regreen.core.testing import TestId, case_of
from regreen.lsp import to_lsp
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.protocol import COMMAND_FIX, COMMAND_RUN_TESTS, FixArgs, RunTestsArgs
from regreen.lsp.uris import to_path

_REFRESH_SECONDS = 0.3


async def code_lens(server: RegreenServer, params: types.CodeLensParams) -> list[types.CodeLens]:
    """Return the lenses of a file."""
    await server.settled()
    found = server.folders.find(to_path(params.text_document.uri))
    if found is None or not found[0].session.settings.code_lens:
        return []
    folder, path = found
    board = folder.session.board
    cases = folder.session.model.tests_in(path)
    red = {case_of(failure.test, cases) for failure in board.failures}
    lenses = []
    for case in cases:
        test = TestId(case.project, case.name)
        lenses.append(_lens(case.line, _run(folder, test)))
        if case in red:
            lenses.append(_lens(case.line, _fix(folder, test)))
    return lenses


def on_event(server: RegreenServer, folder: Folder, event: Event) -> None:
    """Have the lenses come again when tests moved or changed colour."""
    if isinstance(event, RunEnded | RepairEnded | ModelChanged) and not folder.lens_due:
        folder.lens_due = True
        server.later(_REFRESH_SECONDS, _refresh_due, server, folder)


def refresh(server: RegreenServer) -> None:
    """Have the lenses come again."""
    if server.client.lens_refresh:
        server.workspace_code_lens_refresh(None)


def _refresh_due(server: RegreenServer, folder: Folder) -> None:
    folder.lens_due = False
    if not folder.closed:
        refresh(server)


def _lens(line: int, command: types.Command) -> types.CodeLens:
    start = types.Position(line - 1, 0)
    return types.CodeLens(range=types.Range(start=start, end=start), command=command)


def _run(folder: Folder, test: TestId) -> types.Command:
    args = RunTestsArgs(uri=folder.uri, tests=(to_lsp.test_ref(test),))
    return types.Command(title="Run test", command=COMMAND_RUN_TESTS, arguments=[args.as_argument()])


def _fix(folder: Folder, test: TestId) -> types.Command:
    generation = folder.session.generation
    args = FixArgs(uri=folder.uri, tests=(to_lsp.test_ref(test),), generation=generation)
    return types.Command(title="Fix with agent", command=COMMAND_FIX, arguments=[args.as_argument()])
