"""Puts a workbench back to what it was when it was opened: strangers go, losses come back, every byte and mode."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from regreen.checkpoints.removal import remove_tree

from .kept import Kept
from .pristine import Pristine
from .survey import Kind

Stamp = tuple[int, int, int, int, int]


class Restorer:
    """Restores one tree. Knows of each file how it looked when it was last right, so that only damage is mended."""

    def __init__(self, tree: Path, kept: tuple[Kept, ...], pristine: Pristine, marker: Path) -> None:
        self._tree, self._pristine, self._marker = tree, pristine, marker
        self._folders = tuple(one for one in kept if one.kind is Kind.FOLDER)
        self._others = tuple(one for one in kept if one.kind is not Kind.FOLDER)
        self._children: dict[str, set[str]] = {folder.path: set() for folder in self._folders}
        for one in kept:
            if one.path != ".":
                parent, _, name = one.path.rpartition("/")
                self._children[parent or "."].add(name)
        self._stamps: dict[str, Stamp] = {}
        self._sealed_ns = 0
        self._seal()

    def restore(self) -> None:
        """Put everything back.

        Raises:
            OSError: the disk is full or fails.
            CannotRun: the saved content was damaged.
        """
        self._clear_beside()
        for folder in self._folders:  # From the outside in, so that no link is ever on the way.
            self._open_folder(folder)
            self._remove_strangers(folder)
        for one in self._others:
            if not self._is_right(one):
                self._mend(one)
        for folder in reversed(self._folders):
            _finish(self._tree / folder.path, folder)
        self._seal()

    def _clear_beside(self) -> None:
        """Remove what a test wrote beside the tree."""
        home = self._tree.parent
        if not _is(home, stat.S_ISDIR):
            _remove(home)
            home.mkdir(mode=0o700)
        home.chmod(0o700)
        for beside in sorted(home.iterdir()):
            if beside != self._tree:
                _remove(beside)

    def _open_folder(self, folder: Kept) -> None:
        path = self._tree / folder.path
        if not _is(path, stat.S_ISDIR):
            _remove(path)
            path.mkdir(mode=0o700)
        if path.lstat().st_mode & 0o700 != 0o700:
            path.chmod(0o700)

    def _remove_strangers(self, folder: Kept) -> None:
        path = self._tree / folder.path
        known = self._children[folder.path]
        for inner in sorted(path.iterdir()):
            if inner.name not in known:
                _remove(inner)

    def _is_right(self, one: Kept) -> bool:
        path = self._tree / one.path
        if one.kind is Kind.LINK:
            return _is(path, stat.S_ISLNK) and str(path.readlink()) == one.target
        stamp = _stamp(path)
        # A change in the same tick of the file system's clock as the seal cannot be told by times.
        return stamp is not None and stamp == self._stamps.get(one.path) and stamp[3] < self._sealed_ns

    def _mend(self, one: Kept) -> None:
        path = self._tree / one.path
        _remove(path)
        if one.kind is Kind.LINK:
            path.symlink_to(one.target)
            os.utime(path, ns=(one.mtime_ns, one.mtime_ns), follow_symlinks=False)
        elif one.blob is not None:
            self._pristine.restore(one.blob, path)
            _finish(path, one)
            self._stamps.pop(one.path, None)

    def _seal(self) -> None:
        """Note how each right file looks, and the file system's own time."""
        for one in self._others:
            if one.kind is Kind.FILE and one.path not in self._stamps:
                stamp = _stamp(self._tree / one.path)
                if stamp is not None:
                    self._stamps[one.path] = stamp
        self._marker.write_bytes(b"")
        self._sealed_ns = self._marker.stat().st_ctime_ns


def _finish(path: Path, kept: Kept) -> None:
    state = path.lstat()
    if state.st_mtime_ns != kept.mtime_ns:
        os.utime(path, ns=(kept.mtime_ns, kept.mtime_ns))
    if stat.S_IMODE(state.st_mode) != kept.mode:
        path.chmod(kept.mode)


def _stamp(path: Path) -> Stamp | None:
    try:
        state = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_mode


def _is(path: Path, form: object) -> bool:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return bool(form(path.lstat().st_mode))  # type: ignore[operator]
    return False


def _remove(path: Path) -> None:
    if _is(path, stat.S_ISDIR):
        remove_tree(path)
    else:
        path.unlink(missing_ok=True)
