"""Lists a workspace's files without opening one: what is to be copied, what is left out, how much it is."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun

from .left_out import LeftOut, reason_by_content, reason_by_name


class Kind(Enum):
    """What stands at a path."""

    FOLDER = "folder"
    FILE = "file"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to copy. `path` is relative and POSIX, "." for the workspace itself."""

    path: str
    kind: Kind
    mode: int  # permission bits; set-user-id and its like do not go into a copy
    mtime_ns: int
    size: int
    target: str = ""  # of a link, as written
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """A whole workspace. Invariant: entries sorted by path's parts, so that folders stand before their contents."""

    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def n_bytes(self) -> int:
        """Return the size of all files."""
        return sum(entry.size for entry in self.entries if entry.kind is Kind.FILE)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a copy may hold."""

    max_bytes: int = 2 * 1024**3
    max_files: int = 200_000
    max_ignored_bytes: int = 10 * 1024**2  # of one ignored file
    spare_bytes: int = 64 * 1024**2  # must stay free on the disk


_SPECIAL = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def survey(
    cancel: Cancellation, root: Path, limits: Limits, ignored: Callable[[str], bool], without: tuple[str, ...]
) -> Survey:
    """List what a copy of `root` holds; the absolute folders `without` are passed over.

    Raises:
        CannotRun: there is more than the limits allow, or no such folder.
        Cancelled: the token was set.
    """
    walk = _Walk(cancel, root, limits, ignored, frozenset(without))
    walk.run()
    return Survey(tuple(sorted(walk.entries, key=lambda entry: entry.path.split("/"))), tuple(sorted(walk.left_out)))


class _Walk:
    def __init__(
        self,
        cancel: Cancellation,
        root: Path,
        limits: Limits,
        ignored: Callable[[str], bool],
        without: frozenset[str],
    ) -> None:
        self._cancel, self._root, self._limits, self._ignored, self._without = cancel, root, limits, ignored, without
        self._n_bytes = 0
        self.entries: list[Entry] = []
        self.left_out: list[LeftOut] = []

    def run(self) -> None:
        """Fill `entries` and `left_out`."""
        self.entries.append(_entry(".", Kind.FOLDER, self._root.stat(), ignored=False))
        folders = [("", False)]
        while folders:
            self._cancel.check()
            path, hidden = folders.pop()
            folders += self._folder(path, hidden)

    def _folder(self, path: str, hidden: bool) -> list[tuple[str, bool]]:
        """List one folder; return its folders, each with whether it is ignored."""
        folder = self._root / path
        try:
            with os.scandir(folder) as listing:
                found = sorted(listing, key=lambda entry: entry.name)
        except PermissionError:
            self.left_out.append(LeftOut(path or ".", "cannot be read"))
            return []
        except (FileNotFoundError, NotADirectoryError):  # It went between the listing above it and this one.
            return []
        why = reason_by_content(folder, frozenset(entry.name for entry in found)) if path else ""
        if why:
            self.entries = [entry for entry in self.entries if entry.path != path]
            self.left_out.append(LeftOut(path, why))
            return []
        return [inner for entry in found if (inner := self._one(f"{path}/{entry.name}".lstrip("/"), entry, hidden))]

    def _one(self, path: str, entry: os.DirEntry[str], hidden: bool) -> tuple[str, bool] | None:
        try:
            state = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None
        form = stat.S_IFMT(state.st_mode)
        hidden = hidden or self._ignored(path)
        why = _SPECIAL.get(form) or reason_by_name(entry.name) or self._reason(entry.path, state, hidden)
        if why:
            self.left_out.append(LeftOut(path, why))
        elif form == stat.S_IFDIR:
            self.entries.append(_entry(path, Kind.FOLDER, state, ignored=hidden))
            return path, hidden
        elif form == stat.S_IFLNK:
            self.entries.append(_entry(path, Kind.LINK, state, ignored=hidden, target=_target(entry.path)))
        else:
            self.entries.append(_entry(path, Kind.FILE, state, ignored=hidden))
            self._count(state.st_size)
        return None

    def _reason(self, absolute: str, state: os.stat_result, hidden: bool) -> str:
        if absolute in self._without:
            return "Regreen's own files"
        if hidden and stat.S_ISREG(state.st_mode) and self._limits.max_ignored_bytes < state.st_size:
            return "an ignored file that is large"
        return ""

    def _count(self, n_bytes: int) -> None:
        self._n_bytes += n_bytes
        if self._n_bytes <= self._limits.max_bytes and len(self.entries) <= self._limits.max_files:
            return
        raise CannotRun(
            f"The workspace holds more than can be copied ({self._limits.max_files} files, "
            f"{self._limits.max_bytes / 1024**3:g} GiB); the largest folders: {self._largest()}.",
            next_step="Open a smaller folder, or move what tests do not need out of the workspace.",
        )

    def _largest(self) -> str:
        sizes: dict[str, int] = {}
        for entry in self.entries:
            top = entry.path.partition("/")[0]
            sizes[top] = sizes.get(top, 0) + entry.size
        return ", ".join(sorted(sizes, key=lambda top: (-sizes[top], top))[:3])


def _entry(path: str, kind: Kind, state: os.stat_result, *, ignored: bool, target: str = "") -> Entry:
    size = state.st_size if kind is Kind.FILE else 0
    return Entry(path, kind, state.st_mode & 0o777, state.st_mtime_ns, size, target, ignored)


def _target(link: str) -> str:
    try:
        return str(Path(link).readlink())
    except OSError:  # It went, or became something else, in between: a link to nowhere says as much.
        return ""
