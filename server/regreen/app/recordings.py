"""Where recordings of repairs lie: a folder for each run, below the state folder; the oldest go first."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from regreen.core.errors import UsageError
from regreen.core.trace import Clock, RunId, Trace
from regreen.providers import Cassette, Replay, Tape, read_cassette

_MOST = 200_000_000  # bytes of all recordings of a workspace
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")


class Recordings:
    """The recordings of one workspace. `journal` returns where a run's events stand, relative to the state folder."""

    def __init__(
        self,
        state: Path,
        journal: Callable[[RunId], str],
        clock: Clock,
        warn: Callable[[str], None],
        clean: Callable[[str], str],
        most: int = _MOST,
    ) -> None:
        self._home = state / "recordings"
        self._journal = journal
        self._clock = clock
        self._warn = warn
        self._clean = clean
        self._most = most

    def begin(self, trace: Trace) -> Tape:
        """Return the tape of a run, and make room for it."""
        self._prune()
        folder = self._home / trace.run_id
        return Tape(folder, trace, self._journal(trace.run_id), self._clock, self._clean, self._warn)

    def folder(self, run_id: RunId) -> Path | None:
        """Return where a run is recorded, None when it is not."""
        if not _PLAIN.fullmatch(run_id):
            return None
        folder = self._home / run_id
        return folder if (folder / "cassette.json").is_file() else None

    def cassette(self, run_id: RunId) -> Cassette:
        """Return the recording of a run.

        Raises:
            UsageError: there is none.
            CannotRun: it is damaged.
        """
        folder = self.folder(run_id)
        if folder is None:
            raise UsageError(
                f"Run {run_id} has no recording: nobody was asked, or it was removed to make room.",
                next_step="regreen history --json names the recordings that there are.",
            )
        return read_cassette(folder)

    def _prune(self) -> None:
        """Remove the oldest until the rest is small enough; run ids begin with their date."""
        if not self._home.is_dir():
            return
        sizes = [(folder, _size(folder)) for folder in sorted(self._home.iterdir()) if folder.is_dir()]
        total = sum(size for _, size in sizes)
        for folder, size in sizes:
            if total <= self._most:
                return
            shutil.rmtree(folder, ignore_errors=True)  # What stays is removed the next time.
            total -= size


def replaying(folder: str) -> Replay:
    """Return the provider that answers as was recorded in a folder.

    Raises:
        UsageError: there is no recording.
        CannotRun: it is damaged.
    """
    return Replay(read_cassette(Path(folder)))


def _size(folder: Path) -> int:
    total = 0
    for file in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # Another process makes room as well.
            total += file.stat().st_size
    return total
