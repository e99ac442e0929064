"""The filter of system calls: what no test needs, and what an enclosure must not be left by."""

from __future__ import annotations

import ctypes
import errno
import struct

from . import kernel

# The first number is of x86_64, the second of aarch64.
_NUMBERS = {
    "acct": (163, 89), "add_key": (248, 217), "bpf": (321, 280), "clone": (56, 220), "clone3": (435, 435),
    "delete_module": (176, 106), "finit_module": (313, 273), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fsopen": (430, 430), "fspick": (433, 433), "init_module": (175, 105), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "io_uring_setup": (425, 425), "ioctl": (16, 29), "kcmp": (312, 272),
    "kexec_file_load": (320, 294), "kexec_load": (246, 104), "keyctl": (250, 219), "mount": (165, 40),
    "mount_setattr": (442, 442), "move_mount": (429, 429), "open_by_handle_at": (304, 265), "open_tree": (428, 428),
    "perf_event_open": (298, 241), "pidfd_getfd": (438, 438), "pivot_root": (155, 41),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "ptrace": (101, 117), "quotactl": (179, 60),
    "reboot": (169, 142), "request_key": (249, 218), "setns": (308, 268), "socket": (41, 198),
    "swapoff": (168, 225), "swapon": (167, 224), "umount2": (166, 39), "unshare": (272, 97),
    "userfaultfd": (323, 282),
}  # fmt: skip
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column and audit number

_DENIED = (
    "acct", "add_key", "bpf", "delete_module", "finit_module", "fsconfig", "fsmount", "fsopen", "fspick",
    "init_module", "kcmp", "kexec_file_load", "kexec_load", "keyctl", "mount", "mount_setattr", "move_mount",
    "open_by_handle_at", "open_tree", "perf_event_open", "pidfd_getfd", "pivot_root", "quotactl", "reboot",
    "request_key", "setns", "swapoff", "swapon", "umount2", "userfaultfd",
)  # fmt: skip
# Programs fall back to other calls when these seem not to exist: their arguments cannot be looked at from here.
_ABSENT = ("clone3", "io_uring_enter", "io_uring_register", "io_uring_setup")
_FOREIGN = ("process_vm_readv", "process_vm_writev", "ptrace")  # denied where others' processes are in sight

_NEW_NAMESPACES = kernel.NEWNS | kernel.NEWCGROUP | kernel.NEWUTS | kernel.NEWIPC | kernel.NEWUSER
_NEW_NAMESPACES |= kernel.NEWPID | kernel.NEWNET
_TIOCSTI = 0x5412
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10

_LOAD, _EQUAL, _AT_LEAST, _ANY_OF, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _X32 = 0x7FFF0000, 0x00050000, 0x40000000
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24  # offsets of what a filter sees
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, value


def install(mode: str, network: str) -> None:
    """Put the filter on this process and all that it will start.

    Raises:
        OSError: the kernel refuses.
    """
    program = assemble(kernel.machine(), mode, network)
    packed = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    held = ctypes.create_string_buffer(packed, len(packed))
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, header, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the filter of system calls is refused")


def assemble(machine: str, mode: str, network: str) -> list[Instruction]:
    """Return the filter as a program for the kernel."""
    column, audit = ARCHITECTURES[machine]
    number = {name: numbers[column] for name, numbers in _NUMBERS.items()}
    denied = (*_DENIED, *(_FOREIGN if mode == "landlock" else ()))
    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, audit),
        _fail(errno.EPERM),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        _fail(errno.ENOSYS),
    ]
    for name in denied:
        program += [(_EQUAL, 0, 1, number[name]), _fail(errno.EPERM)]
    for name in _ABSENT:
        program += [(_EQUAL, 0, 1, number[name]), _fail(errno.ENOSYS)]
    for name in ("clone", "unshare"):
        program += _argument(number[name], _FIRST, [(_ANY_OF, 0, 1, _NEW_NAMESPACES), _fail(errno.EPERM)])
    program += _argument(number["ioctl"], _SECOND, [(_EQUAL, 0, 1, _TIOCSTI), _fail(errno.EPERM)])
    program += _argument(number["socket"], _FIRST, _sockets(mode, network))
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def _sockets(mode: str, network: str) -> list[Instruction]:
    """Return what to do with a new socket, by its family."""
    weak = mode == "landlock"
    # A network namespace of its own keeps a process on its own loopback; without one, sockets are all or nothing.
    inet = network == "full" or (network == "loopback" and not weak)
    allowed = (*((_AF_INET, _AF_INET6) if inet else ()), *(() if weak else (_AF_UNIX,)))
    if not allowed:
        return [_fail(errno.ENETDOWN)]
    if inet and not weak:
        return []
    n_left = len(allowed)
    rows: list[Instruction] = [(_EQUAL, n_left - n, 0, family) for n, family in enumerate(allowed)]
    return [*rows, _fail(errno.ENETDOWN), (_RETURN, 0, 0, _ALLOW)]


def _argument(number: int, offset: int, rows: list[Instruction]) -> list[Instruction]:
    """Judge one call by an argument; the number is loaded again afterwards."""
    body = [(_LOAD, 0, 0, offset), *rows, (_LOAD, 0, 0, _NUMBER)]
    return [(_EQUAL, 0, len(body), number), *body]


def _fail(number: int) -> Instruction:
    return (_RETURN, 0, 0, _ERRNO | number)
