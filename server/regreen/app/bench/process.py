"""Runs our own command line as a process and measures it: what it says, how long, how much of a processor."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regreen.core.cancel import Cancellation, Cancelled

_POLL = 0.05  # seconds
_GRACE = 30.0  # seconds in which a cancelled repair cleans up


@dataclass(frozen=True, slots=True)
class Measured:
    """One command. `document` is what it printed, {} when that is none."""

    status: int
    document: Mapping[str, Any]
    said: str  # the end of what it wrote for people
    seconds: float
    cpu_seconds: float  # with all processes that it waited for


def measure(cancel: Cancellation, arguments: tuple[str, ...], place: Path, environment: Mapping[str, str]) -> Measured:
    """Run `regreen` to its end; `place` is a folder for what it says.

    Raises:
        Cancelled: the token was set; it was interrupted and has cleaned up.
    """
    out, err = place / "out.json", place / "err.txt"
    begun = time.monotonic()
    with out.open("wb") as said, err.open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "regreen", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=told,
            env=dict(environment),
            cwd=place,
            start_new_session=True,  # Ctrl-C reaches us, and we tell it
        )
        status, cpu_seconds = _wait(cancel, process)
    seconds = time.monotonic() - begun
    return Measured(status, _document(out), err.read_text("utf-8", "replace")[-2000:], round(seconds, 3), cpu_seconds)


def _wait(cancel: Cancellation, process: subprocess.Popen[bytes]) -> tuple[int, float]:
    try:
        while (ended := _ended(process)) is None:
            cancel.wait(_POLL)
    except Cancelled:
        _stop(process)
        raise
    return ended


def _ended(process: subprocess.Popen[bytes]) -> tuple[int, float] | None:
    pid, status, usage = os.wait4(process.pid, os.WNOHANG)
    if not pid:
        return None
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, round(usage.ru_utime + usage.ru_stime, 3)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _document(file: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
