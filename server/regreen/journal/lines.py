"""Appends whole lines to a file that several processes write, and reads them back."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def append(path: Path, line: bytes, *, durable: bool) -> None:
    """Append one line, whole or not at all; a torn line that a crash left before it is closed first.

    Raises:
        OSError: the disk is full or fails.
    """
    _make_private(path.parent)
    with _locked(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, fcntl.LOCK_EX) as file:
        end = os.lseek(file, 0, os.SEEK_END)
        torn = 0 < end and os.pread(file, 1, end - 1) != b"\n"
        try:
            _write_all(file, b"\n" + line if torn else line)
        except OSError:
            os.ftruncate(file, end)
            raise
        if durable:
            os.fsync(file)
    if durable:
        _sync_folder(path.parent)


def read(path: Path) -> list[bytes]:
    """Return the lines without their ends; none when there is no such file."""
    try:
        with _locked(path, os.O_RDONLY, fcntl.LOCK_SH) as file:
            content = path.read_bytes() if os.fstat(file).st_size else b""
    except FileNotFoundError:
        return []
    return content.removesuffix(b"\n").split(b"\n") if content else []


def rewrite(path: Path, lines: list[bytes]) -> None:
    """Replace all lines, in place, so that whoever waits for the lock appends to the same file."""
    with _locked(path, os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX) as file:
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        _write_all(file, b"".join(line + b"\n" for line in lines))
        os.fsync(file)


def _make_private(folder: Path) -> None:
    """Make a folder and its parents for us alone; `mkdir` with parents gives the mode to the last one only."""
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def _locked(path: Path, flags: int, lock: int) -> Iterator[int]:
    file = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(file, lock)
        yield file
    finally:
        os.close(file)


def _write_all(file: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
