"""Puts a tree back in place: in passes, until nothing differs but what is the person's own.

Every step can be cut short at any moment: a restore that is called again goes on from what it finds.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from regreen.core.errors import CannotRun

from .blobs import Reader
from .capture import Sizes
from .compare import Change, Difference
from .judge import Authorship, Conflict, Restored, Verdict, judge
from .keeper import Keeper
from .make import make, set_open_rights, set_rights
from .manifest import Entry, Kind
from .sync import Syncer

_PASSES = 64  # a closed folder inside of a closed folder takes one each
_OPEN_ROOT = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LARGE = "an ignored file that is large"
_PERSONS = "changed while nothing of ours ran"
_INSIDE = "It was changed inside, and the checkpoint holds only its name."


class Restorer:
    """Restores one tree once."""

    def __init__(
        self, root: str, pins: Path, saved: tuple[Entry, ...], reader: Reader, keeper: Keeper, sizes: Sizes
    ) -> None:
        self._root, self._pins, self._reader, self._keeper, self._sizes = root, pins, reader, keeper, sizes
        self._folders = {entry.path: entry for entry in saved if entry.kind is Kind.FOLDER}
        self._authorship = Authorship()
        self._syncer = Syncer()
        self._put_back: set[str] = set()
        self._conflicts: dict[str, str] = {}
        self._failed: dict[str, str] = {}
        self._touched: dict[str, int] = {}  # folders in which something was made or removed, and their mode before

    def run(self, compare: Callable[[], tuple[Difference, ...]], authorship: Authorship) -> Restored:
        """Restore and say what was done.

        Raises:
            OSError: the tree cannot be looked at.
        """
        self._authorship = authorship
        for _ in range(_PASSES):
            self._conflicts, self._failed = {}, {}
            if not self._pass(compare()):
                break
        moved = self._keeper.finish()
        self._syncer.finish(self._root)
        return Restored(
            tuple(sorted(self._put_back)),
            moved,
            _as_conflicts(self._conflicts),
            _as_conflicts(self._failed),
        )

    def _pass(self, differences: tuple[Difference, ...]) -> bool:
        """Work through the differences once; tell whether anything was done, so that it is worth looking again."""
        done = False
        folders: set[str] = set()
        self._touched.clear()
        for difference in differences:
            if self._is_left(difference):
                continue
            if difference.saved is not None and difference.saved.kind is Kind.FOLDER:
                folders.add(difference.path)
                if difference.change in (Change.RIGHTS, Change.TIME):  # Last, when everything is in it.
                    done |= self._is_noted(difference)
                    continue
            done |= self._try(difference)
        self._finish(folders)
        return done

    def _is_left(self, difference: Difference) -> bool:
        if any(above in self._conflicts or above in self._failed for above in _above(difference.path)):
            return True
        if judge(difference, self._authorship) is Verdict.LEAVE:
            if not difference.is_time_only:
                self._conflicts[difference.path] = _PERSONS
            return True
        found = difference.found
        if difference.change is not Change.NEW or found is None or not self._sizes.is_large(found):
            return False
        self._conflicts[difference.path] = _LARGE
        return True

    def _is_noted(self, difference: Difference) -> bool:
        if difference.is_time_only:
            return False
        self._put_back.add(difference.path)
        return True

    def _try(self, difference: Difference) -> bool:
        try:
            self._one(difference)
        except FileExistsError:  # Somebody made it meanwhile: the next pass judges that.
            return True
        except (OSError, CannotRun) as error:
            if isinstance(error, FileNotFoundError) and difference.change is Change.NEW:
                return True  # It went by itself.
            why = error.message if isinstance(error, CannotRun) else error.strerror
            self._failed[difference.path] = why or str(error)
            return False
        self._is_noted(difference)
        return True

    def _one(self, difference: Difference) -> None:
        saved = difference.saved
        with self._folder(difference.path) as (folder, name):
            if saved is not None and difference.change in (Change.RIGHTS, Change.TIME):
                set_rights(folder, name, saved)
                return
            found = difference.found
            if saved is not None and saved.pin and found is not None and found.inode == saved.inode:
                raise CannotRun(_INSIDE, next_step="Look for it in your own backups.")
            if difference.change is not Change.MISSING:
                self._take(folder, name, difference)
            if saved is not None:
                make(folder, name, saved, self._reader, self._pins, self._syncer)

    def _take(self, folder: int, name: str, difference: Difference) -> None:
        ours = self._authorship.wrote.get(difference.path, frozenset())
        self._keeper.take(folder, name, difference.path, f"{self._root}/{difference.path}", ours)

    @contextmanager
    def _folder(self, path: str) -> Iterator[tuple[int, str]]:
        """Open the folder of a path from the root on, never through a link, with the right to write in it."""
        *above, name = path.split("/")
        descriptor = os.open(self._root, _OPEN_ROOT)
        try:
            for part in above:
                inner = _open_folder(descriptor, part)
                os.close(descriptor)
                descriptor = inner
            mode = os.fstat(descriptor).st_mode
            if mode & 0o300 != 0o300:
                os.fchmod(descriptor, mode & 0o7777 | 0o700)
            self._touched.setdefault("/".join(above), mode & 0o7777)
            yield descriptor, name
        finally:
            os.close(descriptor)

    def _finish(self, folders: set[str]) -> None:
        """Give folders their mode and time, innermost first: what was judged, and what was touched on the way."""
        touched = frozenset(self._touched)
        with_conflicts = {path.rpartition("/")[0] for path in self._conflicts}
        for path in sorted({*folders, *self._touched}, key=lambda path: path.count("/") + bool(path), reverse=True):
            entry = self._folders.get(path)
            if entry is None:
                continue
            try:
                with self._folder(f"{path}/." if path else ".") as (descriptor, _):
                    if path not in folders:
                        entry = replace(entry, mode=self._touched[path])
                    if path in with_conflicts:
                        entry = replace(entry, mtime_ns=os.fstat(descriptor).st_mtime_ns)
                    set_open_rights(descriptor, entry)
                    if path in touched:
                        self._syncer.sync(descriptor)
            except OSError as error:
                self._failed.setdefault(path, error.strerror or str(error))
                continue


def _open_folder(parent: int, name: str) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except PermissionError:
        state = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if not stat.S_ISDIR(state.st_mode):
            raise
        os.chmod(name, stat.S_IMODE(state.st_mode) | 0o700, dir_fd=parent)
        return os.open(name, _FOLDER, dir_fd=parent)


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _as_conflicts(found: dict[str, str]) -> tuple[Conflict, ...]:
    return tuple(Conflict(path, why) for path, why in sorted(found.items()))
