"""What differs between a checkpoint and the tree, read without touching it."""

from __future__ import annotations

import os
import stat
import time
from contextlib import closing
from dataclasses import dataclass
from enum import Enum

from .blobs import hash_file
from .capture import RECENT_NS
from .manifest import Entry, Kind, Manifest
from .walk import Listing

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
Stamp = tuple[int, int, int, int]


class Change(Enum):
    """How a path differs."""

    MISSING = "missing"
    NEW = "new"
    KIND = "another kind"  # a folder in a file's place and the like
    CONTENT = "content"
    RIGHTS = "rights"  # mode or owner
    TIME = "time"  # nothing but the time of the last change


@dataclass(frozen=True, slots=True)
class Difference:
    """One path that differs. `inner` is what is below a folder that the checkpoint does not know."""

    path: str
    change: Change
    saved: Entry | None
    found: Entry | None
    oid: str = ""  # of the present content, where it was read
    inner: tuple[Entry, ...] = ()

    @property
    def is_time_only(self) -> bool:
        """Tell whether nothing but a time differs."""
        return self.change is Change.TIME


class Comparer:
    """Compares one checkpoint with its tree, again and again; remembers what it hashed."""

    def __init__(self, root: str, manifest: Manifest) -> None:
        self.manifest = manifest
        self._root = root
        self._entries = {entry.path: entry for entry in manifest.entries}
        self._left_out = frozenset(one.path for one in manifest.left_out)
        self._trusted_ns = manifest.started_ns - RECENT_NS
        self._hashed: dict[str, tuple[Stamp, str]] = {}

    def compare(self, listing: Listing) -> tuple[Difference, ...]:
        """Return the differences, folders before their contents, new things first."""
        found = {entry.path: entry for entry in listing.entries}
        old = [
            difference
            for entry in self.manifest.entries
            if (difference := self._one(entry, found.get(entry.path), listing.closed)) is not None
        ]
        return (*self._new(listing), *old)

    def _new(self, listing: Listing) -> list[Difference]:
        tops: list[tuple[Entry, list[Entry]]] = []
        passed_over: set[str] = set(self._left_out)
        for entry in listing.entries:
            if entry.path in self._entries:
                continue
            if entry.path in passed_over or _parent(entry.path) in passed_over:
                passed_over.add(entry.path)
            elif tops and entry.path.startswith(f"{tops[-1][0].path}/"):
                tops[-1][1].append(entry)
            else:
                tops.append((entry, []))
        return [Difference(top.path, Change.NEW, None, top, inner=tuple(inner)) for top, inner in tops]

    def _one(self, saved: Entry, found: Entry | None, closed: frozenset[str]) -> Difference | None:
        if found is None:
            # What cannot be looked at may be as it was: its folder is opened first, then it is looked at again.
            hidden = any(_is_below(saved.path, folder) for folder in closed)
            return None if hidden else Difference(saved.path, Change.MISSING, saved, None)
        if saved.kind is not found.kind:
            return Difference(saved.path, Change.KIND, saved, found)
        if saved.kind is Kind.LINK and saved.target != found.target:
            return Difference(saved.path, Change.CONTENT, saved, found)
        if saved.kind is Kind.FILE:
            return self._file(saved, found)
        return _metadata(saved, found, "")

    def _file(self, saved: Entry, found: Entry) -> Difference | None:
        if saved.stamp == found.stamp and saved.ctime_ns < self._trusted_ns:
            return None
        if saved.pin:
            same = (saved.inode, saved.size, saved.mtime_ns) == (found.inode, found.size, found.mtime_ns)
            return _metadata(saved, found, "") if same else Difference(saved.path, Change.CONTENT, saved, found)
        oid = self._hash(found)
        if not oid and saved.mode != found.mode:  # Its mode first, then it can be read.
            return Difference(saved.path, Change.RIGHTS, saved, found)
        if oid != saved.oid:
            return Difference(saved.path, Change.CONTENT, saved, found, oid)
        return _metadata(saved, found, oid)

    def _hash(self, entry: Entry) -> str:
        known = self._hashed.get(entry.path)
        if known is not None and known[0] == entry.stamp:
            return known[1]
        now_ns = time.time_ns()
        oid = hash_path(f"{self._root}/{entry.path}")
        if oid and entry.ctime_ns < now_ns - RECENT_NS:
            self._hashed[entry.path] = (entry.stamp, oid)
        return oid


def hash_path(path: str) -> str:
    """Return the hash of a regular file's content, or "" when it cannot be read."""
    try:
        with closing(os.fdopen(os.open(path, _READ), "rb", buffering=0)) as file:
            state = os.fstat(file.fileno())
            return hash_file(file.fileno(), state.st_size) if stat.S_ISREG(state.st_mode) else ""
    except (OSError, EOFError):
        return ""


def _metadata(saved: Entry, found: Entry, oid: str) -> Difference | None:
    if (saved.mode, saved.uid, saved.gid) != (found.mode, found.uid, found.gid) and saved.kind is not Kind.LINK:
        return Difference(saved.path, Change.RIGHTS, saved, found, oid)
    if saved.mtime_ns != found.mtime_ns:
        return Difference(saved.path, Change.TIME, saved, found, oid)
    return None


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _is_below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")
