"""The journal in files: one file of lines for each run, and an index that says which runs are repairs."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from regreen.core.errors import CannotRun, UsageError
from regreen.core.events import Event, JobEnded, RepairEnded
from regreen.core.repair import RepairReport
from regreen.core.trace import Clock, RunId, SystemClock, Trace

from . import lines
from .schema import VERSION, Entry, UnreadableRecord, from_line, to_line

_STAMPED = re.compile(r"(\d{4})(\d{2})(\d{2})-\d{6}-[0-9a-f]+")
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_FRESH = 3600.0  # seconds in which a run may still be written to


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of the journal that cannot be read. `file` is relative to the state folder, `line` 1-based."""

    file: str
    line: int
    message: str
    newer: bool = False  # a newer version wrote it

    def __str__(self) -> str:
        return f"{self.file}:{self.line} cannot be read: {self.message}."


class FileJournal:
    """Remembers the runs of one workspace, append-only, in its state folder."""

    def __init__(self, state_dir: str | Path, clock: Clock | None = None) -> None:
        self._home = Path(state_dir)
        self._runs = self._home / "runs"
        self._index = self._home / "index.jsonl"
        self._clock = clock or SystemClock()
        self._repairs: set[RunId] = set()  # that this journal has indexed

    def record(self, trace: Trace, event: Event) -> None:
        """Append one event to its run; the end of a repair or a job is on the disk when this returns.

        Raises:
            CannotRun: the disk is full or fails; what was recorded before is whole.
        """
        path = self._path(trace.run_id)
        last = isinstance(event, JobEnded | RepairEnded)
        line = to_line(Entry(self._clock.now(), trace, event))
        try:
            lines.append(path, line, durable=last)
            if last:
                self._add_to_index(trace.run_id, path, is_repair=isinstance(event, RepairEnded))
        except OSError as error:
            raise CannotRun(
                f"The journal {path} cannot be written: {error.strerror}.",
                next_step="Make room on the disk, or set REGREEN_STATE_DIR to a folder in which you may write.",
            ) from error

    def reports(self) -> tuple[RepairReport, ...]:
        """Return all repairs of this workspace, oldest first; what cannot be read is told by `problems`."""
        others = self._indexed_as_others()
        found = [
            report
            for path in self._files()
            if path.stem not in others
            for report in [_report_in(self._read(path)[0])]
            if report is not None
        ]
        return tuple(sorted(found, key=lambda report: (report.started, report.run_id)))

    def report(self, run_id: RunId) -> RepairReport | None:
        """Return one repair, or None when there is none of this name.

        Raises:
            CannotRun: its record was written by a newer version, or is damaged.
        """
        if not _PLAIN.fullmatch(run_id):
            return None
        entries, problems = self._read(self._path(run_id))
        report = _report_in(entries)
        if report is None and problems:
            newer = any(problem.newer for problem in problems)
            raise CannotRun(
                str(problems[-1]),
                next_step="Upgrade Regreen to read it." if newer else "The other runs are not affected.",
            )
        return report

    def file(self, run_id: RunId) -> str:
        """Return where a run's events stand, relative to the state folder."""
        return self._path(run_id).relative_to(self._home).as_posix()

    def entries(self, run_id: RunId) -> tuple[Entry, ...]:
        """Return every readable event of one run, as recorded."""
        return self._read(self._path(run_id))[0]

    def problems(self) -> tuple[Problem, ...]:
        """Return every line of every run that cannot be read."""
        return tuple(problem for path in self._files() for problem in self._read(path)[1])

    def problems_of_repairs(self) -> tuple[Problem, ...]:
        """Return every line that cannot be read of runs that may hold a repair; the others are not even opened."""
        others = self._indexed_as_others()
        files = (path for path in self._files() if path.stem not in others)
        return tuple(problem for path in files for problem in self._read(path)[1])

    def prune(self, max_age_days: float, max_bytes: int) -> tuple[RunId, ...]:
        """Remove the oldest runs until all are young and small enough together; return their names.

        A run that was written to within the last hour stays.
        """
        now = self._clock.now()
        ages = sorted((path.stat().st_mtime, path.name, path.stat().st_size, path) for path in self._files())
        total = sum(size for _, _, size, _ in ages)
        removed = []
        for modified, _, size, path in ages:
            age = now - modified
            if age <= _FRESH or (age <= max_age_days * 86400 and total <= max_bytes):
                continue
            path.unlink()
            total -= size
            removed.append(RunId(path.stem))
        if removed:
            self._forget(frozenset(removed))
        return tuple(sorted(removed))

    def _path(self, run_id: RunId) -> Path:
        if not _PLAIN.fullmatch(run_id):
            raise UsageError(f"{run_id!r} is no run.", next_step="Take a name from `regreen history`.")
        stamp = _STAMPED.fullmatch(run_id)
        return self._runs / ("-".join(stamp.groups()) if stamp else "undated") / f"{run_id}.jsonl"

    def _files(self) -> list[Path]:
        return sorted(self._runs.glob("*/*.jsonl"))

    def _read(self, path: Path) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
        entries, problems = [], []
        file = path.relative_to(self._home).as_posix()
        try:
            found = lines.read(path)
        except OSError as error:
            return (), (Problem(file, 1, error.strerror or str(error)),)
        for number, line in enumerate(found, start=1):
            try:
                entries.append(from_line(line))
            except UnreadableRecord as error:
                problems.append(Problem(file, number, str(error), error.newer))
        return tuple(entries), tuple(problems)

    def _add_to_index(self, run_id: RunId, path: Path, *, is_repair: bool) -> None:
        if run_id in self._repairs:
            return
        if is_repair:
            self._repairs.add(run_id)
        file = path.relative_to(self._home).as_posix()
        line = {"version": VERSION, "run_id": run_id, "kind": "repair" if is_repair else "other", "file": file}
        lines.append(self._index, json.dumps(line).encode("ascii") + b"\n", durable=True)

    def _indexed_as_others(self) -> frozenset[str]:
        """Return the runs known to hold no repair. The index only saves reading: what it lacks is read."""
        kinds: dict[str, set[str]] = {}
        for _, run_id, kind in self._index_lines():
            kinds.setdefault(run_id, set()).add(kind)
        return frozenset(run_id for run_id, found in kinds.items() if found == {"other"})

    def _forget(self, removed: frozenset[RunId]) -> None:
        self._repairs -= removed
        lines.rewrite(self._index, [line for line, run_id, _ in self._index_lines() if run_id not in removed])
        for folder in sorted(self._runs.iterdir()):
            with contextlib.suppress(OSError):  # Not empty: that is most of them.
                folder.rmdir()

    def _index_lines(self) -> Iterator[tuple[bytes, str, str]]:
        try:
            found = lines.read(self._index)
        except OSError:  # Every run's own file is read instead.
            return
        for line in found:
            try:
                row = json.loads(line)
                yield line, str(row["run_id"]), str(row["kind"])
            except (ValueError, KeyError, TypeError, RecursionError):  # Torn: the run's own file is read instead.
                continue


def _report_in(entries: tuple[Entry, ...]) -> RepairReport | None:
    return next((entry.event.report for entry in reversed(entries) if isinstance(entry.event, RepairEnded)), None)
