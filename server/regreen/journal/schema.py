"""One line of the journal: a versioned envelope around one event."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import ValidationError

from regreen.core import events
from regreen.core.confine import Network, Protection
from regreen.core.trace import RunId, Trace, TraceId

from .records import FailureRecord, Record, TestIdRecord, TestResultRecord, TestRunRecord
from .reports import AttemptRecord, ReportRecord
from .strength import StrengthRecord

VERSION = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it was recorded."""

    time: float  # epoch seconds
    trace: Trace
    event: events.Event


class UnreadableRecord(Exception):
    """A line is torn, or is no record that this version knows. `newer` when a newer version wrote it."""

    def __init__(self, message: str, *, newer: bool = False) -> None:
        super().__init__(message)
        self.newer = newer


class Line(Record):
    """The envelope. docs/journal.md describes it."""

    version: int
    time: float
    run_id: str
    trace_id: str
    event: str
    body: dict[str, Any]


class JobStartedBody(Record):
    """A JobStarted; its trace is the envelope's."""

    title: str


class JobEndedBody(Record):
    """A JobEnded; its trace is the envelope's."""

    title: str
    error: str
    cancelled: bool


class StepBody(Record):
    """A Step."""

    message: str
    percentage: int | None


class TestsStartedBody(Record):
    """A TestsStarted."""

    project: str
    collected: tuple[TestIdRecord, ...]


class TestEndedBody(Record):
    """A TestEnded."""

    result: TestResultRecord
    failure: FailureRecord | None


class RunEndedBody(Record):
    """A RunEnded."""

    run: TestRunRecord
    failures: tuple[FailureRecord, ...]
    everything: bool


class AttemptEndedBody(Record):
    """An AttemptEnded."""

    run_id: str
    attempt: AttemptRecord


class RepairEndedBody(Record):
    """A RepairEnded."""

    report: ReportRecord


class MutationEndedBody(Record):
    """A MutationEnded."""

    strength: StrengthRecord


class ModelChangedBody(Record):
    """A ModelChanged."""

    generation: int
    n_files: int


class IndexingBody(Record):
    """An Indexing."""

    done: int
    total: int


class NoticeBody(Record):
    """A Notice."""

    level: str
    message: str


class ProtectedBody(Record):
    """A Protected."""

    workbench: str
    sandbox: str
    network: Literal["none", "loopback", "full"]
    reasons: tuple[str, ...]


class ToolSaidBody(Record):
    """A ToolSaid."""

    line: str


Body = TypeVar("Body", bound=Record)
_Event = TypeVar("_Event")


@dataclass(frozen=True, slots=True)
class _Form:
    """How one kind of event is written and read."""

    name: str
    write: Callable[[Any], Record]
    read: Callable[[Mapping[str, Any], Trace], events.Event]


def _form(
    name: str,
    event: type[_Event],  # noqa: ARG001 - binds the type of `write` and `read`
    body: type[Body],
    write: Callable[[_Event], Body],
    read: Callable[[Body, Trace], events.Event],
) -> _Form:
    return _Form(name, write, lambda raw, trace: read(body.model_validate(raw), trace))


def _failure(record: FailureRecord | None) -> Any:
    return None if record is None else record.value()


FORMS: Mapping[type[object], _Form] = {
    events.JobStarted: _form(
        "job-started", events.JobStarted, JobStartedBody,
        lambda event: JobStartedBody(title=event.title),
        lambda body, trace: events.JobStarted(trace, body.title),
    ),
    events.JobEnded: _form(
        "job-ended", events.JobEnded, JobEndedBody,
        lambda event: JobEndedBody(title=event.title, error=event.error, cancelled=event.cancelled),
        lambda body, trace: events.JobEnded(trace, body.title, body.error, body.cancelled),
    ),
    events.Step: _form(
        "step", events.Step, StepBody,
        lambda event: StepBody(message=event.message, percentage=event.percentage),
        lambda body, _: events.Step(body.message, body.percentage),
    ),
    events.TestsStarted: _form(
        "tests-started", events.TestsStarted, TestsStartedBody,
        lambda event: TestsStartedBody(project=event.project, collected=tuple(map(TestIdRecord.of, event.collected))),
        lambda body, _: events.TestsStarted(body.project, tuple(test.value() for test in body.collected)),
    ),
    events.TestEnded: _form(
        "test-ended", events.TestEnded, TestEndedBody,
        lambda event: TestEndedBody(
            result=TestResultRecord.of(event.result),
            failure=None if event.failure is None else FailureRecord.of(event.failure),
        ),
        lambda body, _: events.TestEnded(body.result.value(), _failure(body.failure)),
    ),
    events.RunEnded: _form(
        "run-ended", events.RunEnded, RunEndedBody,
        lambda event: RunEndedBody(
            run=TestRunRecord.of(event.run),
            failures=tuple(map(FailureRecord.of, event.failures)),
            everything=event.everything,
        ),
        lambda body, _: events.RunEnded(
            body.run.value(), tuple(failure.value() for failure in body.failures), body.everything
        ),
    ),
    events.AttemptEnded: _form(
        "attempt-ended", events.AttemptEnded, AttemptEndedBody,
        lambda event: AttemptEndedBody(run_id=event.run_id, attempt=AttemptRecord.of(event.attempt)),
        lambda body, _: events.AttemptEnded(RunId(body.run_id), body.attempt.value()),
    ),
    events.RepairEnded: _form(
        "repair-ended", events.RepairEnded, RepairEndedBody,
        lambda event: RepairEndedBody(report=ReportRecord.of(event.report)),
        lambda body, _: events.RepairEnded(body.report.value()),
    ),
    events.MutationEnded: _form(
        "mutation-ended", events.MutationEnded, MutationEndedBody,
        lambda event: MutationEndedBody(strength=StrengthRecord.of(event.strength)),
        lambda body, _: events.MutationEnded(body.strength.value()),
    ),
    events.ModelChanged: _form(
        "model-changed", events.ModelChanged, ModelChangedBody,
        lambda event: ModelChangedBody(generation=event.generation, n_files=event.n_files),
        lambda body, _: events.ModelChanged(body.generation, body.n_files),
    ),
    events.Indexing: _form(
        "indexing", events.Indexing, IndexingBody,
        lambda event: IndexingBody(done=event.done, total=event.total),
        lambda body, _: events.Indexing(body.done, body.total),
    ),
    events.Notice: _form(
        "notice", events.Notice, NoticeBody,
        lambda event: NoticeBody(level=event.level, message=event.message),
        lambda body, _: events.Notice(body.level, body.message),
    ),
    events.Protected: _form(
        "protected", events.Protected, ProtectedBody,
        lambda event: ProtectedBody(
            workbench=event.protection.workbench, sandbox=event.protection.sandbox,
            network=event.protection.network.value, reasons=event.protection.reasons,
        ),
        lambda body, _: events.Protected(
            Protection(body.workbench, body.sandbox, Network(body.network), body.reasons)
        ),
    ),
    events.ToolSaid: _form(
        "tool-said", events.ToolSaid, ToolSaidBody,
        lambda event: ToolSaidBody(line=event.line),
        lambda body, _: events.ToolSaid(body.line),
    ),
}  # fmt: skip
_BY_NAME = {form.name: form for form in FORMS.values()}


def to_line(entry: Entry) -> bytes:
    """Write an entry as one line of ASCII, with its end."""
    form = FORMS[type(entry.event)]
    line = Line(
        version=VERSION,
        time=entry.time,
        run_id=entry.trace.run_id,
        trace_id=entry.trace.trace_id,
        event=form.name,
        body=form.write(entry.event).model_dump(),
    )
    return json.dumps(line.model_dump(), separators=(",", ":")).encode("ascii") + b"\n"


def from_line(raw: bytes) -> Entry:
    """Read one line.

    Raises:
        UnreadableRecord: it is torn, damaged or of a newer version.
    """
    found = _parsed(raw)
    version = found.get("version")
    if isinstance(version, int) and VERSION < version:
        raise UnreadableRecord(f"it was written by a newer Regreen (record version {version})", newer=True)
    try:
        line = Line.model_validate(found)
        trace = Trace(TraceId(line.trace_id), RunId(line.run_id))
        return Entry(line.time, trace, _BY_NAME[line.event].read(line.body, trace))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise UnreadableRecord(f"its field {where} is not as it should be") from error
    except (KeyError, ValueError, TypeError) as error:
        raise UnreadableRecord(f"it holds an unknown name ({error})") from error


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise UnreadableRecord("it is torn or damaged") from error
    if not isinstance(found, dict):
        raise UnreadableRecord("it is not a record")
    return found
