"""Generated content as Google's Gemini defined it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from regreen.providers.models.values import Endpoint, HttpRequest, ModelRequest, Piece, Role, Stop, Structured, Usage

from .shared import http_request, number, record, records, taken, words

_STOPS = {"STOP": Stop.DONE, "MAX_TOKENS": Stop.CUT}
_WITHHELD = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE"})
_ROLES = {Role.USER: "user", Role.MODEL: "model"}
# What this format's dialect of JSON schema does not know.
_UNKNOWN = frozenset({"additionalProperties", "$schema", "$id", "title"})


class GeminiWire:
    """The format `gemini`."""

    def request(self, endpoint: Endpoint, key: str, asked: ModelRequest) -> HttpRequest:
        """Write a request that asks for a stream."""
        settings = taken(endpoint, {"temperature": 0, "seed": asked.seed})
        settings["maxOutputTokens"] = asked.max_tokens + endpoint.thinking
        if asked.schema is not None and endpoint.structured is not Structured.NONE:
            settings["responseMimeType"] = "application/json"
        if asked.schema is not None and endpoint.structured is Structured.SCHEMA:
            settings["responseSchema"] = _dialect(asked.schema)
        body = {
            "systemInstruction": {"parts": [{"text": asked.system}]},
            "contents": [{"role": _ROLES[each.role], "parts": [{"text": each.text}]} for each in asked.messages],
            "generationConfig": settings,
        }
        path = f"/v1beta/models/{quote(endpoint.model, safe='')}:streamGenerateContent"
        streamed = replace(endpoint, query={**endpoint.query, "alt": "sse"})
        return http_request(streamed, path, "x-goog-api-key", key, body)

    def piece(self, event: Mapping[str, Any]) -> Piece:
        """Read one event of the stream, or the whole of an answer that is none."""
        candidate = next(iter(records(event.get("candidates"))), {})
        parts = records(record(candidate.get("content")).get("parts"))
        blocked = record(event.get("promptFeedback")).get("blockReason")
        return Piece(
            text="".join(words(part.get("text")) for part in parts if not part.get("thought")),
            reasoning="".join(words(part.get("text")) for part in parts if part.get("thought")),
            usage=_usage(event.get("usageMetadata")),
            stop=Stop.WITHHELD if blocked else _stop(candidate.get("finishReason")),
        )


def _stop(reason: object) -> Stop | None:
    if not isinstance(reason, str):
        return None
    return Stop.WITHHELD if reason in _WITHHELD else _STOPS.get(reason, Stop.UNKNOWN)


def _usage(value: object) -> Usage | None:
    found = record(value)
    if not found:
        return None
    received = number(found.get("candidatesTokenCount")) + number(found.get("thoughtsTokenCount"))
    return Usage(number(found.get("promptTokenCount")), number(found.get("cachedContentTokenCount")), received)


def _dialect(schema: object) -> object:
    if isinstance(schema, Mapping):
        return {name: _dialect(value) for name, value in schema.items() if name not in _UNKNOWN}
    return [_dialect(each) for each in schema] if isinstance(schema, list) else schema
