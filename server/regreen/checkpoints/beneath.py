"""Reaches a file below a folder without ever following a link.

A path that is checked first and opened afterwards can be swapped in between; a descriptor cannot. Linux resolves the
whole path beneath the folder in one call; elsewhere, and to say what stands in the way, each part is opened from the
one before.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from regreen.core.errors import Refused, UnreadableSource
from regreen.guard import Refusal, path_refusal, refuse

from .syscalls import open_beneath

MAX_TEXT_BYTES = 10_000_000

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: should a pipe have taken the file's place, opening it must not wait for a writer.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class FileState:
    """What a regular file was at one moment."""

    content: bytes
    stat: os.stat_result


@contextmanager
def folder_of(root: str, path: str) -> Iterator[tuple[int, str]]:
    """Open the folder of a relative path and yield (its descriptor, the last name).

    Raises:
        Refused: the path is hostile, or a link or a file stands on the way.
        FileNotFoundError: a folder on the way is not there.
    """
    refusal = path_refusal(path)
    if refusal is not None:
        raise refused(refusal)
    above, _, name = path.rpartition("/")
    # The root is the person's or ours, and may itself lie behind a link.
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if above:
            inner = _open_folders(descriptor, above, path)
            os.close(descriptor)
            descriptor = inner
        yield descriptor, name
    finally:
        os.close(descriptor)


def read_in(folder: int, name: str, path: str) -> FileState:
    """Read a regular file of an open folder; `path` is for messages.

    Raises:
        Refused: it is a link or a special file.
        UnreadableSource: it is too large.
        FileNotFoundError: it is not there.
    """
    _check_regular(os.stat(name, dir_fd=folder, follow_symlinks=False), path)
    with open(name, "rb", opener=lambda file, _: os.open(file, _FILE, dir_fd=folder)) as file:
        found = os.fstat(file.fileno())
        _check_regular(found, path)
        if MAX_TEXT_BYTES < found.st_size:
            raise UnreadableSource(
                f"{path} has {found.st_size} bytes.",
                next_step="Files of more than 10 MB are left alone; edit it by hand.",
            )
        return FileState(file.read(MAX_TEXT_BYTES + 1), found)


def read_file(root: str, path: str) -> FileState:
    """Read a regular file below a folder.

    Raises:
        Refused: the path is hostile, or a link or a special file stands there or on the way.
        UnreadableSource: it is too large.
        FileNotFoundError: it is not there.
    """
    with folder_of(root, path) as (folder, name):
        return read_in(folder, name, path)


def check_writable(found: os.stat_result, path: str) -> None:
    """Refuse a file that should not be replaced.

    Raises:
        Refused: it has other names, or nobody may write it.
    """
    if 1 < found.st_nlink:
        raise refused(refuse("path-hard-link", f"{path} has {found.st_nlink} names (hard links).", path))
    if not found.st_mode & 0o222:
        raise refused(refuse("path-read-only", f"{path} is read-only.", path))


def refused(refusal: Refusal) -> Refused:
    """Return the exception that carries a refusal."""
    return Refused(refusal.message, next_step=refusal.next_step, rule=refusal.rule)


def _open_folders(root: int, above: str, path: str) -> int:
    try:
        return open_beneath(root, above, _FOLDER)
    except FileNotFoundError:
        raise
    except OSError:
        # The call is not there, or something stands in the way: part by part, what it is can be said.
        return _open_each(root, above.split("/"), path)


def _open_each(root: int, folders: list[str], path: str) -> int:
    descriptor = os.dup(root)
    for folder in folders:
        try:
            inner = _open_folder(descriptor, folder, path)
        finally:
            os.close(descriptor)
        descriptor = inner
    return descriptor


def _open_folder(parent: int, name: str, path: str) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except NotADirectoryError:  # Linux says this of a link, too.
        found = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except OSError:
        found = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if not stat.S_ISLNK(found.st_mode):
            raise
    if stat.S_ISLNK(found.st_mode):
        raise refused(refuse("path-symlink", f"{path} goes through the link {name}.", path))
    raise refused(refuse("path-special", f"{path} goes through {name}, which is not a folder.", path))


def _check_regular(found: os.stat_result, path: str) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise refused(refuse("path-symlink", f"{path} is a symbolic link.", path))
    if not stat.S_ISREG(found.st_mode):
        raise refused(refuse("path-special", f"{path} is not a regular file.", path))
