"""A new content beside the old file, ready to take its place in one step."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
import stat
import sys

from regreen.core.errors import CannotRun, RegreenError
from regreen.guard import refuse

from .beneath import refused
from .prepare import Prepared

_LOG = logging.getLogger(__name__)

PREFIX = ".regreen-"
_READ_ONLY = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def new_name() -> str:
    """Return a name for a temporary file that no one else uses."""
    return f"{PREFIX}{secrets.token_hex(8)}.tmp"


def stage(file: Prepared, content: bytes, *, durable: bool) -> str:
    """Write a content to a temporary file in the file's folder, with the old one's mode; return its name."""
    name = new_name()
    try:
        with open(name, "wb", opener=lambda path, _: os.open(path, _CREATE, 0o600, dir_fd=file.folder)) as staged:
            staged.write(content)
            staged.flush()
            _take_over(staged.fileno(), file)
            if durable:
                os.fsync(staged.fileno())
    except BaseException:
        remove(file.folder, name)
        raise
    return name


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


def _take_over(descriptor: int, file: Prepared) -> None:
    old, new = file.before.stat, os.fstat(descriptor)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        # Without the right to give files away the saved file belongs to who saves it, as with any editor.
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, old.st_uid, old.st_gid)
    if sys.platform == "linux":
        _copy_attributes(descriptor, file)
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _copy_attributes(descriptor: int, file: Prepared) -> None:
    source = os.open(file.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=file.folder)
    try:
        # Security labels and the like are the system's to set: what cannot be copied is left to it.
        with contextlib.suppress(OSError):
            for attribute in os.listxattr(source):
                with contextlib.suppress(PermissionError):
                    os.setxattr(descriptor, attribute, os.getxattr(source, attribute))
    finally:
        os.close(source)
