"""System calls that Python does not offer: a path opened beneath a folder, two names exchanged in one step, and whether
a file is open for writing.

The first two raise OSError with ENOSYS where the system lacks them; callers have another way. On macOS the exchange has
another name and is untested.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import functools
import os
import signal
import sys
import time
from collections.abc import Callable

# openat2(2) has one number on every architecture of Linux since 5.6.
_OPENAT2 = 437
_NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x02, 0x04, 0x08
# RENAME_EXCHANGE of renameat2(2) and RENAME_SWAP of renameatx_np(2).
_EXCHANGE = {"linux": ("renameat2", 2), "darwin": ("renameatx_np", 2)}

_PAUSES = (0.001, 0.01, 0.05, 0.1, 0.3, 0.5)  # seconds
_LOOK = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def open_beneath(folder: int, path: str, flags: int) -> int:
    """Open a path that the kernel itself keeps below an open folder and away from every link.

    Raises:
        OSError: it is not there, a link or a way out is on the path, or the system has no such call.
    """
    if sys.platform != "linux" or not hasattr(_libc(), "syscall"):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), path)
    how = _OpenHow(flags, 0, _BENEATH | _NO_SYMLINKS | _NO_MAGICLINKS)
    name = ctypes.c_char_p(os.fsencode(path))
    return _checked(_libc().syscall(_OPENAT2, folder, name, ctypes.byref(how), ctypes.sizeof(how)), path)


def exchange(folder: int, one: str, other: str) -> None:
    """Let two names of an open folder swap their files in one step: neither name is ever without a file.

    Raises:
        OSError: one is not there, or the system or the file system cannot do it.
    """
    name, flag = _EXCHANGE.get(sys.platform, ("", 0))
    if not name or not hasattr(_libc(), name):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), other)
    call = getattr(_libc(), name)
    _checked(call(folder, os.fsencode(one), folder, os.fsencode(other), ctypes.c_uint(flag)), other)


def is_being_written(name: str, folder: int | None = None, wait: Callable[[float], None] = time.sleep) -> bool:
    """Tell whether some process has a file open for writing, and goes on to; False where the system does not tell.

    Only Linux does, of files that are one's own or to root: a lease for reading is given while nobody writes.
    """
    # A process that was just forked has the files of its parent open, until it runs its program: that passes.
    for pause in _PAUSES:
        if not _is_open_for_writing(name, folder):
            return False
        wait(pause)
    return _is_open_for_writing(name, folder)


def _is_open_for_writing(name: str, folder: int | None) -> bool:
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        descriptor = os.open(name, _LOOK, dir_fd=folder)
    except OSError:
        return False
    try:
        # Who opens it for writing in this moment breaks the lease; the usual signal would end this process.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(descriptor)  # gives the lease back
    return False


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(answer: int, path: str) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return answer
