"""The keeper: a small process whose namespaces hold the overlay. When it ends, the overlay is gone.

Started as a program of its own (`python -I -S keeper_process.py PARENT WORKSPACE BENCH [LAYER ...]`), since a process
with threads cannot enter a user namespace. It answers one line with one line:

    (at the start)  -> "unshared"           then the parent maps the user ids from outside
    "mount NAME"    -> "ok DEVICE"          an overlay over WORKSPACE, its upper layer in BENCH/NAME, any older one gone
                    -> "error ERRNO WHAT"   and the keeper ends: a half-made place is none

It ends when its standard input closes or its parent is gone. Standard library only.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import sys

ENTER = "enter namespaces of its own"
PRIVATE = "keep its mounts to itself"

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x1, 0x20, 0x1000, 0x4000, 0x40000
_MNT_DETACH = 2
_EINVAL = 22
# statvfs flag -> mount flag: what a mount may not lose when a namespace of ours remounts it.
_KEPT_FLAGS = ((0x2, 0x2), (0x4, 0x4), (0x8, 0x8), (0x400, 0x400), (0x800, 0x800), (0x1000, 0x200000))
# Without volatile, each unmounting waits until the whole disk is written. Kernels before 5.10 do not know it.
_OPTIONS = ("userxattr,volatile", "userxattr")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class Failed(Exception):
    """A system call failed: its number and what it was for."""


class System:
    """The three system calls that Python does not have."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)

    def unshare(self) -> None:
        """Enter a user and a mount namespace of our own."""
        self._check(self._libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS), ENTER)

    def mount(self, what: bytes, where: bytes, kind: bytes, flags: int, options: bytes, purpose: str) -> None:
        """Mount."""
        self._check(self._libc.mount(what, where, kind, ctypes.c_ulong(flags), options), purpose)

    def unmount(self, where: bytes) -> None:
        """Unmount, even if somebody stands in it."""
        self._check(self._libc.umount2(where, _MNT_DETACH), "unmount the overlay")

    def _check(self, result: int, purpose: str) -> None:
        if result < 0:
            raise Failed(ctypes.get_errno(), purpose)


class Keeper:
    """The place of one workspace."""

    def __init__(self, workspace: bytes, bench: bytes, layers: list[bytes]) -> None:
        self._system = System()
        self._workspace, self._bench, self._layers = workspace, bench, layers
        self._lowers: list[int] = []
        self._is_mounted = False

    def unshare(self) -> None:
        """Leave the namespaces of everybody else."""
        self._system.unshare()

    def mount(self, name: bytes) -> int:
        """Lay a fresh upper layer over the workspace; return the device number of what stands there then."""
        if not self._lowers:
            self._prepare()
        if self._is_mounted:
            self._system.unmount(self._workspace)
            self._is_mounted = False
        folder = os.path.join(self._bench, name)  # noqa: PTH118 - bytes, which need not be text
        opened = [os.open(os.path.join(folder, part), _FOLDER) for part in (b"upper", b"work")]  # noqa: PTH118
        try:
            self._overlay(*opened)
        finally:
            for descriptor in opened:
                os.close(descriptor)
        self._is_mounted = True
        return os.stat(self._workspace).st_dev  # noqa: PTH116 - bytes

    def _prepare(self) -> None:
        system, workspace = self._system, self._workspace
        system.mount(b"none", b"/", b"", _MS_REC | _MS_PRIVATE, b"", PRIVATE)
        # Below the overlay lies a view of the workspace that cannot be written: should the overlay ever be missing,
        # a write fails rather than reaching the person's files.
        system.mount(workspace, workspace, b"", _MS_BIND, b"", "show the workspace read-only")
        kept = os.statvfs(workspace).f_flag
        flags = _MS_REMOUNT | _MS_BIND | _MS_RDONLY
        for seen, flag in _KEPT_FLAGS:
            flags |= flag if kept & seen else 0
        system.mount(b"none", workspace, b"", flags, b"", "show the workspace read-only")
        self._lowers = [os.open(layer, _FOLDER) for layer in [*self._layers, workspace]]

    def _overlay(self, upper: int, work: int) -> None:
        # By descriptor: in a mount's options some characters of a path have a meaning, and their length is limited.
        lowers = ":".join(f"/proc/self/fd/{lower}" for lower in self._lowers)
        layers = f"lowerdir={lowers},upperdir=/proc/self/fd/{upper},workdir=/proc/self/fd/{work}"
        for options in _OPTIONS:
            try:
                self._mount(f"{layers},{options}")
            except Failed as error:
                if error.args[0] != _EINVAL or options is _OPTIONS[-1]:
                    raise
            else:
                return

    def _mount(self, options: str) -> None:
        self._system.mount(b"overlay", self._workspace, b"overlay", 0, options.encode(), "mount an overlay")


def serve(keeper: Keeper, parent: int) -> None:
    """Answer until the parent has gone."""
    poll = select.poll()
    poll.register(0, select.POLLIN)
    with contextlib.suppress(OSError):  # Forbidden in some containers: then the end of the input alone must do.
        poll.register(os.pidfd_open(parent), select.POLLIN)
    if os.getppid() != parent:
        return
    keeper.unshare()
    os.write(1, b"unshared\n")
    unread = b""
    while {descriptor for descriptor, _ in poll.poll()} == {0}:
        received = os.read(0, 4096)
        if not received:
            return
        *lines, unread = (unread + received).split(b"\n")
        for line in lines:
            device = keeper.mount(line.partition(b" ")[2])
            os.write(1, b"ok %d\n" % device)


def main(arguments: list[bytes]) -> int:
    """Keep a place until nobody wants it any more."""
    parent, workspace, bench, *layers = arguments
    try:
        serve(Keeper(workspace, bench, layers), int(parent))
    except Failed as failed:
        number, purpose = failed.args
        os.write(1, b"error %d %s\n" % (number, purpose.encode()))
        return 1
    except OSError as error:
        os.write(1, b"error %d open its folders\n" % (error.errno or 0))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main([os.fsencode(argument) for argument in sys.argv[1:]]))
