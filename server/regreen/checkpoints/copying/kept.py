"""What a workbench keeps of each path: enough to put it back exactly, and to see that nobody touched the original."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from .pristine import Blob, digest_of
from .survey import Kind

_RECENT_NS = 100_000_000  # a file system's clock may stand still for some milliseconds


@dataclass(frozen=True, slots=True)
class Kept:
    """One path of the workbench as it was opened."""

    path: str
    kind: Kind
    mode: int
    mtime_ns: int
    target: str = ""  # of a link, in the workbench
    blob: Blob | None = None  # of a file


@dataclass(frozen=True, slots=True)
class Original:
    """One path of the user's tree as it was copied. Ignored ones are not watched: logs change by themselves."""

    path: str
    kind: Kind
    mode: int
    inode: int = 0
    size: int = 0
    mtime_ns: int = 0
    ctime_ns: int = 0
    digests: frozenset[str] = frozenset()  # contents that were tested: on disk, and in an unsaved buffer
    target: str = ""  # of a link, in the user's tree


def changed(root: Path, originals: tuple[Original, ...], copied_ns: int) -> tuple[str, ...]:
    """Return the paths of the user's tree that are not what was copied; `copied_ns` is when copying began."""
    return tuple(original.path for original in originals if not _is_same(root, original, copied_ns))


def _is_same(root: Path, original: Original, copied_ns: int) -> bool:
    path = root / original.path
    try:
        state = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    if original.kind is Kind.FOLDER:
        return stat.S_ISDIR(state.st_mode)
    if original.kind is Kind.LINK:
        return stat.S_ISLNK(state.st_mode) and str(path.readlink()) == original.target
    if not stat.S_ISREG(state.st_mode) or state.st_mode & 0o777 != original.mode:
        return False
    if _stamp(state) == _stamp_of(original) and original.ctime_ns < copied_ns - _RECENT_NS:
        return True
    return digest_of(path) in original.digests


def _stamp(state: os.stat_result) -> tuple[int, int, int, int]:
    return state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns


def _stamp_of(original: Original) -> tuple[int, int, int, int]:
    return original.inode, original.size, original.mtime_ns, original.ctime_ns
