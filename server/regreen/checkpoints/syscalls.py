"""System calls that Python does not offer: a path opened beneath a folder, and two names exchanged in one step.

Each raises OSError with ENOSYS where the system lacks it; callers have another way. On macOS the exchange has another
name and is untested.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import sys

# openat2(2) has one number on every architecture of Linux since 5.6.
_OPENAT2 = 437
_NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x02, 0x04, 0x08
# RENAME_EXCHANGE of renameat2(2) and RENAME_SWAP of renameatx_np(2).
_EXCHANGE = {"linux": ("renameat2", 2), "darwin": ("renameatx_np", 2)}


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


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(answer: int, path: str) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return answer
