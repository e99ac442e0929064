"""Sandboxes for tests: each kind in a folder, and programs run as a user without rights."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from regreen.core.cancel import Cancellation
from regreen.core.confine import Enclosure, Network
from regreen.core.testing import CommandSpec, RawRun
from regreen.execution import LocalExecutor, Sandbox

KINDS = ("bubblewrap", "namespaces", "landlock")
OF_NAMESPACES = KINDS[:2]
NOBODY = 4321  # a user id that owns nothing
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class ReadyClock:
    """The machine's clock, which is past every limit once a file is there: a hang costs no waiting."""

    ready: Path

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic() + (1e6 if self.ready.exists() else 0)


def confined(sandbox: Sandbox, folder: Path, code: str, *arguments: str, **more: object) -> RawRun:
    """Run Python code in a folder, confined to it; its time is up when it makes the file "ready".

    `more` are fields of the CommandSpec.
    """
    spec = CommandSpec((sys.executable, "-c", code, *arguments), str(folder), timeout=60)
    spec = replace(spec, enclosure=Enclosure.at(str(folder)))
    spec = replace(spec, **more)  # type: ignore[arg-type]
    return LocalExecutor(ReadyClock(folder / "ready"), sandbox).run(Cancellation(), spec)


def sandbox_of(kind: str, network: Network = Network.LOOPBACK) -> Sandbox:
    """Return a sandbox of a kind."""
    return Sandbox(kind, network)


def users() -> tuple[int, ...]:
    """Return the users that sandboxes can be tried as: this one, and one without rights where we may become it."""
    return (0, NOBODY) if os.getuid() == 0 else (os.getuid(),)


def run_as(user: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an interpreter that the user can reach, with the product and the tests on its path."""
    same = user == os.getuid()
    identity = {} if same else {"user": user, "group": user, "extra_groups": []}
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'server'}:{ROOT}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/nonexistent",
    }
    return subprocess.run(
        [sys.executable if same else _python_for_all(), *arguments],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        **identity,  # type: ignore[arg-type]
    )


def _python_for_all() -> str:
    """Return an interpreter that everybody may start; ours may lie in a folder that is closed to others."""
    candidates = [sys.executable, "/usr/bin/python3", *filter(None, map(shutil.which, ("python3.13", "python3.12")))]
    for path in candidates:
        real = Path(path).resolve()
        closed = [folder for folder in real.parents if not folder.stat().st_mode & stat.S_IXOTH]
        if real.exists() and not closed and _is_new_enough(str(real)):
            return str(real)
    raise AssertionError("no Python 3.11 or newer that other users may start: apt-get install python3")


def _is_new_enough(path: str) -> bool:
    code = "import sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([path, "-c", code], check=False).returncode == 0
