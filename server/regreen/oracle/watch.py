"""File events of a workspace, without its ignored folders."""

from __future__ import annotations

import errno
import os
import platform
from collections.abc import Callable, Iterator
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
        pending = [] if relative is None else [relative]
        while pending:
            folder = pending.pop()
            if folder != "." and self._rules.ignores(folder, is_folder=True):
                yield from (str(self._root / each) for each in watched_inside(self._root, folder))
                continue
            yield str(self._root if folder == "." else self._root / folder)
            pending += _subfolders(self._root, folder)

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


def _subfolders(root: Path, folder: str) -> list[str]:
    prefix = "" if folder == "." else f"{folder}/"
    try:
        with os.scandir(root / folder) as scan:
            return sorted((prefix + entry.name for entry in scan if entry.is_dir(follow_symlinks=False)), reverse=True)
    except OSError:
        return []  # Vanished or closed to us: the walk of the index reports it.


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
