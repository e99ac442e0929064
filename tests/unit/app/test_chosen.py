"""A person's answer to a question: found by its number, proposed once, moved onto the present text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from regreen.app import question_of
from regreen.app.board import Board
from regreen.app.chosen import ChosenProvider, choice_of
from regreen.core.cancel import Cancellation
from regreen.core.edit import patch_between
from regreen.core.errors import Conflict, UsageError
from regreen.core.failure import Failure, FailureKind
from regreen.core.policy import Policy
from regreen.core.repair import (
    Attempt,
    Choice,
    NoIdea,
    Outcome,
    Proposal,
    Question,
    RepairReport,
    RepairRequest,
    Verdict,
)
from regreen.core.testing import TestId
from regreen.core.trace import RunId, TraceId
from tests.support.fakes import PROJECT, FixedTrials, model_of

OLD = "def first(items):\n    return items[1]\n"
CHOICE = Choice("it should be items[0]", patch_between({"a.py": OLD}, {"a.py": OLD.replace("1", "0")}), "3")
WANTED = TestId(".", "test_a.py::test_first")
ASKING = Attempt(1, "search", "", None, Verdict.UNDECIDED, "", None, 0.1, question=Question("Which?", (CHOICE,)))


def report(run_id: str, outcome: Outcome = Outcome.UNDECIDED) -> RepairReport:
    return RepairReport(RunId(run_id), TraceId("0" * 32), 0.0, 1.0, (WANTED,), None, outcome, "", (ASKING,), None)


def request(text: str) -> RepairRequest:
    failure = Failure(FailureKind.ASSERTION, WANTED, "", 0, "")
    return RepairRequest(failure, (WANTED,), (), PROJECT, model_of({"a.py": text}), {"a.py": text}, (), Policy())


def propose(text: str, attempts: tuple[Attempt, ...] = ()) -> Proposal | NoIdea:
    asked = replace(request(text), attempts=attempts)
    return ChosenProvider(CHOICE).propose(Cancellation(), asked, FixedTrials())


def test_the_choice_is_moved_onto_the_present_text() -> None:
    answer = propose("# above\n" + OLD)
    assert isinstance(answer, Proposal)
    assert answer.patch.files[0].after == "# above\n" + OLD.replace("1", "0")


def test_a_choice_whose_lines_have_changed_is_a_conflict() -> None:
    with pytest.raises(Conflict):
        propose(OLD.replace("items[1]", "items[2]"))


def test_the_choice_is_proposed_once() -> None:
    assert isinstance(propose(OLD, (ASKING,)), NoIdea)


def test_the_last_question_is_meant_when_no_run_is_named() -> None:
    board = Board(reports=(report("one"), report("two"), report("three", Outcome.EXHAUSTED)))
    assert question_of(board, "").run_id == "two"
    assert question_of(board, "one").run_id == "one"


@pytest.mark.parametrize("run_id", ["three", "nine"])
def test_a_run_that_asked_nothing_is_told(run_id: str) -> None:
    with pytest.raises(UsageError, match=f"Run {run_id} asked nothing"):
        question_of(Board(reports=(report("three", Outcome.EXHAUSTED),)), run_id)


def test_a_workspace_without_questions_is_told() -> None:
    with pytest.raises(UsageError, match="has asked anything"):
        question_of(Board(), "")


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_number_without_a_choice_is_told(number: int) -> None:
    assert choice_of(report("one"), 1) == CHOICE
    with pytest.raises(UsageError, match=f"has no choice {number}"):
        choice_of(report("one"), number)
