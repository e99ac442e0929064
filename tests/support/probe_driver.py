"""Sets up what a sandbox keeps from a run, lets the probes try to reach it, and looks what they reached.

Started as a program, as the user whose sandbox is probed. Prints one JSON object: probe -> "blocked" or "open".
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from regreen.core.cancel import Cancellation
from regreen.core.confine import Enclosure, Network
from regreen.core.testing import CommandSpec
from regreen.execution import LocalExecutor, Sandbox, without_sandbox

PROBES = str(Path(__file__).with_name("probes.py"))
SLEEP = "import time; time.sleep(600)"


@dataclass(frozen=True)
class Stage:
    """What lies on the machine while the probes run."""

    base: Path
    visible: Path  # a folder of this user's that no rule hides
    strange: str  # a file in the tree that belongs to somebody else, "" when that cannot be had

    @property
    def tree(self) -> Path:
        return self.base / "work" / "tree"

    @property
    def home(self) -> Path:
        return self.base / "home"


def main(kind: str, visible: str) -> None:
    """Probe one kind of sandbox."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="probe-") as name:
        stage = _lay(Path(name).resolve(), Path(visible))
        os.environ["HOME"] = str(stage.home)
        print(json.dumps(_probe(stage, kind), sort_keys=True))


def _lay(base: Path, visible: Path) -> Stage:
    texts = {
        "home/.ssh/id_ed25519": "secret", "home/.cargo/credentials.toml": "secret", "home/.cargo/bin/tool": "tool",
        "home/.bashrc": "mine", "home/.cache/go-build/old": "old", "work/neighbour": "mine",
        "work/tree/.git/HEAD": "ref: refs/heads/main", "work/tree/.git/config": "mine",
        "work/tree/.git/hooks/sample": "", "work/tree/nested/.git/config": "mine", "work/tree/strange": "theirs",
    }  # fmt: skip
    for path, text in texts.items():
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_text(text)
    visible.mkdir(exist_ok=True)
    (visible / "file").write_text("mine")
    (visible / "file").chmod(0o640)
    strange = base / "work" / "tree" / "strange"
    if os.getuid() == 0:
        os.chown(strange, 4321, 4321)
        strange.chmod(0o600)
    return Stage(base, visible, str(strange) if os.getuid() == 0 else "")


def _probe(stage: Stage, kind: str) -> dict[str, str]:
    secret, mark = secrets.token_hex(8), secrets.token_hex(8)
    with _world(stage, secret) as (place, udp, victim), tempfile.TemporaryDirectory() as scratch:
        place = {**place, "scratch": scratch, "secret": secret, "mark": mark}
        before = _state(stage)
        # Where this checkout lies may be hidden inside.
        probes = shutil.copy(PROBES, scratch)
        spec = CommandSpec(
            (sys.executable, "-I", "-S", probes, json.dumps(place)),
            str(stage.tree),
            timeout=120,
            enclosure=Enclosure.at(str(stage.tree)),
            writable=(scratch,),
        )
        raw = LocalExecutor(sandbox=_sandbox(kind)).run(Cancellation(), spec)
        found = {name: said for name, said, _ in map(json.loads, raw.stdout.splitlines())}
        if raw.exit_code != 0:
            raise SystemExit(f"{raw.ended} {raw.exit_code} {raw.stdout[-2000:]} {raw.stderr[-2000:]}")
        # Some probes seem to succeed, in a place of their own. What counts is what became of the real thing.
        after = _state(stage)
        real = {name: "blocked" if before[name] == after[name] else "open" for name in before}
        real["kill a process outside"] = "blocked" if victim.poll() is None else "open"
        real["send a datagram to this machine"] = "open" if _arrived(udp) else "blocked"
        real["leave a process behind"] = "open" if _lives(mark) else "blocked"
        return {**found, **real}


def _sandbox(kind: str) -> Sandbox:
    if kind == "none":
        return without_sandbox()
    name, _, network = kind.partition("+")
    return Sandbox(name, Network(network or "loopback"))


@contextlib.contextmanager
def _world(stage: Stage, secret: str) -> Iterator[tuple[dict[str, str], socket.socket, subprocess.Popen[bytes]]]:
    """Open what can be reached by network, and start a process with a secret."""
    abstract = secrets.token_hex(8)
    with contextlib.ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        udp.setblocking(False)
        for address in (f"{stage.base}/hidden.sock", f"{stage.visible}/docker.sock", "\0" + abstract):
            if not address.startswith("\0"):
                Path(address).unlink(missing_ok=True)
            door = stack.enter_context(socket.socket(socket.AF_UNIX))
            door.bind(address)
            door.listen()
        environment = {"PROBE_SECRET": secret}
        victim = stack.enter_context(subprocess.Popen([sys.executable, "-I", "-S", "-c", SLEEP], env=environment))
        stack.callback(victim.kill)
        place = {
            "visible": str(stage.visible), "home": str(stage.home), "victim": str(victim.pid), "uid": str(os.getuid()),
            "tcp": str(tcp.getsockname()[1]), "udp": str(udp.getsockname()[1]), "abstract": abstract,
            "hidden_socket": f"{stage.base}/hidden.sock", "strange": stage.strange,
        }  # fmt: skip
        yield place, udp, victim


def _state(stage: Stage) -> dict[str, object]:
    """Return, by probe, what it would have changed."""
    file = stage.visible / "file"
    return {
        "write in /etc": Path("/etc/regreen-probe").exists(),
        "write in home": (stage.home / "probe").exists(),
        "write a shell's start file": (stage.home / ".bashrc").read_text(),
        "write an installed tool": (stage.home / ".cargo" / "bin" / "tool").read_text(),
        "write beside the tree": (stage.base / "work" / "beside").exists(),
        "write in a visible folder": (stage.visible / "probe").exists(),
        "write through a link": (stage.visible / "linked").exists(),
        "write through a hard link": file.read_text() if file.exists() else None,
        "write through /proc/self/root": (stage.visible / "root").exists(),
        "write through /proc/1/root": (stage.visible / "root1").exists(),
        "change a mode outside": file.stat().st_mode if file.exists() else None,
        "change times outside": file.stat().st_mtime if file.exists() else None,
        "remove a file outside": file.exists(),
        "a cache is changed": (stage.home / ".cache" / "go-build" / "new").exists(),
    }


def _arrived(udp: socket.socket) -> bool:
    try:
        return bool(udp.recv(16))
    except BlockingIOError:
        return False


def _lives(mark: str) -> bool:
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and mark.encode() in (entry / "cmdline").read_bytes():
                return True
    return False


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
