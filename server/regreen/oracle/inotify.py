"""Linux's watches with ignored folders left out, limits reported, and lost events told.

It overrides private methods of watchdog 7.1: as published it watches every folder, keeps quiet about the ones for
which no watch is left, and only logs when the kernel drops events.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from watchdog.observers.api import DEFAULT_OBSERVER_TIMEOUT, BaseObserver
from watchdog.observers.inotify import InotifyEmitter, InotifyWatchGroup
from watchdog.observers.inotify_c import InotifyEvent, InotifyFD


def _no_folders(_path: str) -> Iterable[str]:
    return ()


def _not_told(_path: str = "") -> None:
    """Do nothing: the default of a group that nobody listens to."""


@dataclass
class PrunedGroup(InotifyWatchGroup):
    """The watches of one tree."""

    folders: Callable[[str], Iterable[str]] = _no_folders
    on_unwatched: Callable[[str], None] = _not_told
    on_overflow: Callable[[], None] = _not_told

    def on_queue_overflow(self) -> None:
        """Watch anew and tell that events were lost."""
        super().on_queue_overflow()
        self.on_overflow()

    def _add_all_callbacks(self, path: bytes) -> None:
        if path == self.path:
            self._add_callback(path)  # Fails loudly when the workspace itself cannot be watched.
        for folder in self.folders(os.fsdecode(path)):
            if (encoded := os.fsencode(folder)) not in self._active_callbacks_by_path:
                self._add_callback(encoded)

    def _add_callback(self, path: bytes) -> None:
        try:
            watch = self._inotify_fd.add_callback(path, self.event_mask, self._callback, self._id)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                self.on_unwatched(os.fsdecode(path))
            elif path == self.path:
                raise
            return  # A folder that vanished meanwhile has nothing to tell.
        self._active_callbacks_by_path[path] = watch
        self._active_callbacks_by_watch[watch] = path

    def _recursive_simulate(self, src_path: bytes) -> list[InotifyEvent]:  # noqa: ARG002
        """Leave out made-up events: who hears of a new folder looks into it."""
        return []


class PrunedObserver(BaseObserver):
    """Observes with `PrunedGroup`s on a descriptor of its own."""

    def __init__(
        self,
        folders: Callable[[str], Iterable[str]],
        on_unwatched: Callable[[str], None],
        on_overflow: Callable[[], None],
    ) -> None:
        class Emitter(InotifyEmitter):
            def on_thread_start(self) -> None:
                self._inotify = PrunedGroup(
                    self._inotify_fd,
                    os.fsencode(self.watch.path),
                    is_recursive=self.watch.is_recursive,
                    event_mask=self.get_event_mask_from_filter(),
                    follow_symlink=self.watch.follow_symlink,
                    folders=folders,
                    on_unwatched=on_unwatched,
                    on_overflow=on_overflow,
                )

        self._descriptor = InotifyFD()
        self._descriptor.start()
        keywords: dict[str, Any] = {"inotify_fd": self._descriptor}
        super().__init__(Emitter, timeout=DEFAULT_OBSERVER_TIMEOUT, **keywords)

    def on_thread_stop(self) -> None:
        """Remove the watches and end the thread that reads the descriptor."""
        super().on_thread_stop()
        self._descriptor.stop()
        self._descriptor.join()
