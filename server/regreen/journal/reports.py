"""How attempts and repair reports are written down."""

from __future__ import annotations

from regreen.core.repair import Attempt, Outcome, RepairReport, Verdict
from regreen.core.trace import RunId, TraceId

from .records import FailureRecord, PatchRecord, Record, TestIdRecord, TestRunRecord


class AttemptRecord(Record):
    """An Attempt."""

    n: int
    provider: str
    hypothesis: str
    patch: PatchRecord | None
    verdict: str
    reason: str
    failure: FailureRecord | None
    seconds: float
    tried: int
    rivals: int

    @classmethod
    def of(cls, attempt: Attempt) -> AttemptRecord:
        """Write a value down."""
        return cls(
            n=attempt.n,
            provider=attempt.provider,
            hypothesis=attempt.hypothesis,
            patch=None if attempt.patch is None else PatchRecord.of(attempt.patch),
            verdict=attempt.verdict.value,
            reason=attempt.reason,
            failure=None if attempt.failure is None else FailureRecord.of(attempt.failure),
            seconds=attempt.seconds,
            tried=attempt.tried,
            rivals=attempt.rivals,
        )

    def value(self) -> Attempt:
        """Return the value."""
        return Attempt(
            n=self.n,
            provider=self.provider,
            hypothesis=self.hypothesis,
            patch=None if self.patch is None else self.patch.value(),
            verdict=Verdict(self.verdict),
            reason=self.reason,
            failure=None if self.failure is None else self.failure.value(),
            seconds=self.seconds,
            tried=self.tried,
            rivals=self.rivals,
        )


class ReportRecord(Record):
    """A RepairReport."""

    run_id: str
    trace_id: str
    started: float
    seconds: float
    wanted: tuple[TestIdRecord, ...]
    failure: FailureRecord | None
    outcome: str
    reason: str
    attempts: tuple[AttemptRecord, ...]
    patch: PatchRecord | None
    before: TestRunRecord | None
    after: TestRunRecord | None
    workbench: str

    @classmethod
    def of(cls, report: RepairReport) -> ReportRecord:
        """Write a value down."""
        return cls(
            run_id=report.run_id,
            trace_id=report.trace_id,
            started=report.started,
            seconds=report.seconds,
            wanted=tuple(map(TestIdRecord.of, report.wanted)),
            failure=None if report.failure is None else FailureRecord.of(report.failure),
            outcome=report.outcome.value,
            reason=report.reason,
            attempts=tuple(map(AttemptRecord.of, report.attempts)),
            patch=None if report.patch is None else PatchRecord.of(report.patch),
            before=None if report.before is None else TestRunRecord.of(report.before),
            after=None if report.after is None else TestRunRecord.of(report.after),
            workbench=report.workbench,
        )

    def value(self) -> RepairReport:
        """Return the value."""
        return RepairReport(
            run_id=RunId(self.run_id),
            trace_id=TraceId(self.trace_id),
            started=self.started,
            seconds=self.seconds,
            wanted=tuple(test.value() for test in self.wanted),
            failure=None if self.failure is None else self.failure.value(),
            outcome=Outcome(self.outcome),
            reason=self.reason,
            attempts=tuple(attempt.value() for attempt in self.attempts),
            patch=None if self.patch is None else self.patch.value(),
            before=None if self.before is None else self.before.value(),
            after=None if self.after is None else self.after.value(),
            workbench=self.workbench,
        )
