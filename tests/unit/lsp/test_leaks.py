"""What is done is forgotten, and only the loop thread writes: on the protocol itself, without a client."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from lsprotocol import types

from regreen.lsp.framing import Frame, Framer
from regreen.lsp.host import RegreenServer
from regreen.lsp.server import create_server
from regreen.lsp.serving import configure_logging
from tests.support.engine import FakeEngine

Script = Callable[[RegreenServer, list[bytes]], Coroutine[Any, Any, None]]
INITIALIZE = {"id": 0, "method": "initialize", "params": {"capabilities": {}, "processId": None, "rootUri": None}}


def play(script: Script) -> None:
    """Run a script on a server that has shaken hands; it gets the server and the frames that are sent."""

    async def run() -> None:
        server = create_server(FakeEngine)
        sent: list[bytes] = []
        server.attach(asyncio.get_running_loop(), sent.append)
        say(server, INITIALIZE)
        say(server, {"method": "initialized", "params": {}})
        await server.settled()
        await script(server, sent)
        await server.close()

    asyncio.run(run())


def say(server: RegreenServer, message: dict[str, Any]) -> None:
    server.protocol.receive(Frame(json.dumps({"jsonrpc": "2.0", **message}).encode()))


def test_5000_changes_leave_no_future_behind() -> None:
    async def script(server: RegreenServer, sent: list[bytes]) -> None:
        item = {"uri": "file:///a.py", "languageId": "python", "version": 1, "text": ""}
        say(server, {"method": "textDocument/didOpen", "params": {"textDocument": item}})
        for n in range(5000):
            document = {"uri": "file:///a.py", "version": n + 2}
            params = {"textDocument": document, "contentChanges": [{"text": "a"}]}
            say(server, {"method": "textDocument/didChange", "params": params})
        assert server.protocol.in_flight == 0

    play(script)


def test_requests_notifications_and_commands_leave_no_future_behind() -> None:
    async def script(server: RegreenServer, sent: list[bytes]) -> None:
        for n in range(1, 200):
            say(server, {"method": "textDocument/didSave", "params": {"textDocument": {"uri": "file:///a.py"}}})
            say(server, {"id": n, "method": "regreen/fix", "params": {}})
            command = {"command": "regreen.cancel"}
            say(server, {"id": f"c{n}", "method": "workspace/executeCommand", "params": command})
            if n % 2:
                say(server, {"method": "$/cancelRequest", "params": {"id": n}})
        while server.protocol.in_flight:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert len(sent) == 1 + 2 * 199
        assert len(server.tokens) == 0

    play(script)


def test_an_answer_that_never_comes_is_given_up_when_the_client_is_gone() -> None:
    async def script(server: RegreenServer, sent: list[bytes]) -> None:
        future = server.protocol.send_request(types.WORKSPACE_CODE_LENS_REFRESH)
        server.protocol.detach()
        assert "the client is gone" in str(future.exception(timeout=0))

    play(script)


@pytest.mark.parametrize("n_bytes", [10, 9_000, 200_000])
def test_what_threads_send_is_written_by_the_loop_thread_alone(n_bytes: int) -> None:
    async def script(server: RegreenServer, sent: list[bytes]) -> None:
        writers: set[int] = set()

        def send(frame: bytes) -> None:
            writers.add(threading.get_ident())
            sent.append(frame)

        server.protocol.attach(asyncio.get_running_loop(), send)
        words = "x" * n_bytes

        def talk() -> None:
            for _ in range(25):
                server.log(types.MessageType.Info, words)

        threads = [threading.Thread(target=talk) for _ in range(4)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.01)
        assert writers == {threading.get_ident()}
        frames = Framer().feed(b"".join(sent[1:]))
        assert len(frames) == 100
        assert all(isinstance(frame, Frame) and json.loads(frame.body) for frame in frames)

    play(script)


def test_a_result_that_cannot_be_sent_is_answered_all_the_same() -> None:
    async def script(server: RegreenServer, sent: list[bytes]) -> None:
        server.protocol.fm.features["test/broken"] = lambda _: float("nan")
        say(server, {"id": 1, "method": "test/broken"})
        assert json.loads(sent[-1].partition(b"\r\n\r\n")[2])["error"]["code"] == -32603

    play(script)


def test_an_error_without_a_request_is_logged_and_does_not_pop_up() -> None:
    async def script(server: RegreenServer, sent: list[bytes]) -> None:
        def broken(_: object) -> None:
            raise ZeroDivisionError

        server.protocol.fm.features["test/broken"] = broken
        say(server, {"method": "test/broken"})
        (told,) = sent[1:]
        assert b"window/logMessage" in told

    play(script)


def test_payloads_are_not_formatted_for_a_log_that_nobody_reads(caplog: pytest.LogCaptureFixture) -> None:
    configure_logging()
    with caplog.at_level("INFO"):

        async def script(server: RegreenServer, sent: list[bytes]) -> None:
            say(server, {"id": 1, "method": "textDocument/hover", "params": {}})

        play(script)
    assert not [record for record in caplog.records if record.name.startswith("pygls") and record.levelno < 30]
