"""A server that is killed at any moment of a confined run leaves no process and no mount."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.sandboxes import ROOT

pytestmark = pytest.mark.e2e
Note = Callable[[str, int, str], None]
N_KILLS = {"bubblewrap": 40, "namespaces": 40, "landlock": 20}
LATEST = 0.6  # seconds after its start; a run stands after about half of that
PATIENCE = 2.0


def traces(mark: str) -> list[str]:
    """Return the processes that carry a mark in their arguments or environment, or see a mount that does."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        for name in ("cmdline", "environ", "mountinfo"):
            try:
                text = (entry / name).read_bytes()
            except OSError:
                continue
            if mark.encode() in text:
                found.append(f"{entry.name} {name} {text[:200]!r}")
    return found


@pytest.mark.parametrize("kind", N_KILLS)
def test_nothing_outlives_a_killed_server(kind: str, tmp_path: Path, survived: Note) -> None:
    moments = random.Random(kind)
    n_begun = 0
    for n in range(N_KILLS[kind]):
        mark = f"mark-{kind}-{os.getpid()}-{n}"
        base = tmp_path / mark
        (base / "workspace").mkdir(parents=True)
        code = str(ROOT / "tests" / "support" / "confined_server.py")
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'server'}:{ROOT}"}
        server = subprocess.Popen(
            [sys.executable, code, kind, str(base), mark], env=environment, stdout=subprocess.DEVNULL
        )
        with pytest.raises(subprocess.TimeoutExpired):
            server.wait(moments.uniform(0.05, LATEST))
        n_begun += 1 < len(traces(mark))
        server.kill()
        server.wait()
        deadline = time.monotonic() + PATIENCE
        while (left := traces(mark)) and time.monotonic() < deadline:
            pass
        assert left == []
    # The moments are no use when all of them lie before the first process.
    assert N_KILLS[kind] // 4 < n_begun
    survived(f"kills of a server ({kind})", N_KILLS[kind], "0 processes, 0 mounts")
