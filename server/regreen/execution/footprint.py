"""What tests leave in the tree they run in: found by times and sizes, and taken away again.

In a tree made of layers only the upper one is looked at (`landed`): whatever was written is there.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from regreen.core.confine import Enclosure

from .landed import Landed
from .rooted import Rooted

_HEAVY = frozenset({".git", ".hg", ".venv", "venv", "node_modules", ".tox", ".nox", "site-packages"})
_SMALL = 64 * 1024  # bytes; larger files are not kept
_ALL = 32 * 1024 * 1024

Signature = tuple[int, int]  # time and size


class Footprint(Protocol):
    """A tree as it was at construction."""

    def clean(self) -> None:
        """Remove what is new, and put back what changed or vanished."""


def footprint_of(where: Enclosure) -> Footprint:
    """Look at a tree before anything runs in it."""
    if where.own:
        return NoFootprint()
    return Landed(where) if where.upper else PlainFootprint(where.tree)


class NoFootprint:
    """Of the person's own tree: what is new in it may be theirs, so that only its workbench takes anything away."""

    def clean(self) -> None:
        """Leave everything as it is."""


class PlainFootprint:
    """The files below a folder as they were at construction.

    What is new is removed, and small files are put back. Left alone: large files that were changed in place, and
    folders that belong to tools (version control, environments).
    """

    def __init__(self, root: str) -> None:
        self._root, self._tree = root, Rooted(root)
        folders, files = _survey(root)
        self._folders = frozenset(folders)
        self._files = {path: signature for path, signature in _signatures(files) if signature is not None}
        self._kept = dict(_contents(self._files))
        self._times = dict(_signatures(folders))
        self._is_soiled = False  # something was left at least once

    def clean(self) -> None:
        """Remove what is new, and put back small files that changed or vanished."""
        # Looking at the known folders and files costs a fraction of a walk, and tells of all that can be new. From
        # the first find on it is not relied on: what lies closer together than the clock's step it does not see.
        if not self._is_soiled and not self._has_changed():
            return
        self._is_soiled |= self._remove_new() | self._put_back_old()
        self._times = dict(_signatures(self._folders))

    def _has_changed(self) -> bool:
        if any(signature != self._times[path] for path, signature in _signatures(self._folders)):
            return True
        return any(signature != self._files[path] for path, signature in _signatures(self._kept))

    def _remove_new(self) -> bool:
        folders, files = _survey(self._root)
        new_files = [path for path in files if path not in self._files]
        new_folders = [path for path in folders if path not in self._folders]
        for path in (*new_files, *new_folders):
            # What cannot be removed stays for the workbench's own reset.
            with contextlib.suppress(OSError, RecursionError):
                self._tree.remove(self._name(path))
        return bool(new_files or new_folders)

    def _put_back_old(self) -> bool:
        changed = [path for path, signature in _signatures(self._kept) if signature != self._files[path]]
        for path in changed:
            # What cannot be put back waits for the workbench's own reset.
            with contextlib.suppress(OSError, RecursionError):
                content, mode = self._kept[path]
                self._tree.write(self._name(path), content, mode, self._files[path][0])
        return bool(changed)

    def _name(self, path: str) -> str:
        return Path(path).relative_to(self._root).as_posix()


def _survey(root: str) -> tuple[list[str], list[str]]:
    """Return the folders, from the outside in, and the files below them."""
    folders, found = [], []
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if name not in _HEAVY)
        folders.append(folder)
        links = [name for name in names if Path(folder, name).is_symlink()]
        found += [f"{folder}{os.sep}{name}" for name in sorted([*files, *links])]
    return folders, found


def _signatures(paths: Iterable[str]) -> Iterator[tuple[str, Signature | None]]:
    """Pair each path with its signature, None when it is not there or cannot be looked at."""
    for path in paths:
        try:
            found = os.lstat(path)
        except OSError:
            yield path, None
        else:
            yield path, (found.st_mtime_ns, found.st_size)


def _contents(signatures: dict[str, Signature]) -> Iterator[tuple[str, tuple[bytes, int]]]:
    """Pair each small file with its bytes and mode."""
    total = 0
    for path, (_, size) in signatures.items():
        total += size if size <= _SMALL else 0
        if _SMALL < size or _ALL < total:
            continue
        try:
            found = os.lstat(path)
            if stat.S_ISREG(found.st_mode):
                yield path, (Path(path).read_bytes(), stat.S_IMODE(found.st_mode))
        except OSError:
            # What cannot be read cannot be put back; the workbench's own reset has the last word.
            continue
