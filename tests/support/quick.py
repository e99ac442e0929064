"""A folder in memory where there is one: for tests that would spend their time waiting for a disk's fsync."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")


@contextmanager
def quick_folder() -> Iterator[Path]:
    """Yield a fresh folder and remove it in the end, read-only things included."""
    folder = Path(tempfile.mkdtemp(prefix="regreen-", dir=_MEMORY if _MEMORY.is_dir() else None))
    try:
        yield folder
    finally:
        for inner in sorted(folder.rglob("*")):
            if inner.is_dir() and not inner.is_symlink():
                inner.chmod(0o700)
        shutil.rmtree(folder)
