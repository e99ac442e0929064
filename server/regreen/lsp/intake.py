"""From chunks of bytes to the protocol, on the loop thread; knows when a frame does not end."""

from __future__ import annotations

import asyncio
import logging

from .framing import Framer
from .host import RegreenServer

logger = logging.getLogger(__name__)
STALL_SECONDS = 3.5


class Intake:
    """Feeds a server."""

    def __init__(self, loop: asyncio.AbstractEventLoop, server: RegreenServer) -> None:
        self._loop = loop
        self._server = server
        self._framer = Framer()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        if self._closed:
            return
        self._disarm()
        for item in self._framer.feed(chunk):
            self._server.protocol.receive(item)
        if self._framer.pending:
            self._timer = self._loop.call_later(STALL_SECONDS, self._stalled)

    def end_of_input(self) -> None:
        """The client is gone: end, with 0 only if it had asked for the shutdown."""
        self._disarm()
        if self._framer.pending:
            logger.warning("The input ended in the middle of a message")
        self._server.end(0 if self._server.protocol.stopped else 1)

    def close(self) -> None:
        """Take no more."""
        self._closed = True
        self._disarm()

    def _stalled(self) -> None:
        saved, usable = self._framer.stalled()
        for item in saved:
            self._server.protocol.receive(item)
        if not usable:
            logger.error(
                "A message began and did not end within %s s; what it said is lost and the server ends. Restart it.",
                STALL_SECONDS,
            )
            self._server.end(1)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
