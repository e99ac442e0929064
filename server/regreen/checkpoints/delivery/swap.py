"""One file's steps in an open folder: swap the new content in, put the old one back, clear the temporary names.

What has happened is always read from the folder, never remembered: so the same steps serve a delivery that fails and
one that was killed. No file goes whose bytes are not known to be the old or the new ones.
"""

from __future__ import annotations

import contextlib
import errno
import os
from enum import StrEnum

from regreen.checkpoints.beneath import read_in
from regreen.checkpoints.prepare import Prepared, stale_base
from regreen.checkpoints.staging import Likeness, likeness, write_beside
from regreen.checkpoints.syscalls import exchange, is_being_written
from regreen.core.errors import Refused, UnreadableSource

from .intent import IntendedFile, digest

# What systems and file systems without the exchange answer.
_CANNOT_EXCHANGE = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EPERM})
_CANNOT_LINK = frozenset({errno.ENOSYS, errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK})


class Present(StrEnum):
    """What stands under a file's name."""

    OLD = "old"
    NEW = "new"
    OTHER = "other"  # the person's
    GONE = "gone"


def present(folder: int, name: str, file: IntendedFile) -> Present:
    """Tell what stands under a name.

    Raises:
        OSError: it cannot be read.
    """
    try:
        found = digest(read_in(folder, name, file.path).content)
    except FileNotFoundError:
        return Present.GONE
    except (Refused, UnreadableSource):  # a link, a folder, something huge: not ours
        return Present.OTHER
    return {file.old_digest: Present.OLD, file.new_digest: Present.NEW}.get(found, Present.OTHER)


def stage_new(file: Prepared, intended: IntendedFile) -> None:
    """Write the new content beside the old file; under its staged name it is whole and on the disk.

    Raises:
        OSError: it could not be written.
    """
    write_beside(file.folder, intended.growing, file.after, likeness(file), durable=True)
    _rename(file.folder, intended.growing, intended.staged)


def swap_in(folder: int, name: str, file: IntendedFile) -> None:
    """Put the staged content under the file's name, if the old one stands there.

    Raises:
        Conflict: something else stood there; `put_back` gives it back.
        OSError: a call failed; nothing or everything was done.
    """
    if present(folder, name, file) is not Present.OLD:
        raise stale_base((file.path,))
    try:
        if not _exchanged(folder, file.staged, name):
            _replace(folder, name, file)
    except FileNotFoundError as gone:
        raise stale_base((file.path,)) from gone
    check_displaced(folder, file)


def check_displaced(folder: int, file: IntendedFile) -> None:
    """See that what the swap displaced is the old content, and that nobody is about to write into it.

    Raises:
        Conflict: it is something else, as after a save in the very moment of the swap, or is open for writing.
    """
    displaced = _displaced(folder, file)
    if displaced is None or is_being_written(displaced, folder) or present(folder, displaced, file) is not Present.OLD:
        raise stale_base((file.path,))


def put_back(folder: int, name: str, file: IntendedFile) -> None:
    """Where the new content stands, bring back what stood there before; leave anything else alone.

    Raises:
        OSError: a call failed; nothing or everything was done.
    """
    if present(folder, name, file) is not Present.NEW or present(folder, file.staged, file) is Present.NEW:
        # Where the staged content was never used, somebody else has written the same into the file.
        return
    displaced = _displaced(folder, file)
    if displaced is None:
        displaced = file.staged
        like = Likeness(name, file.mode, file.owner, file.mtime_ns)
        _remove(folder, file.growing)
        write_beside(folder, file.growing, file.old, like, durable=True)
        _rename(folder, file.growing, file.staged)
    if not _exchanged(folder, displaced, name):
        _rename(folder, displaced, name)
    elif present(folder, displaced, file) in (Present.OTHER, Present.GONE):
        # Somebody saved over the new content in this moment: they keep what they saved.
        with contextlib.suppress(FileNotFoundError):
            exchange(folder, displaced, name)


def clear(folder: int, file: IntendedFile) -> tuple[str, ...]:
    """Remove the temporary names; return those that hold bytes of somebody else, which stay.

    Raises:
        OSError: one could not be removed.
    """
    _remove(folder, file.growing)
    strays = tuple(name for name in (file.staged, file.second) if present(folder, name, file) is Present.OTHER)
    for name in (file.staged, file.second):
        if name not in strays:
            _remove(folder, name)
    return strays


def _displaced(folder: int, file: IntendedFile) -> str | None:
    """Return the temporary name that holds what stood under the file's name before, if there is one."""
    for name in (file.second, file.staged):
        if present(folder, name, file) in (Present.OLD, Present.OTHER):
            return name
    return None


def _exchanged(folder: int, one: str, other: str) -> bool:
    try:
        exchange(folder, one, other)
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno not in _CANNOT_EXCHANGE:
            raise
        return False
    return True


def _replace(folder: int, name: str, file: IntendedFile) -> None:
    """Swap without an exchange: a save by renaming in the moment before the last call is lost."""
    _keep_second(folder, name, file)
    if present(folder, file.second, file) is not Present.OLD:
        raise stale_base((file.path,))
    _rename(folder, file.staged, name)


def _keep_second(folder: int, name: str, file: IntendedFile) -> None:
    try:
        os.link(name, file.second, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        like = Likeness(name, file.mode, file.owner, file.mtime_ns)
        write_beside(folder, file.growing, file.old, like, durable=True)
        _rename(folder, file.growing, file.second)


def _rename(folder: int, name: str, to: str) -> None:
    os.replace(name, to, src_dir_fd=folder, dst_dir_fd=folder)


def _remove(folder: int, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
