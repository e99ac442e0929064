"""What tests wrote into a tree made of layers: found in the upper one, taken away through the tree.

The upper layer holds everything that was written, and a mark for whatever was removed, so that looking costs as much
as was written, however large the tree is. It is only read: a mounted layer must not be written past its mount.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from regreen.core.confine import Enclosure

from .rooted import Rooted

_LOG = logging.getLogger(__name__)
_SMALL = 64 * 1024  # bytes; larger files that were written before are not kept
_ALL = 32 * 1024 * 1024
_CHUNK = 1024 * 1024
_OPAQUE = "user.overlay.opaque"  # on a folder of the upper layer: nothing below it shows through

Stamp = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One path of the upper layer at the start. `removed`: the path is not there, whatever lies below."""

    stamp: Stamp
    removed: bool = False
    opaque: bool = False
    content: bytes | None = None


class Landed:
    """The upper layer of a tree as it was at construction."""

    def __init__(self, where: Enclosure) -> None:
        self._tree, self._upper, self._files = Path(where.tree), Path(where.upper), Rooted(where.tree)
        self._lowers = tuple(Path(lower) for lower in where.lowers)
        self._first: dict[str, _Entry] = {}
        self._put_back: set[str] = set()  # restored once: compared by content from then on, not by time
        room = _ALL
        for path in self._walk():
            entry = self._entry(path, room)
            room -= len(entry.content or b"")
            self._first[path] = entry

    def clean(self) -> None:
        """Remove what is new, and put back what changed or vanished; what cannot be put back waits for the reset."""
        seen = set()
        for path in self._walk():
            seen.add(path)
            with _forgiven(path):
                self._clean_one(path)
        for path, entry in self._first.items():
            if path not in seen and not entry.removed:
                with _forgiven(path):
                    self._restore_first(path, entry)

    def _walk(self) -> Iterator[str]:
        """Yield the paths of the upper layer, folders before what is in them; a folder is listed after it was seen."""
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            with contextlib.suppress(OSError), os.scandir(self._upper / folder) as listing:
                entries = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in listing)
                paths = [(f"{folder}/{name}" if folder else name, is_folder) for name, is_folder in entries]
                yield from (path for path, _ in paths)
                waiting += [path for path, is_folder in reversed(paths) if is_folder]

    def _entry(self, path: str, room: int) -> _Entry:
        found = (self._upper / path).lstat()
        content = None
        if stat.S_ISREG(found.st_mode) and found.st_size <= min(_SMALL, room):
            with contextlib.suppress(OSError):
                content = (self._upper / path).read_bytes()
        return _Entry(_stamp(found), _is_removal(found), self._is_opaque(path, found), content)

    def _clean_one(self, path: str) -> None:
        try:
            found = (self._upper / path).lstat()
        except (FileNotFoundError, NotADirectoryError):  # It went with a folder that was removed just before.
            return
        first = self._first.get(path)
        if first is not None and not stat.S_ISDIR(found.st_mode):
            if _stamp(found) != first.stamp or path in self._put_back:
                self._restore_first(path, first)
            return
        below = None if first is not None and first.opaque else self._below(path)
        if stat.S_ISDIR(found.st_mode) and (first is not None or _is_folder(below)):
            self._restore_folder(path, found, first, below)
        elif below is None:
            self._files.remove(path)
        elif path not in self._put_back or not _is_same(below, self._tree / path):
            self._lay(path, below)

    def _below(self, path: str) -> Path | None:
        """Return where the lower layers hold a path that showed through at the start, or None."""
        parts = path.split("/")
        for n in range(1, len(parts)):
            folder = self._first.get("/".join(parts[:n]))
            if folder is not None and (folder.opaque or not stat.S_ISDIR(folder.stamp[0])):
                return None
        first = self._first.get(path)
        if first is not None and first.removed:
            return None
        return next((place for lower in self._lowers if os.path.lexists(place := lower / path)), None)

    def _restore_folder(self, path: str, found: os.stat_result, first: _Entry | None, below: Path | None) -> None:
        mode = stat.S_IMODE(
            below.lstat().st_mode if first is None and below is not None else self._first[path].stamp[0]
        )
        if stat.S_IMODE(found.st_mode) != mode:
            self._files.set_mode(path, mode)
        was_opaque = first is not None and first.opaque
        if below is not None and not was_opaque and self._is_opaque(path, found):
            # It was removed and made anew: what lies below does not show through any more.
            for lower in self._lowers:
                self._refill(path, lower / path)

    def _refill(self, path: str, lower: Path) -> None:
        with contextlib.suppress(OSError), os.scandir(lower) as listing:
            for entry in sorted(listing, key=lambda entry: entry.name):
                inner = f"{path}/{entry.name}"
                if not os.path.lexists(self._tree / inner):
                    self._lay(inner, Path(entry.path))

    def _restore_first(self, path: str, first: _Entry) -> None:
        mode, _, _, mtime_ns, _ = first.stamp
        if first.removed:
            self._files.remove(path)
        elif stat.S_ISDIR(mode):
            self._files.make_folder(path)
            self._files.set_mode(path, stat.S_IMODE(mode))
        elif first.content is not None and not _holds(self._tree / path, first):
            self._files.write(path, first.content, stat.S_IMODE(mode), mtime_ns)
            self._put_back.add(path)

    def _lay(self, path: str, below: Path) -> None:
        """Put back what a lower layer holds."""
        self._files.remove(path)
        self._files.copy(below, path)
        self._put_back.add(path)

    def _is_opaque(self, path: str, found: os.stat_result) -> bool:
        if not stat.S_ISDIR(found.st_mode):
            return False
        try:
            return os.getxattr(self._upper / path, _OPAQUE, follow_symlinks=False) == b"y"
        except OSError:
            return False


@contextlib.contextmanager
def _forgiven(path: str) -> Iterator[None]:
    """Leave what cannot be put back to the workbench's own reset, which has the last word."""
    try:
        yield
    except (OSError, RecursionError) as error:
        _LOG.info("%s stays as the tests left it until the next reset: %s", path, error)


def _stamp(found: os.stat_result) -> Stamp:
    if stat.S_ISDIR(found.st_mode):
        return found.st_mode, 0, 0, 0, 0
    return found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _is_removal(found: os.stat_result) -> bool:
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == 0


def _is_folder(place: Path | None) -> bool:
    return place is not None and place.is_dir() and not place.is_symlink()


def _holds(place: Path, first: _Entry) -> bool:
    try:
        found = place.lstat()
        if (found.st_mode, found.st_size, found.st_mtime_ns) != (first.stamp[0], first.stamp[2], first.stamp[3]):
            return False
        return place.read_bytes() == first.content
    except OSError:
        return False


def _is_same(below: Path, place: Path) -> bool:
    """Tell whether two paths hold the same file or link, with its mode and time."""
    try:
        one, other = below.lstat(), place.lstat()
        if (one.st_mode, one.st_size, one.st_mtime_ns) != (other.st_mode, other.st_size, other.st_mtime_ns):
            return False
        if stat.S_ISLNK(one.st_mode):
            return below.readlink() == place.readlink()
        return stat.S_ISREG(one.st_mode) and _have_same_bytes(below, place)
    except OSError:
        return False


def _have_same_bytes(below: Path, place: Path) -> bool:
    with below.open("rb") as one, place.open("rb") as other:
        while content := one.read(_CHUNK):
            if content != other.read(_CHUNK):
                return False
    return True
