"""The private connection to a warm worker: a socket that it opens, or, confined, an end that it is handed."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import time

from regreen.core.cancel import Cancellation

from .process import Tree

_POLL = 0.05
_LONGEST = 100  # bytes of a path that every system takes for a socket
_START = 30.0  # seconds that an interpreter has to come up


class WorkerGone(Exception):
    """The worker died or fell silent; it was killed with everything that it had started."""


class Door:
    """Where a worker comes in. Closed as soon as it did."""

    def __init__(self, scratch: str, *, handed: bool) -> None:
        """Open it; a process that is confined can open no socket of ours, and is handed one end of a pair."""
        self._near: socket.socket | None = None
        self.fds: tuple[int, ...] = ()  # what the worker inherits
        if handed:
            self._near, self._far = socket.socketpair()
            self.address, self.fds = f"fd:{self._far.fileno()}", (self._far.fileno(),)
        else:
            self._far = _listen(scratch)
            self.address = _address(self._far)

    def line(self, cancel: Cancellation, tree: Tree) -> socket.socket:
        """Return the connection.

        Raises:
            Cancelled: the token was set.
            WorkerGone: it ended, or did not come up in time.
        """
        if self._near is not None:
            # With our copy of its end closed, the worker's death closes the line.
            self._far.close()
            line, self._near = self._near, None
            line.settimeout(_POLL)
            return line
        return _accept(cancel, self._far, tree)

    def close(self) -> None:
        """Let nobody else in."""
        self._far.close()
        if self._near is not None:
            self._near.close()


def _listen(scratch: str) -> socket.socket:
    path = f"{scratch}/{secrets.token_hex(4)}"
    if hasattr(socket, "AF_UNIX") and len(os.fsencode(path)) < _LONGEST:
        door = socket.socket(socket.AF_UNIX)
        door.bind(path)
    else:
        door = socket.create_server(("127.0.0.1", 0))
    door.listen(1)
    door.settimeout(_POLL)
    return door


def _address(door: socket.socket) -> str:
    name = door.getsockname()
    return name if isinstance(name, str) else str(name[1])


def _accept(cancel: Cancellation, door: socket.socket, tree: Tree) -> socket.socket:
    deadline = time.monotonic() + _START
    while True:
        cancel.check()
        with contextlib.suppress(TimeoutError):
            line, _ = door.accept()
            line.settimeout(_POLL)
            return line
        code = tree.wait(0)
        if code is not None:
            raise WorkerGone(f"it ended with {code}")
        if deadline < time.monotonic():
            raise WorkerGone("it did not come up in time")
