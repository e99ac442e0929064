"""With the real worker, two repairs of one bug give the same patch, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from regreen.app import Delivered, FixRequest, Settings, open_session
from regreen.core.cancel import Cancellation
from regreen.core.edit import diff
from regreen.core.testing import TestId
from regreen.core.trace import SystemClock, new_trace
from tests.support.workspace import parse_files

BUGS = Path(__file__).parents[2] / "bugs"


@pytest.mark.parametrize("name", ["refund_sign", "missing_colon"])
def test_two_repairs_give_the_same_patch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("REGREEN_STATE_DIR", str(tmp_path / "state"))
    first, second = (repair(tmp_path / turn, name) for turn in ("one", "two"))
    assert first
    assert first == second


def repair(root: Path, name: str) -> str:
    text = (BUGS / f"{name}.txt").read_text(encoding="utf-8")
    red = next(line.removeprefix("red: ") for line in text.splitlines() if line.startswith("red: "))
    for path, content in parse_files(text).items():
        if not path.startswith(("heldout/", "fix/")):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content.encode())
    session = open_session(str(root), Settings(), lambda event: None)
    try:
        session.refresh()
        trace = new_trace(SystemClock())
        request = FixRequest(tests=(TestId(".", red),))
        report = session.fix(Cancellation(), trace, request, lambda *_: Delivered(True))
    finally:
        session.close()
    return diff(report.patch) if report.patch is not None else ""
