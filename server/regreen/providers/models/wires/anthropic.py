"""Messages as Anthropic defined them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from regreen.providers.models.values import Endpoint, HttpRequest, ModelRequest, Piece, Role, Stop, Structured, Usage

from .shared import TOOL, http_request, number, record, records, taken, words

_VERSION = "2023-06-01"
_STOPS = {
    "end_turn": Stop.DONE,
    "stop_sequence": Stop.DONE,
    "tool_use": Stop.DONE,
    "max_tokens": Stop.CUT,
    "model_context_window_exceeded": Stop.CUT,
    "refusal": Stop.WITHHELD,
}
_ROLES = {Role.USER: "user", Role.MODEL: "assistant"}


class AnthropicWire:
    """The format `anthropic`."""

    def request(self, endpoint: Endpoint, key: str, asked: ModelRequest) -> HttpRequest:
        """Write a request that asks for a stream."""
        body: dict[str, Any] = {
            "model": endpoint.model,
            "system": asked.system,
            "messages": [{"role": _ROLES[each.role], "content": each.text} for each in asked.messages],
            "max_tokens": asked.max_tokens + endpoint.thinking,
            "stream": True,
            **taken(endpoint, {"temperature": 0}),
        }
        if asked.schema is not None and endpoint.structured in (Structured.SCHEMA, Structured.TOOL):
            body["tools"] = [{"name": TOOL, "description": "Give the answer.", "input_schema": asked.schema}]
            body["tool_choice"] = {"type": "tool", "name": TOOL}
        written = http_request(endpoint, "/v1/messages", "x-api-key", key, body)
        return HttpRequest(
            written.url, {"anthropic-version": _VERSION, **written.headers}, written.body, written.secret
        )

    def piece(self, event: Mapping[str, Any]) -> Piece:
        """Read one event of the stream, or the whole of an answer that is none."""
        match event.get("type"):
            case "message_start":
                return Piece(usage=_usage(record(event.get("message")).get("usage")))
            case "content_block_delta":
                delta = record(event.get("delta"))
                text = words(delta.get("text")) + words(delta.get("partial_json"))
                return Piece(text=text, reasoning=words(delta.get("thinking")))
            case "message_delta":
                return Piece(usage=_usage(event.get("usage")), stop=_stop(record(event.get("delta"))))
            case "message":
                blocks = records(event.get("content"))
                text = "".join(map(_text, blocks))
                return Piece(text=text, usage=_usage(event.get("usage")), stop=_stop(event))
            case _:
                return Piece()


def _text(block: Mapping[str, Any]) -> str:
    given = record(block.get("input"))
    return json.dumps(given) if given else words(block.get("text"))


def _stop(said: Mapping[str, Any]) -> Stop | None:
    reason = said.get("stop_reason")
    return _STOPS.get(reason, Stop.UNKNOWN) if isinstance(reason, str) else None


def _usage(value: object) -> Usage | None:
    found = record(value)
    if not found:
        return None
    cached = number(found.get("cache_read_input_tokens"))
    sent = number(found.get("input_tokens")) + cached + number(found.get("cache_creation_input_tokens"))
    return Usage(sent, cached, number(found.get("output_tokens")))
