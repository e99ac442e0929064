"""A past repair made once more on the files as they are, with every answer from its recording, and compared.

Nothing is delivered and nothing is written down. Where the past fix is in the files, it is taken back in the
workbench, so that the repair starts from what it started from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import zip_longest

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, diff, invert, rebase
from regreen.core.errors import Conflict, RegreenError, UsageError
from regreen.core.events import Event
from regreen.core.repair import Attempt, Outcome, RepairReport
from regreen.core.trace import RunId, Trace

from .fixing import Fixer
from .requests import FixRequest, keep_back
from .secrecy import as_delivered

_PROVED = frozenset({Outcome.REPAIRED, Outcome.REPAIRED_NOT_APPLIED, Outcome.UNDONE})


@dataclass(frozen=True, slots=True)
class Replayed:
    """A past repair and its replay. `now` is None when it could not be replayed to its end."""

    past: RepairReport
    now: RepairReport | None
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Tell whether patch, outcome and attempts are the same."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class Replayer:
    """Replays the repairs of one workspace."""

    fixer: Fixer
    settle: Callable[[Cancellation], None]  # waits until the model has seen the buffers

    def replay(self, cancel: Cancellation, trace: Trace, run_id: RunId) -> Replayed:
        """Repair the same tests with the recorded answers.

        Raises:
            UsageError: there is no such run, or it has no recording.
            Conflict: its fix is in the files and cannot be taken back.
        """
        past = self.fixer.board().report(run_id)
        if past is None:
            raise UsageError(f"There is no run {run_id}.", next_step="regreen history lists the runs.")
        (manifest,) = self.fixer.parts.recordings.cassette(run_id).manifests
        request = FixRequest(
            tests=past.wanted,
            dry_run=True,
            max_attempts=manifest.max_attempts,
            allow_tests=manifest.allow_tests,
            lifted=frozenset(manifest.lifted),
            replay=str(self.fixer.parts.recordings.folder(run_id)),
        )
        with self._taken_back(cancel, past):
            try:
                now = self._quiet().fix(cancel, trace, request, keep_back)
            except RegreenError as problem:
                return Replayed(past, None, (problem.message,))
        # What a journal keeps shows no secrets; both sides are compared as they would stand there.
        recorded = self.fixer.parts.secrets.recorded
        return Replayed(past, now, differences(recorded(past), recorded(now)))

    def _quiet(self) -> Fixer:
        unwritten = _Unwritten(self.fixer)
        handover = replace(self.fixer.handover, journal=unwritten)
        return replace(self.fixer, parts=replace(self.fixer.parts, journal=unwritten), handover=handover)

    @contextmanager
    def _taken_back(self, cancel: Cancellation, past: RepairReport) -> Iterator[None]:
        """Show the files without the past fix, as an editor shows unsaved texts."""
        texts = self._without(past.patch) if past.outcome is Outcome.REPAIRED and past.patch else {}
        oracle = self.fixer.parts.oracle
        before = {path: oracle.buffers.get(path) for path in texts}
        try:
            for path, text in texts.items():
                oracle.open_buffer(path, text)
            self.settle(cancel)
            yield
        finally:
            for path, buffer in before.items():
                if buffer is None:
                    oracle.close_buffer(path)
                else:
                    oracle.open_buffer(path, buffer)

    def _without(self, patch: Patch) -> Mapping[str, str]:
        present = {path: text for path in patch.paths if (text := self.fixer.handover.text(path)) is not None}
        patch = as_delivered(patch, present)
        if all(present.get(file.path) == file.base for file in patch.files):
            return {}
        try:
            return {file.path: file.after for file in rebase(invert(patch), present).files}
        except Conflict as clash:
            raise Conflict(
                f"{', '.join(clash.paths)} changed since the repair, in the lines that it edited.",
                next_step="Replay it on the files of that time: regreen fix --replay takes any folder.",
                paths=clash.paths,
            ) from clash


@dataclass(frozen=True, slots=True)
class _Unwritten:
    """A journal that is read and never written."""

    fixer: Fixer

    def record(self, trace: Trace, event: Event) -> None:
        """Write nothing down."""

    def reports(self) -> tuple[RepairReport, ...]:
        """Return all repairs."""
        return self.fixer.parts.journal.reports()

    def report(self, run_id: RunId) -> RepairReport | None:
        """Return one repair."""
        return self.fixer.parts.journal.report(run_id)


def differences(past: RepairReport, now: RepairReport) -> tuple[str, ...]:
    """Say in which points two repairs of the same test differ: outcome, patch, attempts."""
    found = []
    if _end(past) != _end(now):
        found.append(f"outcome: {_end(past)} was recorded, {_end(now)} now ({now.reason})")
    found += _patches("patch", past.patch, now.patch)
    for was, there in zip_longest(past.attempts, now.attempts):
        found += _attempts(was, there)
    return tuple(found)


def _end(report: RepairReport) -> str:
    return "proved" if report.outcome in _PROVED else report.outcome.value


def _attempts(was: Attempt | None, now: Attempt | None) -> list[str]:
    if was is None:
        return [f"attempt {now.n} was not recorded"] if now else []
    if now is None:
        return [f"attempt {was.n} is missing now"]
    found = [] if was.verdict is now.verdict else [f"attempt {was.n}: {was.verdict} was recorded, {now.verdict} now"]
    return found + _patches(f"attempt {was.n}", was.patch, now.patch)


def _patches(name: str, was: Patch | None, now: Patch | None) -> list[str]:
    before, after = (diff(patch).splitlines() if patch else [] for patch in (was, now))
    for number, (old, new) in enumerate(zip_longest(before, after, fillvalue=""), 1):
        if old != new:
            return [f"{name}, line {number} of the diff: “{old}” was recorded, “{new}” now"]
    return []
