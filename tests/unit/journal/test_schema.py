"""What is written is read back exactly; what cannot be read says why."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from regreen.core import events
from regreen.core.edit import FileEdit, Patch
from regreen.core.failure import Failure
from regreen.core.repair import Attempt, Choice, Question, RepairReport, Rival
from regreen.core.testing import ExceptionFacts, Frame, TestId, TestResult, TestRun
from regreen.core.trace import RunId, Trace, TraceId
from regreen.journal import VERSION, Entry
from regreen.journal.records import (
    ExceptionRecord,
    FailureRecord,
    FileEditRecord,
    FrameRecord,
    PatchRecord,
    TestIdRecord,
    TestResultRecord,
    TestRunRecord,
)  # fmt: skip
from regreen.journal.reports import AttemptRecord, ChoiceRecord, QuestionRecord, ReportRecord, RivalRecord
from regreen.journal.schema import FORMS, UnreadableRecord, from_line, to_line
from tests.support.values import REPORTS, SECONDS, TRACES, events_of

TRACE = Trace(TraceId("0" * 32), RunId("20260101-000000-abcdef"))
ENTRY = Entry(1.5, TRACE, events.Step("build", 50))


@given(TRACES, SECONDS, st.data())
def test_any_event_survives(trace: Trace, time: float, draw: st.DataObject) -> None:
    entry = Entry(time, trace, draw.draw(events_of(trace)))
    line = to_line(entry)
    assert from_line(line) == entry
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert to_line(from_line(line)) == line


@given(REPORTS)
def test_any_report_survives_with_its_patch(report: RepairReport) -> None:
    back = from_line(to_line(Entry(0.0, TRACE, events.RepairEnded(report)))).event
    assert isinstance(back, events.RepairEnded)
    assert back.report == report
    assert hash(back.report.reason) == hash(report.reason)
    if report.patch is not None and back.report.patch is not None:
        assert [file.after for file in back.report.patch.files] == [file.after for file in report.patch.files]


def test_every_kind_of_event_has_a_form() -> None:
    assert set(FORMS) == set(get_args(events.Event))


@pytest.mark.parametrize(
    ("value", "record"),
    [
        (TestId, TestIdRecord), (Frame, FrameRecord), (ExceptionFacts, ExceptionRecord), (TestResult, TestResultRecord),
        (TestRun, TestRunRecord), (Failure, FailureRecord), (FileEdit, FileEditRecord), (Patch, PatchRecord),
        (Attempt, AttemptRecord), (RepairReport, ReportRecord), (Rival, RivalRecord), (Question, QuestionRecord),
        (Choice, ChoiceRecord),
    ],
)  # fmt: skip
def test_no_field_of_a_value_is_forgotten(value: type, record: type[BaseModel]) -> None:
    # What makes no difference between two values is not kept: the run of an attempt, which its report has.
    assert [field.name for field in dataclasses.fields(value) if field.compare] == list(record.model_fields)


def check_unreadable(line: bytes, words: str, *, newer: bool = False) -> None:
    with pytest.raises(UnreadableRecord, match=words) as caught:
        from_line(line)
    assert caught.value.newer is newer


def changed(**fields: object) -> bytes:
    return json.dumps(json.loads(to_line(ENTRY)) | fields).encode()


def test_a_newer_version_is_named() -> None:
    check_unreadable(changed(version=VERSION + 1, event="future", extra=1), "newer Regreen .*2", newer=True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"", "torn"),
        (to_line(ENTRY)[:-9], "torn"),
        (b"\xff\xfe", "torn"),
        (b"[" * 100_000, "torn"),
        (b"[]", "not a record"),
        (b"null", "not a record"),
        (b"{}", "field version"),
        (changed(event="dance"), "unknown name"),
        (changed(body={}), "field message"),
        (changed(body={"message": "x", "percentage": 1, "more": 2}), "field more"),
        (changed(time="soon"), "field time"),
        (changed(surprise=1), "field surprise"),
    ],
)
def test_a_damaged_line_says_what_is_wrong(line: bytes, words: str) -> None:
    check_unreadable(line, words)


def test_an_unknown_kind_of_failure_is_no_crash() -> None:
    raw = b'{"version":1,"time":0,"run_id":"a","trace_id":"b","event":"attempt-ended","body":'
    failure = {
        "kind": "RG999", "test": {"project": ".", "name": "t"}, "path": "", "line": 0, "message": "", "slots": [],
        "frames": [], "test_path": "", "test_line": 0, "code": "", "text": "", "advice": "",
    }  # fmt: skip
    attempt = {
        "n": 1, "provider": "", "hypothesis": "", "patch": None, "verdict": "green", "reason": "", "failure": failure,
        "seconds": 0, "tried": 0, "rivals": 0,
    }  # fmt: skip
    check_unreadable(raw + json.dumps({"run_id": "a", "attempt": attempt}).encode() + b"}", "RG999")
    attempt |= {"verdict": "purple", "failure": None}
    check_unreadable(raw + json.dumps({"run_id": "a", "attempt": attempt}).encode() + b"}", "purple")


@given(st.binary(max_size=40))
def test_no_bytes_crash_the_reader(line: bytes) -> None:
    with pytest.raises(UnreadableRecord):
        from_line(line)


def test_the_docs_name_every_event_and_field() -> None:
    page = (Path(__file__).parents[3] / "docs" / "journal.md").read_text(encoding="utf-8")
    assert f"version {VERSION}" in page
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == {form.name for form in FORMS.values()}
    records = [
        ExceptionRecord, FailureRecord, FileEditRecord, FrameRecord, TestIdRecord, TestResultRecord, TestRunRecord,
        AttemptRecord, ReportRecord,
    ]  # fmt: skip
    for record in records:
        assert f"`{', '.join(record.model_fields)}`" in page, record
