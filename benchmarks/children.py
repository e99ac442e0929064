"""CPU seconds of a benchmark and of everything that it started, also of what outlived the one that started it."""

from __future__ import annotations

import ctypes
import os
import resource
import time
from pathlib import Path

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
_PATIENCE = 200  # looks for what is just ending, 10 ms apart


def adopt() -> None:
    """Become the parent of every orphan below: the kernel counts the time of those alone that somebody waited for.

    Raises:
        OSError: this is not Linux.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "cannot become the parent of orphans")


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its children, after those that ended were waited for.

    To be called when nobody else in this process waits for a child.
    """
    for _ in range(_PATIENCE):
        if not _waits():
            break
        time.sleep(0.01)
    uses = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in uses)


def live_cpu_seconds() -> float:
    """Return the CPU time of this process, of what it waited for, and of all below it that lives."""
    spent, parents = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # It has ended.
                continue
            parents[int(folder.name)] = int(fields[1])
            spent[int(folder.name)] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return sum(seconds for pid, seconds in spent.items() if os.getpid() in _line(pid, parents))


def _line(pid: int, parents: dict[int, int]) -> list[int]:
    """Return a process and all above it."""
    found = [pid]
    while parents.get(found[-1]):
        found.append(parents[found[-1]])
    return found


def _waits() -> bool:
    """Wait for every child that ended; tell whether another one lives."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True
