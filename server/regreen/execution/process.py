"""One process tree: started apart, watched, and gone afterwards.

Every process carries a mark in its environment, which its descendants inherit. The end of a run kills the group, the
session and, on Linux, whatever still carries the mark. A descendant that left the session and cleared its environment
escapes; only a process namespace holds that.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from regreen.core.errors import CannotRun, ToolMissing
from regreen.core.testing import CommandSpec

from .start import NotEnclosed, Start, Starter, start_plainly

MARK = "REGREEN_RUN"
POLL = 0.05  # seconds between two looks at cancel, time and report
_STEP = 0.004
_GENTLE = 0.5  # seconds that a tree has between the request to end and the kill
_STACK = 0.2  # seconds that a hanging run has to write down its stack
_ROUNDS = 20  # a tree that forks while it is being killed is killed again
_PR_SET_PDEATHSIG = 1
_BUILDS = 3  # tries of an enclosure
_CHUNK = 1 << 16


class HeadTail:
    """Keeps the head and the tail of a stream, up to a cap."""

    def __init__(self, cap: int) -> None:
        self._half = max(1, cap // 2)
        self._head = bytearray()
        self._tail = bytearray()
        self._n_left_out = 0

    def add(self, chunk: bytes) -> None:
        """Take in more of the stream."""
        room = self._half - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        if 2 * self._half < len(self._tail):
            self._trim()

    def text(self) -> str:
        """Return what was kept, decoded with replacement, and a line that says how much is missing."""
        self._trim()
        if not self._n_left_out:
            return bytes(self._head + self._tail).decode("utf-8", "replace")
        gap = f"\n[... {self._n_left_out} bytes left out ...]\n"
        return self._head.decode("utf-8", "replace") + gap + self._tail.decode("utf-8", "replace")

    def _trim(self) -> None:
        n_extra = len(self._tail) - self._half
        if 0 < n_extra:
            del self._tail[:n_extra]
            self._n_left_out += n_extra


class Tree:
    """A running process with all its descendants. Use as a context: leaving it kills what is left."""

    def __init__(
        self,
        spec: CommandSpec,
        environment: Mapping[str, str],
        cap: int,
        starter: Starter = start_plainly,
        fds: tuple[int, ...] = (),
    ) -> None:
        """Start it; it inherits the descriptors.

        Raises:
            ToolMissing: the program is not there or cannot be executed.
            CannotRun: the folder is not there, or the system refuses.
        """
        for _ in range(_BUILDS - 1):
            with contextlib.suppress(NotEnclosed):
                self._begin(spec, environment, cap, starter, fds)
                return
        self._begin(spec, environment, cap, starter, fds)

    def _begin(
        self, spec: CommandSpec, environment: Mapping[str, str], cap: int, starter: Starter, fds: tuple[int, ...]
    ) -> None:
        self._mark = secrets.token_hex(8)
        self._gone = False
        self._start = starter(spec, {**environment, MARK: self._mark}, fds)
        try:
            self._process = _execute(self._start, merged=spec.merged)
        except BaseException:
            self._start.close()
            raise
        self.pid = self._process.pid
        pipes = ((self._process.stdout, spec.report_is_stdout), (self._process.stderr, False))
        self._streams = tuple(_Stream(pipe, cap // 2, followed) for pipe, followed in pipes if pipe)
        try:
            self._start.begun()
        except CannotRun as error:
            self.kill()
            raise _with_last_words(error, self.output[1]) from error
        except BaseException:
            self.kill()
            raise

    def __enter__(self) -> Tree:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def wait(self, seconds: float) -> int | None:
        """Wait that long for the leader; return its exit code (negated signal), or None while it runs."""
        deadline = time.monotonic() + seconds
        while (code := self._exit_code()) is None and time.monotonic() < deadline:
            time.sleep(_STEP)
        return code

    def ask_for_stack(self) -> None:
        """Let a hanging leader write its stack to its report; one that is not prepared for that ends."""
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGUSR2)
            self.wait(_STACK)

    def end(self) -> None:
        """Ask the tree to end, then kill it."""
        if sys.platform != "win32" and not self._gone:
            _signal_group(self.pid, signal.SIGTERM)
            self.wait(_GENTLE)
        self.kill()

    def kill(self) -> None:
        """Kill every process of the tree, and wait until the leader is gone."""
        if self._gone:
            return
        self._start.kill()
        if sys.platform == "win32":
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(self.pid)], capture_output=True, check=False)
        else:
            _signal_group(self.pid, signal.SIGKILL)
            self._kill_marked()
        self._process.wait()
        self._gone = True
        for stream in self._streams:
            stream.close()
        self._start.close()

    @property
    def output(self) -> tuple[str, str]:
        """Return standard output and standard error, as kept."""
        texts = [stream.text() for stream in self._streams]
        return texts[0], "".join(texts[1:])

    def fresh_output(self) -> bytes:
        """Return what standard output brought since the last call; empty unless it is the run's report."""
        return self._streams[0].fresh()

    def _exit_code(self) -> int | None:
        if self._gone or sys.platform != "linux":
            return self._process.poll()
        # The leader stays a zombie until the tree is killed: so its number cannot name somebody else's group by then.
        found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        if found is None:
            return None
        return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status

    def _kill_marked(self) -> None:
        for _ in range(_ROUNDS):
            found = marked(self._mark, self.pid)
            if not found:
                return
            for pid in found:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(POLL / 10)


def marked(mark: str, session: int) -> tuple[int, ...]:
    """Return the living processes that carry the mark or belong to the session; empty where there is no /proc."""
    if sys.platform != "linux":
        return ()
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            state, _, _, its_session = (entry / "stat").read_bytes().rpartition(b") ")[2].split()[:4]
            if state in (b"Z", b"X"):
                continue
            if int(its_session) == session or wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return tuple(sorted(found))


class _Stream:
    """Reads a pipe on a thread of its own until its last writer is gone."""

    def __init__(self, pipe: IO[bytes], cap: int, followed: bool) -> None:
        self._kept = HeadTail(cap)
        self._fresh: bytearray | None = bytearray() if followed else None  # not handed out yet
        self._lock = threading.Lock()
        self._pipe = pipe
        self._thread = threading.Thread(target=self._read, name="regreen-output", daemon=True)
        self._thread.start()

    def close(self) -> None:
        # An escaped process may hold the other end for ever: then the thread stays, and nothing waits for it.
        self._thread.join(_GENTLE)

    def text(self) -> str:
        with self._lock:
            return self._kept.text()

    def fresh(self) -> bytes:
        with self._lock:
            found = bytes(self._fresh or b"")
            if self._fresh is not None:
                self._fresh.clear()
            return found

    def _read(self) -> None:
        with self._pipe:
            while chunk := os.read(self._pipe.fileno(), _CHUNK):
                with self._lock:
                    self._kept.add(chunk)
                    if self._fresh is not None:
                        self._fresh += chunk


def _execute(start: Start, *, merged: bool) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            start.argv,
            cwd=start.cwd,
            env=start.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merged else subprocess.PIPE,
            start_new_session=True,
            pass_fds=start.fds,
            # Safe enough beside threads: one system call, looked up beforehand. It is bound to the thread that
            # starts the process, which is the one that waits for it.
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )
    except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
        raise ToolMissing(
            f"{start.argv[0]} cannot be started: {error.strerror}.",
            next_step="Create the project's environment or correct the path of its interpreter, then run again.",
        ) from error
    except OSError as error:
        raise CannotRun(
            f"The system refuses to start {start.argv[0]}: {error.strerror}.",
            next_step="Close other programs or select fewer tests, then run again.",
        ) from error


def _with_last_words(error: CannotRun, complaint: str) -> CannotRun:
    """Return the error with what the process that failed said last."""
    said = [line.strip() for line in complaint.splitlines() if line.strip()]
    if not said:
        return error
    return type(error)(f"{error.message} It said: {said[-1][:300].rstrip('.')}.", next_step=error.next_step)


# Looked up before any fork: between fork and exec nothing may be imported or allocated that takes a lock.
_PRCTL = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


def _die_with_parent() -> None:
    if _PRCTL is not None:
        _PRCTL(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def _signal_group(leader: int, number: signal.Signals) -> None:
    if sys.platform != "win32":
        # macOS answers with a permission error when only zombies are left in the group.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, number)
