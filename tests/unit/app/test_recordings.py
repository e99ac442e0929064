"""Where recordings lie, and which go first when there are too many."""

from __future__ import annotations

from pathlib import Path

import pytest

from regreen.app.recordings import Recordings
from regreen.core.errors import UsageError
from regreen.core.trace import RunId, Trace, TraceId
from tests.support.fakes import FakeClock


def recordings(state: Path, most: int = 1000) -> Recordings:
    return Recordings(state, lambda run_id: f"runs/{run_id}.jsonl", FakeClock(), lambda message: None, str, most)


def record(state: Path, run_id: str, size: int) -> Path:
    folder = state / "recordings" / run_id
    folder.mkdir(parents=True)
    (folder / "cassette.json").write_text("x" * size)
    return folder


def test_the_oldest_go_first_until_the_rest_is_small_enough(tmp_path: Path) -> None:
    old, middle, new = (record(tmp_path, f"2026010{n}-120000-abcdef", 400) for n in (1, 2, 3))
    recordings(tmp_path).begin(Trace(TraceId("t"), RunId("20260104-120000-abcdef")))
    assert [folder.exists() for folder in (old, middle, new)] == [False, True, True]
    assert not (tmp_path / "recordings" / "20260104-120000-abcdef").exists()


def test_only_a_run_of_this_workspace_has_a_recording(tmp_path: Path) -> None:
    record(tmp_path, "20260101-120000-abcdef", 1)
    (tmp_path / "cassette.json").write_text("{}")
    found = recordings(tmp_path)
    assert found.folder(RunId("20260101-120000-abcdef")) is not None
    assert found.folder(RunId("20260101-120000-ffffff")) is None
    assert found.folder(RunId("..")) is None
    with pytest.raises(UsageError, match="has no recording"):
        found.cassette(RunId("20260101-120000-ffffff"))
