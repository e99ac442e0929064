"""Moves what stands in the way out of the tree, whole and in one step, so that no byte of it can be lost."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Set
from pathlib import Path

from regreen.checkpoints.benches import remove_tree
from regreen.checkpoints.durable import sync_folder
from regreen.checkpoints.staging import is_growing, new_name
from regreen.checkpoints.syscalls import is_being_written

from .compare import hash_path
from .judge import Moved

_EARLIER = 8  # restores whose copies are looked at, so that the same content is not kept again and again


class Keeper:
    """Keeps what one restore moves away, in folders numbered by restore, each thing under its own path."""

    def __init__(self, folder: Path, known: Set[str]) -> None:
        self._folder, self._known = folder, known
        self._place: Path | None = None
        self._taken: list[tuple[str, Path, Set[str]]] = []

    def take(self, folder: int, name: str, path: str, place: str, ours: Set[str]) -> None:
        """Move an entry of an open folder away.

        `path` is its relative path, `place` its absolute one, `ours` are hashes of contents that we wrote there.

        Raises:
            OSError: it could not be moved; it stands where it stood.
        """
        copy = self._copy_of(path)
        _move(folder, name, place, copy)
        self._taken.append((path, copy, ours))

    def finish(self) -> tuple[Moved, ...]:
        """Remove what is known, bring the rest to the disk, and return it sorted.

        Only in the end: who had a file open when it was moved has mostly written to it by then. What somebody still
        has open for writing is kept, whatever it holds.

        Raises:
            OSError: the disk fails.
        """
        kept = []
        for path, copy, ours in self._taken:
            if self._is_known(path, copy, ours):
                _drop(copy)
            else:
                kept.append(Moved(path, str(copy)))
        for folder in sorted({above for moved in kept for above in Path(moved.copy).parents}):
            if folder.is_relative_to(self._folder):
                sync_folder(folder)
        return tuple(sorted(kept, key=lambda moved: (moved.path, moved.copy)))

    def _copy_of(self, path: str) -> Path:
        if self._place is None or os.path.lexists(self._place / path):
            self._place = self._new_place()
        copy = self._place / path
        try:
            copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):  # What was a folder was a file when it was moved before.
            self._place = self._new_place()
            copy = self._place / path
            copy.parent.mkdir(mode=0o700, parents=True)
        return copy

    def _new_place(self) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = self._folder / f"{len(list(self._folder.iterdir())):04d}"
        place.mkdir(mode=0o700)
        return place

    def _is_known(self, path: str, copy: Path, ours: Set[str]) -> bool:
        mode = copy.lstat().st_mode
        if stat.S_ISDIR(mode):
            return _is_empty(copy)
        if stat.S_ISLNK(mode):
            return False
        if not stat.S_ISREG(mode) or is_growing(copy.name):
            return True
        if is_being_written(str(copy)):  # Before its content is looked at: then nothing comes after that.
            return False
        oid = hash_path(str(copy))
        if not oid:
            return False
        earlier = [place / path for place in sorted(self._folder.iterdir())[-_EARLIER:] if place / path != copy]
        return oid in self._known or oid in ours or any(hash_path(str(other)) == oid for other in earlier)


def _move(folder: int, name: str, place: str, copy: Path) -> None:
    try:
        os.rename(name, copy, src_dir_fd=folder)
    except PermissionError:  # A folder is moved only by who may write in it: its entry ".." changes.
        state = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISDIR(state.st_mode) or state.st_mode & 0o700 == 0o700:
            raise
        os.chmod(name, 0o700, dir_fd=folder)
        os.rename(name, copy, src_dir_fd=folder)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _move_across(folder, name, place, copy)


def _move_across(folder: int, name: str, place: str, copy: Path) -> None:
    """Move to another file system: out of the way first, so that what is copied is what is removed."""
    aside = new_name()
    os.rename(name, aside, src_dir_fd=folder, dst_dir_fd=folder)
    beside = os.path.join(os.path.dirname(place), aside)  # noqa: PTH118, PTH120 - names need not be UTF-8
    try:
        if stat.S_ISDIR(os.lstat(beside).st_mode):
            shutil.copytree(beside, copy, symlinks=True)
        else:
            shutil.copy2(beside, copy, follow_symlinks=False)
    except (OSError, shutil.Error) as error:
        os.rename(aside, name, src_dir_fd=folder, dst_dir_fd=folder)
        raise OSError(errno.EXDEV, f"it could not be copied away: {error}", place) from error
    _drop(Path(beside))


def _is_empty(folder: Path) -> bool:
    try:
        return not any(folder.iterdir())
    except PermissionError:
        return False


def _drop(path: Path) -> None:
    if stat.S_ISDIR(path.lstat().st_mode):
        remove_tree(path)
    else:
        path.unlink()
