"""File events of a workspace, without its ignored folders."""

from __future__ import annotations

import errno
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from .environments import watched_inside
from .ignore import IgnoreRules

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

# A save by renaming gives a move alone, a copy may give a creation alone: each kind is needed. Reading, and the
# single writes before a file is closed, are left to the kernel: they would be two thirds of all events.
_EVENTS: tuple[type[FileSystemEvent], ...] = (
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
)
_SETTLED = 2_000_000_000  # nanoseconds after which a time stamp tells one state of a folder from the next
_LIMIT_FILE = Path("/proc/sys/fs/inotify/max_user_watches")


class Watcher:
    """Watches the folders of a workspace that count, from `start` to `stop`."""

    def __init__(self, root: Path, on_touch: Callable[[set[str]], None], on_overflow: Callable[[], None]) -> None:
        self._root = root
        self._on_touch = on_touch
        self._on_overflow = on_overflow
        self._observer: BaseObserver | None = None
        self._unwatched: set[str] = set()
        self._failure = ""
        self._rules = IgnoreRules(root)

    @property
    def alive(self) -> bool:
        """Tell whether events still come."""
        observer = self._observer
        return observer is not None and observer.is_alive() and all(each.is_alive() for each in observer.emitters)

    @property
    def problems(self) -> tuple[str, ...]:
        """Return what a person should know about what is not watched."""
        if self._failure:
            return (self._failure,)
        return (limit_problem(len(self._unwatched)),) if self._unwatched else ()

    def start(self) -> None:
        """Begin to watch; when it cannot be done, `problems` says why."""
        self._failure = ""
        self._unwatched = set()
        self._rules = IgnoreRules(self._root)
        try:
            observer = self._make_observer()
            try:
                observer.schedule(_Handler(self._on_touch), str(self._root), recursive=True, event_filter=_events())
                observer.start()
            except OSError:
                self._end(observer)
                raise
        except OSError as error:
            self._failure = _cannot_watch(self._root, error)
            return
        self._observer = observer

    def stop(self) -> None:
        """Stop, and wait until every thread of it has ended."""
        observer, self._observer = self._observer, None
        if observer is not None:
            self._end(observer)

    def folders(self, start: str) -> Iterator[str]:
        """Yield a folder and those below it that count, as absolute paths.

        Each one is yielded before it is looked into: what is created after its watch was added gives an event.
        """
        relative = _relative(start, self._root)
        if relative is None:
            return
        above = relative.rpartition("/")[0]
        if above and self._rules.ignores(above, is_folder=True):
            yield from self._told_of(relative)
            return
        pending = [relative]
        while pending:
            folder = pending.pop()
            full = str(self._root) if folder == "." else f"{self._root}/{folder}"
            listed = _listed(full)
            if self._rules.skips_folder(folder, listed.names):
                yield from self._told_of(folder)
                continue
            yield full
            inside = listed.folders if listed.holds(full) else _listed(full).folders
            pending += [name if folder == "." else f"{folder}/{name}" for name in inside]

    def _told_of(self, ignored: str) -> Iterator[str]:
        return (str(self._root / each) for each in watched_inside(self._root, ignored))

    def note_unwatched(self, path: str) -> None:
        """Note a folder for which the system has no watch left."""
        self._unwatched.add(path)

    def _make_observer(self) -> BaseObserver:
        if platform.system() == "Linux":
            from .inotify import PrunedObserver

            return PrunedObserver(self.folders, self.note_unwatched, self._on_overflow)
        return Observer()

    def _end(self, observer: BaseObserver) -> None:
        observer.stop()
        if observer.is_alive():
            observer.join()


class _Handler(FileSystemEventHandler):
    """Hands on the paths of events."""

    def __init__(self, on_touch: Callable[[set[str]], None]) -> None:
        self._on_touch = on_touch

    def dispatch(self, event: FileSystemEvent) -> None:
        """Hand on where an event happened: for a move, both places."""
        self._on_touch({os.fsdecode(path) for path in (event.src_path, event.dest_path) if path})


def limit_problem(n_unwatched: int) -> str:
    """Say that the system's limit of watches is reached, and what to do."""
    try:
        limit = _LIMIT_FILE.read_text("ascii").strip()
    except OSError:
        limit = "unknown"
    return (
        f"Not every folder can be watched ({n_unwatched} left out): "
        f"the limit fs.inotify.max_user_watches ({limit}) is reached. "
        "Raise it with `sysctl fs.inotify.max_user_watches=524288`, or exclude big folders through .gitignore; "
        "until then changes in these folders are seen only when a file is saved in the editor."
    )


def _events() -> list[type[FileSystemEvent]]:
    # Only Linux tells when a written file is closed.
    return [*_EVENTS, *(() if platform.system() == "Linux" else (FileModifiedEvent,))]


@dataclass(frozen=True, slots=True)
class _Listed:
    """What lay in a folder, and since when; `since` is 0 when that cannot tell whether it still does."""

    names: frozenset[str]
    folders: tuple[str, ...]  # from the last to the first
    since: int

    def holds(self, folder: str) -> bool:
        """Tell whether nothing came or went since."""
        return self.since != 0 and self.since == _modified(folder)


def _listed(folder: str) -> _Listed:
    since = _modified(folder)
    try:
        with os.scandir(folder) as scan:
            entries = list(scan)
    except OSError:
        return _Listed(frozenset(), (), 0)  # Vanished or closed to us: the walk of the index reports it.
    inside = sorted((entry.name for entry in entries if entry.is_dir(follow_symlinks=False)), reverse=True)
    return _Listed(frozenset(entry.name for entry in entries), tuple(inside), since)


def _modified(folder: str) -> int:
    """Return when something last came or went in a folder; 0 when that is so fresh that the next may look the same."""
    try:
        modified = os.stat(folder).st_mtime_ns  # noqa: PTH116 - a Path would take longer than the look itself
    except OSError:
        return 0
    return modified if modified + _SETTLED < time.time_ns() else 0


def _relative(path: str, root: Path) -> str | None:
    full = Path(path)
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else None


def _cannot_watch(root: Path, error: OSError) -> str:
    if error.errno == errno.EMFILE:
        reason, step = "the limit fs.inotify.max_user_instances is reached", "Close other watching programs or raise it"
    elif error.errno == errno.ENOENT:
        reason, step = "it is gone", "Restore it or open another folder"
    else:
        reason, step = error.strerror or str(error), "Correct this and restart the server"
    return f"{root} cannot be watched: {reason}. {step}; until then only files saved in the editor are seen."
