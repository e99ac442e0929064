"""A new content beside the old file, ready to take its place in one step."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import secrets
import stat
import sys
from dataclasses import dataclass

from regreen.core.errors import CannotRun, RegreenError
from regreen.guard import refuse

from .beneath import refused
from .prepare import Prepared

_LOG = logging.getLogger(__name__)

PREFIX = ".regreen-"
_GROWING = re.compile(re.escape(PREFIX) + r"[0-9a-f]{16}\.new\.tmp")
_READ_ONLY = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a new file takes over from an old one. `name` is where its extended attributes are read."""

    name: str
    mode: int
    owner: tuple[int, int]
    mtime_ns: int | None = None  # None: it was modified at the moment that it is written


def is_growing(name: str) -> bool:
    """Tell whether a name is that of a content of ours which was still being written."""
    return _GROWING.fullmatch(name) is not None


def new_name() -> str:
    """Return a name for a temporary file that no one else uses."""
    return f"{PREFIX}{secrets.token_hex(8)}.tmp"


def stage(file: Prepared, content: bytes, *, durable: bool) -> str:
    """Write a content to a temporary file in the file's folder, with the old one's mode; return its name."""
    name = new_name()
    try:
        write_beside(file.folder, name, content, likeness(file), durable=durable)
    except BaseException:
        remove(file.folder, name)
        raise
    return name


def likeness(file: Prepared) -> Likeness:
    """Return what a file's next content takes over."""
    return Likeness(
        file.name, stat.S_IMODE(file.before.stat.st_mode), (file.before.stat.st_uid, file.before.stat.st_gid)
    )


def write_beside(folder: int, name: str, content: bytes, like: Likeness, *, durable: bool) -> None:
    """Write a new file into an open folder, in the likeness of another one there.

    Raises:
        OSError: it could not be written; a part of it may be there.
    """
    descriptor = os.open(name, _CREATE, 0o600, dir_fd=folder)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        _take_over(descriptor, folder, like)
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(folder: int, name: str) -> None:
    """Remove a temporary file if it is there; one that cannot be removed is named in the log and does no other harm."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return
    except OSError as error:
        _LOG.warning("%s could not be removed: %s", name, error)


def write_error(error: OSError, path: str) -> RegreenError:
    """Say what a person can do about a file that could not be written."""
    if error.errno in _READ_ONLY:
        return refused(refuse("path-read-only", f"The folder of {path} cannot be written ({error.strerror}).", path))
    return CannotRun(
        f"{path} could not be written: {error.strerror}.",
        next_step="Your files are as before; make room on the disk or repair it, then run the fix again.",
    )


def _take_over(descriptor: int, folder: int, like: Likeness) -> None:
    new = os.fstat(descriptor)
    if like.owner != (new.st_uid, new.st_gid):
        # Without the right to give files away the saved file belongs to who saves it, as with any editor.
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, *like.owner)
    if sys.platform == "linux":
        _copy_attributes(descriptor, folder, like.name)
    os.fchmod(descriptor, like.mode)
    if like.mtime_ns is not None:
        os.utime(descriptor, ns=(like.mtime_ns, like.mtime_ns))


def _copy_attributes(descriptor: int, folder: int, name: str) -> None:
    # Security labels and the like are the system's to set: what cannot be read or copied is left to it.
    with contextlib.suppress(OSError):
        source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        try:
            for attribute in os.listxattr(source):
                with contextlib.suppress(PermissionError):
                    os.setxattr(descriptor, attribute, os.getxattr(source, attribute))
        finally:
            os.close(source)
