"""Whole folders as values, to compare them byte for byte; and the rights of an ordinary user."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


def tree_state(root: Path, *, folder_times: bool = True) -> dict[str, tuple[object, ...]]:
    """Return path -> (kind, mode, mtime, content hash or link target) of everything below a folder and itself."""
    state: dict[str, tuple[object, ...]] = {}
    for folder, folders, files in os.walk(root):
        for name in [".", *folders, *files]:
            path = Path(folder, name) if name != "." else Path(folder)
            state[str(path.relative_to(root))] = _one(path, folder_times)
    return state


def _one(path: Path, folder_times: bool) -> tuple[object, ...]:
    found = path.lstat()
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISLNK(found.st_mode):
        return ("link", str(path.readlink()))
    if stat.S_ISREG(found.st_mode):
        return ("file", mode, found.st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
    if stat.S_ISDIR(found.st_mode):
        return ("folder", mode, found.st_mtime_ns if folder_times else 0)
    return ("special", mode, found.st_mtime_ns)


@contextmanager
def ordinary_user() -> Iterator[Path]:
    """Yield a fresh folder and, for root, take away root's rights inside of the context."""
    folder = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    try:
        if root:
            os.chown(folder, NOBODY, NOBODY)
            os.setegid(NOBODY)
            os.seteuid(NOBODY)
        yield folder
    finally:
        if root:
            os.seteuid(0)
            os.setegid(0)
        for inner, _, _ in os.walk(folder):
            Path(inner).chmod(0o700)
        shutil.rmtree(folder)
