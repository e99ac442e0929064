"""Brings proved fixes to the person and takes them back; the record says at every moment what is true of the files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from regreen.checkpoints import Ending, Recovery
from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, invert, rebase
from regreen.core.errors import UsageError
from regreen.core.events import Emit, Notice, RepairEnded, Step
from regreen.core.ports import Journal
from regreen.core.repair import Outcome, RepairReport
from regreen.core.trace import RunId, Trace

from .board import Board
from .requests import Deliver, Delivered
from .secrecy import as_delivered

_UNDONE = "Undone; undo it again to have the fix back."
_INTERRUPTED = "Green in the workbench, and not applied: it was interrupted while it was being applied."
_FINISHED = "Green, and applied; it was interrupted at its end."
_HISTORY = "regreen history lists the runs."


@dataclass(frozen=True, slots=True)
class Handover:
    """The last step of every repair of one workspace. The caller holds the workspace's lock."""

    journal: Journal
    emit: Emit
    board: Callable[[], Board]
    text: Callable[[str], str | None]  # of a file as it is now, a buffer's where there is one

    def hand_over(self, cancel: Cancellation, report: RepairReport, deliver: Deliver, *, dry_run: bool) -> RepairReport:
        """Deliver what a repair has proved, and write down what became of it."""
        if report.outcome is not Outcome.REPAIRED or report.patch is None:
            self.end(report)
            return report
        if not dry_run:
            # Should this process not live to apply it, the record is true all the same.
            waits = replace(report, outcome=Outcome.REPAIRED_NOT_APPLIED, reason=_INTERRUPTED)
            self.journal.record(_trace(report), RepairEnded(waits))
        return self._deliver(cancel, report, report.patch, deliver, dry_run=dry_run)

    def apply_again(self, cancel: Cancellation, run_id: RunId, deliver: Deliver, expected: Outcome) -> RepairReport:
        """Deliver a fix that waits or was undone, moved onto the present text.

        Raises:
            UsageError: there is no such fix.
            Conflict: the lines that it edits have changed.
        """
        report = self._report(run_id)
        if report.outcome is not expected or report.patch is None:
            raise UsageError(f"Run {run_id} has no fix that waits.", next_step=_HISTORY)
        patch = self._moved(report.patch)
        return self._deliver(cancel, replace(report, patch=patch), patch, deliver, dry_run=False)

    def undo(self, cancel: Cancellation, run_id: RunId, deliver: Deliver) -> RepairReport:
        """Take back only the repair's own edits; on an undone repair, apply them again.

        Raises:
            UsageError: there is no such repair, or it changed nothing.
            Conflict: the lines that it edited have changed since.
        """
        report = self._report(run_id)
        if report.outcome is Outcome.UNDONE:
            return self.apply_again(cancel, run_id, deliver, Outcome.UNDONE)
        if report.outcome is not Outcome.REPAIRED or report.patch is None:
            raise UsageError(f"Run {run_id} changed nothing.", next_step=_HISTORY)
        inverse = self._moved(report.patch, back=True)
        delivered = deliver(cancel, inverse, f"Undo regreen {run_id}")
        if not delivered.applied:
            raise UsageError(f"The undo was not applied. {delivered.reason}", next_step="Repeat it when you are ready.")
        undone = replace(report, outcome=Outcome.UNDONE, reason=_UNDONE)
        self.end(undone)
        delivered.settle()
        return undone

    def recovered(self, recovery: Recovery) -> None:
        """Make the record of a run true whose delivery was interrupted, and tell the person."""
        report = self.board().report(RunId(recovery.run_id))
        if report is not None and recovery.ending is Ending.FINISHED:
            outcome = Outcome(recovery.goal)
            self.end(replace(report, outcome=outcome, reason=_UNDONE if outcome is Outcome.UNDONE else _FINISHED))
        self.emit(Notice("warning", recovery.message))

    def end(self, report: RepairReport) -> None:
        """Write a report down under its own run, also when another job changed its outcome."""
        event = RepairEnded(report)
        self.journal.record(_trace(report), event)
        self.emit(event)

    def _deliver(
        self, cancel: Cancellation, report: RepairReport, patch: Patch, deliver: Deliver, *, dry_run: bool
    ) -> RepairReport:
        if dry_run:
            delivered = Delivered(False, "a dry run changes nothing; the diff shows what it would be.")
        else:
            self.emit(Step("Applying the fix", 95))
            title = report.failure.message if report.failure else str(report.run_id)
            delivered = deliver(cancel, patch, f"Regreen: fix {title}")
        if delivered.applied:
            ended = replace(report, outcome=Outcome.REPAIRED)
        else:
            reason = f"Green in the workbench, and not applied: {delivered.reason}"
            ended = replace(report, outcome=Outcome.REPAIRED_NOT_APPLIED, reason=reason)
        self.end(ended)
        delivered.settle()
        return ended

    def _report(self, run_id: RunId) -> RepairReport:
        report = self.board().report(run_id)
        if report is None:
            raise UsageError(f"There is no run {run_id}.", next_step=_HISTORY)
        return report

    def _moved(self, patch: Patch, *, back: bool = False) -> Patch:
        """Return a patch, or what takes it back, on the present texts."""
        texts = self._texts(patch.paths)
        whole = as_delivered(patch, texts)
        return rebase(invert(whole) if back else whole, texts)

    def _texts(self, paths: tuple[str, ...]) -> dict[str, str]:
        return {path: text for path in paths if (text := self.text(path)) is not None}


def _trace(report: RepairReport) -> Trace:
    return Trace(report.trace_id, report.run_id)
