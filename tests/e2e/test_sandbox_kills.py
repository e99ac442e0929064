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
N_STANDING = 7  # traces of a run that stands: the server, its keeper, the launcher, the program and three children
PATIENCE = 2.0
START = 60.0


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


def seconds_until_it_stands(mark: str) -> float:
    """Return how long a start takes on this machine as it is."""
    started = time.monotonic()
    while len(traces(mark)) < N_STANDING:
        assert time.monotonic() - started < START
    return time.monotonic() - started


@pytest.mark.parametrize("kind", N_KILLS)
def test_nothing_outlives_a_killed_server(kind: str, tmp_path: Path, survived: Note) -> None:
    moments, n_begun, stands_after = random.Random(kind), 0, 0.0
    for n in range(N_KILLS[kind]):
        mark = f"mark-{kind}-{os.getpid()}-{n}"
        base = tmp_path / mark
        (base / "workspace").mkdir(parents=True)
        code = str(ROOT / "tests" / "support" / "confined_server.py")
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'server'}:{ROOT}"}
        server = subprocess.Popen(
            [sys.executable, code, kind, str(base), mark], env=environment, stdout=subprocess.DEVNULL
        )
        if not stands_after:
            stands_after = seconds_until_it_stands(mark)
        with pytest.raises(subprocess.TimeoutExpired):
            server.wait(moments.uniform(0.1, 1.6) * stands_after)
        n_begun += 1 < len(traces(mark))
        server.kill()
        server.wait()
        deadline = time.monotonic() + PATIENCE
        while (left := traces(mark)) and time.monotonic() < deadline:
            pass
        assert left == []
    # The moments are no use when all of them lie before the first process.
    assert 1 < n_begun
    survived(f"kills of a server ({kind})", N_KILLS[kind], "0 processes, 0 mounts")
