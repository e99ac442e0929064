"""A person at work: saves, replaces or deletes files, in another process and at any moment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

WAYS = ("in place", "by renaming", "deleted", "twice")
SCRIPT = Path(__file__)


class Person:
    """Edits when asked to, after so many microseconds."""

    def __init__(self) -> None:
        command = [sys.executable, "-I", "-S", str(SCRIPT)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=30)

    def begin(self, file: Path, way: str, text: str, microseconds: int) -> None:
        """Let the person edit a file soon."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([str(file), way, text, microseconds]) + "\n")
        self._process.stdin.flush()

    def wait(self) -> None:
        """Wait until it is done."""
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "done\n"


def in_place(path: str, text: str) -> None:
    """Save as most editors do with small files."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.write(descriptor, text.encode())
    os.close(descriptor)


def by_renaming(path: str, text: str) -> None:
    """Save as careful editors do."""
    in_place(f"{path}~", text)
    os.replace(f"{path}~", path)  # noqa: PTH105 - as short as can be, to hit the moment


def deleted(path: str, text: str) -> None:
    """Delete."""
    os.unlink(path)  # noqa: PTH108


def twice(path: str, text: str) -> None:
    """Save two times, once in each way."""
    by_renaming(path, "first " + text)
    in_place(path, text)


EDITS: dict[str, Callable[[str, str], None]] = dict(zip(WAYS, (in_place, by_renaming, deleted, twice), strict=True))


def main() -> None:
    """Edit as told, line by line."""
    import time

    for line in sys.stdin:
        path, way, text, microseconds = json.loads(line)
        end = time.perf_counter() + microseconds / 1e6
        while time.perf_counter() < end:
            pass
        EDITS[way](path, text)
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
