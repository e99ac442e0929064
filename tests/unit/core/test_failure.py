"""The taxonomy is closed and consistent; fingerprints name the same failure anywhere."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from regreen.core.failure import AgentCode, Failure, FailureKind, Strategy, fingerprint
from regreen.core.testing import TestId

FAILURE = Failure(FailureKind.ASSERTION, TestId(".", "t.py::a"), "m.py", 3, "assert 1 == 2", slots=(("expected", "2"),))


def test_codes_and_names_are_unique() -> None:
    codes = [kind.code for kind in FailureKind] + [code.code for code in AgentCode]
    labels = [kind.label for kind in FailureKind] + [code.label for code in AgentCode]
    assert len(set(codes)) == len(codes) == len(FailureKind) + len(AgentCode)
    assert len(set(labels)) == len(labels)
    assert all(re.fullmatch(r"RG\d{3}", code) for code in codes)
    assert all(re.fullmatch(r"[a-z-]+", label) for label in labels)


@pytest.mark.parametrize(
    "kind",
    [FailureKind.DEPENDENCY_MISSING, FailureKind.ENVIRONMENT, FailureKind.FLAKY, FailureKind.RUNNER_CONFIG,
     FailureKind.SNAPSHOT, FailureKind.WEAK_TEST],
)  # fmt: skip
def test_what_no_edit_cures_is_not_editable(kind: FailureKind) -> None:
    assert not kind.editable


def test_a_timeout_may_be_cured_by_an_edit() -> None:
    assert FailureKind.TIMEOUT.strategy is Strategy.RERUN
    assert FailureKind.TIMEOUT.editable


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<X at 0x7f12ab>", "<X at 0x55aa00>"),
        ("no file /home/a/ws/x.py", "no file /tmp/copy/ws/x.py"),
        ("took 1.23s", "took 0.07s"),
    ],
)
def test_what_differs_from_run_to_run_is_left_out(one: str, other: str) -> None:
    assert replace(FAILURE, message=one).fingerprint == replace(FAILURE, message=other).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"kind": FailureKind.NAME_UNDEFINED},
        {"test": TestId(".", "t.py::b")},
        {"test": TestId("p", "t.py::a")},
        {"path": "n.py"},
        {"message": "assert 1 == 3"},
    ],
)
def test_another_failure_has_another_fingerprint(change: dict[str, object]) -> None:
    assert fingerprint(replace(FAILURE, **change)) != fingerprint(FAILURE)  # type: ignore[arg-type]


def test_a_moved_line_is_the_same_failure() -> None:
    assert replace(FAILURE, line=9, test_line=7).fingerprint == FAILURE.fingerprint


def test_a_lone_surrogate_has_a_fingerprint() -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", replace(FAILURE, message="\ud800").fingerprint)


def test_a_slot_that_is_not_there_is_empty() -> None:
    assert (FAILURE.slot("expected"), FAILURE.slot("actual")) == ("2", "")
