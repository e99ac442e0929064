"""Notices what the person changes in their files while an overlay stands over them.

The opening lists names only. Whatever is changed later has a time of change later than the opening, as the same
kernel's clock tells it, and nobody can set that time; what was removed or exchanged is missed by its name, or by its
folder. So nothing needs to be read, and nothing but folders looked at, before the first test runs.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from regreen.checkpoints.copying.left_out import reason_by_content, reason_by_name
from regreen.core.cancel import Cancellation

# Linux's numbers, for there is no overlay elsewhere. The coarse clock moves in steps of milliseconds.
_CLOCK_REALTIME_COARSE, _CLOCK_BOOTTIME = 5, 7
_STEP = 0.001  # seconds
_SLEW = 0.001  # a clock that is being corrected runs slower by less than this share
_FUTURE_NS = 1_000_000_000
# What editors keep beside an open file: it comes and goes while somebody types.
_PASSING = re.compile(r"\.#.*|#.*#|.*~|4913|\..*\.sw[a-z]|\.DS_Store|\.regreen-.*\.tmp")
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder as it was listed: which one it is, and the names in it; without names it could not be listed."""

    identity: tuple[int, int, int]  # device, inode, mode
    names: frozenset[str] | None
    folders: frozenset[str] = _NONE  # those names that are folders


class Witness:
    """A workspace's names at one moment."""

    def __init__(
        self,
        cancel: Cancellation,
        root: Path,
        ignored: Callable[[str], bool],
        without: frozenset[str] = _NONE,
    ) -> None:
        """List the names; the absolute folders `without` are passed over.

        Raises:
            Cancelled: the token was set.
        """
        self._root, self._ignored = str(root), ignored
        self._since_ns, self._offset, self._begun = _next_tick(), _offset(), _steady()
        self._folders = dict(self._list(cancel, without))

    def changed(self, tested: Callable[[str], bool]) -> tuple[str, ...]:
        """Return the paths that were changed, made or removed since, sorted; ignored ones do not count.

        `tested` tells whether a changed file holds what was tested all the same.
        """
        if self._clock_was_set_back():
            return (".",)
        self._until_ns = time.time_ns() + _FUTURE_NS
        suspects = {path for folder, known in self._folders.items() for path in self._compare(folder, known)}
        return tuple(sorted(path for path in suspects if self._counts(path) and not tested(path)))

    def _counts(self, path: str) -> bool:
        if self._ignored(path):
            return False
        known = self._folders.get(path)
        if known is None or not known.names or os.path.lexists(f"{self._root}/{path}"):
            return True
        # Rules for folders do not speak of a folder that is gone, but of what was in it.
        return not all(self._ignored(f"{path}/{name}") for name in known.names)

    def _list(self, cancel: Cancellation, without: frozenset[str]) -> Iterator[tuple[str, _Folder]]:
        waiting = [""]
        while waiting:
            cancel.check()
            folder = waiting.pop()
            path = f"{self._root}/{folder}" if folder else self._root
            try:
                identity = _identity(path)
                with os.scandir(path) as listing:
                    names = {entry.name: entry.is_dir(follow_symlinks=False) for entry in listing}
            except PermissionError:
                yield folder, _Folder(identity, None)
                continue
            except (FileNotFoundError, NotADirectoryError):
                continue
            if folder and reason_by_content(Path(path), frozenset(names)):
                continue
            folders = [name for name, is_folder in names.items() if is_folder]
            yield folder, _Folder(identity, frozenset(names), frozenset(folders))
            inner = [name for name in folders if not reason_by_name(name)]
            paths = [f"{folder}/{name}" if folder else name for name in inner]
            # Whatever is ignored is left out at the end; at the top it is worth asking before going in.
            waiting += [p for p in paths if f"{self._root}/{p}" not in without and (folder or not self._ignored(p))]

    def _compare(self, folder: str, known: _Folder) -> Iterator[str]:
        path = f"{self._root}/{folder}" if folder else self._root
        prefix = f"{folder}/" if folder else ""
        try:
            if _identity(path) != known.identity:
                yield folder or "."
            if known.names is None:
                return
            with os.scandir(path) as listing:
                entries = list(listing)
        except OSError:
            yield folder or "."
            return
        for entry in entries:
            if entry.name not in known.names:
                if not _is_passing(entry.name):
                    yield prefix + entry.name
            elif self._has_changed(entry, known) and not _is_passing(entry.name):
                yield prefix + entry.name
        gone = known.names.difference([entry.name for entry in entries])
        unlisted = {name for name in gone & known.folders if prefix + name not in self._folders}
        yield from (prefix + name for name in gone - unlisted if not _is_passing(name))

    def _has_changed(self, entry: os.DirEntry[str], known: _Folder) -> bool:
        if entry.is_dir(follow_symlinks=False):
            return entry.name not in known.folders
        try:
            changed_ns = entry.stat(follow_symlinks=False).st_ctime_ns
        except OSError:
            return True
        # A time that is still to come was given by a clock that was wrong long ago.
        return self._since_ns <= changed_ns <= self._until_ns

    def _clock_was_set_back(self) -> bool:
        """Tell whether the times of change that were given since cannot be relied on."""
        return _offset() < self._offset - (_STEP + _SLEW * (_steady() - self._begun))


def _is_passing(name: str) -> bool:
    return _PASSING.fullmatch(name) is not None or reason_by_name(name) != ""


def _identity(path: str) -> tuple[int, int, int]:
    found = os.stat(path, follow_symlinks=False)  # noqa: PTH116 - called for each folder
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(path)
    return found.st_dev, found.st_ino, found.st_mode


def _next_tick() -> int:
    """Wait until the coarse clock has passed this moment; return its time.

    A file is stamped with the coarse time or, on kernels that can, with a finer one; never with one that is to come.
    So whatever was saved before has an earlier time than this, and whatever is saved afterwards has not.
    """
    before = time.time_ns()
    while (after := time.clock_gettime_ns(_CLOCK_REALTIME_COARSE)) <= before:
        time.sleep(_STEP / 2)
    return after


def _steady() -> float:
    return time.clock_gettime(_CLOCK_BOOTTIME)


def _offset() -> float:
    return time.time() - _steady()
