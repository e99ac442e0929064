"""Runs programs where an overlay workbench's processes live, and whole tests as an ordinary user."""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from regreen.core.confine import Enclosure

ORDINARY = 4321
_PR_SET_DUMPABLE = 4
_EVERYBODYS_PYTHON = "/usr/bin/python3"

# Enters the namespaces of a process and becomes another program: keeper, working folder, program, arguments.
_ENTER = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
for name in ("user", "mnt"):
    place = os.open(f"/proc/{sys.argv[1]}/ns/{name}", os.O_RDONLY)
    if libc.setns(place, 0) < 0:
        sys.exit(f"setns {name}: {os.strerror(ctypes.get_errno())}")
os.chdir(sys.argv[2])
os.execv(sys.argv[3], sys.argv[3:])
"""


def inside(
    where: Enclosure, *argv: str, cwd: str = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a program in a workbench's namespaces, unconfined otherwise, and return what came out."""
    enter = [sys.executable, "-I", "-S", "-c", _ENTER, str(where.keeper), cwd or where.root]
    return subprocess.run([*enter, *argv], capture_output=True, timeout=120, check=False, env=env)


def python_inside(where: Enclosure, code: str, **options: str) -> str:
    """Run Python code there; return what it printed, and fail if it failed."""
    ended = inside(where, sys.executable, "-I", "-c", code, **options)
    assert ended.returncode == 0, ended.stderr.decode(errors="replace")
    return ended.stdout.decode(errors="surrogateescape")


def as_root_and_ordinary(home: Path, check: Callable[[Path], None]) -> None:
    """Check something as we are and, for root, in another process as an ordinary user; each in a fresh folder."""
    (home / "own").mkdir()
    check(home / "own")
    if os.geteuid() == 0:
        as_ordinary_user(check)


def as_ordinary_user(check: Callable[[Path], None]) -> None:
    """Check something in a process of its own without root's rights."""
    folder = Path(tempfile.mkdtemp())
    os.chown(folder, ORDINARY, ORDINARY)
    try:
        with tempfile.TemporaryFile() as report:
            child = os.fork()
            if child == 0:
                _become_ordinary(folder, check, report.fileno())
            _, status = os.waitpid(child, 0)
            report.seek(0)
            text = report.read().decode(errors="replace")
        assert status == 0, f"as an ordinary user:\n{text or status}"
    finally:
        for inner, _, _ in os.walk(folder):
            Path(inner).chmod(stat.S_IRWXU)
        shutil.rmtree(folder)


def _become_ordinary(folder: Path, check: Callable[[Path], None], report: int) -> None:
    """Check and end the process; it never returns into the test runner."""
    status = 1
    try:
        os.setgroups([])
        os.setresgid(ORDINARY, ORDINARY, ORDINARY)
        os.setresuid(ORDINARY, ORDINARY, ORDINARY)
        # A process that changed its user is closed to itself in /proc; a program that is started by that user is not.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
        os.environ["HOME"] = str(folder)
        if not os.access(sys.executable, os.X_OK):  # Ours may lie in root's home, where this user sees nothing.
            sys.executable = _EVERYBODYS_PYTHON
        check(folder)
        status = 0
    except BaseException:  # noqa: BLE001 - nothing may get past the end of this process
        os.write(report, traceback.format_exc().encode(errors="replace"))
    finally:
        os._exit(status)
