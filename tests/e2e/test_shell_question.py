"""A question from an earlier repair is shown and answered in the shell: proved, and delivered like any other fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from regreen.core.edit import patch_between
from regreen.core.events import RepairEnded
from regreen.core.repair import Attempt, Choice, Outcome, Question, RepairReport, Verdict
from regreen.core.testing import TestId
from regreen.core.trace import SystemClock, new_trace
from regreen.journal import FileJournal, state_dir_for
from tests.support.shell import Shell
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
FIRST = "def first(items):\n    return items[1]\n"
SHOP = f"""
-- pyproject.toml --
[project]
name = "shop"
version = "1"
-- first.py --
{FIRST}-- test_first.py --
from first import first


def test_first():
    assert first([3, 1]) == 3
"""


def choice(new: str, answer: str) -> Choice:
    patch = patch_between({"first.py": FIRST}, {"first.py": FIRST.replace("items[1]", new)})
    return Choice(f"`items[1]` should be `{new}`", patch, answer)


@pytest.fixture
def root(shell: Shell, tmp_path: Path) -> Path:
    """Lay a workspace in which a repair has asked something: the second choice is wrong."""
    folder = tmp_path / "shop"
    lay(folder, SHOP)
    question = Question("Which is right for first([3])?", (choice("items[0]", "3"), choice("items[-1]", "1")))
    attempt = Attempt(1, "search", "", None, Verdict.UNDECIDED, question.text, None, 0.1, question=question)
    trace, test = new_trace(SystemClock()), TestId(".", "test_first.py::test_first")
    report = RepairReport(
        trace.run_id, trace.trace_id, 1.0, 1.0, (test,), None, Outcome.UNDECIDED, question.text, (attempt,), None
    )
    state = state_dir_for(folder, {"REGREEN_STATE_DIR": shell.environment["REGREEN_STATE_DIR"]})
    FileJournal(state).record(trace, RepairEnded(report))
    return folder


def test_a_question_is_shown_with_its_choices_and_answered(shell: Shell, root: Path) -> None:
    shown = shell.regreen("show", "", root)
    assert "Which is right for first([3])?" in shown.out
    assert "2. `items[1]` should be `items[-1]`\n    then: 1" in shown.out
    said = shell.regreen("fix", root, "--choose", "1", "--json")
    assert (said.status, said.document["outcome"]) == (0, "repaired"), said.err
    assert (root / "first.py").read_text() == FIRST.replace("items[1]", "items[0]")


def test_a_choice_that_does_not_prove_to_be_green_changes_nothing(shell: Shell, root: Path) -> None:
    said = shell.regreen("fix", root, "--choose", "2", "--json")
    assert (said.status, said.document["outcome"]) == (1, "exhausted"), said.err
    assert (root / "first.py").read_text() == FIRST


def test_a_choice_that_is_not_there_is_wrong_use(shell: Shell, root: Path) -> None:
    assert shell.regreen("fix", root, "--choose", "3").status == 2
    assert shell.regreen("fix", root, "--choose", "0").status == 2
