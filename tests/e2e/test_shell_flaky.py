"""regreen fix on tests that are red and green on the same files, with the real runner: told apart, never edited."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shell import Said, Shell, tree
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
ORDER = """
-- shared.py --
names = []
-- test_a.py --
import shared
def test_polluter():
    shared.names.append("a")
-- test_b.py --
import shared
def test_victim():
    assert shared.names == []
"""
CHANCE = """
-- test_a.py --
def test_neighbour():
    pass
-- test_b.py --
from pathlib import Path
COUNT = Path("COUNT_FILE")
def test_unlucky():
    runs = COUNT.read_text() if COUNT.exists() else ""
    COUNT.write_text(runs + "x")
    assert len(runs) % 3, "unlucky"
"""


def fixed(tmp_path: Path, plain_venv: Path, text: str, test: str) -> Said:
    root = lay(tmp_path / "ws", text.replace("COUNT_FILE", str(tmp_path / "count")))
    before = tree(root)
    shell = Shell(tmp_path, plain_venv)
    said = shell.regreen("fix", root, "--test", test, "--sandbox", "off", "--json")
    assert said.document["outcome"] == "flaky", said.err
    assert tree(root) == before
    return said


def test_a_test_that_passes_alone_and_fails_after_another_is_told(tmp_path: Path, plain_venv: Path) -> None:
    said = fixed(tmp_path, plain_venv, ORDER, "test_b.py::test_victim")
    failure = said.document["failure"]
    assert (said.status, failure["code"], failure["slots"]["pattern"]) == (1, "RG701", "fails-after-others")
    assert failure["slots"]["underlying"] == "assertion"
    assert (failure["path"], failure["line"]) == ("test_b.py", 3)
    runs = failure["slots"]["runs"].split("; ")
    assert {run for run in runs if not run.startswith("with all the others in another order")} == {
        "alone: passed", "in its file: passed", "with all the others: failed"
    }  # fmt: skip
    assert "in another order" in runs[-1]


def test_a_test_of_chance_is_told(tmp_path: Path, plain_venv: Path) -> None:
    slots = fixed(tmp_path, plain_venv, CHANCE, "test_b.py::test_unlucky").document["failure"]["slots"]
    assert (slots["pattern"], slots["underlying"]) == ("random", "assertion")
    assert slots["runs"].startswith("alone: failed; with all the others: passed; ")
