"""How values of tests, failures and patches are written down. Every field is named here: renaming one inside
of the product does not change what is on disk.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from regreen.core.edit import FileEdit, Patch, TextEdit
from regreen.core.failure import Failure, FailureKind
from regreen.core.testing import Ended, ExceptionFacts, Frame, TestId, TestOutcome, TestResult, TestRun

_KINDS = {kind.code: kind for kind in FailureKind}

Pairs = tuple[tuple[str, str], ...]


class Record(BaseModel):
    """What all records share: immutable, and nothing in them is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TestIdRecord(Record):
    """A TestId."""

    project: str
    name: str

    @classmethod
    def of(cls, test: TestId) -> TestIdRecord:
        """Write a value down."""
        return cls(project=test.project, name=test.name)

    def value(self) -> TestId:
        """Return the value."""
        return TestId(self.project, self.name)


class FrameRecord(Record):
    """A Frame."""

    path: str
    line: int
    function: str
    code: str
    inside: bool

    @classmethod
    def of(cls, frame: Frame) -> FrameRecord:
        """Write a value down."""
        return cls(path=frame.path, line=frame.line, function=frame.function, code=frame.code, inside=frame.inside)

    def value(self) -> Frame:
        """Return the value."""
        return Frame(self.path, self.line, self.function, self.code, self.inside)


class ExceptionRecord(Record):
    """An ExceptionFacts, with its cause."""

    type: str
    lineage: tuple[str, ...]
    message: str
    attributes: Pairs
    frames: tuple[FrameRecord, ...]
    cause: ExceptionRecord | None

    @classmethod
    def of(cls, facts: ExceptionFacts) -> ExceptionRecord:
        """Write a value down."""
        return cls(
            type=facts.type,
            lineage=facts.lineage,
            message=facts.message,
            attributes=facts.attributes,
            frames=tuple(map(FrameRecord.of, facts.frames)),
            cause=None if facts.cause is None else cls.of(facts.cause),
        )

    def value(self) -> ExceptionFacts:
        """Return the value."""
        return ExceptionFacts(
            type=self.type,
            lineage=self.lineage,
            message=self.message,
            attributes=self.attributes,
            frames=tuple(frame.value() for frame in self.frames),
            cause=None if self.cause is None else self.cause.value(),
        )


class TestResultRecord(Record):
    """A TestResult."""

    id: TestIdRecord
    outcome: str
    path: str
    line: int
    phase: str
    seconds: float
    exception: ExceptionRecord | None
    text: str
    sections: Pairs
    subtest: str

    @classmethod
    def of(cls, result: TestResult) -> TestResultRecord:
        """Write a value down."""
        return cls(
            id=TestIdRecord.of(result.id),
            outcome=result.outcome.value,
            path=result.path,
            line=result.line,
            phase=result.phase,
            seconds=result.seconds,
            exception=None if result.exception is None else ExceptionRecord.of(result.exception),
            text=result.text,
            sections=result.sections,
            subtest=result.subtest,
        )

    def value(self) -> TestResult:
        """Return the value."""
        return TestResult(
            id=self.id.value(),
            outcome=TestOutcome(self.outcome),
            path=self.path,
            line=self.line,
            phase=self.phase,
            seconds=self.seconds,
            exception=None if self.exception is None else self.exception.value(),
            text=self.text,
            sections=self.sections,
            subtest=self.subtest,
        )


class TestRunRecord(Record):
    """A TestRun."""

    project: str
    results: tuple[TestResultRecord, ...]
    collected: tuple[TestIdRecord, ...]
    exit_code: int
    ended: str
    seconds: float
    complete: bool
    output: str
    foreign: tuple[str, ...]
    command: tuple[str, ...]
    confined: bool = False
    hidden: tuple[str, ...] = ()

    @classmethod
    def of(cls, run: TestRun) -> TestRunRecord:
        """Write a value down."""
        return cls(
            project=run.project,
            results=tuple(map(TestResultRecord.of, run.results)),
            collected=tuple(map(TestIdRecord.of, run.collected)),
            exit_code=run.exit_code,
            ended=run.ended.value,
            seconds=run.seconds,
            complete=run.complete,
            output=run.output,
            foreign=run.foreign,
            confined=run.confined,
            hidden=run.hidden,
            command=run.command,
        )

    def value(self) -> TestRun:
        """Return the value."""
        return TestRun(
            project=self.project,
            results=tuple(result.value() for result in self.results),
            collected=tuple(test.value() for test in self.collected),
            exit_code=self.exit_code,
            ended=Ended(self.ended),
            seconds=self.seconds,
            complete=self.complete,
            output=self.output,
            foreign=self.foreign,
            confined=self.confined,
            hidden=self.hidden,
            command=self.command,
        )


class FailureRecord(Record):
    """A Failure. `kind` is its code."""

    kind: str
    test: TestIdRecord
    path: str
    line: int
    message: str
    slots: Pairs
    frames: tuple[FrameRecord, ...]
    test_path: str
    test_line: int
    code: str
    text: str
    advice: str

    @classmethod
    def of(cls, failure: Failure) -> FailureRecord:
        """Write a value down."""
        return cls(
            kind=failure.kind.code,
            test=TestIdRecord.of(failure.test),
            path=failure.path,
            line=failure.line,
            message=failure.message,
            slots=failure.slots,
            frames=tuple(map(FrameRecord.of, failure.frames)),
            test_path=failure.test_path,
            test_line=failure.test_line,
            code=failure.code,
            text=failure.text,
            advice=failure.advice,
        )

    def value(self) -> Failure:
        """Return the value."""
        return Failure(
            kind=_KINDS[self.kind],
            test=self.test.value(),
            path=self.path,
            line=self.line,
            message=self.message,
            slots=self.slots,
            frames=tuple(frame.value() for frame in self.frames),
            test_path=self.test_path,
            test_line=self.test_line,
            code=self.code,
            text=self.text,
            advice=self.advice,
        )


class FileEditRecord(Record):
    """A FileEdit. Each edit is (start, end, text), in code points of `base`."""

    path: str
    base: str
    edits: tuple[tuple[int, int, str], ...]

    @classmethod
    def of(cls, file: FileEdit) -> FileEditRecord:
        """Write a value down."""
        edits = tuple((edit.start, edit.end, edit.text) for edit in file.edits)
        return cls(path=file.path, base=file.base, edits=edits)

    def value(self) -> FileEdit:
        """Return the value."""
        return FileEdit(self.path, self.base, tuple(TextEdit(*edit) for edit in self.edits))


class PatchRecord(Record):
    """A Patch."""

    files: tuple[FileEditRecord, ...]

    @classmethod
    def of(cls, patch: Patch) -> PatchRecord:
        """Write a value down."""
        return cls(files=tuple(map(FileEditRecord.of, patch.files)))

    def value(self) -> Patch:
        """Return the value."""
        return Patch(tuple(file.value() for file in self.files))
