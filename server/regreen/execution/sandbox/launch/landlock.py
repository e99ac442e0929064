"""Landlock: a process gives up all of the file system but what it names, and signals to others."""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Iterator

from . import kernel

OLDEST = 3  # the first version that knows truncation

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_ALL_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_SCOPES_FROM = 6
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2


def version() -> int:
    """Return the version that the kernel speaks, 0 when it has none."""
    try:
        return kernel.syscall(_CREATE_RULESET, None, 0, 1)
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM):
            return 0
        raise


def restrict(readable: tuple[str, ...], writable: tuple[str, ...], devices: tuple[str, ...]) -> None:
    """Leave this process, for good, nothing of the file system but these paths and what is below them."""
    spoken = version()
    known = _ALL_BY_VERSION[min(spoken, max(_ALL_BY_VERSION))]
    rules = [(path, _READ) for path in readable] + [(path, known) for path in writable]
    rules += [(path, _READ_FILE | _WRITE_FILE | _IOCTL_DEV) for path in devices]
    scoped = _ABSTRACT_SOCKETS | _SIGNALS if _SCOPES_FROM <= spoken else 0
    ruleset = _ruleset(known, scoped)
    for path, rights in rules:
        _allow(ruleset, path, rights & known)
    kernel.syscall(_RESTRICT_SELF, ruleset, 0, what="landlock")
    os.close(ruleset)


def scope() -> None:
    """Keep this process, where the kernel can, from abstract sockets and processes that it did not start."""
    if _SCOPES_FROM <= version():
        ruleset = _ruleset(0, _ABSTRACT_SOCKETS | _SIGNALS)
        kernel.syscall(_RESTRICT_SELF, ruleset, 0, what="landlock")
        os.close(ruleset)


def all_but(closed: tuple[str, ...], folder: str = "/") -> Iterator[str]:
    """Name what covers all of a folder but these paths and what is below them; none of the names is a link."""
    if not any(path == folder or path.startswith(folder.rstrip("/") + "/") for path in closed):
        yield folder
        return
    if folder in closed:
        return
    try:
        names = sorted(os.listdir(folder))
    except PermissionError:
        return
    for name in names:
        path = f"{folder.rstrip('/')}/{name}"
        if not os.path.islink(path):
            yield from all_but(closed, path)


def _ruleset(files: int, scoped: int) -> int:
    packed = struct.pack("QQQ", files, 0, scoped) if scoped else struct.pack("Q", files)
    return kernel.syscall(_CREATE_RULESET, packed, len(packed), 0, what="landlock")


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _OF_FILES
        kernel.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0, what=path)
    finally:
        os.close(place)
