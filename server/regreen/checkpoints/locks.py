"""Who may change a workspace now: locks in its state folder, one for work and one for a server's life.

All spellings of a workspace have one state folder, so its real path is what is locked. The system lets go of a lock
when its process ends, however it ends. On Windows a byte of the file is locked; that way is untested.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from regreen.core.errors import Busy, CannotRun

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_OPEN = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_MAX_BYTES = 4096

if sys.platform == "win32":
    import msvcrt

    _BEHIND = 1 << 30  # far behind the text, which stays readable for others

    def _try_lock(file: int) -> bool:
        os.lseek(file, _BEHIND, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: int) -> None:
        os.lseek(file, _BEHIND, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: int) -> None:
        # Closing is not enough: a process that was just forked has the open file, too, until it runs its program.
        fcntl.flock(file, fcntl.LOCK_UN)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock. `pid` is 0 when that cannot be read."""

    pid: int = 0
    since: float = 0.0  # epoch seconds
    title: str = ""

    def __str__(self) -> str:
        if not self.pid:
            return "another process"
        return f"process {self.pid}, since {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(self.since))}"


class Locks:
    """The locks of one workspace."""

    def __init__(self, state_dir: str | Path, now: Callable[[], float] = time.time) -> None:
        self._state = Path(state_dir)
        self._now = now

    @contextmanager
    def working(self, title: str) -> Iterator[None]:
        """Hold the lock of whoever changes the workspace.

        Raises:
            Busy: another process works on it; names it.
            CannotRun: the state folder cannot be written.
        """
        with self._held("work.lock", title) as holder:
            if holder is not None:
                doing = f"“{holder.title}” is running on this workspace" if holder.title else "This workspace is in use"
                raise Busy(
                    f"{doing} ({holder}).", next_step="Wait until it has ended, or cancel it there; then try again."
                )
            yield

    @contextmanager
    def serving(self, title: str) -> Iterator[Holder | None]:
        """Hold the lock of the workspace's server; yield who has it when it is somebody else.

        Raises:
            CannotRun: the state folder cannot be written.
        """
        with self._held("server.lock", title) as holder:
            yield holder

    @contextmanager
    def _held(self, name: str, title: str) -> Iterator[Holder | None]:
        path = self._state / name
        try:
            file = os.open(path, _OPEN, 0o600)
        except OSError as error:
            raise CannotRun(
                f"{path} cannot be written: {error.strerror}.",
                next_step="Make room on the disk, or set REGREEN_STATE_DIR to a folder in which you may write.",
            ) from error
        try:
            if not _try_lock(file):
                yield _holder(path)
                return
            _sign(file, {"pid": os.getpid(), "boot": boot_id(), "since": self._now(), "title": title})
            try:
                yield None
            finally:
                _unlock(file)
        finally:
            os.close(file)


def _sign(file: int, words: dict[str, object]) -> None:
    """Say who holds it."""
    text = json.dumps(words).encode("ascii")
    # Only the message to others depends on it: a full disk must not keep anybody from working, or from recovering.
    with contextlib.suppress(OSError):
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, text)


def _holder(path: Path) -> Holder:
    try:
        with path.open("rb") as file:
            words = json.loads(file.read(_MAX_BYTES))
        if words["boot"] != boot_id():  # Left by a dead process: whoever holds it has not signed yet.
            return Holder()
        return Holder(int(words["pid"]), float(words["since"]), str(words["title"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Holder()


def boot_id() -> str:
    """Return what tells one run of the machine from the next, "" where it does not say."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
