"""Takes a tree's contents into the store: what did not change since the last checkpoint is not read again."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from regreen.checkpoints.copying.left_out import LeftOut
from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun

from .blobs import Adder, Blobs
from .manifest import Entry, Kind, Manifest

RECENT_NS = 100_000_000  # a file system's clock may stand still for some milliseconds
_TRIES = 3
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_OTHER = "a socket or a device"
_ONLY_REMOVAL = "of it only a removal or a replacement can be undone"


@dataclass(frozen=True, slots=True)
class ShadowLimits:
    """How much a checkpoint may hold, and how long it is kept."""

    max_bytes: int = 2 * 1024**3
    max_files: int = 200_000
    max_ignored_bytes: int = 10 * 1024**2  # of one ignored file
    spare_bytes: int = 64 * 1024**2  # must stay free on the disk
    keep_checkpoints: int = 10
    keep_seconds: float = 14 * 24 * 3600
    max_packs: int = 12


@dataclass(slots=True)
class Captured:
    """What was taken in."""

    entries: list[Entry] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is too large to be read: ignored files from some size on."""

    limits: ShadowLimits
    ignored: Callable[[str], bool]

    def is_large(self, entry: Entry) -> bool:
        """Tell whether a file is pinned instead of read."""
        return self.limits.max_ignored_bytes < entry.size and self.ignored(entry.path)


def check_size(entries: tuple[Entry, ...], sizes: Sizes) -> int:
    """Return how many bytes a checkpoint of these entries holds.

    Raises:
        CannotRun: more than the limits allow; names the largest folders.
    """
    limits = sizes.limits
    files = [entry for entry in entries if entry.kind is Kind.FILE and not sizes.is_large(entry)]
    n_bytes = sum(entry.size for entry in files)
    if n_bytes <= limits.max_bytes and len(entries) <= limits.max_files:
        return n_bytes
    by_folder: dict[str, int] = {}
    for entry in files:
        top = entry.path.partition("/")[0]
        by_folder[top] = by_folder.get(top, 0) + entry.size
    largest = ", ".join(sorted(by_folder, key=lambda top: (-by_folder[top], top))[:3])
    raise CannotRun(
        f"The workspace holds more than a checkpoint may ({limits.max_files} files, "
        f"{limits.max_bytes / 1024**3:g} GiB); the largest folders: {largest}.",
        next_step="Open a smaller folder, or move what tests do not need out of the workspace.",
    )


class Capture:
    """Takes one tree in."""

    def __init__(self, cancel: Cancellation, root: str, pins: Path, sizes: Sizes, previous: Manifest | None) -> None:
        self._cancel, self._root, self._pins, self._sizes = cancel, root, pins, sizes
        self._previous: Mapping[str, Entry] = {entry.path: entry for entry in previous.entries} if previous else {}
        self._trusted_ns = previous.started_ns - RECENT_NS if previous else 0
        self._captured = Captured()

    def run(self, entries: tuple[Entry, ...], blobs: Blobs) -> Captured:
        """Take every file in, or pin it.

        Raises:
            CannotRun: a file goes on changing while it is read, or git fails.
            Cancelled: the token was set.
        """
        known = {entry.oid for entry in self._previous.values() if entry.oid}
        self._captured.left_out = [LeftOut(one.path, _OTHER) for one in entries if one.kind is Kind.OTHER]
        entries = tuple(entry for entry in entries if entry.kind is not Kind.OTHER)
        reused = [self._reused(entry) for entry in entries]
        if all(entry is not None or given.kind is not Kind.FILE for entry, given in zip(reused, entries, strict=True)):
            self._captured.entries = [entry or given for entry, given in zip(reused, entries, strict=True)]
            return self._captured
        with blobs.adding(known) as adder:
            for given, entry in zip(entries, reused, strict=True):
                self._cancel.check()
                if entry is not None or given.kind is not Kind.FILE:
                    self._captured.entries.append(entry or given)
                elif self._sizes.is_large(given):
                    self._pin(given, f"an ignored file that is large: {_ONLY_REMOVAL}")
                else:
                    self._take(given, adder)
        return self._captured

    def _reused(self, entry: Entry) -> Entry | None:
        known = self._previous.get(entry.path)
        if known is None or not known.oid or known.stamp != entry.stamp or self._trusted_ns <= known.ctime_ns:
            return None
        return replace(entry, oid=known.oid)

    def _take(self, entry: Entry, adder: Adder) -> None:
        path = f"{self._root}/{entry.path}"
        for _ in range(_TRIES):
            try:
                taken = _read_steadily(path, entry, adder)
            except PermissionError:
                self._pin(entry, f"cannot be read: {_ONLY_REMOVAL}")
                return
            except BrokenPipeError:
                raise
            except OSError:
                if os.path.lexists(path):
                    continue
                self._captured.left_out.append(LeftOut(entry.path, "went while the checkpoint was made"))
                return
            if taken is not None:
                self._captured.entries.append(taken)
                return
        if self._sizes.ignored(entry.path):
            self._pin(entry, f"changes all the time: {_ONLY_REMOVAL}")
            return
        raise CannotRun(
            f"{entry.path} went on changing while it was saved.",
            next_step="Stop the program that writes it, then run the fix again.",
        )

    def _pin(self, entry: Entry, why: str) -> None:
        """Give a file that is not read a second name: a removal does not take its content away then."""
        self._captured.left_out.append(LeftOut(entry.path, why))
        name = str(len(self._captured.left_out))
        self._pins.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.link(f"{self._root}/{entry.path}", self._pins / name, follow_symlinks=False)
        except OSError:  # Another file system: then it is only named.
            return
        state = (self._pins / name).lstat()
        self._captured.entries.append(
            replace(
                entry, pin=name, inode=state.st_ino, size=state.st_size, mtime_ns=state.st_mtime_ns,
                ctime_ns=state.st_ctime_ns,
            )
        )  # fmt: skip


def _read_steadily(path: str, entry: Entry, adder: Adder) -> Entry | None:
    """Take one file in; None when it changed meanwhile."""
    with closing(os.fdopen(os.open(path, _READ), "rb", buffering=0)) as file:
        before = os.fstat(file.fileno())
        if before.st_mode & 0o170000 != 0o100000:
            return None
        try:
            oid = adder.add(file.fileno(), before.st_size)
        except EOFError:
            return None
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns, before.st_ctime_ns) != (
        after.st_size, after.st_mtime_ns, after.st_ctime_ns,
    ):  # fmt: skip
        return None
    return replace(
        entry, mode=after.st_mode & 0o7777, uid=after.st_uid, gid=after.st_gid, inode=after.st_ino, size=after.st_size,
        mtime_ns=after.st_mtime_ns, ctime_ns=after.st_ctime_ns, oid=oid,
    )  # fmt: skip
