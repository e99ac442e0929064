"""The leader of a confined run: builds the enclosure, and ends as the program ended."""

from __future__ import annotations

import errno
import os
import signal
import socket
import struct
import sys

from . import bubblewrap, kernel, mounts, watch
from . import filter as calls
from .order import OF_NAMESPACES, Order, read_order

_PASS_CREDENTIALS, _CREDENTIALS = 16, 2
_PREFIX = 128


def main(arguments: list[str]) -> None:
    """Carry out the order in a descriptor, and tell its progress through another one."""
    packed, line = (int(argument) for argument in arguments)
    order = read_order(packed)
    os.set_inheritable(line, False)
    os.set_inheritable(packed, False)
    told = socket.socket(fileno=line)
    try:
        if order.mode != "none" and kernel.machine() not in calls.ARCHITECTURES:
            raise OSError(errno.ENOSYS, f"the system calls of {kernel.machine()} are not known")
        status = _alone(order, packed, told) if order.mode in OF_NAMESPACES else _beside(order, told)
    except OSError as error:
        told.send(f"failed {error.errno or 0} enclosure {error}".encode()[:4000])
        status = _PREFIX << 8
    end_as(status)


def first(arguments: list[str]) -> None:
    """Be the first process of a process namespace that bubblewrap made: start the program, and tell the leader."""
    packed, line = (int(argument) for argument in arguments)
    order = read_order(packed)
    os.close(packed)
    os.set_inheritable(line, False)
    _serve(order, socket.socket(fileno=line))


def end_as(status: int) -> None:
    """End this process as another one ended, by exit code or by signal."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (number,))
        os.kill(os.getpid(), number)
    sys.stdout.flush()
    os._exit(os.waitstatus_to_exitcode(status))


class _Inner:
    """The first process inside, as the leader knows it."""

    def __init__(self) -> None:
        self.pid = 0  # as seen from here; 0 before it has spoken

    def forward(self, number: int, _: object) -> None:
        """Pass a signal on; before there is anybody to take it, it ends this process and with it the enclosure."""
        if self.pid:
            os.kill(self.pid, number)
        else:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)


def _beside(order: Order, told: socket.socket) -> int:
    """Start the program without a process namespace: this process adopts what it leaves behind."""
    # The end of the other side of the line says that nobody waits; dying at once would leave orphans.
    kernel.die_with_parent(0)
    if order.keeper:
        mounts.enter(order)
    return watch.serve(order, lambda text: _tell(told, text), told)


def _alone(order: Order, packed: int, told: socket.socket) -> int:
    """Start the program in a process namespace: with its first process everything in it ends."""
    mounts.enter(order)
    mounts.lay_caches(order)
    # Changing the user namespace takes the request back that was made before the start.
    kernel.die_with_parent(signal.SIGKILL)
    if os.getppid() != order.parent:
        os._exit(_PREFIX)
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    near.setsockopt(socket.SOL_SOCKET, _PASS_CREDENTIALS, 1)
    inner = _Inner()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, inner.forward)
    child = _bubblewrapped(order, packed, far) if order.mode == "bubblewrap" else _unshared(order, near, far)
    far.close()
    status = _listen(near, told, inner)
    os.waitpid(child, 0)
    return status


def _listen(near: socket.socket, told: socket.socket, inner: _Inner) -> int:
    """Pass on what the first process says, until it says how the program ended."""
    status = int(signal.SIGKILL)
    while True:
        text, ancillary, _, _ = near.recvmsg(4096, 64)
        if not text:
            return status
        if text.startswith(b"ended "):
            status = int(text[6:])
            inner.pid = 0
            return status
        if text == b"running":
            inner.pid = struct.unpack("3i", ancillary[0][2][:12])[0]
            text += b" %d" % inner.pid
        told.send(text)


def _unshared(order: Order, near: socket.socket, far: socket.socket) -> int:
    new = kernel.NEWNS | kernel.NEWPID | kernel.NEWIPC | kernel.NEWUTS | kernel.NEWCGROUP
    if order.network != "full":
        new |= kernel.NEWNET
    kernel.unshare(new)
    child = os.fork()
    if child == 0:
        near.close()
        try:
            kernel.die_with_parent(signal.SIGKILL)
            os.setsid()
            if order.network == "loopback":
                kernel.raise_loopback()
            mounts.build(order)
        except OSError as error:
            far.send(f"failed {error.errno or 0} enclosure {error}".encode()[:4000])
            os._exit(_PREFIX)
        _serve(order, far)
    return child


def _bubblewrapped(order: Order, packed: int, far: socket.socket) -> int:
    child = os.fork()
    if child == 0:
        os.setsid()
        kernel.die_with_parent(signal.SIGKILL)
        for number in (packed, far.fileno(), *order.fds):
            os.set_inheritable(number, True)
        os.execv(order.bubblewrap, bubblewrap.arguments(order, packed, far.fileno()))
    return child


def _serve(order: Order, line: socket.socket) -> None:
    kernel.die_with_parent(signal.SIGKILL)
    status = watch.serve(order, lambda text: _tell(line, text))
    _tell(line, f"ended {status}")
    os._exit(0)


def _tell(line: socket.socket, text: str) -> None:
    try:
        line.send(text.encode())
    except BrokenPipeError:
        # Nobody waits any more, and the end of whoever did ends this process as well.
        return
