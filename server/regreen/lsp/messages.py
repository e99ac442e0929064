"""Bodies to messages: JSON-RPC 2.0 as LSP uses it, checked at the top level only.

Invariant: pure. What is nested in params or results is never looked at here, whatever it is called.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn, TypeGuard

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
MsgId = int | str


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody waits for an answer."""

    id: MsgId
    method: str
    payload: dict[str, Any]  # the whole message


@dataclass(frozen=True, slots=True)
class Notification:
    """Nobody waits."""

    method: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Response:
    """The client's answer to a request of ours."""

    id: MsgId
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Malformed:
    """No message; `id` is what the error answer carries (None when there is nothing to name)."""

    id: MsgId | None
    code: int
    reason: str


Message = Request | Notification | Response | Malformed


def read_message(body: bytes) -> Message:
    """Read one body."""
    try:
        payload = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except RecursionError:
        return Malformed(None, PARSE_ERROR, "the message is nested too deeply")
    except ValueError as error:
        return Malformed(None, PARSE_ERROR, f"the message is not JSON in UTF-8: {error}")
    if isinstance(payload, list):
        return Malformed(None, INVALID_REQUEST, "LSP has no batches")
    if not isinstance(payload, dict):
        return Malformed(None, INVALID_REQUEST, "a message is a JSON object")
    return _read_object(payload)


def _read_object(payload: dict[str, Any]) -> Message:
    raw_id = payload.get("id")
    msg_id = raw_id if is_id(raw_id) else None
    if payload.get("jsonrpc") != "2.0":
        return Malformed(msg_id, INVALID_REQUEST, '"jsonrpc" is not "2.0"')
    if "method" not in payload:
        return _read_response(payload, msg_id)
    method = payload["method"]
    if not isinstance(method, str) or not method:
        return Malformed(msg_id, INVALID_REQUEST, '"method" is not a name')
    if "id" not in payload:
        return Notification(method, payload)
    if msg_id is None:
        return Malformed(None, INVALID_REQUEST, '"id" is neither a whole number nor a string')
    return Request(msg_id, method, payload)


def _read_response(payload: dict[str, Any], msg_id: MsgId | None) -> Message:
    if "result" not in payload and "error" not in payload:
        return Malformed(msg_id, INVALID_REQUEST, "neither a method nor a result")
    if msg_id is None:
        # Answering an answer that names nobody would only start a quarrel.
        return Response("", payload)
    return Response(msg_id, payload)


def is_id(value: object) -> TypeGuard[MsgId]:
    """Tell whether a value may name a request (a bool is no number here)."""
    return isinstance(value, int | str) and not isinstance(value, bool)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
