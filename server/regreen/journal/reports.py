"""How attempts and repair reports are written down."""

from __future__ import annotations

from regreen.core.repair import (
    Attempt,
    Choice,
    Confidence,
    Inquiry,
    Outcome,
    Question,
    RepairReport,
    Rival,
    Spent,
    Verdict,
    Way,
)
from regreen.core.trace import RunId, TraceId

from .records import FailureRecord, PatchRecord, Record, TestIdRecord, TestRunRecord
from .strength import StrengthRecord


class RivalRecord(Record):
    """A Rival."""

    hypothesis: str
    patch: PatchRecord
    differs_on: str
    answer: str
    rival_answer: str

    @classmethod
    def of(cls, rival: Rival) -> RivalRecord:
        """Write a value down."""
        return cls(
            hypothesis=rival.hypothesis,
            patch=PatchRecord.of(rival.patch),
            differs_on=rival.differs_on,
            answer=rival.answer,
            rival_answer=rival.rival_answer,
        )

    def value(self) -> Rival:
        """Return the value."""
        return Rival(self.hypothesis, self.patch.value(), self.differs_on, self.answer, self.rival_answer)


class ChoiceRecord(Record):
    """A Choice."""

    hypothesis: str
    patch: PatchRecord
    answer: str

    @classmethod
    def of(cls, choice: Choice) -> ChoiceRecord:
        """Write a value down."""
        return cls(hypothesis=choice.hypothesis, patch=PatchRecord.of(choice.patch), answer=choice.answer)

    def value(self) -> Choice:
        """Return the value."""
        return Choice(self.hypothesis, self.patch.value(), self.answer)


class QuestionRecord(Record):
    """A Question."""

    text: str
    choices: tuple[ChoiceRecord, ...]

    @classmethod
    def of(cls, question: Question) -> QuestionRecord:
        """Write a value down."""
        return cls(text=question.text, choices=tuple(map(ChoiceRecord.of, question.choices)))

    def value(self) -> Question:
        """Return the value."""
        return Question(self.text, tuple(choice.value() for choice in self.choices))


class WayRecord(Record):
    """A Way."""

    label: str
    lifts: str = ""
    again: bool = False


class InquiryRecord(Record):
    """An Inquiry."""

    rule: str
    text: str
    evidence: tuple[str, ...]
    ways: tuple[WayRecord, ...]

    @classmethod
    def of(cls, inquiry: Inquiry) -> InquiryRecord:
        """Write a value down."""
        ways = tuple(WayRecord(label=way.label, lifts=way.lifts, again=way.again) for way in inquiry.ways)
        return cls(rule=inquiry.rule, text=inquiry.text, evidence=inquiry.evidence, ways=ways)

    def value(self) -> Inquiry:
        """Return the value."""
        ways = tuple(Way(way.label, way.lifts, way.again) for way in self.ways)
        return Inquiry(self.rule, self.text, self.evidence, ways)


class SpentRecord(Record):
    """A Spent."""

    calls: int
    sent: int
    cached: int
    received: int
    money: float

    @classmethod
    def of(cls, spent: Spent) -> SpentRecord:
        """Write a value down."""
        return cls(calls=spent.calls, sent=spent.sent, cached=spent.cached, received=spent.received, money=spent.money)

    def value(self) -> Spent:
        """Return the value."""
        return Spent(self.calls, self.sent, self.cached, self.received, self.money)


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
    confidence: str | None = None
    evidence: tuple[str, ...] = ()
    others: tuple[RivalRecord, ...] = ()
    question: QuestionRecord | None = None
    usage: SpentRecord | None = None
    rule: str = ""

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
            confidence=None if attempt.confidence is None else attempt.confidence.value,
            evidence=attempt.evidence,
            others=tuple(map(RivalRecord.of, attempt.others)),
            question=None if attempt.question is None else QuestionRecord.of(attempt.question),
            usage=None if attempt.usage == Spent() else SpentRecord.of(attempt.usage),
            rule=attempt.rule,
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
            confidence=None if self.confidence is None else Confidence(self.confidence),
            evidence=self.evidence,
            others=tuple(rival.value() for rival in self.others),
            question=None if self.question is None else self.question.value(),
            usage=Spent() if self.usage is None else self.usage.value(),
            rule=self.rule,
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
    strength: StrengthRecord | None = None
    inquiry: InquiryRecord | None = None

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
            strength=None if report.strength is None else StrengthRecord.of(report.strength),
            inquiry=None if report.inquiry is None else InquiryRecord.of(report.inquiry),
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
            strength=None if self.strength is None else self.strength.value(),
            inquiry=None if self.inquiry is None else self.inquiry.value(),
        )
