"""Kills what is being written at any call, and lets any call fail."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regreen.checkpoints import recover
from regreen.core.repair import Outcome
from regreen.journal import FileJournal
from tests.support.crash_scene import Scene

REPOSITORY = Path(__file__).parents[2]
KILLED = -9
# What changes a disk, by the kernel's names; of `openat`, those calls that make a file.
WRITING = (
    "write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link", "linkat", "unlink",
    "unlinkat", "mkdir", "mkdirat", "rmdir", "fchmod", "fchmodat", "fchown", "utimensat", "ftruncate", "fsetxattr",
    "openat",
)  # fmt: skip
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\(")


@dataclass(frozen=True)
class Point:
    """The n-th call of one kind, 1-based."""

    call: str
    n: int


class Driver:
    """A process that forks one child for each action."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.crash_driver"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # full of the errors that were ordered
            cwd=tempfile.gettempdir(),  # where nothing else can be written, Python tries this one
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            text=True,
        )

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=30)

    def run(self, action: str, scene: Scene, kill_at: int = 0) -> int:
        """Run an action, killed before its n-th writing call (0: not at all); return its status."""
        return int(self._ask(do="run", action=action, home=str(scene.home), kill_at=kill_at)["status"])

    def points(self, action: str, scene: Scene, *, without: str = "") -> tuple[Point, ...]:
        """Run an action and return every writing call that it made."""
        trace = scene.home / "trace"
        lacking = ("-e", f"inject={without}:error=EINVAL") if without else ()
        self._traced(action, scene, "-e", f"trace={','.join(WRITING)}", *lacking, "-o", str(trace))
        calls: Counter[str] = Counter()
        points = []
        for line in trace.read_text().splitlines():
            if match := _CALL.match(line):
                calls[match[1]] += 1
                if match[1] != "openat" or "O_CREAT" in line:
                    points.append(Point(match[1], calls[match[1]]))
        trace.unlink()
        return tuple(points)

    def struck(
        self, action: str, scene: Scene, point: Point, strike: str, *, for_good: bool = False, without: str = ""
    ) -> int:
        """Run an action that is struck at a call, e.g. by "signal=KILL" or "error=EIO"; return its status.

        `without` is a call that the system does not have.
        """
        when = f"{point.n}+" if for_good else str(point.n)
        lacking = ("-e", f"inject={without}:error=EINVAL") if without else ()
        calls = ",".join(filter(None, (point.call, without)))
        strikes = ("-e", f"trace={calls}", "-e", f"inject={point.call}:{strike}:when={when}", *lacking)
        return self._traced(action, scene, *strikes, "-o", "/dev/null")

    def _traced(self, action: str, scene: Scene, *options: str) -> int:
        pid = int(self._ask(do="fork", action=action, home=str(scene.home))["pid"])
        with subprocess.Popen(["strace", "-q", *options, "-p", str(pid)], stderr=subprocess.PIPE) as tracer:
            _wait_for_tracer(pid, tracer)
            status = int(self._ask(do="go", pid=pid)["status"])
            tracer.wait(30)
        return status

    def _ask(self, **command: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _wait_for_tracer(pid: int, tracer: subprocess.Popen[bytes]) -> None:
    status = Path(f"/proc/{pid}/status")
    deadline = time.monotonic() + 30
    while "TracerPid:\t0\n" in status.read_text():
        assert tracer.poll() is None, f"strace cannot trace: {tracer.communicate()[1].decode()}"
        assert time.monotonic() < deadline
        time.sleep(0.001)


@contextmanager
def quick_scene() -> Iterator[Scene]:
    """Yield a scene in memory, where there is such a place: a kill leaves the same there, and syncing takes no time."""
    memory = "/dev/shm"
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as home:
        yield Scene(Path(home))


def kill_point(driver: Driver, scene: Scene, action: str, n_new: int) -> int:
    """Return at which call a kill leaves so many files new."""
    for n in range(1, 400):
        assert driver.run(action, scene.lay(), n) == KILLED
        if scene.n_new == n_new:
            return n
    raise AssertionError(f"no kill leaves {n_new} files new")


def ended(driver: Driver, scene: Scene) -> str:
    """Recover, compare the tree with what the journal says of it, and return "old" or "new"."""
    assert driver.run("recover_and_record", scene) == 0
    verdict = scene.judge()
    outcomes = [report.outcome for report in FileJournal(scene.state).reports()]
    if verdict == "new":
        assert outcomes == [Outcome.REPAIRED]
    else:
        assert verdict == "old", verdict
        assert outcomes in ([Outcome.REPAIRED_NOT_APPLIED], [])
    assert recover(str(scene.root), scene.state) == ()
    return verdict
