"""Saving, restoring and working in place are killed at every call that touches files: the old tree comes back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.quick import quick_folder

ROOT = Path(__file__).parents[3]


def check_kills(scenario: str) -> dict[str, int]:
    with quick_folder() as folder:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "tests.support.kill_points", scenario, str(folder)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'server'}{os.pathsep}{ROOT}"},
            capture_output=True,
            text=True,
            timeout=240,
        )
    assert done.returncode == 0, done.stderr
    counts: dict[str, int] = json.loads(done.stdout)
    return counts


@pytest.mark.parametrize(
    ("scenario", "least"),
    [("saving", 25), ("restoring", 50), ("in place", 150)],
    ids=["saving", "restoring", "in place"],
)
def test_a_kill_at_any_call_leaves_a_tree_that_comes_back(
    scenario: str, least: int, survived: Callable[[str, int, str], None]
) -> None:
    kills = check_kills(scenario)["kills"]
    assert least < kills
    survived(f"kill points of a checkpoint ({scenario})", kills, "old, nothing unknown lost")


def test_a_kill_of_the_recovery_leaves_a_tree_that_comes_back(survived: Callable[[str, int, str], None]) -> None:
    kills = check_kills("recovering")["double kills"]
    assert 50 < kills
    survived("double kills in place, then in recovery", kills, "old, nothing left")
