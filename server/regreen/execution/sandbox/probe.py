"""Finds the best sandbox that works here, by trying: a version number proves nothing."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import replace

from regreen.core.confine import Enclosure, Network
from regreen.core.errors import RegreenError
from regreen.core.testing import CommandSpec
from regreen.execution.held import held_folder
from regreen.execution.process import Tree

from .sandbox import Sandbox

_SECONDS = 20.0
_CAP = 64 * 1024
# Each line that it prints is a wall that did not hold; "done" says that it came to the end.
_CANARY = """
import os, socket, sys
outside, secret, port, network, weak = sys.argv[1:]
def tried(name, attempt):
    try:
        attempt()
    except OSError:
        return
    print(name, flush=True)
def connect():
    with socket.socket() as line:
        line.settimeout(2)
        line.connect(("127.0.0.1", int(port)))
open("inside", "w").close()
try:
    open(outside, "w").close()  # may well work, in a private place: whoever started this looks for the file
except OSError:
    pass
tried("it can write in /etc", lambda: (os.mkdir("/etc/regreen-canary"), os.rmdir("/etc/regreen-canary")))
tried("it can read what is hidden", lambda: open(secret).close())
if network != "full":
    tried("it can reach this machine by network", connect)
if network == "loopback" and not weak:
    door = socket.create_server(("127.0.0.1", 0))
    socket.create_connection(door.getsockname(), 2).close()
print("done", flush=True)
"""


def open_sandbox(network: Network = Network.LOOPBACK) -> Sandbox:
    """Return the best sandbox that works on this machine, with the reasons why a better one does not.

    Where none works its name is "none", and it starts nothing that is to be confined.
    """
    reasons: list[str] = []
    for name, unfit in _KINDS:
        sandbox = Sandbox(name, network, tuple(reasons))
        why = unfit() or canary(sandbox)
        if not why:
            return _with_weakness(sandbox)
        bare = replace(sandbox, caches=False, reasons=(*reasons, _NO_CACHES))
        if name in _WITH_CACHES and not unfit() and not canary(bare):
            return bare
        reasons.append(f"{_TITLES[name]} does not work here: {why}.")
    return Sandbox("none", network, tuple(reasons))


def canary(sandbox: Sandbox) -> str:
    """Run a program that tries to get out; return what it managed or why it could not run, "" when all walls hold."""
    with held_folder("regreen-probe-") as folder, socket.create_server(("127.0.0.1", 0)) as door:
        (folder / "tree").mkdir()
        (folder / "cache").mkdir()
        (folder / "secret").write_text("secret")
        words = (str(folder / "outside"), str(folder / "secret"), str(door.getsockname()[1]), sandbox.network.value)
        weak = "weak" if sandbox.name == "landlock" else ""
        spec = CommandSpec(
            (sys.executable, "-I", "-S", "-c", _CANARY, *words, weak),
            str(folder / "tree"),
            timeout=_SECONDS,
            enclosure=Enclosure.at(str(folder / "tree")),
        )
        said = _run(sandbox, spec, str(folder / "cache") if sandbox.caches else "")
        leaked = ["it can write outside of the workbench"] if (folder / "outside").exists() else []
        return ", ".join([*leaked, *([said] if said else [])])


def _run(sandbox: Sandbox, spec: CommandSpec, cache: str) -> str:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "GOCACHE": cache}
    try:
        with Tree(spec, environment, _CAP, sandbox.start) as tree:
            code = tree.wait(spec.timeout)
            tree.kill()
            said, complained = tree.output
    except RegreenError as error:
        return error.message.rstrip(".")
    lines = said.split("\n")[:-1]
    if code is None:
        return "it does not end"
    if code != 0 or lines[-1:] != ["done"]:
        last = [line for line in complained.splitlines() if line.strip()]
        return last[-1].strip()[:200].rstrip(".") if last else f"it ended with {code}"
    return ", ".join(lines[:-1])


def _no_bubblewrap() -> str:
    if sys.platform != "linux":
        return "it is for Linux"
    return "" if shutil.which("bwrap") else "there is no program bwrap"


def _no_namespaces() -> str:
    return "" if sys.platform == "linux" else "they are for Linux"


def _no_landlock() -> str:
    if sys.platform != "linux":
        return "it is for Linux"
    # Its system calls are looked up when it is loaded, and only Linux has them.
    from .launch import landlock

    spoken = landlock.version()
    return "" if landlock.OLDEST <= spoken else f"the kernel speaks version {spoken} of it, {landlock.OLDEST} is needed"


def _with_weakness(sandbox: Sandbox) -> Sandbox:
    if sandbox.name != "landlock":
        return sandbox
    lacks = (
        "Landlock alone is weak: a run has no network at all, and can change modes and times outside and .git inside."
    )
    network = Network.FULL if sandbox.network is Network.FULL else Network.NONE
    return replace(sandbox, network=network, reasons=(*sandbox.reasons, lacks))


_NO_CACHES = "No layer can be laid over caches here, so they are empty inside, and builds take longer."
_WITH_CACHES = ("bubblewrap", "namespaces")
_TITLES = {"bubblewrap": "Bubblewrap", "namespaces": "The sandbox of Regreen's own", "landlock": "Landlock"}
_KINDS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("bubblewrap", _no_bubblewrap),
    ("namespaces", _no_namespaces),
    ("landlock", _no_landlock),
)
