"""Mounts: enters the namespaces of the tree, and builds a root in which only that tree can be written."""

from __future__ import annotations

import contextlib
import os

from . import kernel
from .order import Order

_BASE = "/tmp"  # every system has it; what is laid over it is seen by nobody else
_NEW, _OLD = "/new", "/old"
_FIXED = kernel.NO_SETUID | kernel.NO_DEVICES
DEVICES = ("full", "null", "random", "tty", "urandom", "zero")
_LINKS = (("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
          ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx"), ("core", "/proc/kcore"))  # fmt: skip
# What the kernel lets its own root write, whatever the namespace.
PROC_FROZEN = ("acpi", "bus", "fs", "irq", "scsi", "sys", "sysrq-trigger", "tty")
PROC_MASKED = ("kcore", "keys", "timer_list", "sched_debug")


def enter(order: Order) -> None:
    """Get user and mount namespaces: those of the tree's keeper, or new ones with the tree shown in its place.

    Raises:
        OSError: the kernel refuses, or the keeper is gone.
    """
    if order.keeper:
        user = os.stat(f"/proc/{order.keeper}/ns/user")
        if not os.path.samestat(user, os.stat("/proc/self/ns/user")):
            kernel.join(order.keeper, "user")
        kernel.join(order.keeper, "mnt")
        return
    _new_user_namespace()
    kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    if order.tree != order.root:
        _show_copy(order)


def lay_caches(order: Order) -> None:
    """Lay a layer in memory over each cache: reads find what is there, writes are gone afterwards."""
    if not order.layered:
        return
    # A mount of its own below the base, so that the layers are seen by no program.
    kernel.unshare(kernel.NEWNS)
    kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    opened = [os.open(path, os.O_PATH | os.O_DIRECTORY) for path in order.layered]
    kernel.mount("tmpfs", _BASE, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, f"mode=0700,size={order.tmpfs}")
    for n, lower in enumerate(opened):
        upper, work = f"{_BASE}/{n}u", f"{_BASE}/{n}w"
        os.mkdir(upper)
        os.mkdir(work)
        options = f"lowerdir=/proc/self/fd/{lower},upperdir={upper},workdir={work},userxattr"
        # Laid over its own lower folder, which stays reachable by the descriptor until the mount holds it.
        kernel.mount("overlay", f"/proc/self/fd/{lower}", "overlay", 0, options)
        os.close(lower)
    kernel.unmount(_BASE)


def build(order: Order) -> None:
    """Build the root and move into it. Runs as the first process of a new process namespace."""
    flags = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", _BASE, "tmpfs", flags, "mode=0755")
    os.mkdir(_BASE + _NEW)
    os.mkdir(_BASE + _OLD)
    kernel.bind(_BASE + _NEW, _BASE + _NEW)
    kernel.pivot_root(_BASE, _BASE + _OLD)
    os.chdir("/")
    kernel.bind(_OLD, _NEW)
    kernel.restrict_mount(_NEW, _FIXED | kernel.READ_ONLY)
    for path in order.hidden:
        kernel.mount("tmpfs", _NEW + path, "tmpfs", flags, f"mode={mode(path)},size={order.tmpfs}")
    _lay(order)
    _proc()
    _devices()
    for path in order.masked:
        _mask(path)
    kernel.unmount(_OLD)
    os.chdir(_NEW)
    kernel.pivot_root(".", ".")
    kernel.unmount(".")
    os.chdir("/")


def _show_copy(order: Order) -> None:
    """Show the copy in the original's place, and in it what it lacks, from the original."""
    lacking = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in order.inlaid if os.path.exists(path)]
    kernel.bind(order.tree, order.root)
    for path, original in lacking:
        _make_place(path, is_folder=os.path.isdir(f"/proc/self/fd/{original}"))
        kernel.bind(f"/proc/self/fd/{original}", path)
        os.close(original)


def _new_user_namespace() -> None:
    """Get new user and mount namespaces in which every id is what it is outside."""
    ids = (os.getuid(), os.getgid())
    if ids[0] != 0:
        kernel.unshare(kernel.NEWUSER | kernel.NEWNS)
        _write("/proc/self/setgroups", "deny")
        for name, number in zip(("uid_map", "gid_map"), ids, strict=True):
            _write(f"/proc/self/{name}", f"{number} {number} 1")
        return
    # Only a process outside may map more than one id.
    mine, theirs = os.pipe()
    done, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(theirs)
        if not os.read(mine, 1):
            os._exit(1)
        for name in ("uid_map", "gid_map"):
            _write(f"/proc/{os.getppid()}/{name}", _same_ids(name))
        os.write(told, b".")
        os._exit(0)
    os.close(told)
    try:
        kernel.unshare(kernel.NEWUSER | kernel.NEWNS)
    except OSError:
        os.close(theirs)
        os.waitpid(pid, 0)
        raise
    os.write(theirs, b".")
    mapped = os.read(done, 1)
    os.waitpid(pid, 0)
    for descriptor in (mine, theirs, done):
        os.close(descriptor)
    if not mapped:
        raise PermissionError(1, "the ids cannot be mapped")


def _same_ids(name: str) -> str:
    with open(f"/proc/self/{name}", encoding="ascii") as stream:
        rows = [line.split() for line in stream]
    return "".join(f"{inside} {inside} {count}\n" for inside, _, count in rows)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as stream:
        stream.write(text)


def _lay(order: Order) -> None:
    """Show in the new root what is to be seen, each from the old one."""
    for path in order.shown:
        _show(path, kernel.READ_ONLY)
    for path, target in order.made:
        os.makedirs(os.path.dirname(_NEW + path), exist_ok=True)
        os.symlink(target, _NEW + path)
    for path in (order.root, *order.layered, *order.writable):
        _show(path, 0)
    for path in (*order.inlaid, *order.frozen):
        _show(path, kernel.READ_ONLY)


def _show(path: str, attributes: int) -> None:
    source, target = _OLD + path, _NEW + path
    _make_place(target, is_folder=os.path.isdir(source))
    kernel.bind(source, target)
    kernel.restrict_mount(target, _FIXED | attributes)


def _make_place(path: str, *, is_folder: bool) -> None:
    """Make what something can be mounted on, where there is nothing yet."""
    if os.path.exists(path):
        return
    if is_folder:
        os.makedirs(path)
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _mask(path: str) -> None:
    target = _NEW + path
    if os.path.isdir(target):
        kernel.mount("tmpfs", target, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_RDONLY, "mode=0555")
    elif os.path.lexists(target):
        kernel.bind(f"{_OLD}/dev/null", target)


def _proc() -> None:
    proc = f"{_NEW}/proc"
    kernel.mount("proc", proc, "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    for name in PROC_FROZEN:
        path = f"{proc}/{name}"
        if os.path.exists(path):
            kernel.bind(path, path)
            kernel.restrict_mount(path, kernel.READ_ONLY)
    for name in PROC_MASKED:
        if os.path.exists(f"{proc}/{name}"):
            kernel.bind(f"{_OLD}/dev/null", f"{proc}/{name}")


def _devices() -> None:
    dev = f"{_NEW}/dev"
    kernel.mount("tmpfs", dev, "tmpfs", kernel.MS_NOSUID, "mode=0755,size=1m")
    for name in DEVICES:
        with contextlib.suppress(FileNotFoundError):
            os.stat(f"{_OLD}/dev/{name}")
            os.close(os.open(f"{dev}/{name}", os.O_CREAT | os.O_WRONLY, 0o600))
            kernel.bind(f"{_OLD}/dev/{name}", f"{dev}/{name}")
    for name, target in _LINKS:
        os.symlink(target, f"{dev}/{name}")
    for name in ("pts", "shm"):
        os.mkdir(f"{dev}/{name}")
    kernel.mount("tmpfs", f"{dev}/shm", "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=1777")
    options = "newinstance,ptmxmode=0666,mode=0620"
    kernel.mount("devpts", f"{dev}/pts", "devpts", kernel.MS_NOSUID | kernel.MS_NOEXEC, options)


def mode(path: str) -> str:
    """Return the mode of a hidden folder."""
    return "1777" if path.endswith("tmp") else "0755"
