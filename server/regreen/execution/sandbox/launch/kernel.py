"""System calls that Python has no name for, each raising OSError with what it was about."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
MNT_DETACH = 2
NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
READ_ONLY, NO_SETUID, NO_DEVICES = 1, 2, 4  # attributes of a mount

_AT_FDCWD, _AT_RECURSIVE, _AT_EMPTY_PATH = -100, 0x8000, 0x1000
_SYS_MOUNT_SETATTR = 442
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_CHILD_SUBREAPER = 1, 4, 24, 36
_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
_N_CAPABILITIES = 64
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1

_LIBC = ctypes.CDLL(None, use_errno=True)


def machine() -> str:
    """Return the name of the processor's architecture."""
    return os.uname().machine


def release() -> tuple[int, int]:
    """Return the kernel's version."""
    major, minor, *_ = os.uname().release.split(".")
    return int(major), int("".join(each for each in minor if each.isdecimal()) or 0)


def mount(source: str, target: str, kind: str, flags: int = 0, options: str = "") -> None:
    """Mount something."""
    texts = [os.fsencode(text) for text in (source, target, kind, options)]
    _check(_LIBC.mount(*texts[:3], ctypes.c_ulong(flags), texts[3]), f"mount {kind or 'bind'} {target}")


def bind(source: str, target: str) -> None:
    """Show a file or a folder, with what is mounted below it, in another place too."""
    mount(source, target, "", MS_BIND | MS_REC)


def unmount(target: str) -> None:
    """Take a mount away as soon as nobody uses it any more."""
    _check(_LIBC.umount2(os.fsencode(target), MNT_DETACH), f"unmount {target}")


def restrict_mount(target: str, attributes: int) -> None:
    """Set attributes on a mount and on everything below it."""
    packed = struct.pack("QQQQ", attributes, 0, 0, 0)
    syscall(_SYS_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(target), _AT_RECURSIVE, packed, len(packed), what=target)


def pivot_root(new: str, old: str) -> None:
    """Make a mount the root, and put the old root below it."""
    syscall(_SYS_PIVOT_ROOT[machine()], os.fsencode(new), os.fsencode(old), what="pivot_root")


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    _check(_LIBC.unshare(flags), f"unshare {flags:#x}")


def join(pid: int, kind: str) -> None:
    """Enter a namespace of another process."""
    descriptor = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check(_LIBC.setns(descriptor, 0), f"enter {kind} of {pid}")
    finally:
        os.close(descriptor)


def raise_loopback() -> None:
    """Switch the loopback of this network namespace on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        fcntl.ioctl(line, _SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", _IFF_UP))


def die_with_parent(number: int) -> None:
    """Be sent a signal when the parent ends; 0 takes it back."""
    _prctl(_PR_SET_PDEATHSIG, number)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def be_private() -> None:
    """Let no process of the same user look into this one."""
    _prctl(_PR_SET_DUMPABLE, 0)


def gain_nothing() -> None:
    """Let no program that is started from here get more rights than it was started with."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities(kept: tuple[int, ...]) -> None:
    """Give up every capability but these, for good."""
    for number in range(_N_CAPABILITIES):
        # The end of the list is where the kernel knows no more; without the right to drop there is nothing to drop.
        if number not in kept and _LIBC.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0) != 0:
            break
    _LIBC.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    permitted = sum(1 << number for number in kept)
    low, high = permitted & 0xFFFFFFFF, permitted >> 32
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _check(_LIBC.capset(header, struct.pack("6I", low, low, 0, high, high, 0)), "drop capabilities")


def syscall(number: int, *arguments: object, what: str = "") -> int:
    """Make a system call by its number."""
    return _check(_LIBC.syscall(ctypes.c_long(number), *(_whole(each) for each in arguments)), what or f"call {number}")


def _whole(argument: object) -> object:
    return ctypes.c_long(argument) if isinstance(argument, int) else argument


def _prctl(option: int, value: int) -> None:
    _check(_LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl {option}")


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
