"""The server's side of a keeper: starts it, maps its user ids, tells it to mount, and sees that it ends."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regreen.core.errors import CannotRun

from .keeper_process import ENTER, PRIVATE

_PROGRAM = Path(__file__).with_name("keeper_process.py")
_PATIENCE = 20.0  # seconds for an answer that takes milliseconds
_LAST_WORDS = 2.0  # seconds to end by itself
_INSTEAD = "Your files are untouched; a private copy of the workspace can be used instead."
_SWITCHED_OFF = "user namespaces are switched off: see user.max_user_namespaces"
_FORBIDDEN = "user namespaces are forbidden here, by a container or a security policy"
_WHY = {  # what the system's own words do not say
    (ENTER, errno.ENOSPC): _SWITCHED_OFF,
    (ENTER, errno.EUSERS): _SWITCHED_OFF,
    (ENTER, errno.EPERM): _FORBIDDEN,
    (ENTER, errno.EACCES): _FORBIDDEN,
    (PRIVATE, errno.EPERM): _FORBIDDEN,
    (PRIVATE, errno.EACCES): _FORBIDDEN,
}


class Keeper:
    """A running keeper. Its pid stays ours until `close`, even if it dies: it is not waited for before."""

    def __init__(self, workspace: str, bench: Path, layers: tuple[Path, ...]) -> None:
        """Start it.

        Raises:
            CannotRun: this machine does not let it.
        """
        self._workspace = workspace
        self._device = -1
        self._unread = b""
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", _PROGRAM, str(os.getpid()), workspace, bench, *layers],
                cwd="/",
                env={},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Not in the terminal's group: an interrupt there is for us, and the keeper is needed to clean up.
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise _cannot(f"it could not be started ({error.strerror})") from error

    @property
    def pid(self) -> int:
        """Return the pid of the process whose user and mount namespaces hold the tree."""
        return self._process.pid

    @property
    def tree(self) -> str:
        """Return the path by which this process reaches the tree."""
        return f"/proc/{self.pid}/root{self._workspace}"

    def mount(self, name: str) -> None:
        """Lay a fresh upper layer, in the folder `name` of the bench, over the workspace.

        Raises:
            CannotRun: it is not possible, or the keeper is gone; then nothing is mounted any more.
        """
        if self._device == -1:
            self._answer()
            self._map_ids()
        self._device = -1
        self._tell(f"mount {name}\n")
        self._device = int(self._answer())

    @contextmanager
    def opened(self) -> Iterator[str]:
        """Yield a path of the tree that leads nowhere else, whatever happens to the keeper meanwhile.

        Raises:
            CannotRun: the keeper is gone, and the tree with it.
        """
        try:
            descriptor = os.open(self.tree, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise _gone() from error
        try:
            if os.fstat(descriptor).st_dev != self._device:
                raise _gone()
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """End it, and with it the overlay."""
        self._device = -1
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(_LAST_WORDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _tell(self, line: str) -> None:
        try:
            if self._process.stdin is not None:
                self._process.stdin.write(line.encode())
        except (OSError, ValueError) as error:  # ValueError: it is closed.
            raise _gone() from error

    def _answer(self) -> str:
        """Return what follows the first word of the next line."""
        deadline = time.monotonic() + _PATIENCE
        while b"\n" not in self._unread:
            received = self._received(deadline - time.monotonic())
            if not received:
                raise _gone()
            self._unread += received
        line, _, self._unread = self._unread.partition(b"\n")
        word, _, rest = line.decode().partition(" ")
        if word == "error":
            number, _, purpose = rest.partition(" ")
            why = _WHY.get((purpose, int(number)), os.strerror(int(number)))
            raise _cannot(f"the system does not let it {purpose} ({why})")
        return rest

    def _received(self, seconds: float) -> bytes:
        stdout = self._process.stdout
        if stdout is None or stdout.closed:
            return b""
        waiting = select.poll()
        waiting.register(stdout, select.POLLIN)
        if not waiting.poll(max(0, int(1000 * seconds))):
            raise _cannot("it did not answer")
        return os.read(stdout.fileno(), 4096)

    def _map_ids(self) -> None:
        """Give each user and group the same number inside; without root's rights, only our own."""
        folder = Path("/proc") / str(self.pid)
        for kind, own in (("uid", os.geteuid()), ("gid", os.getegid())):
            whole = "".join(
                f"{first} {first} {count}\n"
                for first, _, count in (
                    line.split() for line in Path(f"/proc/self/{kind}_map").read_text().splitlines()
                )
            )
            try:
                if os.geteuid() != 0 or not _was_written(folder / f"{kind}_map", whole):
                    if kind == "gid":
                        (folder / "setgroups").write_text("deny")
                    (folder / f"{kind}_map").write_text(f"{own} {own} 1\n")
            except OSError as error:
                raise _cannot(f"the system does not let it map user ids ({error.strerror})") from error


def _was_written(file: Path, text: str) -> bool:
    try:
        file.write_text(text)
    except PermissionError:
        return False
    return True


def _cannot(why: str) -> CannotRun:
    return CannotRun(
        f"The overlay over the workspace cannot be made: {why}.",
        next_step=_INSTEAD,
    )


def _gone() -> CannotRun:
    return CannotRun(
        "The process that holds the overlay over the workspace has ended.",
        next_step="Your files are untouched and nothing is mounted any more; run the fix again.",
    )
