"""The filter of system calls, run by a small machine of our own: the same judgements on every architecture."""

from __future__ import annotations

import errno

import pytest

from regreen.execution.sandbox.launch.filter import ARCHITECTURES, Instruction, assemble

ALLOWED = 0
X32 = 0x40000000
CLONE, CLONE3, SOCKET, IOCTL, UNSHARE = ["clone", "clone3", "socket", "ioctl", "unshare"]
NUMBERS = {
    "x86_64": {"read": 0, CLONE: 56, CLONE3: 435, SOCKET: 41, "socketpair": 53, IOCTL: 16, UNSHARE: 272, "execve": 59,
               "mount": 165, "ptrace": 101, "keyctl": 250, "io_uring_setup": 425, "umount2": 166, "setns": 308},
    "aarch64": {"read": 63, CLONE: 220, CLONE3: 435, SOCKET: 198, "socketpair": 199, IOCTL: 29, UNSHARE: 97,
                "execve": 221, "mount": 40, "ptrace": 117, "keyctl": 219, "io_uring_setup": 425, "umount2": 39,
                "setns": 268},
}  # fmt: skip
UNIX, INET, INET6, NETLINK, PACKET = 1, 2, 10, 16, 17
THREAD, FORK, NEW_USER, NEW_NET = 0x3D0F00, 0x1200011, 0x10000011, 0x40000011


def judge(program: list[Instruction], audit: int, number: int, *arguments: int) -> int:
    """Run a program; return 0 when the call is allowed, else the error that it gets."""
    seen = {0: number, 4: audit, **{16 + 8 * n: value for n, value in enumerate(arguments)}}
    held, place = 0, 0
    while True:
        code, if_true, if_false, value = program[place]
        place += 1
        if code == 0x20:
            held = seen.get(value, 0)
        elif code == 0x06:
            return ALLOWED if value == 0x7FFF0000 else value & 0xFFFF
        else:
            holds = {0x15: held == value, 0x35: value <= held, 0x45: bool(held & value)}[code]
            place += if_true if holds else if_false


CALLS = """
read                 | -                    | -
execve               | -                    | -
socketpair {UNIX}    | -                    | -
clone {THREAD}       | -                    | -
clone {FORK}         | -                    | -
clone {NEW_USER}     | EPERM                | EPERM
clone {NEW_NET}      | EPERM                | EPERM
unshare {NEW_USER}   | EPERM                | EPERM
unshare 0            | -                    | -
clone3               | ENOSYS               | ENOSYS
io_uring_setup       | ENOSYS               | ENOSYS
mount                | EPERM                | EPERM
umount2              | EPERM                | EPERM
setns                | EPERM                | EPERM
keyctl               | EPERM                | EPERM
ptrace               | -                    | EPERM
ioctl 1 21505        | -                    | -
ioctl 0 21522        | EPERM                | EPERM
"""
SOCKETS = """
                | UNIX    | INET    | INET6   | NETLINK | PACKET
namespaces none | -       | ENETDOWN| ENETDOWN| ENETDOWN| ENETDOWN
namespaces loopback | -   | -       | -       | -       | -
namespaces full | -       | -       | -       | -       | -
landlock loopback | ENETDOWN | ENETDOWN | ENETDOWN | ENETDOWN | ENETDOWN
landlock none   | ENETDOWN| ENETDOWN| ENETDOWN| ENETDOWN| ENETDOWN
landlock full   | ENETDOWN| -       | -       | ENETDOWN| ENETDOWN
"""


def check(machine: str, mode: str, network: str, call: str, expected: str) -> None:
    name, *words = call.split()
    arguments = [int(str(globals().get(word.strip("{}"), word))) for word in words]
    program = assemble(machine, mode, network)
    found = judge(program, ARCHITECTURES[machine][1], NUMBERS[machine][name], *arguments)
    assert (errno.errorcode[found] if found else "-") == expected, (machine, mode, network, call)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_calls_are_judged_by_name_and_argument(machine: str) -> None:
    for row in CALLS.strip().splitlines():
        call, strong, weak = (cell.strip() for cell in row.split("|"))
        check(machine, "namespaces", "loopback", call, strong)
        check(machine, "bubblewrap", "full", call, strong)
        check(machine, "landlock", "loopback", call, weak)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_sockets_are_judged_by_family(machine: str) -> None:
    header, *rows = SOCKETS.strip("\n").splitlines()
    families = [cell.strip() for cell in header.split("|")[1:]]
    for row in rows:
        kind, *cells = (cell.strip() for cell in row.split("|"))
        mode, network = kind.split()
        for family, expected in zip(families, cells, strict=True):
            check(machine, mode, network, f"socket {{{family}}}", expected)


def test_calls_of_another_architecture_are_refused() -> None:
    program = assemble("x86_64", "namespaces", "loopback")
    assert judge(program, ARCHITECTURES["aarch64"][1], 0) == errno.EPERM
    assert judge(program, ARCHITECTURES["x86_64"][1], X32 | 1) == errno.ENOSYS


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_every_jump_stays_inside_and_every_road_ends(machine: str) -> None:
    for mode in ("namespaces", "landlock"):
        for network in ("none", "loopback", "full"):
            program = assemble(machine, mode, network)
            assert len(program) < 4096
            assert program[-1][0] == 0x06
            for place, (code, if_true, if_false, _) in enumerate(program):
                assert code == 0x06 or place + 1 + max(if_true, if_false) < len(program)
