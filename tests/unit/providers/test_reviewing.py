"""What a reviewing model is told and what its answer means; a service that is down does not decide."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.core.cancel import Cancellation
from regreen.core.edit import patch_between
from regreen.core.failure import Failure, FailureKind
from regreen.core.policy import Policy
from regreen.core.repair import Proposal, RepairRequest, Review
from regreen.core.testing import TestId
from regreen.core.workspace import WorkspaceModel
from regreen.guard import Redactor
from regreen.providers.models.asking import Asker, Purse
from regreen.providers.models.budget import Budget, Cap, Price, Scope
from regreen.providers.models.faults import Fault, FaultKind
from regreen.providers.models.http import ServiceFailed
from regreen.providers.models.ledger import Ledger
from regreen.providers.models.request import Size, tokens_of
from regreen.providers.models.reviewing import ModelReviewer, Register, build_review
from regreen.providers.models.values import Endpoint, ModelRequest, Reply, Stop, Usage
from tests.support.fakes import PROJECT

FILES = {"calc.py": "DB_PASSWORD = 'q7Rz2LkV9xTb4WnY'\n\ndef add(a, b):\n    return a - b\n"}
TEST = TestId(".", "test_calc.py::test_add")
FAILURE = Failure(FailureKind.ASSERTION, TEST, "calc.py", 4, "assert -1 == 3")
REQUEST = RepairRequest(
    FAILURE, (TEST,), (), PROJECT, WorkspaceModel("/w", files=MappingProxyType({})), FILES, (), Policy()
)
PROPOSAL = Proposal("one", "The sign is wrong.", patch_between(FILES, {"calc.py": FILES["calc.py"].replace("-", "+")}))
Said = str | ServiceFailed


def reviewer(said: Said, budget: Budget | None = None, register: Register | None = None) -> ModelReviewer:
    def ask(cancel: Cancellation, endpoint: Endpoint, asked: ModelRequest) -> Reply:
        if isinstance(said, ServiceFailed):
            raise said
        return Reply(said, usage=Usage(100, 0, 20), stop=Stop.DONE)

    def clean(cancel: Cancellation) -> Callable[[str], str]:
        return Redactor().clean

    endpoint = Endpoint("second", "openai", "http://127.0.0.1:1", "m")
    return ModelReviewer(Asker(endpoint, ask, Purse(budget or Budget({}), Price()), clean), register)


def judged(said: Said, budget: Budget | None = None) -> Review:
    return reviewer(said, budget).review(Cancellation(), REQUEST, PROPOSAL)


def test_an_objection_has_a_reason() -> None:
    found = judged(json.dumps({"objects": True, "reason": "It swallows\n the error."}))
    assert (found.objection, found.usage.calls, found.usage.received) == ("It swallows the error.", 1, 20)


def test_no_objection_is_told() -> None:
    found = judged('```json\n{"objects": false, "reason": "fine"}\n```')
    assert (found.objection, found.note) == ("", "second reviewed it and has no objection.")


@pytest.mark.parametrize(
    "said",
    [
        "",
        "I object!",
        '{"objects": "true", "reason": "x"}',
        '{"objects": true, "reason": " "}',
        '{"objects": true}',
        "[]",
    ],
)
def test_an_answer_that_cannot_be_followed_decides_nothing(said: str) -> None:
    found = judged(said)
    assert found.objection == ""
    assert found.note.startswith("second did not review it: its answer cannot be followed: ")
    assert found.usage.calls == 1


def test_a_service_that_is_down_decides_nothing_and_is_told() -> None:
    found = judged(ServiceFailed(Fault(FaultKind.NETWORK, "second cannot be reached.", 30.0)))
    assert (found.objection, found.note) == ("", "second did not review it: second cannot be reached.")


def test_a_budget_that_does_not_suffice_decides_nothing() -> None:
    found = judged('{"objects": true, "reason": "x"}', Budget({Scope.TASK: Cap(calls=0)}))
    assert found.objection == ""
    assert "0 calls for a task" in found.note


def test_a_service_that_has_no_credit_is_not_asked_again(tmp_path: Path) -> None:
    register = Register(Ledger(tmp_path), "second", str, lambda: 1_000.0)
    broke = reviewer(ServiceFailed(Fault(FaultKind.CREDIT, "No credit.", 3600.0)), register=register)
    assert broke.review(Cancellation(), REQUEST, PROPOSAL).note == "second did not review it: No credit."
    again = reviewer('{"objects": true, "reason": "x"}', register=register)
    assert "it is out (credit: No credit.)" in again.review(Cancellation(), REQUEST, PROPOSAL).note


def test_the_reviewer_sees_the_diff_and_the_failure_without_secrets() -> None:
    asked = build_review(REQUEST, PROPOSAL, Redactor().clean, Size())
    text = asked.messages[0].text
    for said in ("The sign is wrong.", "+    return a + b", "RG301", "assert -1 == 3"):
        assert said in text
    assert "q7Rz2LkV9xTb4WnY" not in text


@pytest.mark.parametrize("context", [2048, 4096, 8192])
def test_a_review_fits_its_context(context: int) -> None:
    long = {"calc.py": "\n".join(f"value_{n} = {n} * {n}" for n in range(4000))}
    proposal = Proposal("one", "x" * 500, patch_between(long, {"calc.py": long["calc.py"].replace("* 7", "+ 7")}))
    asked = build_review(REQUEST, proposal, str, Size(context))
    assert tokens_of(asked) + asked.max_tokens <= max(context, 8192)


@given(st.text())
def test_no_answer_makes_a_reviewer_fail(said: str) -> None:
    assert isinstance(judged(said), Review)
