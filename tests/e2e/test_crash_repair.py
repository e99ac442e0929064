"""A real repair killed in the middle of its delivery: the shell and a starting server put it right, and say so."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from regreen.checkpoints import Delivery
from regreen.core.edit import patch_between
from regreen.journal import state_dir_for
from tests.support.editor import SERVE, Editor
from tests.support.shell import Shell, tree
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
WORKSPACE = """
-- pyproject.toml --
[project]
name = "calc"
version = "1"
-- calc.py --
def add(a, b):
    return a - b
-- test_calc.py --
from calc import add


def test_add():
    assert add(1, 2) == 3


def test_zero():
    assert add(1, 0) == 1
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay(tmp_path / "ws", WORKSPACE)


def killed_at(shell: Shell, root: Path, call: str, n: int = 1) -> None:
    """Run `regreen fix`, killed at the n-th call of this kind."""
    strike = ("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={n}")
    command = ["strace", "-f", "-qq", "--seccomp-bpf", *strike, "-o", "/dev/null"]
    command += [sys.executable, "-m", "regreen", "fix", str(root)]
    done = subprocess.run(command, env=shell.environment, capture_output=True, timeout=120, check=False)
    assert done.returncode == -9, done.stderr.decode()


def test_a_repair_killed_while_it_delivers_is_rolled_back_by_recover(shell: Shell, root: Path) -> None:
    before = tree(root)
    killed_at(shell, root, "renameat2")
    said = shell.regreen("recover", root, "--json")
    assert said.status == 0
    (recovered,) = said.document["recovered"]
    assert (recovered["work"], recovered["outcome"], recovered["paths"]) == ("delivery", "rolled-back", ["calc.py"])
    assert "A delivery was interrupted; it was rolled back." in said.err
    assert tree(root) == before
    (run,) = shell.regreen("history", root, "--json").document["runs"]
    assert (run["outcome"], run["run_id"]) == ("repaired-not-applied", recovered["run_id"])
    assert "+    return a + b" in run["diff"]
    assert shell.regreen("recover", root, "--json").document["recovered"] == []
    assert "Nothing was interrupted." in shell.regreen("recover", root).out


def test_the_next_repair_recovers_first(shell: Shell, root: Path) -> None:
    before = tree(root)
    killed_at(shell, root, "renameat2")
    assert set(tree(root)) != set(before)
    said = shell.regreen("fix", root, "--json")
    assert (said.status, said.document["outcome"]) == (0, "repaired")
    assert "A delivery was interrupted; it was rolled back." in said.err
    assert set(tree(root)) == set(before)
    assert (root / "calc.py").read_text() == "def add(a, b):\n    return a + b\n"


def test_a_starting_server_recovers_and_tells_the_editor(shell: Shell, root: Path) -> None:
    texts = {"calc.py": (root / "calc.py").read_text()}
    patch = patch_between(texts, {"calc.py": texts["calc.py"].replace("-", "+")})
    Delivery(str(root), state_dir_for(root, shell.environment)).apply(patch)  # and ends before it is settled
    with Editor.start(*SERVE, env=shell.environment) as editor:
        editor.initialize(root)
        editor.wait(shows("A delivery was interrupted when all files were in place; it was finished."))
    assert shell.regreen("recover", root, "--json").document["recovered"] == []


def test_a_second_server_says_that_it_repairs_nothing(shell: Shell, root: Path) -> None:
    with Editor.start(*SERVE, env=shell.environment) as first, Editor.start(*SERVE, env=shell.environment) as second:
        first.initialize(root)
        first.request("workspace/executeCommand", {"command": "regreen.runTests", "arguments": []})
        second.initialize(root)
        second.wait(shows("Another server (process "))
        result = second.request("workspace/executeCommand", {"command": "regreen.runTests", "arguments": []})
        assert result is not None


def shows(text: str) -> Callable[[dict[str, object]], bool]:
    return lambda message: message.get("method") == "window/showMessage" and text in str(message.get("params"))
