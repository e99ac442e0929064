"""An API key is asked of the client when it is used, and stays nowhere else."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from lsprotocol import types

from regreen.app import AskSecret
from regreen.core.cancel import Cancellation, Cancelled
from regreen.lsp.client import Client
from regreen.lsp.framing import Frame
from regreen.lsp.host import RegreenServer
from regreen.lsp.secrets import ask_secret
from regreen.lsp.server import create_server
from tests.support.engine import FakeEngine

KEY = "sk-not-to-be-seen"


async def asked(answer: dict[str, Any] | None, cancel: Cancellation, **own: bool) -> tuple[str | None, list[Any]]:
    """Ask a client that answers so; return the key and what was sent."""
    server = create_server(FakeEngine)
    capabilities = types.ClientCapabilities(experimental={"regreen": own})
    server.client = Client(types.InitializeParams(capabilities=capabilities))
    sent: list[Any] = []

    def send(frame: bytes) -> None:
        message = json.loads(frame.partition(b"\r\n\r\n")[2])
        sent.append(message)
        if answer is not None:
            reply = {"jsonrpc": "2.0", "id": message["id"], **answer}
            asyncio.get_running_loop().call_soon(server.protocol.receive, Frame(json.dumps(reply).encode()))

    server.attach(asyncio.get_running_loop(), send)
    ask: AskSecret = _asker(server)
    return await asyncio.to_thread(ask, cancel, "openai"), sent


def _asker(server: RegreenServer) -> AskSecret:
    return lambda cancel, provider: ask_secret(server, cancel, provider)


def check_key(answer: dict[str, Any], expected: str | None) -> None:
    key, sent = asyncio.run(asked(answer, Cancellation(), secrets=True))
    assert key == expected
    assert [(one["method"], one["params"]) for one in sent] == [("regreen/secret", {"provider": "openai"})]


def test_the_clients_answer_is_the_key() -> None:
    check_key({"result": {"value": KEY}}, KEY)
    check_key({"result": {"value": None}}, None)
    check_key({"result": None}, None)


def test_a_wrong_answer_is_no_key_and_is_not_repeated(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    check_key({"result": {"value": KEY}}, KEY)
    check_key({"result": {"value": [KEY]}}, None)
    check_key({"result": {"key": KEY}}, None)
    check_key({"error": {"code": -32603, "message": f"{KEY} is locked"}}, None)
    assert KEY not in caplog.text


def test_a_client_without_storage_is_not_asked() -> None:
    assert asyncio.run(asked(None, Cancellation())) == (None, [])


def test_waiting_for_the_client_can_be_cancelled() -> None:
    cancel = Cancellation()
    cancel.cancel()
    with pytest.raises(Cancelled):
        asyncio.run(asked(None, cancel, secrets=True))
