"""What waits to be taken into the model, and when it is due. Time is handed in."""

from __future__ import annotations

from dataclasses import dataclass, field

_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Batch:
    """What one turn of the index takes. Invariant: both sorted."""

    paths: tuple[str, ...] = ()  # touched on disk: files or folders, there or gone
    buffers: tuple[str, ...] = ()  # opened, changed or closed in the editor
    rescan: bool = False  # look at everything


@dataclass(slots=True)
class Pending:
    """Gathers touches until the workspace is quiet, so that a branch switch is one batch."""

    quiet: float = 0.1  # seconds without a touch after which a batch is taken
    patience: float = 5.0  # seconds after which it is taken though touches go on
    _paths: set[str] = field(default_factory=set)
    _buffers: set[str] = field(default_factory=set)
    _rescan: bool = False
    _due_files: float = _NEVER
    _latest: float = _NEVER  # when patience with files ends
    _due_buffers: float = _NEVER

    def touch(self, paths: set[str], now: float) -> None:
        """Note files or folders that changed on disk."""
        if not paths:
            return
        self._paths |= paths
        self._latest = min(self._latest, now + self.patience)
        self._due_files = min(now + self.quiet, self._latest)

    def touch_buffer(self, path: str, now: float) -> None:
        """Note a buffer that changed; typing on does not put it off."""
        self._buffers.add(path)
        self._due_buffers = min(self._due_buffers, now + self.quiet)

    def want_rescan(self, now: float) -> None:
        """Ask for a look at everything, at once."""
        self._rescan = True
        self._due_files = self._latest = now

    @property
    def empty(self) -> bool:
        """Tell whether nothing waits."""
        return not (self._paths or self._buffers or self._rescan)

    @property
    def due(self) -> float:
        """Return when the next batch is due; infinity when nothing waits."""
        return min(self._due_files, self._due_buffers)

    def take(self, now: float, *, hold_files: bool = False) -> Batch:
        """Take what is due: the buffers, and the files as well once they are quiet.

        `hold_files` says that more files are about to change: they wait, unless somebody asked for a look.
        """
        if hold_files and not self._rescan and self._due_files <= now:
            self._due_files = self._latest = now + self.quiet
        buffers, self._buffers, self._due_buffers = tuple(sorted(self._buffers)), set(), _NEVER
        if now < self._due_files:
            return Batch(buffers=buffers)
        batch = Batch(tuple(sorted(self._paths)), buffers, self._rescan)
        self._paths, self._rescan = set(), False
        self._due_files = self._latest = _NEVER
        return batch
