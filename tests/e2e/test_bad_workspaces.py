"""Workspaces that cannot be run: each gets a clear message, the next step and the documented exit status."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.support.shell import Said, Shell, tree
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
RED = """
-- calc.py --
def add(a, b):
    return a - b
-- test_calc.py --
from calc import add


def test_add():
    assert add(1, 2) == 3


def test_add_zero():
    assert add(5, 0) == 5
"""


def explained(said: Said, status: int, *words: str) -> None:
    """Expect an exit status and an explanation that holds all these words."""
    assert said.status == status, said.err + said.out
    text = said.err + said.out
    for word in words:
        assert word in text, text


def test_no_git_is_no_obstacle(shell: Shell, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", RED)
    assert shell.regreen("fix", root, "--json").document["outcome"] == "repaired"


def test_a_folder_that_is_not_there(shell: Shell, tmp_path: Path) -> None:
    explained(shell.regreen("inspect", tmp_path / "nowhere"), 2, "nothing at", "exists")


def test_an_empty_folder(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "ws").mkdir()
    explained(shell.regreen("test", tmp_path / "ws"), 4, "No project")
    explained(shell.regreen("fix", tmp_path / "ws"), 4, "No project")


def test_no_tests(shell: Shell, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", "-- pyproject.toml --\n[project]\nname = 'a'\nversion = '1'\n-- a.py --\nX = 1\n")
    explained(shell.regreen("test", root), 4, "RG502")
    assert shell.regreen("test", root, "--json").document["outcome"] == "red"


def test_no_pytest(shell: Shell, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", RED)
    venv.create(root / ".venv", with_pip=False)
    explained(shell.regreen("test", root), 4, "RG601", "pip install", "pytest")
    explained(shell.regreen("fix", root), 4, "pytest")
    explained(shell.regreen("doctor", root), 4, "no pytest")


def test_a_broken_pyproject(shell: Shell, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", RED + "-- pyproject.toml --\n[project\nname = 'a'\n")
    explained(shell.regreen("inspect", root), 0, "pyproject.toml:1", "not valid TOML")
    explained(shell.regreen("test", root), 4, "pyproject.toml")


SINGLE = """
-- test_one.py --
def add(a, b):
    return a - b


def test_add():
    assert add(2, 2) == 4


def test_more():
    assert add(1, 5) == 6
"""


def test_a_single_file(shell: Shell, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", SINGLE)
    said = shell.regreen("fix", root / "test_one.py", "--json")
    # The fault lies in a test file, which is protected: nothing is edited unless the person allows it.
    assert said.document["outcome"] == "exhausted"
    allowed = shell.regreen("fix", root / "test_one.py", "--allow-tests", "--json")
    assert allowed.document["outcome"] == "repaired", allowed.out
    assert "return a + b" in (root / "test_one.py").read_text()


def test_a_read_only_workspace(shell: Shell, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", RED)
    before = tree(root)
    subprocess.run(["chmod", "-R", "a-w", str(root)], check=True)
    try:
        said = unprivileged(shell, tmp_path, "fix", str(root), "--json")
    finally:
        subprocess.run(["chmod", "-R", "u+w", str(root)], check=True)
    explained(said, 1, "calc.py is read-only", "writable")
    assert tree(root) == before


def test_a_source_that_is_not_utf8(shell: Shell, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", RED)
    (root / "old.py").write_bytes(b"name = '\xff\xfe'\n")
    explained(shell.regreen("inspect", root), 0, "old.py")
    assert shell.regreen("fix", root, "--json").document["outcome"] == "repaired"


def test_a_file_of_ten_megabytes(shell: Shell, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", RED)
    (root / "huge.py").write_text("DATA = [\n" + "    1234567890,\n" * 600_000 + "]\n")
    explained(shell.regreen("inspect", root), 0, "huge.py")
    assert shell.regreen("fix", root, "--json").document["outcome"] == "repaired"


def test_an_unknown_test(shell: Shell, tmp_path: Path) -> None:
    explained(shell.regreen("fix", lay(tmp_path / "ws", RED), "--test", "test_nope"), 2, "test_nope", "regreen inspect")


def test_an_error_is_one_json_document_too(shell: Shell, tmp_path: Path) -> None:
    said = shell.regreen("inspect", tmp_path / "nowhere", "--json")
    assert said.status == 2
    assert set(said.document["error"]) == {"message", "next_step"}


def unprivileged(shell: Shell, tmp_path: Path, *arguments: str) -> Said:
    """Run regreen as a user for whom read-only means read-only (root may write anyway)."""
    if os.getuid() != 0:
        return shell.regreen(*arguments)
    setpriv = shutil.which("setpriv")
    assert setpriv is not None, "setpriv (util-linux) is needed to give up root's rights"
    subprocess.run(["chmod", "-R", "a+rwX", str(tmp_path / "home")], check=True)
    bounded = [setpriv, "--bounding-set=-dac_override,-dac_read_search,-fowner", "--inh-caps=-all"]
    command = [*bounded, sys.executable, "-m", "regreen", *arguments]
    done = subprocess.run(
        command, cwd=tmp_path, env=shell.environment, capture_output=True, text=True, timeout=120, check=False
    )
    return Said(done.returncode, done.stdout, done.stderr)
