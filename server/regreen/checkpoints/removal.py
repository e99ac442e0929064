"""Removes a folder with whatever tests can have made of it: read-only, closed, or deeper than any path may be long."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TRIES = 3
_BUSY = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT})  # somebody made or removed something meanwhile
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_tree(path: Path) -> None:
    """Remove a folder with everything in it; links are removed, never followed. One that is not there is removed.

    Raises:
        OSError: something cannot be removed.
    """
    for last in (False,) * (_TRIES - 1) + (True,):
        try:
            _remove(path)
        except OSError as error:
            if last or error.errno not in _BUSY:
                raise
        else:
            return


def _remove(path: Path) -> None:
    if not os.path.lexists(path):
        return
    above = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with _entered(above, path.name) as top:
            _empty(top)
        os.rmdir(path.name, dir_fd=above)
    finally:
        os.close(above)


def _empty(top: int) -> None:
    """Remove what is in an open folder. Folders are moved up into it one by one, so that depth does not matter."""
    while entries := _entries(top):
        for name, is_folder in entries:
            if not is_folder:
                os.unlink(name, dir_fd=top)
                continue
            with _entered(top, name) as folder:
                _flatten(folder, top)
            os.rmdir(name, dir_fd=top)


def _flatten(folder: int, top: int) -> None:
    for name, is_folder in _entries(folder):
        if is_folder:
            _open_up(folder, name)  # A folder that cannot be written cannot be moved.
            os.rename(name, f"removed-{secrets.token_hex(8)}", src_dir_fd=folder, dst_dir_fd=top)
        else:
            os.unlink(name, dir_fd=folder)


def _entries(folder: int) -> list[tuple[str, bool]]:
    with os.scandir(folder) as listing:
        return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in listing]


@contextmanager
def _entered(above: int, name: str) -> Iterator[int]:
    _open_up(above, name)
    descriptor = os.open(name, _FOLDER, dir_fd=above)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _open_up(above: int, name: str) -> None:
    """Give ourselves every right on a folder, so that its entries can be removed."""
    if sys.platform != "linux":
        os.chmod(name, 0o700, dir_fd=above, follow_symlinks=False)
        return
    # Linux cannot change a mode without following links, except by way of a descriptor.
    descriptor = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
    try:
        with contextlib.suppress(PermissionError):  # Somebody else's: perhaps it can be entered as it is.
            Path(f"/proc/self/fd/{descriptor}").chmod(0o700)
    finally:
        os.close(descriptor)
