"""What a run reports while it runs, and whether it has taken any of it back."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

from regreen.core.testing import CommandSpec

from .process import Tree

REPORT_CAP = 128 * 1024 * 1024  # bytes read of a report: those of some 100,000 tests; what is behind counts as not said
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class Reported:
    """Follows line by line what a run reports: in a growing file, or on its standard output."""

    def __init__(self, spec: CommandSpec, on_line: Callable[[str], None] | None) -> None:
        self._path = spec.report
        self._printed = spec.report_is_stdout
        self._on_line = on_line
        self._lines: list[str] = []
        self._offset = 0
        self._seen = hashlib.blake2b()  # of what was read so far
        self._rest = b""  # of a line that has no end yet

    @property
    def text(self) -> str:
        """Return the lines of the file; standard output has its own place in a RawRun."""
        return "".join(line + "\n" for line in self._lines)

    def clear(self) -> None:
        """Remove what an earlier run left: its lines must not speak for this one."""
        if self._path:
            Path(self._path).unlink(missing_ok=True)

    def poll(self, tree: Tree) -> None:
        """Hand out the full lines that are new."""
        fresh = self._rest + (tree.fresh_output() if self._printed else self._read())
        complete = fresh[: fresh.rfind(b"\n") + 1]
        self._rest = fresh[len(complete) :]
        for line in complete.decode("utf-8", "replace").split("\n")[:-1]:
            if not self._printed:
                self._lines.append(line)
            if self._on_line is not None:
                self._on_line(line)

    def is_rewritten(self) -> bool:
        """Tell, once the run is over, whether what was read of the file stands there otherwise now.

        Who can write a report can take it back; whether its first or its second telling is read would be chance. A
        file that is gone tells nothing else.
        """
        if not self._offset:
            return False
        now = self._bytes(0, self._offset)
        return now is not None and hashlib.blake2b(now).digest() != self._seen.digest()

    def _read(self) -> bytes:
        """Return what is new in the file."""
        fresh = self._bytes(self._offset, REPORT_CAP - self._offset) or b""
        self._offset += len(fresh)
        self._seen.update(fresh)
        return fresh

    def _bytes(self, start: int, most: int) -> bytes | None:
        """Return a part of the file, None when there is none: what tests put in its place is not read."""
        if not self._path:
            return None
        try:
            descriptor = os.open(self._path, _OPEN)
        except OSError:  # Not there yet, or made unreadable: then nothing was reported.
            return None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            return None
        with open(descriptor, "rb") as stream:
            stream.seek(start)
            return stream.read(most)
