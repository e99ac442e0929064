"""The near end of a confined start: hands the order over, learns when the program runs, and ends all of it."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import shutil
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from regreen.core.errors import CannotRun, RegreenError, ToolMissing
from regreen.execution.start import NotEnclosed, folder_missing

from .launch.order import OF_NAMESPACES, Order, pack

_HERE = str(Path(__file__).resolve().parent)
_MAIN = "import sys; sys.path.insert(0, sys.argv[1]); from launch.main import main; main(sys.argv[2:])"
_BUILD = 30.0  # seconds that an enclosure may take to stand
_END = 10.0  # seconds that the kernel may take to end what was killed


class ConfinedStart:
    """One start inside of an enclosure (see execution.start.Start)."""

    def __init__(self, order: Order, environment: Mapping[str, str], private: str = "") -> None:
        """Lay the order down; `private` is a folder of this start alone, removed at the end."""
        self._order = order
        self._private = private
        self._near, self._far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._packed = os.memfd_create("regreen-order")
        os.write(self._packed, pack(order))
        self._first = -1  # the first process of the enclosure, where there is one
        self.environment = environment
        self.cwd = "/"
        numbers = (self._packed, self._far.fileno())
        self.fds = (*numbers, *order.fds)
        self.argv = (sys.executable, "-I", "-S", "-c", _MAIN, _HERE, *(str(number) for number in numbers))

    def begun(self) -> None:
        """Wait until the program itself runs.

        Raises:
            ToolMissing: the program is not there or cannot be executed.
            CannotRun: the folder is not there, or the enclosure cannot be built.
        """
        os.close(self._packed)
        self._packed = -1
        self._far.close()
        self._near.settimeout(_BUILD)
        try:
            word, *rest = self._near.recv(4096).decode("utf-8", "replace").split(" ", 1) or [""]
        except TimeoutError:
            word, rest = "failed", ["0 enclosure it takes too long"]
        except OSError as error:
            word, rest = "failed", [f"{error.errno or 0} enclosure {error.strerror}"]
        if word != "running":
            raise self._failed(rest[0] if rest else "0 enclosure its launcher died")
        if rest:
            with contextlib.suppress(ProcessLookupError):
                self._first = os.pidfd_open(int(rest[0]))

    def kill(self) -> None:
        """Kill what is inside of the enclosure, and wait until nothing of it lives."""
        if 0 <= self._first:
            # With the first process of a namespace all others end; it is gone only when they are.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                signal.pidfd_send_signal(self._first, signal.SIGKILL)
            ended = select.poll()
            ended.register(self._first, select.POLLIN)
            ended.poll(_END * 1000)
        if self._order.mode in OF_NAMESPACES:
            return
        with contextlib.suppress(OSError):
            self._near.send(b"end")
            self._near.settimeout(_END)
            while self._near.recv(4096):
                pass

    def close(self) -> None:
        """Let go of the line and of the private folder."""
        self._near.close()
        self._far.close()
        for name in ("_packed", "_first"):
            if 0 <= getattr(self, name):
                os.close(getattr(self, name))
                setattr(self, name, -1)
        if self._private:
            shutil.rmtree(self._private, ignore_errors=True)

    def _failed(self, text: str) -> RegreenError:
        number, step, why = [*text.split(" ", 2), "", ""][:3]
        program = self._order.argv[0]
        if step == "folder":
            return folder_missing(self._order.cwd)
        if step == "program":
            missing = int(number) in (errno.ENOENT, errno.EACCES, errno.ENOTDIR, errno.ENOEXEC)
            kind = ToolMissing if missing else CannotRun
            return kind(
                f"{program} cannot be started: {os.strerror(int(number))}.",
                next_step="Create the project's environment or correct the path of its interpreter; if it is there, "
                "it lies where the sandbox shows nothing: run with --sandbox off if you trust this code.",
            )
        return NotEnclosed(
            f"The sandbox ({self._order.mode}) cannot be built: {why}.",
            next_step="Run regreen doctor, which says what this machine allows; "
            "with --sandbox off nothing is confined.",
        )
