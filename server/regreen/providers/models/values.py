"""The values of a conversation with a model, whatever it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """Who speaks."""

    USER = "user"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What a model is asked: the same bytes for the same task, in any folder and on any machine."""

    system: str
    messages: tuple[Message, ...]
    max_tokens: int = 2048  # of the reply
    schema: Mapping[str, Any] | None = None  # JSON schema of the reply; None: plain text
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the provider counted them; 0 where it did not."""

    sent: int = 0
    cached: int = 0  # of those sent
    received: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.sent + other.sent, self.cached + other.cached, self.received + other.received)


class Stop(StrEnum):
    """Why a reply ended."""

    DONE = "done"
    CUT = "cut"  # the limit of tokens was reached
    WITHHELD = "withheld"  # a filter of the provider
    UNKNOWN = "unknown"  # the stream ended without saying so


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said."""

    text: str
    reasoning: str = ""
    usage: Usage = Usage()
    stop: Stop = Stop.DONE


class Structured(StrEnum):
    """How a service is told what form a reply must have."""

    SCHEMA = "schema"  # the service enforces a JSON schema
    TOOL = "tool"  # a tool that must be called, with the schema as its parameters
    GRAMMAR = "grammar"  # JSON, with the schema beside it, as servers of llama.cpp take it
    JSON = "json"  # any JSON
    NONE = "none"  # asked for in words only


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model at one service. Holds no key: that is fetched when it is used, and never kept."""

    name: str  # as a person calls it, e.g. "groq"
    wire: str  # which format it speaks: openai, anthropic, gemini
    url: str  # without a slash at its end
    model: str
    structured: Structured = Structured.SCHEMA
    context: int = 8192  # tokens that fit, the reply included
    thinking: int = 0  # tokens that a model may think before its reply, beside those
    left_out: frozenset[str] = frozenset()  # fields of a request that it does not take
    headers: Mapping[str, str] = field(default_factory=dict)  # no secrets
    key_header: str = ""  # another header for the key than the format's own, e.g. "api-key"
    query: Mapping[str, str] = field(default_factory=dict)  # e.g. an API version
    connect_timeout: float = 10.0  # seconds
    idle_timeout: float = 60.0  # seconds without a byte
    timeout: float = 300.0  # seconds in all


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What goes over the wire. `secret` names the header that holds the key, never shown or recorded."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event of a stream adds."""

    text: str = ""
    reasoning: str = ""
    usage: Usage | None = None  # counts only grow: the larger of each stands
    stop: Stop | None = None
