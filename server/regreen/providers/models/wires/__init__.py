"""The formats that services speak: one small file each, values in, values out.

Invariant: pure; no socket, no clock. Keys appear in headers only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from regreen.providers.models.values import Endpoint, HttpRequest, ModelRequest, Piece

from .anthropic import AnthropicWire
from .gemini import GeminiWire
from .openai import OpenAiWire


class Wire(Protocol):
    """One format."""

    def request(self, endpoint: Endpoint, key: str, asked: ModelRequest) -> HttpRequest:
        """Write a request that asks for a stream."""

    def piece(self, event: Mapping[str, Any]) -> Piece:
        """Read one event of the stream, or the whole of an answer that is none."""


WIRES: Mapping[str, Wire] = {"anthropic": AnthropicWire(), "gemini": GeminiWire(), "openai": OpenAiWire()}

__all__ = ["WIRES", "AnthropicWire", "GeminiWire", "OpenAiWire", "Wire"]
