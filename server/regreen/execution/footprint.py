"""What tests leave in the tree they run in: found by times and sizes, and taken away again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_HEAVY = frozenset({".git", ".hg", ".venv", "venv", "node_modules", ".tox", ".nox", "site-packages"})
_SMALL = 64 * 1024  # bytes; larger files are not kept
_ALL = 32 * 1024 * 1024

Signature = tuple[int, int]  # time and size


class Footprint:
    """The files below a folder as they were at construction. Source files are left to whoever edits them."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._before = dict(_listing(root))
        self._kept = dict(_contents(self._before))
        self.is_soiled = False  # something was left at least once

    def clean(self) -> None:
        """Remove what is new, and put back small files that changed or vanished."""
        present = dict(_listing(self._root))
        for path in sorted(present.keys() - self._before.keys()):
            Path(path).unlink(missing_ok=True)
            self.is_soiled = True
            self._remove_empty(Path(path).parent)
        for path, content in self._kept.items():
            if present.get(path) != self._before[path]:
                self._put_back(Path(path), content)
                self.is_soiled = True

    def _put_back(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        time = self._before[str(path)][0]
        os.utime(path, ns=(time, time))

    def _remove_empty(self, folder: Path) -> None:
        """Remove folders that hold nothing and held no file before."""
        known = {str(parent) for path in self._before for parent in Path(path).parents}
        while str(folder) not in known and str(folder) != self._root and folder.is_dir():
            if any(folder.iterdir()):
                return
            folder.rmdir()
            folder = folder.parent


def _listing(root: str) -> Iterator[tuple[str, Signature]]:
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if name not in _HEAVY)
        for name in sorted(files):
            path = f"{folder}{os.sep}{name}"
            try:
                found = os.lstat(path)
            except FileNotFoundError:
                continue
            yield path, (found.st_mtime_ns, found.st_size)


def _contents(listing: dict[str, Signature]) -> Iterator[tuple[str, bytes]]:
    total = 0
    for path, (_, size) in listing.items():
        total += size if size <= _SMALL else 0
        if _SMALL < size or _ALL < total or path.endswith((".py", ".pyc")) or Path(path).is_symlink():
            continue
        try:
            yield path, Path(path).read_bytes()
        except OSError:
            # What cannot be read cannot be put back; the workbench's own reset has the last word.
            continue
