"""Makes the operating system fail at the n-th call that touches files, without touching the code under test."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_EVENTS = frozenset(
    {"open", "os.rename", "os.link", "os.mkdir", "os.symlink", "os.chmod", "os.chown", "os.utime", "os.setxattr",
     "os.truncate", "os.scandir", "os.listdir", "fcntl.flock", "fcntl.ioctl"}
)  # fmt: skip
_REMOVALS = frozenset({"os.remove", "os.rmdir"})


@dataclass
class Fault:
    """Where to fail, and how many calls there were."""

    at: int
    error: int = errno.ENOSPC
    removals: bool = False  # fail there as well
    again: int = 0  # fail at so many of the following calls, too
    n_calls: int = 0
    struck: bool = False


class _Hook:
    """Audit hooks cannot be taken off: one stands for ever and looks whether a fault is set."""

    def __init__(self) -> None:
        self.fault: Fault | None = None
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        fault = self.fault
        if fault is None or not (event in _EVENTS or (fault.removals and event in _REMOVALS)):
            return
        fault.n_calls += 1
        if fault.at <= fault.n_calls <= fault.at + fault.again and 0 < fault.at:
            fault.struck = True
            raise OSError(fault.error, os.strerror(fault.error))


_HOOK = _Hook()


@contextmanager
def fault(at: int, error: int = errno.ENOSPC, *, removals: bool = False) -> Iterator[Fault]:
    """Fail at the `at`-th call inside of the context, once; 0 only counts."""
    _HOOK.fault = Fault(at, error, removals)
    try:
        yield _HOOK.fault
    finally:
        _HOOK.fault = None
