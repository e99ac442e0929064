"""The real engine on a fixed part of Python's small bugs; `benchmarks/repair.py` runs all of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.bugs import Bug, read_bugs, repair_bug, verdict_on

pytestmark = pytest.mark.e2e
# Nine of different kinds, and three that are to be left alone.
CHOSEN = read_bugs(
    "billing_change_of_plan",
    "billing_day_itself",
    "cache_negated",
    "csv_slice",
    "draft_negated",
    "expenses_own_amounts",
    "export_two_sites",
    "fetch_missing_await",
    "generator_last_block",
    "contradicting_tests",
    "command_not_installed",
    "env_database_url",
)


@pytest.mark.parametrize("bug", CHOSEN, ids=lambda bug: bug.name)
def test_a_bug_is_repaired_or_left_alone_as_it_should_be(
    bug: Bug, tmp_path: Path, plain_venv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGREEN_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("VIRTUAL_ENV", str(plain_venv))
    monkeypatch.setenv("PATH", f"{plain_venv / 'bin'}{os.pathsep}{os.environ['PATH']}")
    root = tmp_path / "ws"
    report = repair_bug(bug, root)
    wanted = "right" if bug.is_curable else "refused"
    assert verdict_on(bug, report, root, plain_venv / "bin" / "python") == wanted, report.reason
    if not bug.is_curable:
        assert report.patch is None
