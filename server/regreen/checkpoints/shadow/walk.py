"""Lists a tree without opening a file: what a checkpoint saves or compares, and what it leaves alone."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from regreen.checkpoints.copying.left_out import LeftOut, is_repository, reason_by_content, reason_by_name
from regreen.core.cancel import Cancellation

from .manifest import Entry, Kind, entry_of

_CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.ENAMETOOLONG})  # whatever else fails is an error
_NAME_MARKS = frozenset({"CACHEDIR.TAG", "pyvenv.cfg", "conda-meta"})


@dataclass(frozen=True, slots=True)
class Listing:
    """A tree at one moment. Invariant: a folder stands before its contents, names sorted."""

    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]
    closed: frozenset[str]  # folders that cannot be listed


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier listing held, and what it left out, by relative paths."""

    entered: frozenset[str]
    left_out: frozenset[str]


def walk(cancel: Cancellation, root: str, without: Set[str], earlier: Earlier | None = None) -> Listing:
    """List a tree; the absolute paths `without` are passed over.

    Compared with an earlier listing, folders that it has are entered, whatever they are called and hold by now, and so
    are repositories that it did not find: their settings would be followed by tools that the person runs.

    Raises:
        OSError: the root cannot be looked at.
        Cancelled: the token was set.
    """
    lister = _Lister(cancel, root, without, earlier)
    lister.run()
    return Listing(tuple(lister.entries), tuple(sorted(lister.left_out)), frozenset(lister.closed))


class _Lister:
    def __init__(self, cancel: Cancellation, root: str, without: Set[str], earlier: Earlier | None) -> None:
        self._cancel, self._root, self._without, self._earlier = cancel, root, without, earlier
        self.entries: list[Entry] = []
        self.left_out: list[LeftOut] = []
        self.closed: list[str] = []

    def run(self) -> None:
        """Fill the lists, depth first."""
        open_ends = [entry_of("", Path(self._root).stat())]
        while open_ends:
            entry = open_ends.pop()
            self.entries.append(entry)
            if entry.kind is Kind.FOLDER:
                self._cancel.check()
                open_ends += reversed(self._children(entry))

    def _children(self, folder: Entry) -> list[Entry]:
        place = f"{self._root}/{folder.path}" if folder.path else self._root
        try:
            with os.scandir(place) as listing:
                found = sorted(listing, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):  # It went between the listing above it and this one.
            return []
        except OSError as error:
            if error.errno not in _CLOSED:
                raise
            self.closed.append(folder.path)
            self.left_out.append(LeftOut(folder.path, "cannot be read"))
            return []
        why = self._reason(folder.path, place, found)
        if why:
            self.entries.pop()
            self.left_out.append(LeftOut(folder.path, why))
            return []
        prefix = f"{folder.path}/" if folder.path else ""
        return [entry for one in found if (entry := self._one(prefix + one.name, one)) is not None]

    def _reason(self, path: str, place: str, found: list[os.DirEntry[str]]) -> str:
        if not path or self._is_entered(path):
            return ""
        marks = frozenset(entry.name for entry in found if entry.name in _NAME_MARKS)
        return reason_by_content(Path(place), marks) if marks else ""

    def _one(self, path: str, one: os.DirEntry[str]) -> Entry | None:
        try:
            state = one.stat(follow_symlinks=False)
            target = os.readlink(one.path) if stat.S_ISLNK(state.st_mode) else ""  # noqa: PTH115 - byte for byte
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno != errno.EINVAL:  # It was a link, and became something else in between.
                raise
            return None
        is_folder = stat.S_ISDIR(state.st_mode)
        why = reason_by_name(one.name) if is_folder and not self._is_entered(path) else ""
        if one.path in self._without:
            why = "Regreen's own files"
        if why:
            self.left_out.append(LeftOut(path, why))
            return None
        return entry_of(path, state, target=target)

    def _is_entered(self, path: str) -> bool:
        if self._earlier is None:
            return False
        if path in self._earlier.entered:
            return True
        # With all that it holds: a mark of a cache put into it would hide it.
        return any(is_repository(name) for name in path.split("/")) and path not in self._earlier.left_out
