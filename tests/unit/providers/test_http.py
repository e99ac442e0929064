"""Talking to a model's service over a real connection, which may fail at every moment."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
import trustme

from regreen.core.cancel import Cancellation, Cancelled
from regreen.providers.models.faults import Fault, FaultKind
from regreen.providers.models.http import ServiceFailed, ask
from regreen.providers.models.values import Endpoint, Message, ModelRequest, Reply, Role, Stop, Structured, Usage
from regreen.providers.models.wires import WIRES
from tests.support.model_server import Answer, serving

CASES = json.loads((Path(__file__).parents[2] / "data" / "provider-faults.json").read_text("utf-8"))
SCHEMA = {
    "type": "object",
    "properties": {"fix": {"type": "string"}},
    "required": ["fix"],
    "additionalProperties": False,
}
ASKED = ModelRequest("You repair.", (Message(Role.USER, "Fix ä."),), schema=SCHEMA)
FIX = '{"fix": "ä"}'


def sse(*events: object) -> bytes:
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()


OPENAI = (
    sse(
        {"choices": [{"delta": {"role": "assistant", "reasoning_content": "Hm."}}]},
        {"choices": [{"delta": {"content": FIX[:5]}}]},
        {"choices": [{"delta": {"content": FIX[5:]}, "finish_reason": "stop"}]},
        {
            "choices": [],
            "usage": {"prompt_tokens": 20, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 8}},
        },
    )
    + b"data: [DONE]\n\n"
)
OPENAI_TOOL = sse(
    {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"name": "answer", "arguments": ""}}]}}]},
    {
        "choices": [
            {"delta": {"tool_calls": [{"index": 0, "function": {"arguments": FIX}}]}, "finish_reason": "tool_calls"}
        ]
    },
    {"choices": [], "x_groq": {"usage": {"prompt_tokens": 20, "completion_tokens": 5}}},
)
OPENAI_WHOLE = json.dumps(
    {
        "choices": [{"message": {"content": FIX}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 5},
    },
    indent=2,
).encode()
ANTHROPIC = b"event: message_start\n" + sse(
    {
        "type": "message_start",
        "message": {"usage": {"input_tokens": 12, "cache_read_input_tokens": 8, "output_tokens": 1}},
    },
    {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "Hm."}},
    {"type": "ping"},
    {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": FIX}},
    {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 5}},
    {"type": "message_stop"},
)
GEMINI = sse(
    {"candidates": [{"content": {"parts": [{"text": "Hm.", "thought": True}, {"text": FIX[:4]}]}}]},
    {
        "candidates": [{"content": {"parts": [{"text": FIX[4:]}]}, "finishReason": "STOP"}],
        "usageMetadata": {
            "promptTokenCount": 20,
            "cachedContentTokenCount": 8,
            "candidatesTokenCount": 3,
            "thoughtsTokenCount": 2,
        },
    },
)


def endpoint(url: str, wire: str = "openai", **more: Any) -> Endpoint:
    return Endpoint(
        "local", wire, url, "small", **{"connect_timeout": 5.0, "idle_timeout": 5.0, "timeout": 20.0, **more}
    )


def say(to: Endpoint, key: str = "k-1", cancel: Cancellation | None = None, heard: list[str] | None = None) -> Reply:
    wire = WIRES[to.wire]
    on_text = None if heard is None else heard.append
    return ask(cancel or Cancellation(), to, wire.request(to, key, ASKED), wire.piece, on_text)


def failing(to: Endpoint) -> Fault:
    with pytest.raises(ServiceFailed) as failed:
        say(to)
    return failed.value.fault


@pytest.mark.parametrize(
    ("wire", "body", "reply"),
    [
        ("openai", OPENAI, Reply(FIX, "Hm.", Usage(20, 8, 5))),
        ("openai", OPENAI_TOOL, Reply(FIX, "", Usage(20, 0, 5))),
        ("openai", OPENAI_WHOLE, Reply(FIX, "", Usage(20, 0, 5))),
        ("openai", OPENAI.replace(b"\n", b"\r\n"), Reply(FIX, "Hm.", Usage(20, 8, 5))),
        ("anthropic", ANTHROPIC, Reply(FIX, "Hm.", Usage(20, 8, 5))),
        ("gemini", GEMINI, Reply(FIX, "Hm.", Usage(20, 8, 5))),
    ],
)
def test_a_reply_is_read_however_it_comes_in_pieces(wire: str, body: bytes, reply: Reply) -> None:
    heard: list[str] = []
    for size in (1, 7, len(body)):
        chunks = [body[at : at + size] for at in range(0, len(body), size)]
        with serving(Answer(chunks=chunks)) as server:
            heard.clear()
            assert say(endpoint(server.url, wire), heard=heard) == reply
            assert "".join(heard) == FIX


def test_the_requests_of_the_formats() -> None:
    with serving(Answer(chunks=[OPENAI])) as server:
        say(endpoint(server.url))
        say(endpoint(server.url, structured=Structured.TOOL, key_header="api-key", query={"api-version": "7"}))
    first, second = (json.loads(asked.body) for asked in server.asked)
    assert [asked.path for asked in server.asked] == ["/chat/completions", "/chat/completions?api-version=7"]
    assert server.asked[0].headers["authorization"] == "Bearer k-1"
    assert server.asked[1].headers["api-key"] == "k-1"
    assert "authorization" not in server.asked[1].headers
    assert first["response_format"]["json_schema"]["schema"] == SCHEMA
    assert second["tools"][0]["function"]["parameters"] == SCHEMA
    assert first["messages"] == [{"role": "system", "content": "You repair."}, {"role": "user", "content": "Fix ä."}]
    with serving(Answer(chunks=[ANTHROPIC])) as server:
        say(endpoint(server.url, "anthropic"))
    assert (server.asked[0].path, server.asked[0].headers["x-api-key"]) == ("/v1/messages", "k-1")
    assert json.loads(server.asked[0].body)["tools"][0]["input_schema"] == SCHEMA
    with serving(Answer(chunks=[GEMINI])) as server:
        say(endpoint(server.url, "gemini"))
    assert server.asked[0].path == "/v1beta/models/small:streamGenerateContent?alt=sse"
    form = json.loads(server.asked[0].body)["generationConfig"]["responseSchema"]
    assert form == {"type": "object", "properties": {"fix": {"type": "string"}}, "required": ["fix"]}


def test_the_same_task_gives_the_same_bytes_and_no_key_in_them() -> None:
    for wire in WIRES.values():
        bodies = {wire.request(endpoint(url), key, ASKED).body for url in ("a", "b") for key in ("k-1", "k-2")}
        assert len(bodies) == 1
        assert b"k-1" not in bodies.pop()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_fault_arrives_and_nothing_is_asked_twice(case: dict[str, Any]) -> None:
    body = case["body"] if isinstance(case["body"], str) else json.dumps(case["body"])
    with serving(Answer(case["status"], [body.encode()], case["headers"])) as server:
        fault = failing(endpoint(server.url))
    assert (fault.kind, fault.field) == (case["kind"], case.get("field", "")), fault
    assert len(server.asked) == 1


def test_an_error_in_the_middle_of_a_stream_is_a_fault() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    with serving(Answer(chunks=[ANTHROPIC[:300] + b"\n\n", b"event: error\n", sse(error)])) as server:
        assert failing(endpoint(server.url, "anthropic")).kind is FaultKind.OVERLOADED


def test_a_stream_of_json_lines_is_read_too() -> None:
    with serving(Answer(chunks=[b'{"error":"server busy, maximum pending requests exceeded"}\n'])) as server:
        assert failing(endpoint(server.url)).kind is FaultKind.OVERLOADED


def test_an_empty_stream_is_a_fault() -> None:
    with serving(Answer()) as server:
        assert failing(endpoint(server.url)).kind in (FaultKind.REFUSED, FaultKind.OVERLOADED)


def test_a_stream_that_ends_without_saying_so_is_not_done() -> None:
    with serving(Answer(chunks=[sse({"choices": [{"delta": {"content": "half"}}]})])) as server:
        assert say(endpoint(server.url)) == Reply("half", stop=Stop.UNKNOWN)


def test_a_connection_that_breaks_off_is_a_fault() -> None:
    with serving(Answer(chunks=[OPENAI[:80]], breaks_off=True)) as server:
        assert failing(endpoint(server.url)).kind is FaultKind.NETWORK


def test_a_service_that_says_nothing_is_given_up() -> None:
    with serving(Answer(chunks=[5.0])) as server:
        fault = failing(endpoint(server.url, idle_timeout=0.2))
    assert (fault.kind, "does not answer" in fault.message) == (FaultKind.NETWORK, True)


def test_a_service_that_trickles_is_given_up_in_the_end() -> None:
    trickle: list[bytes | float] = [b": still here\n\n", 0.05]
    with serving(Answer(chunks=trickle * 200)) as server:
        fault = failing(endpoint(server.url, timeout=0.5))
    assert "took longer than 0.5 s" in fault.message


def test_a_service_that_never_stops_is_cut_off() -> None:
    flood = sse({"choices": [{"delta": {"content": "x" * 100_000}}]})
    with serving(Answer(chunks=[flood] * 100)) as server:
        assert "did not stop" in failing(endpoint(server.url)).message


def test_nobody_there_is_a_fault() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        assert failing(endpoint(url)).kind is FaultKind.NETWORK


def test_a_wrong_address_is_a_fault() -> None:
    assert failing(endpoint("http://[::bad")).kind is FaultKind.NETWORK
    assert failing(endpoint("no-scheme")).kind is FaultKind.NETWORK


def test_a_certificate_of_a_stranger_is_not_trusted_and_the_key_not_sent() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with serving(Answer(chunks=[OPENAI]), certificate=context) as server:
        fault = failing(endpoint(server.url))
    assert (fault.kind, server.asked) == (FaultKind.NETWORK, [])
    assert "not trusted" in fault.message


def test_a_redirect_is_not_followed_with_the_key() -> None:
    with serving(Answer(chunks=[OPENAI])) as elsewhere:
        with serving(Answer(307, [], {"location": elsewhere.url})) as server:
            assert failing(endpoint(server.url)).kind is FaultKind.REFUSED
        assert elsewhere.asked == []


def test_a_cancel_ends_it_at_once_and_hangs_up() -> None:
    cancel = Cancellation()
    heard: list[str] = []
    with serving(Answer(chunks=[OPENAI[:200] + b"\n\n", *[0.1, b": on\n\n"] * 300])) as server:
        threading.Timer(0.3, cancel.cancel).start()
        with pytest.raises(Cancelled):
            say(endpoint(server.url), cancel=cancel, heard=heard)
        assert server.gone.wait(10)
