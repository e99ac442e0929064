"""The order as arguments of bubblewrap."""

from __future__ import annotations

import os

from . import mounts
from .order import Order

FIRST = "import sys; sys.path.insert(0, sys.argv[1]); from launch.main import first; first(sys.argv[2:])"
_KEPT_BY_ROOT = ("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER")


def arguments(order: Order, packed: int, line: int) -> list[str]:
    """Return the command that builds the enclosure and starts its first process there."""
    made = [order.bubblewrap, "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    made += ["--die-with-parent", "--as-pid-1", "--cap-drop", "ALL"]
    if order.network != "full":
        made.append("--unshare-net")
    if os.getuid() == 0:
        # The user namespace around it maps every id; one of bubblewrap's own would map a single one.
        for name in _KEPT_BY_ROOT:
            made += ["--cap-add", name]
    else:
        made.append("--unshare-user")
    made += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    # What it freezes by itself depends on who starts it.
    for name in mounts.PROC_FROZEN:
        if os.path.exists(f"/proc/{name}"):
            made += ["--ro-bind", f"/proc/{name}", f"/proc/{name}"]
    for name in mounts.PROC_MASKED:
        if os.path.exists(f"/proc/{name}"):
            made += ["--dev-bind", "/dev/null", f"/proc/{name}"]
    for path in order.hidden:
        made += ["--perms", mounts.mode(path), "--size", str(order.tmpfs), "--tmpfs", path]
    made += _laid(order)
    made += ["--chdir", "/", "--", order.python, "-I", "-S", "-c", FIRST, _home(), str(packed), str(line)]
    return made


def _laid(order: Order) -> list[str]:
    made: list[str] = []
    for path in order.shown:
        made += ["--ro-bind", path, path]
    for path, target in order.made:
        made += ["--symlink", target, path]
    for path in (order.root, *order.layered, *order.writable):
        made += ["--bind", path, path]
    for path in (*order.inlaid, *order.frozen):
        made += ["--ro-bind", path, path]
    for path in order.masked:
        made += ["--perms", "0555", "--tmpfs", path] if os.path.isdir(path) else ["--dev-bind", "/dev/null", path]
    return made


def _home() -> str:
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
