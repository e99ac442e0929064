"""Plays one scene in a real editor: a red test is seen, fixed from the light bulb, and read about in the hover."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.support.shell import Shell
from tests.support.workspace import lay

WORKSPACE = """
-- pyproject.toml --
[project]
name = "calc"
version = "1.0"

[tool.pytest.ini_options]
pythonpath = ["."]
-- calc.py --
def add(a, b):
    return a - b


def double(a):
    return a * 2
-- test_calc.py --
from calc import add, double


def test_add():
    assert add(1, 2) == 3


def test_double():
    assert double(2) == 4
"""
FIXED = "def add(a, b):\n    return a + b\n\n\ndef double(a):\n    return a * 2\n"
SCRIPTS = Path(__file__).parent
PAGE = Path(__file__).parents[3] / "docs" / "editors.md"


def set_up(folder: Path, language: str) -> Path:
    """Write the first block in a language from docs/editors.md into a file: what the page tells is what is tested."""
    block = re.search(rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert block is not None
    file = folder / f"set-up.{language}"
    file.write_text(block[1], "utf-8")
    return file


def play(folder: Path, *editor: str) -> dict[str, Any]:
    """Run an editor on the scene's workspace and return what it saw."""
    home = folder / "home"
    home.mkdir()
    root = lay(folder / "workspace", WORKSPACE)
    result = folder / "seen.json"
    plan = {
        "root": str(root),
        "source": str(root / "calc.py"),
        "test": str(root / "test_calc.py"),
        "result": str(result),
    }
    environment = {**Shell(home).environment, "REGREEN_PLAN": json.dumps(plan), "TERM": "dumb"}
    try:
        done = subprocess.run(
            editor, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=280
        )
    except FileNotFoundError as missing:
        raise AssertionError(f"{editor[0]} is not installed: run scripts/install-test-tools") from missing
    assert result.exists(), f"the editor ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    seen: dict[str, Any] = json.loads(result.read_text("utf-8"))
    assert seen["problem"] == "", f"{seen}\n{done.stdout}\n{done.stderr}"
    assert (root / "calc.py").read_text("utf-8") == FIXED
    return seen
