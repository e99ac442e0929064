"""An error that asks for a variable of the environment is the machine's, when the file that threw it reads it."""

from __future__ import annotations

import pytest

from regreen.core.testing import ExceptionFacts, Frame, TestId, TestOutcome, TestResult
from regreen.core.workspace import WorkspaceModel
from regreen.languages.case import Case
from regreen.languages.javascript.unset import unset_variable
from tests.support.runs import project_of

READS = "export const key = process.env.SHOP_KEY;\nconst other = process.env['API_URL'];\n"


def case_of(message: str, kind: str = "Error") -> Case:
    facts = ExceptionFacts(kind, (kind,), message, frames=(Frame("src/key.js", 3, "key", "", inside=True),))
    result = TestResult(TestId(".", "a.test.js::key"), TestOutcome.FAILED, "a.test.js", 1, exception=facts)
    return Case(result, facts, project_of(), WorkspaceModel("/w"), {"src/key.js": READS}.get)


@pytest.mark.parametrize(
    ("message", "missing"),
    [
        ("SHOP_KEY is not set", "SHOP_KEY"),
        ("Missing required environment variable: SHOP_KEY", "SHOP_KEY"),
        ("Please set API_URL before you start", "API_URL"),
        ("SHOP_KEY must be set\nand more", "SHOP_KEY"),
        ("SHOP_LIMIT is not set", ""),
        ("SHOP_KEY is too short", ""),
        ("the key is missing", ""),
    ],
)
def test_only_a_variable_that_the_file_reads_counts(message: str, missing: str) -> None:
    assert unset_variable(case_of(message)) == missing


def test_an_assertion_says_nothing_of_the_machine() -> None:
    assert unset_variable(case_of("SHOP_KEY is not set", "AssertionError")) == ""
