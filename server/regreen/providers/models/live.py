"""Really asks a service: fetches the key at the moment of use, sends, and tells how the reply grows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from regreen.core.cancel import Cancellation

from .http import ask
from .keys import KeySource
from .values import Endpoint, ModelRequest, Reply
from .wires import Wire

Tell = Callable[[str], None]
_TOLD_EVERY = 0.5  # seconds between two words on how far a reply is


class Live:
    """An `Ask` over the network."""

    def __init__(self, wire: Wire, key: KeySource, tell: Tell, headers: Mapping[str, KeySource] | None = None) -> None:
        self._wire = wire
        self._key = key
        self._tell = tell
        self._headers = headers or {}  # a person's own, each with where its value is; fetched like the key

    def __call__(self, cancel: Cancellation, endpoint: Endpoint, asked: ModelRequest) -> Reply:
        """Ask once.

        Raises:
            Cancelled: the token was set.
            ServiceFailed: the service gave no reply.
            NoKey: there is no key to ask with.
        """
        request = self._wire.request(endpoint, self._key.fetch(cancel), asked)
        own = {name: source.fetch(cancel) for name, source in self._headers.items()}
        if own:
            taken = {name.lower() for name in own}
            kept = {name: value for name, value in request.headers.items() if name.lower() not in taken}
            request = replace(request, headers={**kept, **own})
        self._tell(f"Asking {endpoint.name} ({endpoint.model})")
        return ask(cancel, endpoint, request, self._wire.piece, _Progress(endpoint.name, self._tell))


class _Progress:
    """Tells how long a reply is, now and then."""

    def __init__(self, name: str, tell: Tell) -> None:
        self._name = name
        self._tell = tell
        self._length = 0
        self._told = time.monotonic()

    def __call__(self, text: str) -> None:
        self._length += len(text)
        if _TOLD_EVERY <= time.monotonic() - self._told:
            self._told = time.monotonic()
            self._tell(f"{self._name} answers: {self._length} characters")
