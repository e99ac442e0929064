"""The near end of the worker protocol: one process tree, one private socket, JSON lines (docs/worker-protocol.md)."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import time
from typing import Any

from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun, ToolMissing
from regreen.core.testing import CommandSpec

from .door import Door, WorkerGone
from .local import allowed_environment
from .process import Tree
from .start import Starter, start_plainly

Message = dict[str, Any]
VERSION = 1
_LOG_CAP = 64 * 1024
_SEND = 60.0  # seconds that the other side has to take a message in
_START = 30.0  # seconds that an interpreter has to come up


class Worker:
    """A running worker. Whoever starts one closes it."""

    def __init__(self, tree: Tree, line: socket.socket) -> None:
        self._tree = tree
        self._line = line
        self._pending = b""

    @classmethod
    def start(
        cls,
        cancel: Cancellation,
        spec: CommandSpec,
        opening: Message,
        scratch: str,
        seconds: float,
        starter: Starter = start_plainly,
    ) -> Worker:
        """Start a worker and open its tests.

        Raises:
            Cancelled: the token was set.
            ToolMissing: the interpreter or pytest is not there.
            CannotRun: it does not come up.
        """
        return cls.opened(cancel, spec, opening, scratch, seconds, starter)[0]

    @classmethod
    def opened(
        cls,
        cancel: Cancellation,
        spec: CommandSpec,
        opening: Message,
        scratch: str,
        seconds: float,
        starter: Starter = start_plainly,
    ) -> tuple[Worker, Message]:
        """Start a worker and open its tests; return it with what it said of them.

        Raises:
            Cancelled: the token was set.
            ToolMissing: the interpreter or pytest is not there.
            CannotRun: it does not come up.
        """
        token = secrets.token_hex(16)
        with contextlib.closing(Door(scratch, handed=spec.enclosure is not None)) as door:
            environment = {
                "PYTHONHASHSEED": "0",
                **allowed_environment(os.environ),
                **dict(spec.env),
                "REGREEN_WORKER_SOCKET": door.address,
                "REGREEN_WORKER_TOKEN": token,
            }
            tree = Tree(spec, environment, _LOG_CAP, starter, door.fds)
            try:
                worker = cls(tree, door.line(cancel, tree))
                worker._greet(cancel, token)
                answer = worker.ask(cancel, opening, seconds)
            except WorkerGone as gone:
                tree.kill()
                raise _not_started(tree, str(gone)) from gone
            except BaseException:
                tree.kill()
                raise
        if answer["op"] != "opened":
            worker.close()
            raise _refused(answer, tree)
        return worker, answer

    def ask(self, cancel: Cancellation, message: Message, seconds: float) -> Message:
        """Send a message and return the answer.

        Raises:
            Cancelled: the token was set; the worker was killed.
            WorkerGone: it died, or did not answer in time.
        """
        try:
            self._send(json.dumps(message).encode("ascii") + b"\n")
            return self._read(cancel, seconds)
        except OSError as error:
            self.close()
            raise WorkerGone("it closed its line") from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Kill it with everything that it started."""
        self._line.close()
        self._tree.kill()

    def _send(self, line: bytes) -> None:
        """Write a whole line: texts of many candidates take longer than a look at what the other side says."""
        patience = self._line.gettimeout()
        self._line.settimeout(_SEND)
        try:
            self._line.sendall(line)
        finally:
            self._line.settimeout(patience)

    def _greet(self, cancel: Cancellation, token: str) -> None:
        hello = self._read(cancel, _START)
        if hello.get("token") != token or hello.get("version") != VERSION:
            raise WorkerGone("something else answered in its place")

    def _read(self, cancel: Cancellation, seconds: float) -> Message:
        deadline = time.monotonic() + seconds
        while b"\n" not in self._pending:
            cancel.check()
            try:
                chunk = self._line.recv(1 << 20)
            except TimeoutError:
                if deadline < time.monotonic():
                    raise WorkerGone("it gave no answer in time") from None
                continue
            if not chunk:
                raise WorkerGone("it closed its line")
            self._pending += chunk
        text, _, self._pending = self._pending.partition(b"\n")
        return _message(text)


def _message(text: bytes) -> Message:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise WorkerGone("it said what is no answer")
    return found


def _not_started(tree: Tree, why: str) -> CannotRun:
    said = [line for stream in tree.output for line in stream.splitlines() if line.strip()]
    last = f" It said: {said[-1].strip()[:300]}" if said else ""
    return CannotRun(
        f"The process that tries candidates cannot be started: {why}.{last}",
        next_step="Run the tests once with regreen test, and correct what it reports.",
    )


def _refused(answer: Message, tree: Tree) -> CannotRun:
    if answer.get("what") == "pytest":
        return ToolMissing(
            f"{answer['message']}.", next_step="Install pytest into that environment, then run the fix again."
        )
    return _not_started(tree, str(answer.get("message", "it gave no reason")))
