"""The owner of the model: gathers touches, builds the next model on one thread, hands out the present one."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from regreen.core.events import Emit, Indexing, ModelChanged
from regreen.core.workspace import WorkspaceModel
from regreen.languages import TreeLanguage

from .build import Changes, apply
from .ignore import is_rule_file
from .pending import Batch, Pending
from .scan import Scan
from .store import IndexStore
from .watch import Watcher
from .workers import nothing

_MANY = 1000  # touched paths from which a walk is cheaper than looking at each
_MANY_UNSAVED = 300  # files from which the index is stored at once rather than at the end
_LONGEST_CHECKOUT = 30.0  # seconds for which files wait for git to be done
_REFRESH_TIMEOUT = 120.0  # seconds; an index of some hundred thousand files takes less


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait for quiet, and when to stop waiting for it; seconds."""

    quiet: float = 0.1
    patience: float = 5.0


class Oracle:
    """Keeps the model of one workspace fresh, from `start` to `close`.

    Without `start` nothing is watched and no thread runs: `refresh` then builds the model on the caller's thread,
    which is all that a shell command needs. With a folder to keep it in (`store`) the index outlives the process.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        languages: Sequence[TreeLanguage],
        emit: Emit,
        environment: Mapping[str, str],
        *,
        pace: Pace = Pace(),
        store: Path | None = None,
    ) -> None:
        self._root = Path(os.path.abspath(root))  # noqa: PTH100 - resolve() would change the names that editors use
        self._emit = emit
        self._model = WorkspaceModel(str(self._root))
        self._buffers: Mapping[str, str] = MappingProxyType({})
        self._changed = threading.Condition()
        self._pending = Pending(pace.quiet, pace.patience)
        self._busy = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._watcher = Watcher(self._root, self._touched, self._want_rescan)
        kept = None if store is None else IndexStore(store)
        self._scan = Scan(self._root, tuple(languages), environment, self._stop, kept, self._tell)

    @property
    def model(self) -> WorkspaceModel:
        """Return the present model."""
        return self._model

    @property
    def buffers(self) -> Mapping[str, str]:
        """Return the texts of open documents by path; they are the truth while they are open."""
        return self._buffers

    def start(self) -> None:
        """Watch, and index in the background."""
        self._thread = threading.Thread(target=self._run, name="regreen-index", daemon=True)
        self._want_rescan()
        self._thread.start()

    def close(self) -> None:
        """Stop, and wait until no thread and no worker is left. A closed oracle still hands out its last model."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        self._watcher.stop()

    def open_buffer(self, path: str, text: str) -> None:
        """Take a document's text from the editor instead of the disk."""
        self._set_buffer(path, text)

    def change_buffer(self, path: str, text: str) -> None:
        """Take a document's new text."""
        self._set_buffer(path, text)

    def close_buffer(self, path: str) -> None:
        """Go back to the disk's text."""
        self._set_buffer(path, None)

    def files_changed(self, paths: Iterable[str]) -> None:
        """Take note of files that somebody else says have changed; absolute, or relative to the root."""
        self._touched(set(paths))

    def refresh(self, timeout: float = _REFRESH_TIMEOUT) -> WorkspaceModel:
        """Look at everything that changed, wait until it is done, and return the model."""
        if self._alive:
            self._want_rescan()
            self.wait_until_idle(timeout)
            return self._model
        with self._changed:
            self._pending.want_rescan(time.monotonic())
            batch = self._pending.take(time.monotonic())
        self._process(batch, watching=False)
        return self._model

    def wait_until_idle(self, timeout: float) -> bool:
        """Wait until nothing is left to do; False when that took longer, or the index has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._idle or not self._alive, timeout)
            return self._idle

    @property
    def _alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive() and not self._stop.is_set()

    @property
    def _idle(self) -> bool:
        return self._pending.empty and not self._busy

    def _set_buffer(self, path: str, text: str | None) -> None:
        relative = self._relative(path)
        if relative is None:
            return  # A document of another workspace.
        with self._changed:
            buffers = dict(self._buffers)
            if text is None:
                buffers.pop(relative, None)
            else:
                buffers[relative] = text
            self._buffers = MappingProxyType(buffers)
            self._pending.touch_buffer(relative, time.monotonic())
            self._changed.notify_all()

    def _touched(self, paths: set[str]) -> None:
        relative = {found for path in paths if (found := self._relative(path)) is not None}
        with self._changed:
            self._pending.touch(relative, time.monotonic())
            self._changed.notify_all()

    def _want_rescan(self) -> None:
        with self._changed:
            self._pending.want_rescan(time.monotonic())
            self._changed.notify_all()

    def _relative(self, path: str) -> str | None:
        full = Path(os.path.normpath(self._root / path))
        return full.relative_to(self._root).as_posix() if full.is_relative_to(self._root) else None

    def _run(self) -> None:
        try:
            while (batch := self._next_batch()) is not None:
                self._process(batch, watching=True)
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()
            self._scan.save(1)
        finally:
            with self._changed:  # Whoever waits must not wait for a thread that has ended.
                self._stop.set()
                self._changed.notify_all()

    @property
    def _git_writes(self) -> bool:
        """Tell whether git is in the middle of a checkout; a lock that somebody left behind soon tells nothing."""
        try:
            return time.time() - (self._root / ".git" / "index.lock").stat().st_mtime < _LONGEST_CHECKOUT
        except OSError:
            return False

    def _next_batch(self) -> Batch | None:
        with self._changed:
            while not self._stop.is_set():
                now = time.monotonic()
                if self._pending.due <= now:
                    self._busy = True
                    return self._pending.take(now, hold_files=self._git_writes)
                wait = self._pending.due - now
                self._changed.wait(None if wait == float("inf") else wait)
        return None

    def _process(self, batch: Batch, *, watching: bool) -> None:
        """Build the next model from a batch. Runs on one thread only."""
        rules_touched = any(is_rule_file(path) for path in batch.paths)
        everything = batch.rescan or rules_touched or "." in batch.paths or _MANY < len(batch.paths)
        if watching and everything and (rules_touched or not self._watcher.alive):
            # Before looking at the disk, so that nothing can change unseen in between.
            self._watcher.stop()
            self._watcher.start()
        changes = self._scan.changes(
            batch,
            self._buffers,
            everything=everything,
            problems=self._watcher.problems,
            meanwhile=self._glance if watching else nothing,
        )
        if changes is not None:
            self._publish(changes)
            self._scan.save(_MANY_UNSAVED)
        if watching and everything:
            self._scan.prepare()

    def _glance(self) -> None:
        """Take what the editor opened or typed into the model, in the middle of a long look at the disk."""
        changes = self._scan.glance(self._buffers)
        if changes is not None:
            self._publish(replace(changes, problems=self._model.problems))

    def _tell(self, done: int, total: int) -> None:
        self._emit(Indexing(done, total))

    def _publish(self, changes: Changes) -> None:
        model = apply(self._model, changes)
        if model is self._model:
            return
        self._model = model
        self._emit(ModelChanged(model.generation, len(model.files)))
