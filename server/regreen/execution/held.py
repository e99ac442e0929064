"""Private folders among the system's temporary files: each held by a lock, so that a killed process's are found."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":

    def _lock(folder: int, *, wait: bool) -> bool:
        del folder
        return wait  # There are no such locks: what a killed process leaves is left to the system.
else:
    import fcntl

    def _lock(folder: int, *, wait: bool) -> bool:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def held_folder(prefix: str, home: str = "") -> Iterator[Path]:
    """Make a private folder and remove it in the end; those with this prefix whose process was killed go first.

    It lies in `home`, else where the system has its temporary files.
    """
    above = Path(os.path.realpath(home or tempfile.gettempdir()))
    _collect(above, prefix)
    folder, descriptor = _made(above, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


def _made(above: Path, prefix: str) -> tuple[Path, int | None]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=above))
        if sys.platform == "win32":
            return folder, None
        # Until the lock is ours somebody may take the folder for one that was left: then another one is made.
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            _lock(descriptor, wait=True)
            if folder.is_dir():
                return folder, descriptor
            os.close(descriptor)


def _collect(above: Path, prefix: str) -> None:
    for folder in sorted(above.glob(f"{prefix}*")):
        with contextlib.suppress(OSError):  # Another user's, or just gone.
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                if os.fstat(descriptor).st_uid == os.geteuid() and _lock(descriptor, wait=False):
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
