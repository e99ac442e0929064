"""Attempts to get out of a sandbox. Run inside of it by a bare interpreter: standard library only.

Each probe raises OSError when it meets a wall. What it leaves for a look from outside is named by the driver.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import pty
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

Probe = Callable[[], object]
_LIBC = ctypes.CDLL(None, use_errno=True)
_NUMBERS = {"x86_64": (425, 321, 250, 56), "aarch64": (425, 280, 219, 220)}[os.uname().machine]


def main(place: dict[str, str]) -> None:
    """Try everything, and print what was possible."""
    for name, probe in {**_escapes(place), **_works(place)}.items():
        try:
            probe()
        except (OSError, subprocess.SubprocessError) as error:
            print(json.dumps([name, "blocked", str(error)]), flush=True)
        else:
            print(json.dumps([name, "open", ""]), flush=True)


def _escapes(at: dict[str, str]) -> dict[str, Probe]:
    visible, host = at["visible"], int(at["victim"])
    return {
        "write in /etc": lambda: _write("/etc/regreen-probe"),
        "write in home": lambda: _write(f"{at['home']}/probe"),
        "write a shell's start file": lambda: _write(f"{at['home']}/.bashrc"),
        "write beside the tree": lambda: _write("../beside"),
        "write in a visible folder": lambda: _write(f"{visible}/probe"),
        "write a git hook": lambda: _write(".git/hooks/pre-commit"),
        "write git's configuration": lambda: _write(".git/config"),
        "rename .git": lambda: (Path(".git").rename(".gone"), Path(".gone").rename(".git")),
        "write a nested repository's configuration": lambda: _write("nested/.git/config"),
        "write through a link": lambda: _through_link(visible),
        "write through a hard link": lambda: _through_hard_link(visible),
        "write through /proc/self/root": lambda: _write(f"/proc/self/root{visible}/root"),
        "write through /proc/1/root": lambda: _write(f"/proc/1/root{visible}/root1"),
        "write an installed tool": lambda: _write(f"{at['home']}/.cargo/bin/tool"),
        "change a mode outside": lambda: Path(f"{visible}/file").chmod(0o777),
        "change times outside": lambda: os.utime(f"{visible}/file", (1, 1)),
        "truncate a file outside": lambda: os.truncate(f"{visible}/file", 0),
        "remove a file outside": lambda: Path(f"{visible}/file").unlink(),
        "connect to this machine": lambda: _connect(socket.AF_INET, ("127.0.0.1", int(at["tcp"]))),
        "send a datagram to this machine": lambda: _datagram(("127.0.0.1", int(at["udp"])), b"probe"),
        "ask a name server": lambda: _datagram(("192.0.2.1", 53), b"probe"),
        "connect to a hidden socket": lambda: _connect(socket.AF_UNIX, at["hidden_socket"]),
        "connect to a visible socket": lambda: _connect(socket.AF_UNIX, f"{visible}/docker.sock"),
        "connect to an abstract socket": lambda: _connect(socket.AF_UNIX, "\0" + at["abstract"]),
        "signal a process outside": lambda: os.kill(host, 0),
        "kill a process outside": lambda: os.kill(host, 9),
        "trace a process outside": lambda: _call(_LIBC.ptrace(16, host, None, None)),
        "read a process's memory outside": lambda: _read(f"/proc/{host}/mem", 0),
        "read a process's environment outside": lambda: _environments(at["secret"]),
        "read an ssh key": lambda: _learn(f"{at['home']}/.ssh/id_ed25519"),
        "read a token beside a tool": lambda: _learn(f"{at['home']}/.cargo/credentials.toml"),
        "read a neighbour of the tree": lambda: _learn("../neighbour"),
        "read the passwords": lambda: _learn("/etc/shadow"),
        "read a raw device": _raw_device,
        "make a device": lambda: os.mknod("device", 0o60600, os.makedev(254, 0)),
        "mount": lambda: _call(_LIBC.mount(b"none", bytes(Path.cwd()), b"tmpfs", 0, None)),
        "unmount the tree": lambda: _unmount(str(Path.cwd())),
        "unmount .git": lambda: _unmount(".git"),
        "make it writable again": lambda: _call(_LIBC.mount(None, b"/etc", None, 32 | 4096, None)),
        "enter a new user namespace": lambda: _call(_LIBC.unshare(0x10000000)),
        "clone into a new user namespace": lambda: _clone(_NUMBERS[3]),
        "use the kernel's rings": lambda: _call(_LIBC.syscall(_NUMBERS[0], 8, ctypes.create_string_buffer(256))),
        "load a kernel's program": lambda: _call(_LIBC.syscall(_NUMBERS[1], 0, ctypes.create_string_buffer(128), 128)),
        "use the kernel's keys": lambda: _call(_LIBC.syscall(_NUMBERS[2], 0, -3, 1)),
        "become somebody else": lambda: os.setuid(12345),
        "gain rights by a program": _gains_rights,
        "set the kernel's core pattern": lambda: _open_to_write("/proc/sys/kernel/core_pattern"),
        "ask the kernel to reboot": lambda: _open_to_write("/proc/sysrq-trigger"),
        "write in /sys": lambda: _open_to_write("/sys/kernel/mm/ksm/run"),
        "inherit a descriptor": _descriptors,
        "leave a process behind": lambda: _leave_behind(at["mark"]),
    }


def _works(at: dict[str, str]) -> dict[str, Probe]:
    return {
        "works: write in the tree": lambda: _write("made/inside"),
        "works: write in the scratch folder": lambda: _write(f"{at['scratch']}/report"),
        "works: write in the temporary folder": lambda: _write(f"{os.environ['TMPDIR']}/a/b"),
        "works: write in the home folder": lambda: _write(f"{os.environ['HOME']}/.config/x"),
        "works: its own loopback": _own_loopback,
        "works: a datagram to itself": lambda: _datagram(("127.0.0.1", 9), b"x"),
        "works: a socket in the tree": lambda: _own_socket("s"),
        "works: a pair of sockets": lambda: socket.socketpair()[0].close(),
        "works: a program": lambda: subprocess.run(["git", "--version"], check=True, capture_output=True),
        "works: git reads the repository": lambda: _read(".git/HEAD"),
        "works: a lock between processes": _shared_lock,
        "works: a terminal": lambda: [os.close(number) for number in pty.openpty()],
        "works: threads": lambda: _threads(100),
        "works: signals to itself": lambda: os.kill(os.getpid(), 0),
        "works: a debugger of its own": _trace_child,
        "works: the same user": lambda: _same(os.getuid(), int(at["uid"])),
        "works: a file of another user": lambda: _write(at["strange"]) if at["strange"] else None,
        "works: /dev/null": lambda: _open_to_write("/dev/null"),
        "works: a tool in home": lambda: _read(f"{at['home']}/.cargo/bin/tool"),
        "works: a cache": lambda: _cache(f"{at['home']}/.cache/go-build"),
    }


def _write(path: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as stream:
        stream.write("probe")


def _read(path: str, size: int = 64) -> None:
    with open(path, "rb", 0) as stream:
        stream.read(size)


def _cache(folder: str) -> None:
    _learn(f"{folder}/old")
    _write(f"{folder}/new")


def _learn(path: str) -> None:
    with open(path, "rb", 0) as stream:
        if not stream.read(1):
            raise FileNotFoundError(errno.ENOENT, "nothing is in it")


def _open_to_write(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY))


def _through_link(visible: str) -> None:
    if not Path("link").is_symlink():
        Path("link").symlink_to(f"{visible}/linked")
    _write("link")


def _through_hard_link(visible: str) -> None:
    os.link(f"{visible}/file", "hard")
    _write("hard")


def _connect(family: int, address: object) -> None:
    with socket.socket(family) as line:
        line.settimeout(2)
        line.connect(address)  # type: ignore[arg-type]


def _datagram(address: tuple[str, int], text: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(text, address)


def _call(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _unmount(path: str) -> None:
    _call(_LIBC.umount2(os.fsencode(path), 2))


def _clone(number: int) -> None:
    pid = _LIBC.syscall(number, 0x10000000 | 17, None, None, None, None)
    if pid == 0:
        os._exit(0)
    _call(pid)
    os.waitpid(pid, 0)


def _environments(secret: str) -> None:
    own = os.environ.get("PROBE_SECRET", "")
    for entry in Path("/proc").iterdir():
        try:
            found = entry.name.isdecimal() and secret.encode() in (entry / "environ").read_bytes()
        except OSError:
            continue
        if found and own != secret:
            return
    raise FileNotFoundError(errno.ENOENT, "no such environment")


def _raw_device() -> None:
    names = [
        name
        for name in sorted(path.name for path in Path("/dev").iterdir())
        if name.startswith(("vd", "sd", "nvme", "loop", "dm-"))
    ]
    for name in names:
        _read(f"/dev/{name}", 1)
        return
    raise FileNotFoundError(errno.ENOENT, "no block device")


def _gains_rights() -> None:
    status = Path("/proc/self/status").read_text()
    if "NoNewPrivs:\t1" in status:
        raise PermissionError(errno.EPERM, "no new privileges")


def _descriptors() -> None:
    if not [path for path in Path("/proc/self/fd").iterdir() if 3 < int(path.name)]:
        raise FileNotFoundError(errno.ENOENT, "only the standard ones")


def _leave_behind(mark: str) -> None:
    """Always possible; whether it lives afterwards is seen from outside."""
    code = "import os, sys, time\nos.setsid()\nif os.fork() == 0: time.sleep(600)"
    subprocess.run([sys.executable, "-I", "-S", "-c", code, mark], env={}, check=True)


def _own_loopback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        socket.create_connection(door.getsockname(), 2).close()


def _own_socket(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen()
        _connect(socket.AF_UNIX, path)


def _shared_lock() -> None:
    code = "import multiprocessing; multiprocessing.Lock()"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def _threads(count: int) -> None:
    gate = threading.Barrier(count + 1)
    threads = [threading.Thread(target=gate.wait) for _ in range(count)]
    for thread in threads:
        thread.start()
    gate.wait()
    for thread in threads:
        thread.join()


def _trace_child() -> None:
    pid = os.fork()
    if pid == 0:
        _LIBC.pause()
        os._exit(0)
    try:
        _call(_LIBC.ptrace(16, pid, None, None))
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)


def _same(one: int, other: int) -> None:
    if one != other:
        raise PermissionError(errno.EPERM, f"{one} is not {other}")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
