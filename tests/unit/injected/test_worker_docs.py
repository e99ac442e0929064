"""docs/worker-protocol.md lists every message that the worker and its owner exchange."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("server/regreen/injected/regreen_worker.py", "server/regreen/execution/trials.py")
OPS = sorted({op for path in SOURCES for op in re.findall(r'"?op"?\s*[:=]\s*"(\w+)"', (ROOT / path).read_text())})


def test_the_ops_are_found_in_the_code() -> None:
    assert {"open", "opened", "spectrum", "try", "tried", "hello", "error"} <= set(OPS)


@pytest.mark.parametrize("op", OPS)
def test_every_message_is_in_the_docs(op: str) -> None:
    assert f"`{op}`" in (ROOT / "docs" / "worker-protocol.md").read_text()
