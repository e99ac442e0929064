"""Chat completions as OpenAI defined them, and as Azure, Ollama, llama.cpp, vLLM, LM Studio, OpenRouter, Groq, DeepSeek
and Mistral speak them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regreen.providers.models.values import Endpoint, HttpRequest, ModelRequest, Piece, Role, Stop, Structured, Usage

from .shared import TOOL, http_request, number, record, records, taken, words

_STOPS = {
    "stop": Stop.DONE,
    "tool_calls": Stop.DONE,
    "function_call": Stop.DONE,
    "length": Stop.CUT,
    "content_filter": Stop.WITHHELD,
}
_ROLES = {Role.USER: "user", Role.MODEL: "assistant"}


class OpenAiWire:
    """The format `openai`."""

    def request(self, endpoint: Endpoint, key: str, asked: ModelRequest) -> HttpRequest:
        """Write a request that asks for a stream."""
        body: dict[str, Any] = {
            "model": endpoint.model,
            "messages": [
                {"role": "system", "content": asked.system},
                *({"role": _ROLES[each.role], "content": each.text} for each in asked.messages),
            ],
            "stream": True,
            **_options(endpoint, asked),
        }
        if asked.schema is not None:
            body |= _form(endpoint.structured, asked.schema)
        return http_request(endpoint, "/chat/completions", "authorization", key, body)

    def piece(self, event: Mapping[str, Any]) -> Piece:
        """Read one event of the stream, or the whole of an answer that is none."""
        choice = next(iter(records(event.get("choices"))), {})
        said = record(choice.get("delta")) or record(choice.get("message"))
        called = [record(call.get("function")) for call in records(said.get("tool_calls"))]
        reasoning = words(said.get("reasoning_content")) or words(said.get("reasoning"))
        finish = choice.get("finish_reason")
        return Piece(
            text=words(said.get("content")) + "".join(words(call.get("arguments")) for call in called),
            reasoning=reasoning,
            usage=_usage(event.get("usage") or record(event.get("x_groq")).get("usage")),
            stop=_STOPS.get(finish, Stop.UNKNOWN) if isinstance(finish, str) else None,
        )


def _options(endpoint: Endpoint, asked: ModelRequest) -> dict[str, Any]:
    longest = asked.max_tokens + endpoint.thinking
    fields = {
        "max_tokens": longest,
        "temperature": 0,
        "seed": asked.seed,
        "stream_options": {"include_usage": True},
    }
    # What the newer models call it.
    renamed = {"max_completion_tokens": longest} if "max_tokens" in endpoint.left_out else {}
    return {**taken(endpoint, fields), **renamed}


def _form(structured: Structured, schema: Mapping[str, Any]) -> dict[str, Any]:
    match structured:
        case Structured.SCHEMA:
            form = {"name": TOOL, "strict": True, "schema": schema}
            return {"response_format": {"type": "json_schema", "json_schema": form}}
        case Structured.TOOL:
            tool = {"type": "function", "function": {"name": TOOL, "parameters": schema}}
            return {"tools": [tool], "tool_choice": {"type": "function", "function": {"name": TOOL}}}
        case Structured.GRAMMAR:
            return {"response_format": {"type": "json_object", "schema": schema}}
        case Structured.JSON:
            return {"response_format": {"type": "json_object"}}
        case Structured.NONE:
            return {}


def _usage(value: object) -> Usage | None:
    found = record(value)
    if not found:
        return None
    cached = number(record(found.get("prompt_tokens_details")).get("cached_tokens"))
    return Usage(number(found.get("prompt_tokens")), cached, number(found.get("completion_tokens")))
