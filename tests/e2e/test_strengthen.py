"""Tests are written for what would go unnoticed: they pass on the code, and fail on the change that they are for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.shell import Shell
from tests.support.workspace import lay, parse_files

pytestmark = pytest.mark.e2e
WORKSPACE = """
-- pyproject.toml --
[project]
name = "names"
version = "1"

[tool.pytest.ini_options]
pythonpath = ["."]
-- names.py --
def clamp(value, low, high):
    if value < low:
        return low
    if value > high:
        return high
    return value


def initials(name, dots=True):
    parts = name.split()
    if not parts:
        raise ValueError("no name")
    sign = "." if dots else ""
    return "".join(part[0].upper() + sign for part in parts[:3])
-- tests/test_names.py --
from names import clamp, initials


def test_clamp():
    assert clamp(5, 0, 10) == 5
    assert clamp(-3, 0, 10) == 0


def test_initials():
    assert initials("ada lovelace") == "A.L."
"""


def test_survivors_get_tests_that_notice_them(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", WORKSPACE)
    before = parse_files(WORKSPACE)
    done = Shell(tmp_path).regreen("mutate", root, "--strengthen", "--json", timeout=280).document
    assert (done["outcome"], done["strengthened"]["applied"]) == ("measured", True)
    assert done["survived"] + done["no_coverage"] == done["strengthened"]["noticed"] == 8
    text = (root / "tests/test_names.py").read_text()
    assert text.startswith(before["tests/test_names.py"])
    assert "with pytest.raises(ValueError):\n        initials('', True)" in text
    assert (root / "names.py").read_text() == before["names.py"]
    ran = subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=root, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout


def test_a_dry_run_shows_the_tests_and_writes_nothing(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", WORKSPACE)
    before = parse_files(WORKSPACE)["tests/test_names.py"]
    order = ("mutate", root, "--function", "clamp", "--strengthen", "--dry-run")
    said = Shell(tmp_path).regreen(*order, timeout=280)
    assert said.status == 0
    assert "+def test_clamp_comparison():\n+    assert clamp(5, 0, 0) == 0\n" in said.out
    assert "Dry run: nothing was changed." in said.out
    assert (root / "tests/test_names.py").read_text() == before


def test_nothing_is_written_where_nothing_tells_a_change_apart(tmp_path: Path) -> None:
    source = "-- names.py --\ndef known(names):\n    return 1 if callable(names) and names else 1\n"
    tests = "-- test_names.py --\nfrom names import known\n\n\ndef test_known():\n    assert known(open) == 1\n"
    root = lay(tmp_path / "ws", source + tests)
    said = Shell(tmp_path).regreen("mutate", root, "--strengthen", "--json", timeout=280).document
    assert said["survivors"] != []
    assert (said["strengthened"]["tests"], said["strengthened"]["diff"]) == ([], "")
    assert said["strengthened"]["reason"] == "No input was found that tells a survivor apart."


def test_an_envelope_that_leaves_the_tests_out_is_obeyed(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", f'{WORKSPACE.rstrip()}\n-- regreen.toml --\nallowed = ["names.py"]\n')
    before = (root / "tests/test_names.py").read_bytes()
    said = Shell(tmp_path).regreen("mutate", root, "--function", "clamp", "--strengthen", timeout=280)
    assert said.status == 3, said
    assert "The new tests may not be written" in said.err
    assert (root / "tests/test_names.py").read_bytes() == before
