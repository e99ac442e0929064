"""Copies one file: shares its blocks where the file system can, copies bytes where it cannot."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import sys

from regreen.core.cancel import Cancellation

CHUNK = 1024 * 1024
_FICLONE = 0x40049409  # <linux/fs.h>
_TRIES = 3


class Unsteady(Exception):
    """A file went on changing while it was copied."""


def copy_file(cancel: Cancellation, source: str, target: str) -> os.stat_result:
    """Copy the bytes of a regular file to a new file and return what the source was then.

    Raises:
        Unsteady: it changed each time while it was copied.
        IsADirectoryError: it is no regular file any more.
        Cancelled: the token was set.
    """
    for _ in range(_TRIES):
        with open(source, "rb", buffering=0, opener=_without_links) as reader:
            before = os.fstat(reader.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise IsADirectoryError(errno.EISDIR, "not a regular file", source)
            with open(target, "wb", buffering=0) as writer:
                if not _cloned(reader.fileno(), writer.fileno()):
                    _copy_bytes(cancel, reader.fileno(), writer.fileno())
            after = os.fstat(reader.fileno())
        if _stamp(before) == _stamp(after):
            return after
    raise Unsteady(source)


def _without_links(path: str, _: int) -> int:
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


def _cloned(reader: int, writer: int) -> bool:
    if sys.platform != "linux":
        return False
    try:
        fcntl.ioctl(writer, _FICLONE, reader)
    except OSError:  # Another file system, or one that cannot share: the bytes are copied.
        return False
    return True


def _copy_bytes(cancel: Cancellation, reader: int, writer: int) -> None:
    while chunk := os.read(reader, CHUNK):
        cancel.check()
        view = memoryview(chunk)
        while view:
            view = view[os.write(writer, view) :]


def _stamp(state: os.stat_result) -> tuple[int, int, int]:
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns
