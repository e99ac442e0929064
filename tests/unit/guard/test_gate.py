"""What is asked about before anything is tried, and what is an ordinary bug although its folder sounds grave."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from regreen.core.edit import patch_between
from regreen.core.failure import Failure, FailureKind
from regreen.core.policy import Policy
from regreen.core.repair import Proposal, RepairRequest
from regreen.core.testing import TestId
from regreen.core.text import SourceText
from regreen.core.workspace import Project, WorkspaceModel
from regreen.guard import AREAS, SCOPE, Refusal, admit, check_gate
from regreen.languages import REGISTRY

PROJECT = Project(".", "python", "x", "pip", "pytest", "", (), ".")


def text_of(function: str) -> str:
    return f"def {function}(a):\n    return a - 1\n"


def failure_in(path: str) -> Failure:
    return Failure(FailureKind.ASSERTION, TestId(".", "test_x.py::test_x"), path, 2, "assert 1 == 2")


def asks(path: str, function: str, policy: Policy | None = None) -> bool:
    facts = REGISTRY["python"].outline(path, SourceText(text_of(function)))
    model = WorkspaceModel("/w", 1, (PROJECT,), {path: facts})
    return check_gate(policy or Policy(), failure_in(path), model) is not None


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("src/auth/token.py", "expires"),
        ("src/auth/rules.py", "has_permission"),
        ("auth/views.py", "checkPassword"),
        ("app/login.py", "login"),
        ("shop/payments/api.py", "refund_order"),
        ("shop/checkout.py", "charge"),
        ("lib/crypto/pad.py", "pad"),
        ("db/migrations/0003_names.py", "forwards"),
        ("infra/deploy.py", "step"),
        ("core/secrets.py", "load"),
    ],
)
def test_code_that_decides_or_cannot_be_undone_is_asked_about(path: str, function: str) -> None:
    assert asks(path, function)


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("src/auth/profile.py", "display_name"),
        ("src/billing.py", "months_between"),
        ("shop/payments/format.py", "as_text"),
        ("src/formulas/tokens.py", "verify"),
        ("src/wiki/access.py", "may_write"),
        ("src/author/books.py", "check"),
        ("calc.py", "add"),
    ],
)
def test_an_ordinary_bug_is_not_asked_about(path: str, function: str) -> None:
    assert not asks(path, function)


def test_the_function_that_a_failing_assertion_calls_is_what_would_be_touched() -> None:
    outline = REGISTRY["python"].outline
    test = "from auth.token import expires\n\n\ndef test_x():\n    assert expires(1) == 2\n"
    texts = {"src/auth/token.py": text_of("expires"), "test_x.py": test}
    model = WorkspaceModel("/w", 1, (PROJECT,), {path: outline(path, SourceText(text)) for path, text in texts.items()})
    failure = replace(failure_in("test_x.py"), line=5, code="assert expires(1) == 2")
    inquiry = check_gate(Policy(), failure, model)
    assert inquiry is not None
    assert "(src/auth/token.py:1)" in inquiry.text


def test_a_person_lifts_it_for_one_run() -> None:
    assert not asks("src/auth/token.py", "expires", Policy(lifted=frozenset({SCOPE})))


def test_what_the_configuration_calls_sensitive_is_asked_about() -> None:
    assert asks("src/rates/eu.py", "rate", Policy(sensitive=("src/rates/**",)))


def test_the_question_says_what_would_be_touched_and_how_to_go_on() -> None:
    inquiry = check_gate(Policy(), failure_in("src/auth/token.py"), WorkspaceModel("/w"))
    assert inquiry is not None
    assert inquiry.text == "This repair would touch authentication (src/auth/token.py:2). Go on?"
    assert [(way.label, way.lifts) for way in inquiry.ways] == [("Go On for This Run", SCOPE), ("Leave It to Me", "")]


def test_a_patch_that_leads_there_from_elsewhere_is_refused() -> None:
    path = "src/auth/token.py"
    sources = {"m.py": text_of("add"), path: text_of("expires")}
    request = RepairRequest(
        failure_in("m.py"),
        (TestId(".", "test_x.py::test_x"),),
        (),
        PROJECT,
        WorkspaceModel("/w"),
        sources,
        (),
        Policy(),
    )
    patch = patch_between({path: sources[path]}, {path: sources[path].replace("-", "+")})
    refused = admit(Policy(), request, Proposal("p", "h", patch))
    assert isinstance(refused, Refusal)
    assert (refused.rule, "--allow security-scope" in str(refused)) == (SCOPE, True)
    assert admit(Policy(lifted=frozenset({SCOPE})), request, Proposal("p", "h", patch)) is patch


def test_the_documentation_lists_every_area_with_its_words() -> None:
    page = (Path(__file__).parents[3] / "docs" / "guardrails.md").read_text(encoding="utf-8")
    for area in AREAS:
        row = next(line for line in page.splitlines() if line.startswith(f"| {area.name} |"))
        assert {f"`{word}`" for word in area.places | area.deeds} <= set(
            row.replace(",", " ").replace(";", " ").split()
        )
