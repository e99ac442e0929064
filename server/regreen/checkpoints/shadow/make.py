"""Makes one saved entry anew in an open folder, whole or not at all, and never over something that stands there."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

from regreen.checkpoints.staging import new_name

from .blobs import Reader
from .manifest import Entry, Kind
from .sync import Syncer

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_BY_PLACE = getattr(os, "O_PATH", 0)
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS})


def make(folder: int, name: str, entry: Entry, reader: Reader, pins: Path, syncer: Syncer) -> None:
    """Make an entry under a name that nobody has.

    Raises:
        FileExistsError: somebody has it.
        CannotRun: the saved content is damaged.
        OSError: it could not be made.
    """
    if entry.kind is Kind.FOLDER:
        os.mkdir(name, 0o700, dir_fd=folder)  # Its own mode comes last, when everything is in it.
    elif entry.kind is Kind.LINK:
        os.symlink(entry.target, name, dir_fd=folder)
        _own_link(folder, name, entry)
    elif entry.kind is Kind.PIPE:
        os.mkfifo(name, 0o600, dir_fd=folder)
        set_rights(folder, name, entry)
    elif entry.pin:
        os.link(pins / entry.pin, name, dst_dir_fd=folder, follow_symlinks=False)
    else:
        _make_file(folder, name, entry, reader, syncer)


def set_rights(folder: int, name: str, entry: Entry) -> None:
    """Give an entry of an open folder its saved owner, mode and time; a link is left as it is but for its time.

    Raises:
        OSError: it is not there, or somebody else's.
    """
    if entry.kind is Kind.LINK:
        os.utime(name, ns=(entry.mtime_ns, entry.mtime_ns), dir_fd=folder, follow_symlinks=False)
        return
    if _BY_PLACE:
        # By a descriptor that stands for the very thing: it cannot be swapped for a link meanwhile.
        descriptor = os.open(name, _BY_PLACE | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        try:
            if not stat.S_ISLNK(os.fstat(descriptor).st_mode):
                _set(f"/proc/self/fd/{descriptor}", os.fstat(descriptor), entry)
        finally:
            os.close(descriptor)
        return
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISLNK(found.st_mode):
        if (found.st_uid, found.st_gid) != (entry.uid, entry.gid):
            with contextlib.suppress(PermissionError):
                os.chown(name, entry.uid, entry.gid, dir_fd=folder, follow_symlinks=False)
        os.chmod(name, entry.mode, dir_fd=folder)
        os.utime(name, ns=(entry.mtime_ns, entry.mtime_ns), dir_fd=folder, follow_symlinks=False)


def set_open_rights(descriptor: int, entry: Entry) -> None:
    """Give an open file or folder its saved owner, mode and time.

    Raises:
        OSError: it is somebody else's.
    """
    found = os.fstat(descriptor)
    if (found.st_uid, found.st_gid) != (entry.uid, entry.gid):
        # Without the right to give files away it belongs to who restores it.
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, entry.uid, entry.gid)
    os.fchmod(descriptor, entry.mode)
    os.utime(descriptor, ns=(entry.mtime_ns, entry.mtime_ns))


def _set(place: str, found: os.stat_result, entry: Entry) -> None:
    if (found.st_uid, found.st_gid) != (entry.uid, entry.gid):
        with contextlib.suppress(PermissionError):
            os.chown(place, entry.uid, entry.gid)
    Path(place).chmod(entry.mode)
    os.utime(place, ns=(entry.mtime_ns, entry.mtime_ns))


def _own_link(folder: int, name: str, entry: Entry) -> None:
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if (found.st_uid, found.st_gid) != (entry.uid, entry.gid):
        with contextlib.suppress(PermissionError):
            os.chown(name, entry.uid, entry.gid, dir_fd=folder, follow_symlinks=False)
    os.utime(name, ns=(entry.mtime_ns, entry.mtime_ns), dir_fd=folder, follow_symlinks=False)


def _make_file(folder: int, name: str, entry: Entry, reader: Reader, syncer: Syncer) -> None:
    staged = new_name()
    descriptor = os.open(staged, _CREATE, 0o600, dir_fd=folder)
    try:
        try:
            reader.write_to(entry.oid, descriptor)
            set_open_rights(descriptor, entry)
            syncer.sync(descriptor)
        finally:
            os.close(descriptor)
        _give_name(folder, staged, name)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(staged, dir_fd=folder)


def _give_name(folder: int, staged: str, name: str) -> None:
    try:
        os.link(staged, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without links: the name is looked at just before it is taken.
        with contextlib.suppress(FileNotFoundError):
            os.stat(name, dir_fd=folder, follow_symlinks=False)
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name) from error
        os.rename(staged, name, src_dir_fd=folder, dst_dir_fd=folder)
