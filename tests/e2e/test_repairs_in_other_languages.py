"""The real engine on a few small bugs of Go, JavaScript and Rust; `benchmarks/repair.py` runs all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.bugs import read_bugs, repair_bug, verdict_on

pytestmark = pytest.mark.e2e
# The demo and the monorepo have more.
CHOSEN = ("fare_discount", "ledger_limit", "slug_import", "parcel_boundary", "shop_last", "pool_boundary")


@pytest.mark.parametrize("name", CHOSEN)
def test_a_bug_is_repaired_and_tests_that_the_engine_never_saw_pass(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGREEN_STATE_DIR", str(tmp_path / "state"))
    (bug,) = read_bugs(name)
    root = tmp_path / "ws"
    report = repair_bug(bug, root)
    assert verdict_on(bug, report, root) == "right", report.reason


@pytest.mark.parametrize("name", ["store_environment", "client_dependency"])
def test_what_no_edit_cures_is_left_alone(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGREEN_STATE_DIR", str(tmp_path / "state"))
    (bug,) = read_bugs(name)
    report = repair_bug(bug, tmp_path / "ws")
    assert report.patch is None
    assert sum(attempt.tried for attempt in report.attempts) == 0
