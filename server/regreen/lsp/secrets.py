"""A provider's API key, asked of the client at the moment of use.

Invariant: nothing here keeps, logs or repeats a key; the client's secret storage is the only place where one lies.
"""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future
from typing import Any

from pydantic import ValidationError
from pygls.exceptions import JsonRpcException

from regreen.core.cancel import Cancellation

from .host import RegreenServer
from .protocol import SECRET, SecretParams, SecretResult

_ANSWER_SECONDS = 60.0  # a keyring may ask the person to unlock it
_POLL_SECONDS = 0.05


def ask_secret(server: RegreenServer, cancel: Cancellation, provider: str) -> str | None:
    """Return a provider's API key, None when the client has none. For a job's thread; see `app.AskSecret`.

    Raises:
        Cancelled: the token was set meanwhile.
    """
    if not server.client.keeps_secrets:
        return None
    asked: list[Future[Any]] = []
    sent = threading.Event()

    def send() -> None:
        asked.append(server.protocol.send_request(SECRET, SecretParams(provider=provider).on_wire()))
        sent.set()

    server.call_soon(send)
    for _ in range(int(_ANSWER_SECONDS / _POLL_SECONDS)):
        cancel.check()
        if not sent.wait(_POLL_SECONDS):
            continue
        with contextlib.suppress(TimeoutError):
            return _key(asked[0])
    return None


def _key(asked: Future[Any]) -> str | None:
    try:
        answer = asked.result(timeout=_POLL_SECONDS)
        return SecretResult.model_validate(answer or {}).value
    except (JsonRpcException, ValidationError):
        # Not told further: the message of a wrong answer would hold what was answered.
        return None
