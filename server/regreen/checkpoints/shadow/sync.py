"""Brings what a restore made to the disk: one by one while it is little, all at once when it is much."""

from __future__ import annotations

import ctypes
import os

_FEW = 32  # from here on one call for the whole file system is quicker than one for each file


class Syncer:
    """Counts what was made in one restore."""

    def __init__(self) -> None:
        self._n = 0

    def sync(self, descriptor: int) -> None:
        """Bring an open file or folder to the disk, now or with the rest.

        Raises:
            OSError: the disk fails.
        """
        self._n += 1
        if self._n <= _FEW:
            os.fsync(descriptor)

    def finish(self, root: str) -> None:
        """Bring the rest to the disk.

        Raises:
            OSError: the disk fails.
        """
        if self._n <= _FEW:
            return
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _sync_file_system(descriptor)
        finally:
            os.close(descriptor)


def _sync_file_system(descriptor: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "syncfs"):  # macOS: asks for it, and does not wait. Untested.
        os.sync()
        return
    if libc.syncfs(descriptor) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
