"""What is in a copy, what is not, and that making one leaves nothing behind when it goes wrong."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from regreen.checkpoints import CopyCheckpoints, CopyWorkbench, LeftOut, Limits, collect
from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.errors import CannotRun, RegreenError, UnreadableSource
from tests.support.faults import fault
from tests.support.trees import ordinary_user, tree_state
from tests.support.workspace import lay

BASE = """
-- m.py --
def f(a, b):
    return a - b
-- tests/test_m.py --
from m import f

def test_f():
    assert f(1, 2) == 3
"""


def never(path: str) -> bool:
    return False


def checkpoints(
    tmp_path: Path, ignored: Callable[[str], bool] = never, limits: Limits | None = None
) -> CopyCheckpoints:
    return CopyCheckpoints(tmp_path / "ws", tmp_path / "state", ignored, limits=limits)


def workspace(tmp_path: Path, text: str = BASE) -> Path:
    (tmp_path / "ws").mkdir()
    return lay(tmp_path / "ws", text)


def left(tmp_path: Path) -> list[str]:
    benches = tmp_path / "state" / "benches"
    return sorted(path.name for path in benches.iterdir()) if benches.exists() else []


def check_left_out(bench: CopyWorkbench, path: str, why: str) -> None:
    assert LeftOut(path, why) in bench.left_out
    assert not os.path.lexists(Path(bench.enclosure.tree) / path)


def test_a_copy_is_the_workspace_byte_for_byte_and_goes_in_the_end(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    (root / "empty" / "inner").mkdir(parents=True)
    (root / "run.sh").write_bytes(b"#!/bin/sh\r\n")
    (root / "run.sh").chmod(0o750)
    (root / "raw.bin").write_bytes(bytes(range(256)) * 9000)
    (root / "secret").write_bytes(b"s")
    (root / "secret").chmod(0o600)
    os.utime(root / "m.py", ns=(1_000_000_001, 1_000_000_001))
    before = tree_state(root)
    with checkpoints(tmp_path).open(Cancellation(), {}) as bench:
        assert tree_state(Path(bench.enclosure.tree)) == before
        assert bench.original == str(root)
        assert bench.left_out == ()
        assert Path(bench.enclosure.tree).name == "ws"
        assert not Path(bench.enclosure.tree).is_relative_to(root)
    assert not os.path.lexists(bench.enclosure.tree)
    assert left(tmp_path) == []
    assert tree_state(root) == before


def test_only_the_person_can_look_into_a_copy(tmp_path: Path) -> None:
    workspace(tmp_path)
    with checkpoints(tmp_path).open(Cancellation(), {}) as bench:
        folder = Path(bench.enclosure.tree).parents[1]
        assert [path.stat().st_mode & 0o777 for path in (folder, folder.parent)] == [0o700, 0o700]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (".git", "the repository's own files"),
        ("sub/.git", "the repository's own files"),
        (".GIT", "the repository's own files"),
        (".hg", "the repository's own files"),
        (".venv", "a virtual environment"),
        ("web/node_modules", "installed packages"),
        ("pkg/__pycache__", "a cache"),
        (".pytest_cache", "a cache"),
        (".tox", "virtual environments"),
    ],
)
def test_heavy_and_foreign_folders_are_left_out(tmp_path: Path, path: str, why: str) -> None:
    root = workspace(tmp_path)
    (root / path).mkdir(parents=True)
    (root / path / "x").write_bytes(b"x")
    with checkpoints(tmp_path).open(Cancellation(), {}) as bench:
        check_left_out(bench, path, why)


def test_a_git_file_of_a_linked_worktree_is_left_out(tmp_path: Path) -> None:
    (workspace(tmp_path) / ".git").write_bytes(b"gitdir: /elsewhere\n")
    with checkpoints(tmp_path).open(Cancellation(), {}) as bench:
        check_left_out(bench, ".git", "the repository's own files")


def test_a_virtual_environment_is_known_by_its_content(tmp_path: Path) -> None:
    root = workspace(tmp_path, BASE + "-- env/pyvenv.cfg --\nhome = /usr/bin\n-- env/bin/x --\nx\n")
    (root / "venv").mkdir()
    (root / "venv" / "kept.py").write_bytes(b"")
    with checkpoints(tmp_path).open(Cancellation(), {}) as bench:
        check_left_out(bench, "env", "a virtual environment")
        assert Path(bench.enclosure.tree, "venv", "kept.py").exists()


def test_a_tagged_cache_is_left_out_and_a_file_of_that_name_alone_is_not(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    (root / "target").mkdir()
    (root / "target" / "CACHEDIR.TAG").write_bytes(b"Signature: 8a477f597d28d172789f06886806bc55\n# x\n")
    (root / "other").mkdir()
    (root / "other" / "CACHEDIR.TAG").write_bytes(b"mine\n")
    with checkpoints(tmp_path).open(Cancellation(), {}) as bench:
        check_left_out(bench, "target", "a cache")
        assert Path(bench.enclosure.tree, "other", "CACHEDIR.TAG").exists()


def test_ignored_files_are_copied_when_small(tmp_path: Path) -> None:
    root = workspace(tmp_path, BASE + "-- .env --\nA=1\n-- gen/made.py --\nx = 1\n")
    (root / "gen" / "large.db").write_bytes(b"0" * 2000)
    (root / "large.txt").write_bytes(b"0" * 2000)
    limits = Limits(max_ignored_bytes=1000)
    ignored = {".env", "gen"}
    with checkpoints(tmp_path, ignored.__contains__, limits).open(Cancellation(), {}) as bench:
        assert Path(bench.enclosure.tree, ".env").read_bytes() == b"A=1\n"
        assert Path(bench.enclosure.tree, "gen", "made.py").exists()
        assert Path(bench.enclosure.tree, "large.txt").exists()
        check_left_out(bench, "gen/large.db", "an ignored file that is large")


def test_special_files_are_left_out_and_never_opened(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    os.mkfifo(root / "pipe")
    cwd = Path.cwd()
    os.chdir(root)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("sock")
    finally:
        os.chdir(cwd)
    with checkpoints(tmp_path).open(Cancellation(), {}) as bench:
        check_left_out(bench, "pipe", "a named pipe")
        check_left_out(bench, "sock", "a socket")


def test_unreadable_files_and_folders_are_named_not_fatal() -> None:
    with ordinary_user() as home:
        root = workspace(home)
        (root / "secret.txt").write_bytes(b"x")
        (root / "secret.txt").chmod(0)
        (root / "closed").mkdir(mode=0)
        with checkpoints(home).open(Cancellation(), {}) as bench:
            check_left_out(bench, "secret.txt", "cannot be read")
            assert LeftOut("closed", "cannot be read") in bench.left_out
            bench.reset()
            bench.verify()
        assert left(home) == []


def test_a_state_folder_inside_of_the_workspace_is_not_copied_into_itself(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    state = root / ".state"
    with CopyCheckpoints(root, state, never).open(Cancellation(), {}) as bench:
        check_left_out(bench, ".state", "Regreen's own files")


LINKS = {
    "inside": ("m.py", "m.py"),
    "tests/up": ("../m.py", "../m.py"),
    "folder": ("tests", "tests"),
    "dangling": ("nowhere", "nowhere"),
    "absolute": ("{root}/m.py", "{bench}/m.py"),
    "spelled": ("{spelled}/m.py", "{bench}/m.py"),
    "whole": ("{root}", "{bench}"),
    "round": ("../ws/m.py", "{bench}/m.py"),
    "alias": ("{home}/alias/m.py", "{bench}/m.py"),
    "outside": ("{home}/outside.txt", "{home}/outside.txt"),
    "relative-outside": ("../outside.txt", "{root}/../outside.txt"),
    "prefix": ("{root}-2/x", "{root}-2/x"),
}


@pytest.mark.parametrize("name", LINKS)
def test_a_link_leads_to_the_same_thing_but_never_back(tmp_path: Path, name: str) -> None:
    target, expected = LINKS[name]
    root = workspace(tmp_path)
    (tmp_path / "outside.txt").write_bytes(b"out")
    (tmp_path / "alias").symlink_to(root)
    spelled = tmp_path / "spelled"
    spelled.symlink_to(root)
    places = {"root": root, "spelled": spelled, "home": tmp_path}
    (root / name).symlink_to(target.format(**places))
    with CopyCheckpoints(spelled, tmp_path / "state", never).open(Cancellation(), {}) as bench:
        link = Path(bench.enclosure.tree, name)
        assert str(link.readlink()) == expected.format(bench=bench.enclosure.tree, **places)
        assert not link.resolve().is_relative_to(root)
        assert bench.original == str(spelled)


def test_a_hard_link_becomes_a_file_of_its_own(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    os.link(root / "m.py", root / "n.py")
    with checkpoints(tmp_path).open(Cancellation(), {}) as bench:
        Path(bench.enclosure.tree, "n.py").write_bytes(b"changed")
        assert Path(bench.enclosure.tree, "m.py").read_bytes() == (root / "m.py").read_bytes() != b"changed"


def test_names_that_are_not_unicode_are_copied(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    (root / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"x")
    before = tree_state(root)
    with checkpoints(tmp_path).open(Cancellation(), {}) as bench:
        assert tree_state(Path(bench.enclosure.tree)) == before
        bench.reset()
        assert tree_state(Path(bench.enclosure.tree)) == before


BUFFERS = {
    "m.py": ("x = 1\n", b"x = 1\n"),
    "new/deep/n.py": ("é\n", "é\n".encode()),
    "crlf.py": ("a\r\nb", b"a\r\nb"),
    "latin.py": ("# coding: latin-1\nx = 'è'\n", b"# coding: latin-1\nx = '\xe8'\n"),
    "bom.py": ("y\n", b"\xef\xbb\xbfy\n"),
    "link.py": ("via = 1\n", b"via = 1\n"),
}


@pytest.mark.parametrize("path", BUFFERS)
def test_an_unsaved_buffer_is_laid_over_in_its_files_encoding(tmp_path: Path, path: str) -> None:
    root = workspace(tmp_path)
    (root / "latin.py").write_bytes(b"# coding: latin-1\nx = '\xe9'\n")
    (root / "bom.py").write_bytes(b"\xef\xbb\xbfx\n")
    (root / "link.py").symlink_to("m.py")
    before = tree_state(root)
    text, content = BUFFERS[path]
    with checkpoints(tmp_path).open(Cancellation(), {path: text}) as bench:
        laid = Path(bench.enclosure.tree, path)
        assert laid.read_bytes() == content
        state = tree_state(Path(bench.enclosure.tree))
        laid.write_bytes(b"damage")
        bench.reset()
        assert tree_state(Path(bench.enclosure.tree)) == state
        bench.verify()
    assert tree_state(root) == before


def test_a_buffer_that_equals_its_file_changes_nothing(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    before = tree_state(root)
    with checkpoints(tmp_path).open(Cancellation(), {"m.py": (root / "m.py").read_text()}) as bench:
        assert tree_state(Path(bench.enclosure.tree)) == before


@pytest.mark.parametrize("path", ["../x.py", "/etc/x", ".git/config", "node_modules/a.js", "out/x.py", "tests"])
def test_a_buffer_outside_of_the_copy_is_named_not_written(tmp_path: Path, path: str) -> None:
    root = workspace(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (root / "out").symlink_to(tmp_path / "elsewhere")
    with checkpoints(tmp_path).open(Cancellation(), {path: "evil\n"}) as bench:
        assert LeftOut(path, "an unsaved buffer of a file that is not copied") in bench.left_out
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_buffer_that_the_encoding_lacks_is_an_error_that_leaves_nothing(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    (root / "latin.py").write_bytes(b"# coding: latin-1\n")
    with pytest.raises(UnreadableSource), checkpoints(tmp_path).open(Cancellation(), {"latin.py": "# €\n"}):
        pass
    assert left(tmp_path) == []


def check_cannot_run(tmp_path: Path, limits: Limits, words: str) -> None:
    with pytest.raises(CannotRun, match=words) as caught, checkpoints(tmp_path, limits=limits).open(Cancellation(), {}):
        pass
    assert caught.value.next_step.endswith(".")
    assert left(tmp_path) == []


def test_a_workspace_that_is_too_large_is_refused_with_its_largest_folders(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    (root / "big").mkdir()
    (root / "big" / "x").write_bytes(b"0" * 5000)
    check_cannot_run(tmp_path, Limits(max_bytes=4000), "largest folders: big")
    check_cannot_run(tmp_path, Limits(max_files=2), "more than can be copied")


def test_a_disk_without_room_is_refused_before_anything_is_copied(tmp_path: Path) -> None:
    workspace(tmp_path)
    check_cannot_run(tmp_path, Limits(spare_bytes=10**18), "MB are free")


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_bytes(b"x")], ids=["nothing", "a file"])
def test_a_workspace_that_is_no_folder_is_refused(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "ws")
    check_cannot_run(tmp_path, Limits(), "is not a folder")


def test_a_state_folder_that_cannot_be_written_is_refused() -> None:
    with ordinary_user() as home:
        workspace(home)
        (home / "state").mkdir(mode=0o500)
        check_cannot_run(home, Limits(), "cannot be used")


class CancelAt(Cancellation):
    """Is set at the n-th look."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self._left = n

    def check(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.cancel()
        super().check()


def test_a_cancel_at_any_look_leaves_nothing(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    before = tree_state(root)
    n = 0
    while True:
        n += 1
        token = CancelAt(n)
        try:
            with checkpoints(tmp_path).open(token, {"m.py": "x\n"}):
                break
        except Cancelled:
            assert left(tmp_path) == []
            assert tree_state(root) == before
    assert 5 < n


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EACCES], ids=["full", "broken", "forbidden"])
def test_a_fault_at_any_call_is_an_error_that_leaves_nothing(tmp_path: Path, error: int) -> None:
    root = workspace(tmp_path)
    (root / "empty").mkdir()
    (root / "link").symlink_to("m.py")
    before = tree_state(root)
    n, n_struck = 0, 0
    while True:
        n += 1
        with fault(n, error) as struck, contextlib.suppress(RegreenError):
            n_struck += 1
            with checkpoints(tmp_path).open(Cancellation(), {"m.py": "x\n"}):
                n_struck -= 1
        # A lock that cannot be opened while a bench is removed is looked at again by the next one.
        collect(tmp_path / "state" / "benches") if (tmp_path / "state" / "benches").exists() else None
        assert left(tmp_path) == []
        assert tree_state(root) == before
        if not struck.struck:
            break
    assert 10 < n_struck < n


def test_a_full_disk_in_the_middle_of_a_file_leaves_nothing(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    (root / "big.bin").write_bytes(b"0" * 3_000_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        check_cannot_run(tmp_path, Limits(), "is full")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_error_inside_of_the_context_comes_out_as_it_is(tmp_path: Path) -> None:
    workspace(tmp_path)
    with pytest.raises(FileNotFoundError), checkpoints(tmp_path).open(Cancellation(), {}):
        raise FileNotFoundError
    assert left(tmp_path) == []


def test_a_copy_goes_even_when_everything_in_it_is_read_only(tmp_path: Path) -> None:
    workspace(tmp_path)
    with checkpoints(tmp_path).open(Cancellation(), {}) as bench:
        for folder, _, files in os.walk(bench.enclosure.tree, topdown=False):
            for name in files:
                Path(folder, name).chmod(0)
            Path(folder).chmod(0)
    assert left(tmp_path) == []


def test_a_read_only_copy_goes_for_an_ordinary_user_too() -> None:
    with ordinary_user() as home:
        root = workspace(home)
        (root / "tests").chmod(0o500)
        (root / "m.py").chmod(0o400)
        before = tree_state(root)
        with checkpoints(home).open(Cancellation(), {}) as bench:
            assert tree_state(Path(bench.enclosure.tree)) == before
            Path(bench.enclosure.tree, "tests").chmod(0o700)
            Path(bench.enclosure.tree, "tests", "test_m.py").unlink()
            Path(bench.enclosure.tree, "m.py").chmod(0)
            Path(bench.enclosure.tree).chmod(0o500)
            bench.reset()
            assert tree_state(Path(bench.enclosure.tree)) == before
        assert left(home) == []


KILLED = """
    import os, signal, sys
    from regreen.checkpoints import CopyCheckpoints
    from regreen.core.cancel import Cancellation
    with CopyCheckpoints(sys.argv[1], sys.argv[2], lambda path: False).open(Cancellation(), {}) as bench:
        os.chmod(bench.enclosure.tree + "/tests", 0)
        print(bench.enclosure.tree, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_collected_at_the_next_opening(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(root), str(tmp_path / "state")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    stale = Path(killed.stdout.strip())
    assert stale.is_dir()
    lock = json.loads(next((tmp_path / "state" / "benches").glob("*.lock")).read_text())
    assert set(lock) == {"pid", "boot"}
    with checkpoints(tmp_path).open(Cancellation(), {}):
        assert not stale.exists()
        assert len(left(tmp_path)) == 2
    assert left(tmp_path) == []


def test_a_living_copy_is_not_collected(tmp_path: Path) -> None:
    workspace(tmp_path)
    both = checkpoints(tmp_path)
    with both.open(Cancellation(), {}) as one, both.open(Cancellation(), {}) as other:
        assert collect(tmp_path / "state" / "benches") == ()
        assert Path(one.enclosure.tree).is_dir()
        assert Path(other.enclosure.tree).is_dir()
        assert one.enclosure != other.enclosure


def test_a_folder_without_a_lock_is_collected(tmp_path: Path) -> None:
    (tmp_path / "benches" / "old" / "tree").mkdir(parents=True)
    assert collect(tmp_path / "benches") == ("old",)
    assert list((tmp_path / "benches").iterdir()) == []


def test_collecting_never_follows_a_link(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    (tmp_path / "benches" / "old").mkdir(parents=True)
    (tmp_path / "benches" / "old" / "link").symlink_to(root)
    before = tree_state(root)
    collect(tmp_path / "benches")
    assert tree_state(root) == before
