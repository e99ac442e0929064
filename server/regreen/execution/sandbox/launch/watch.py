"""The first process inside: starts the program, passes signals on, and ends the run that takes too much."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterator

from . import filter as calls
from . import kernel, landlock, mounts
from .order import Order

_TICK = 0.05  # seconds between two looks at what the run takes
_FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
# Root inside of a container or a CI job often works in a tree that is not its own.
_KEPT_BY_ROOT = (0, 1, 3)  # change owner, override modes, act as owner
_COUNTED_APART = (5, 14)
_PAGE = resource.getpagesize()
_LIFETIME = 5.0  # seconds that killing may take
_DEVICES = (*(f"/dev/{name}" for name in mounts.DEVICES), "/dev/ptmx", "/dev/pts")
Told = Callable[[str], None]


def serve(order: Order, told: Told, line: socket.socket | None = None) -> int:
    """Run the program to its end and return its wait status; nothing that it started lives then.

    `line` is the connection whose end means that nobody waits any more; None where the death of this process ends
    everything by itself.
    """
    alone = os.getpid() == 1
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGCHLD, *_FORWARDED))
    _lock_down(order, alone)
    pid = _start(order, told)
    if pid == 0:
        return 0
    try:
        return _until_end(order, pid, alone, line)
    finally:
        _kill_all(alone)


def _lock_down(order: Order, alone: bool) -> None:
    if order.mode != "none":
        kernel.gain_nothing()
        kernel.drop_capabilities(_KEPT_BY_ROOT if os.getuid() == 0 else ())
    kernel.be_private()
    if not alone:
        kernel.adopt_orphans()


def _start(order: Order, told: Told) -> int:
    """Start the program and say so; return 0 when it cannot be started."""
    failed, failing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(failed)
        _become(order, failing)
    os.close(failing)
    with os.fdopen(failed, "rb") as stream:
        why = stream.read()
    if why:
        os.waitpid(pid, 0)
        told(why.decode("utf-8", "replace"))
        return 0
    told("running")
    return pid


def _become(order: Order, failing: int) -> None:
    """Turn into the program."""
    step = "folder"
    try:
        os.setsid()
        kernel.die_with_parent(signal.SIGKILL)
        os.chdir(order.cwd)
        step = "enclosure"
        _limit(order)
        if order.mode == "landlock":
            _landlock(order)
        elif order.mode != "none" and order.network == "full":
            landlock.scope()
        for number in range(3, failing):
            if number not in order.fds:
                with contextlib.suppress(OSError):
                    os.close(number)
        keep = max((failing, *order.fds)) + 1
        os.closerange(keep, max(keep, resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
        for number in order.fds:
            os.set_inheritable(number, True)
        if order.mode != "none":
            calls.install(order.mode, order.network)
        for number in (signal.SIGPIPE, signal.SIGXFSZ, *_FORWARDED):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGCHLD, *_FORWARDED))
        step = "program"
        os.execvp(order.argv[0], order.argv)
    except BaseException as error:
        number = error.errno if isinstance(error, OSError) and error.errno else 0
        os.write(failing, f"failed {number} {step} {error}".encode("utf-8", "replace")[:4000])
        raise
    finally:
        os._exit(127)


def _limit(order: Order) -> None:
    if order.mode == "none":
        return
    limits = [
        (resource.RLIMIT_FSIZE, order.file_size),
        (resource.RLIMIT_NOFILE, order.n_files),
        (resource.RLIMIT_CORE, 0),
    ]
    if order.mode != "landlock" and _COUNTED_APART <= kernel.release():
        # Without a user namespace that counts apart, the number would count all that the person runs.
        limits.append((resource.RLIMIT_NPROC, order.n_processes))
    for kind, wanted in limits:
        hard = resource.getrlimit(kind)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (value, value))


def _landlock(order: Order) -> None:
    closed = tuple(sorted({*order.hidden, *order.masked, "/dev"}))
    readable = [*landlock.all_but(closed)]
    for path in order.shown:
        readable += landlock.all_but(order.masked, path)
    # Locks between processes lie in the shared memory.
    landlock.restrict(tuple(readable), (order.root, *order.writable, "/dev/shm"), _DEVICES)


def _until_end(order: Order, pid: int, alone: bool, line: socket.socket | None) -> int:
    while True:
        found = signal.sigtimedwait((signal.SIGCHLD, *_FORWARDED), _TICK)
        if found is not None and found.si_signo != signal.SIGCHLD:
            _forward(pid, found.si_signo)
        status = _reap(pid)
        if status is not None:
            return status
        if line is not None and _is_over(line):
            return signal.SIGKILL
        excess = "" if order.mode == "none" else _excess(order, alone)
        if excess:
            os.write(2, f"\nregreen: the sandbox ended this run: {excess}.\n".encode())
            return signal.SIGKILL


def _forward(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        # The request for a stack is for the program alone; one to end is for all that it started.
        if number in (signal.SIGUSR1, signal.SIGUSR2):
            os.kill(pid, number)
        else:
            os.killpg(pid, number)


def _reap(pid: int) -> int | None:
    """Take in everything that ended; return the program's status when it is among them."""
    status = None
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            if found[0] == pid:
                status = found[1]
    return status


def _is_over(line: socket.socket) -> bool:
    try:
        return line.recv(16, socket.MSG_DONTWAIT) in (b"", b"end")
    except BlockingIOError:
        return False


def _excess(order: Order, alone: bool) -> str:
    """Say what the run takes too much of, or ""."""
    n_processes = n_pages = 0
    for pid in _family(alone):
        with contextlib.suppress(OSError, IndexError, ValueError):
            with open(f"/proc/{pid}/statm", "rb") as stream:
                _, resident, shared = stream.read().split()[:3]
            n_pages += int(resident) - int(shared)
            n_processes += 1
    if order.n_processes < n_processes:
        return f"it had more than {order.n_processes} processes"
    if order.memory < n_pages * _PAGE:
        return f"it took more than {order.memory >> 20} MiB of memory"
    return ""


def _family(alone: bool) -> Iterator[int]:
    """Return the processes of the run: all that are in sight, or the descendants."""
    if alone:
        yield from (int(name) for name in os.listdir("/proc") if name.isdecimal() and name != "1")
        return
    waiting = [os.getpid()]
    while waiting:
        with contextlib.suppress(OSError):
            pid = waiting.pop()
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children", "rb") as stream:
                    children = [int(child) for child in stream.read().split()]
                waiting += children
                yield from children


def _kill_all(alone: bool) -> None:
    """Kill until nothing is left; orphans come here, so that none can get away."""
    deadline = time.monotonic() + _LIFETIME
    while time.monotonic() < deadline:
        if alone:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        else:
            for pid in list(_family(alone)):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.002)
