"""The protocol, hardened: every message is answered or left alone, and the next one is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from regreen.lsp.messages import Malformed, Notification, Request, Response, read_message
from tests.support.editor import Answer, Editor, framed
from tests.support.engine import FakeEngine

HOVER = {"textDocument": {"uri": "file:///w/a.py"}, "position": {"line": 0, "character": 0}}


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    with Editor.inside(FakeEngine) as editor:
        editor.initialize()
        yield editor


def request(method: object = "textDocument/hover", params: object = None, **more: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": "bad", "method": method, "params": HOVER if params is None else params, **more}


def hover(**change: object) -> dict[str, object]:
    return request(params={**HOVER, **change})


# name: (bytes or message, code of the error answer or None for no answer)
MALFORMED: dict[str, tuple[object, int | None]] = {
    "no JSON": (b"{", -32700),
    "nothing": (b"", -32700),
    "no UTF-8": (b'"\xff"', -32700),
    "a byte order mark": (b'\xef\xbb\xbf{"jsonrpc":"2.0","id":"bad","method":"x"}', -32700),
    "UTF-16": ('{"jsonrpc":"2.0"}'.encode("utf-16"), -32700),
    "two values": (b"{}{}", -32700),
    "a number that is none": (b'{"jsonrpc":"2.0","id":NaN,"method":"x"}', -32700),
    "a number of 5000 digits": (b'{"jsonrpc":"2.0","id":' + b"9" * 5000 + b"}", -32700),
    "deep nesting": (b"[" * 100_000, -32700),
    "deep nesting of objects": (b'{"a":' * 100_000, -32700),
    "a list": (b"[]", -32600),
    "a batch": ([request()], -32600),
    "a string": (b'"hello"', -32600),
    "a number": (b"1", -32600),
    "null": (b"null", -32600),
    "an empty object": ({}, -32600),
    "no version": ({"id": "bad", "method": "textDocument/hover", "params": HOVER}, -32600),
    "another version": ({**request(), "jsonrpc": "1.0"}, -32600),
    "a version that is a number": ({**request(), "jsonrpc": 2.0}, -32600),
    "neither method nor result": ({"jsonrpc": "2.0", "id": "bad"}, -32600),
    "a method that is a number": (request(method=3), -32600),
    "a method that is null": (request(method=None), -32600),
    "a method that is empty": (request(method=""), -32600),
    "a method that is an object": (request(method={"a": 1}), -32600),
    "an id that is null": (request(id=None), -32600),
    "an id that is a list": (request(id=[1]), -32600),
    "an id that is an object": (request(id={}), -32600),
    "an id that is true": (request(id=True), -32600),
    "an id with a fraction": (request(id=1.5), -32600),
    "an unknown method": (request(method="textDocument/brew"), -32601),
    "an unknown method of ours": (request(method="regreen/brew"), -32601),
    "a method of the machinery": (request(method="__init__"), -32601),
    "an unknown $/ method": (request(method="$/brew"), -32601),
    "a notification as a request": (request(method="textDocument/didOpen", params={}), -32602),
    "params that are missing": ({"jsonrpc": "2.0", "id": "bad", "method": "textDocument/hover"}, -32602),
    "params that are a list": (request(params=[1, 2]), -32602),
    "params that are a string": (request(params="file:///w/a.py"), -32602),
    "params that are a number": (request(params=7), -32602),
    "params that are empty": (request(params={}), -32602),
    "no position": (request(params={"textDocument": {"uri": "file:///w/a.py"}}), -32602),
    "a position that is null": (hover(position=None), -32602),
    "a line below zero": (hover(position={"line": -1, "character": 0}), -32602),
    "a line that is a word": (hover(position={"line": "1", "character": 0}), -32602),
    "a line with a fraction": (hover(position={"line": 0.5, "character": 0}), -32602),
    "a line that is true": (hover(position={"line": True, "character": 0}), -32602),
    "a line beyond 2^31": (hover(position={"line": 2**40, "character": 0}), -32602),
    "a line beyond all numbers": (
        b'{"jsonrpc":"2.0","id":"bad","method":"textDocument/hover","params":{"textDocument":{"uri":"file:///a"},'
        b'"position":{"line":1e999,"character":0}}}',
        -32602,
    ),
    "a URI that is a number": (hover(textDocument={"uri": 3}), -32602),
    "a URI that is a list": (hover(textDocument={"uri": ["file:///a"]}), -32602),
    "a command that nobody knows": (request("workspace/executeCommand", {"command": "rm"}), -32602),
    "a command with two arguments": (
        request("workspace/executeCommand", {"command": "regreen.fix", "arguments": [{}, {}]}),
        -32602,
    ),
    "a command with a wrong argument": (
        request("workspace/executeCommand", {"command": "regreen.fix", "arguments": [{"dryRun": "yes"}]}),
        -32602,
    ),
    "a command with an argument that is a list": (
        request("workspace/executeCommand", {"command": "regreen.fix", "arguments": [[1]]}),
        -32602,
    ),
    "a request of ours with an unknown key": (request("regreen/fix", {"dryrun": True}), -32602),
    "a request of ours with a list": (request("regreen/report", [1]), -32602),
    "a second handshake": (request("initialize", {"capabilities": {}, "processId": None, "rootUri": None}), -32600),
    "a notification with wrong params": ({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": 3}, None),
    "a change without a version": (
        {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {"uri": "file:///a"}}},
        None,
    ),
    "a change of what is not open": (
        {
            "jsonrpc": "2.0",
            "method": "textDocument/didChange",
            "params": {"textDocument": {"uri": "file:///a", "version": 2}, "contentChanges": [{"text": ""}]},
        },
        None,
    ),
    "an unknown notification": ({"jsonrpc": "2.0", "method": "textDocument/brewed", "params": {}}, None),
    "a cancel without params": ({"jsonrpc": "2.0", "method": "$/cancelRequest"}, None),
    "a cancel of a list": ({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": [1]}}, None),
    "a cancel of what never was": ({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 12345}}, None),
    "an answer to nothing": ({"jsonrpc": "2.0", "id": 99, "result": {}}, None),
    "an answer to null": ({"jsonrpc": "2.0", "id": None, "result": {}}, None),
    "an error to nothing": ({"jsonrpc": "2.0", "id": 99, "error": "no object"}, None),
    "a progress cancel of nothing": (
        {"jsonrpc": "2.0", "method": "window/workDoneProgress/cancel", "params": {"token": "x"}},
        None,
    ),
}


@pytest.mark.parametrize("case", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_message_is_answered_once_and_the_next_request_too(
    editor: Editor, case: tuple[object, int | None]
) -> None:
    message, code = case
    before = len(editor.messages)
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    editor.send_bytes(framed(body))
    assert editor.request("textDocument/hover", HOVER) is None

    def told() -> list[int]:
        return [one["error"]["code"] for one in editor.messages[before:] if "error" in one]

    editor.until(lambda: code is None or bool(told()))
    assert editor.request("textDocument/hover", HOVER) is None
    assert told() == ([] if code is None else [code])


def test_there_are_more_than_38_malformed_messages() -> None:
    assert 38 < len(MALFORMED)


def test_nothing_but_the_handshake_is_answered_before_it() -> None:
    with Editor.inside(FakeEngine) as editor:
        with pytest.raises(Answer) as refusal:
            editor.request("textDocument/hover", HOVER)
        assert refusal.value.code == -32002
        editor.notify("textDocument/didOpen", {})
        assert editor.initialize()["serverInfo"]["name"] == "regreen"


def test_nothing_but_exit_is_taken_after_shutdown() -> None:
    with Editor.inside(FakeEngine) as editor:
        editor.initialize()
        assert editor.request("shutdown", None) is None
        with pytest.raises(Answer) as refusal:
            editor.request("textDocument/hover", HOVER)
        assert refusal.value.code == -32600
        editor.notify("exit", None)
        assert editor.exit_code() == 0


def test_exit_without_shutdown_is_status_1() -> None:
    with Editor.inside(FakeEngine) as editor:
        editor.initialize()
        editor.notify("exit", None)
        assert editor.exit_code() == 1


def test_initialized_may_come_without_params() -> None:
    with Editor.inside(FakeEngine) as editor:
        editor.request("initialize", {"capabilities": {}, "processId": None, "rootUri": None})
        editor.send({"jsonrpc": "2.0", "method": "initialized"})
        assert editor.request("textDocument/hover", HOVER) is None


def test_an_object_that_looks_like_a_message_is_left_alone_inside_of_one(editor: Editor) -> None:
    for nested in (
        {"jsonrpc": "2.0", "id": 1, "method": "x"},
        {"jsonrpc": "2.0", "method": "exit"},
        {"jsonrpc": "2.0", "id": 1, "result": None},
    ):
        with pytest.raises(Answer) as refusal:
            editor.request("workspace/executeCommand", {"command": "regreen.report", "arguments": [nested]})
        assert "unknown command" in refusal.value.message
        editor.notify("workspace/didChangeConfiguration", {"settings": {"other": nested}})
    assert editor.request("textDocument/hover", HOVER) is None


def test_an_id_that_is_in_use_is_refused(editor: Editor) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": "twice", "method": "regreen/report", "params": {}}).encode()
    before = len(editor.messages)
    editor.send_bytes(framed(body) * 2)

    def answers() -> list[str]:
        return [one["error"]["message"] for one in editor.messages[before:] if one.get("id") == "twice"]

    editor.until(lambda: len(answers()) == 2)
    assert "request 'twice' is still being answered" in answers()


CASES: list[tuple[dict[str, Any], type]] = [
    ({"jsonrpc": "2.0", "id": 1, "method": "m"}, Request),
    ({"jsonrpc": "2.0", "id": "a", "method": "m", "params": {}}, Request),
    ({"jsonrpc": "2.0", "method": "m"}, Notification),
    ({"jsonrpc": "2.0", "id": 1, "result": None}, Response),
    ({"jsonrpc": "2.0", "id": 1, "error": {}}, Response),
    ({"jsonrpc": "2.0", "id": {}, "method": "m"}, Malformed),
]


@pytest.mark.parametrize(("payload", "kind"), CASES)
def test_a_message_is_what_its_top_level_says(payload: dict[str, Any], kind: type) -> None:
    assert isinstance(read_message(json.dumps(payload).encode()), kind)
