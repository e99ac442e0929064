"""Whatever tests do in an overlay workbench, the person's files stay byte for byte, and a reset forgets it."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from regreen.checkpoints import OverlayCheckpoints
from regreen.core.cancel import Cancellation
from tests.support.inside import as_ordinary_user, as_root_and_ordinary, inside, python_inside
from tests.support.trees import tree_state

# Each is Python code that runs in the workspace's own folder; what the system forbids an ordinary user is no fault.
DAMAGE: dict[str, str] = {
    "remove everything": "[shutil.rmtree(p, ignore_errors=True) or p.is_dir() or p.unlink() for p in HERE]",
    "remove the workspace itself": "shutil.rmtree(ROOT, ignore_errors=True)",
    "write into every file": "[open(p, 'ab').write(b'more') for p in FILES]",
    "empty every file": "[os.truncate(p, 0) for p in FILES]",
    "replace every file": "[(open('t', 'wb').write(b'new'), os.replace('t', p)) for p in FILES]",
    "replace files by folders": "[(p.unlink(), p.mkdir()) for p in FILES]",
    "replace folders by links": "[(shutil.rmtree(p), p.symlink_to('/tmp')) for p in HERE if p.is_dir()]",
    "replace files by links": "[(p.unlink(), p.symlink_to('/etc/hostname')) for p in FILES]",
    "close everything": "[os.chmod(p, 0) for p in [*FILES, *HERE]]",
    "open everything": "[os.chmod(p, 0o777) for p in [*FILES, *FOLDERS, ROOT]]",
    "change every time": "[os.utime(p, (1, 1)) for p in [*FILES, *FOLDERS, ROOT]]",
    "move everything": "[os.rename(p, f'{p}.old') for p in FILES]",
    "move folders": "[shutil.move(p, f'{p}.old') for p in HERE if p.is_dir()]",
    "exchange two files": "(os.rename('a.py', 't'), os.rename('empty', 'a.py'), os.rename('t', 'empty'))",
    "make links to everything": "[os.link(p, f'link{n}') for n, p in enumerate(FILES)]",
    "write through a second name": "(os.link('a.py', 'again'), open('again', 'a').write('x'))",
    "make pipes, sockets and devices": (
        "(os.mkfifo('p'), os.mknod('s', 0o140600), os.remove('pipe'), os.mkfifo('a.fifo'))"
    ),
    "go deep": (
        "d = os.open('.', os.O_RDONLY)\n"
        "for n in range(1500):\n"
        "    os.mkdir('d' * 20, dir_fd=d); i = os.open('d' * 20, os.O_RDONLY, dir_fd=d); os.close(d); d = i\n"
        "os.close(os.open('f', os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=d))"
    ),
    "make many files": "[open(f'many{n}', 'w').close() for n in range(2000)]",
    "use odd names": (
        "[open(n, 'w').close() for n in (b'\\xff', b'a\\nb', b' ', b'-rf', b':,\\\\', b'.wh.a.py', b'x' * 255)]"
    ),
    "write through a mapping": (
        "import mmap\nwith open('a.py', 'r+b') as f, mmap.mmap(f.fileno(), 0) as m: m[:1] = b'X'"
    ),
    "punch and stretch": "(os.truncate('a.py', 1 << 30), os.truncate('a.py', 3))",
    "write into the middle": "[os.pwrite(os.open(p, os.O_WRONLY), b'X', 1) for p in FILES if p.stat().st_size]",
    "set attributes": "[os.setxattr(p, 'user.x', b'y') or p.touch() for p in FILES]",
    "write through another root": "[open('/proc/self/root' + str(p.absolute()), 'w').write('x') for p in FILES]",
    "write through an open folder": "os.write(os.open('a.py', os.O_WRONLY, dir_fd=os.open(ROOT, os.O_RDONLY)), b'x')",
    "keep a database": (
        "import sqlite3\nc = sqlite3.connect('new.db'); c.execute('pragma journal_mode=wal')\n"
        "c.execute('create table t(x)'); c.execute('insert into t values (1)'); c.commit()"
    ),
    "lock and write": "import fcntl\nf = open('a.py', 'r+'); fcntl.flock(f, fcntl.LOCK_EX); f.write('locked')",
    "make a removed folder anew": "(shutil.rmtree('sub'), os.mkdir('sub'), open('sub/other', 'w').close())",
    "leave closed folders": "(os.makedirs('c/d/e'), open('c/d/f', 'w').close(), os.chmod('c/d', 0), os.chmod('c', 0))",
    "drop everything upon itself": "[shutil.copy(a, b) for a in FILES for b in FILES if a != b]",
}  # fmt: skip

_PRELUDE = """
import os, shutil, sys
from pathlib import Path
ROOT = os.getcwd()
HERE = sorted(Path('.').iterdir())
FILES = sorted(p for p in Path('.').rglob('*') if p.is_file() and not p.is_symlink())
FOLDERS = sorted(p for p in Path('.').rglob('*') if p.is_dir() and not p.is_symlink())
"""


def hostile_workspace(home: Path) -> Path:
    """Return a workspace with everything that a tree can hold."""
    root = home / "w:s,\\odd"
    for folder in ("sub/deep/er", "closed", ".git/objects", "node_modules/x"):
        (root / folder).mkdir(parents=True)
    contents = {"a.py": b"x = 1\r\n", "empty": b"", "sub/deep/er/b.bin": bytes(range(256)), "closed/c": b"c",
                ".git/config": b"[core]\n", "node_modules/x/i.js": b"1", "run.sh": b"#!/bin/sh\n"}  # fmt: skip
    for name, content in contents.items():
        (root / name).write_bytes(content)
        os.utime(root / name, ns=(10**18, 10**18 + len(content)))
    for odd in (b"new\nline", b"\xff\xfe not text", b"colon:comma,back\\slash"):
        Path(os.fsdecode(os.fsencode(root) + b"/" + odd)).write_bytes(odd)
    (root / "link").symlink_to("a.py")
    (root / "absolute").symlink_to(root / "a.py")
    (root / "nowhere").symlink_to("gone")
    os.link(root / "a.py", root / "second name")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        here = os.open(root, os.O_RDONLY)
        server.bind(f"/proc/self/fd/{here}/socket")
        os.close(here)
    (root / "run.sh").chmod(0o750)
    (root / "a.py").chmod(0o440)
    (root / "closed").chmod(0o555)
    return root


def check_damage(home: Path) -> None:
    root = hostile_workspace(home)
    before = tree_state(root)
    with OverlayCheckpoints(root, home / "state", lambda path: False).open(Cancellation(), {}) as bench:
        for name, code in DAMAGE.items():
            inside(bench.enclosure, *_python(code))
            assert tree_state(root) == before, name
            bench.reset()
            assert tree_state(Path(bench.enclosure.tree)) == before, name
        bench.verify()
    assert tree_state(root) == before
    assert list((home / "state" / "benches").iterdir()) == []


def _python(code: str) -> tuple[str, ...]:
    return sys.executable, "-I", "-c", _PRELUDE + code


def test_nothing_that_tests_do_reaches_the_persons_files(
    tmp_path: Path, survived: Callable[[str, int, str], None]
) -> None:
    as_root_and_ordinary(tmp_path, check_damage)
    n_users = 2 if os.geteuid() == 0 else 1
    survived("damage done in an overlay", n_users * len(DAMAGE), "the person's files byte-identical, reset complete")


def test_the_damage_is_really_done(tmp_path: Path) -> None:
    """Each kind of damage shows inside, or the test above would prove nothing."""
    root = hostile_workspace(tmp_path)
    harmless: list[str] = []
    with OverlayCheckpoints(root, tmp_path / "state", lambda path: False).open(Cancellation(), {}) as bench:
        before = tree_state(root)
        for name, code in DAMAGE.items():
            inside(bench.enclosure, *_python(code))
            with contextlib.suppress(OSError):  # Deeper than a path can say: that is damage, too.
                harmless += [name] if tree_state(Path(bench.enclosure.tree)) == before else []
            bench.reset()
    assert harmless == []


def test_what_a_kill_left_is_removed_by_an_ordinary_user_too() -> None:
    def check(home: Path) -> None:
        root = hostile_workspace(home)
        with OverlayCheckpoints(root, home / "state", lambda path: False).open(Cancellation(), {}) as bench:
            python_inside(bench.enclosure, "import os; os.makedirs('c/d'); os.chmod('c/d', 0); os.chmod('c', 0)")
            assert Path(bench.enclosure.upper, "../work/work").lstat().st_mode & 0o777 == 0
        assert list((home / "state" / "benches").iterdir()) == []

    as_ordinary_user(check)


def test_an_ordinary_user_cannot_unmount_what_protects_the_files() -> None:
    def check(home: Path) -> None:
        root = hostile_workspace(home)
        before = tree_state(root)
        unmount = (
            "import ctypes\nl = ctypes.CDLL(None)\nprint([l.umount2(os.fsencode(ROOT), 2) for _ in range(5)])\n"
            "os.chdir(ROOT)\nopen('run.sh', 'w').write('x')"
        )
        with OverlayCheckpoints(root, home / "state", lambda path: False).open(Cancellation(), {}) as bench:
            assert python_inside(bench.enclosure, _PRELUDE + unmount) == f"{[-1] * 5}\n"
            assert tree_state(root) == before

    as_ordinary_user(check)
