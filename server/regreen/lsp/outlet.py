"""The only writer: frames in the order in which they were sent, on a thread of their own, so that a client that does
not read never makes the loop wait."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

_MAX_PENDING = 256 * 1024 * 1024


class Outlet:
    """Writes frames. `send` is for the loop thread alone."""

    def __init__(self, write: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        self._write = write
        self._on_lost = on_lost
        self._frames: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._n_sent = 0
        self._n_written = 0
        self._lost = False
        self._thread = threading.Thread(target=self._run, name="regreen-out", daemon=True)
        self._thread.start()

    def send(self, frame: bytes) -> None:
        """Write a frame after all the others."""
        if self._lost:
            return
        self._n_sent += len(frame)
        if _MAX_PENDING < self._n_sent - self._n_written:
            self._lost = True
            self._on_lost("it does not read")
            return
        self._frames.put(frame)

    def close(self, seconds: float) -> None:
        """Write what is left, as far as the client takes it in this time."""
        self._frames.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        while (frame := self._frames.get()) is not None:
            try:
                self._write(frame)
            except OSError as error:
                self._lost = True
                self._on_lost(error.strerror or str(error))
                return
            self._n_written += len(frame)
