"""The server with the capabilities of real editors, as pytest-lsp knows them."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
RED = """
-- calc.py --
def add(a, b):
    return a - b
-- test_calc.py --
from calc import add


def test_add():
    assert add(1, 2) == 3


def test_add_zero():
    assert add(0, 0) == 0
"""


def make_client() -> LanguageClient:
    """Return a client that answers what these editors answer."""
    client = make_test_lsp_client()
    for method in (types.CLIENT_REGISTER_CAPABILITY, types.WORKSPACE_CODE_LENS_REFRESH):
        client.feature(method)(lambda *_: None)
    return client


@pytest_lsp.fixture(  # type: ignore[untyped-decorator]
    params=["visual-studio-code", "neovim", "emacs"],
    config=ClientServerConfig(
        server_command=[sys.executable, "-m", "regreen", "serve"],
        server_env=dict(os.environ),
        client_factory=make_client,
    ),
)
async def client(request: pytest.FixtureRequest, lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    """Shake hands as one of the editors, on a red workspace."""
    root = lay(tmp_path, RED).as_uri()
    parameters = types.InitializeParams(
        capabilities=client_capabilities(request.param),
        root_uri=root,
        workspace_folders=[types.WorkspaceFolder(uri=root, name="red")],
    )
    await lsp_client.initialize_session(parameters)
    yield
    await lsp_client.shutdown_session()


@pytest.mark.asyncio
async def test_a_red_test_is_shown_and_a_fix_is_offered(client: LanguageClient, tmp_path: Path) -> None:
    path = tmp_path / "test_calc.py"
    document = types.TextDocumentItem(path.as_uri(), "python", 1, path.read_text())
    client.text_document_did_open(types.DidOpenTextDocumentParams(document))
    await client.workspace_execute_command_async(types.ExecuteCommandParams("regreen.runTests", [{}]))
    (diagnostic,) = client.diagnostics[path.as_uri()]
    assert (diagnostic.source, diagnostic.code) == ("regreen", "RG301")
    assert diagnostic.range.start.line == 4
    asked = types.CodeActionParams(
        types.TextDocumentIdentifier(path.as_uri()), diagnostic.range, types.CodeActionContext([diagnostic])
    )
    actions = await client.text_document_code_action_async(asked) or []
    assert "Fix with agent" in [action.title for action in actions]
    place = types.HoverParams(types.TextDocumentIdentifier(path.as_uri()), types.Position(3, 5))
    hover = await client.text_document_hover_async(place)
    assert hover is not None
    assert "RG301" in str(hover.contents)
