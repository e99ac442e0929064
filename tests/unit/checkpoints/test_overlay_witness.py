"""What counts as a change of the person's files, and what does not. No overlay is needed to see it."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from regreen.checkpoints.overlay.witness import Witness
from regreen.core.cancel import Cancellation, Cancelled
from tests.support.workspace import lay

FILES = """
-- a.py --
a = 1
-- pkg/b.py --
b = 1
-- pkg/deep/c.py --
c = 1
-- other/b.py --
b = 2
-- out/made.txt --
made
-- node_modules/x/index.js --
1
-- .git/HEAD --
ref
-- pkg/build/made.txt --
made
-- env/pyvenv.cfg --
home
-- env/lib/x.py --
x
-- .a.py.swp --
vim
"""


def ignored_in(root: Path) -> Callable[[str], bool]:
    """Judge as the rules "out/", "build/" and "*.log" do: of a path that is not there, nobody knows a folder."""

    def ignored(path: str) -> bool:
        parts = path.split("/") if (root / path).is_dir() else path.split("/")[:-1]
        return any(part in ("out", "build") for part in parts) or path.endswith(".log")

    return ignored


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "ws").mkdir()
    root = lay(tmp_path / "ws", FILES)
    (root / "link").symlink_to("a.py")
    return root


def witness(root: Path) -> Witness:
    return Witness(Cancellation(), root, ignored_in(root))


def never(path: str) -> bool:
    return False


def rename_over(root: Path) -> None:
    (root / "t~").write_text("a = 2\n")
    (root / "t~").rename(root / "a.py")


def same_size_and_time(root: Path) -> None:
    found = (root / "a.py").stat()
    (root / "a.py").write_text("a = 2\n")
    os.utime(root / "a.py", ns=(found.st_atime_ns, found.st_mtime_ns))


def swap_folders(root: Path) -> None:
    (root / "pkg").rename(root / "t~")
    shutil.copytree(root / "t~", root / "pkg")
    shutil.rmtree(root / "t~")


def swap_two_old_files(root: Path) -> None:
    (root / "a.py").rename(root / "t~")
    (root / "pkg" / "b.py").rename(root / "a.py")
    (root / "t~").rename(root / "pkg" / "b.py")


CHANGES: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "a save": (lambda root: (root / "a.py").write_text("a = 2\n"), ("a.py",)),
    "a save of the same text": (lambda root: (root / "a.py").write_text("a = 1\n"), ("a.py",)),
    "a save of the same size and time": (same_size_and_time, ("a.py",)),
    "a save by renaming": (rename_over, ("a.py",)),
    "an addition": (lambda root: (root / "pkg" / "n.py").write_text(""), ("pkg/n.py",)),
    "a new folder": (lambda root: (root / "pkg" / "n").mkdir(), ("pkg/n",)),
    "a deletion": (lambda root: (root / "pkg" / "b.py").unlink(), ("pkg/b.py",)),
    "a deletion of a folder": (lambda root: shutil.rmtree(root / "pkg"), ("pkg", "pkg/deep")),
    "a new mode": (lambda root: (root / "a.py").chmod(0o600), ("a.py",)),
    "a new mode of a folder": (lambda root: (root / "pkg").chmod(0o700), ("pkg",)),
    "a new time": (lambda root: os.utime(root / "a.py", (1, 1)), ("a.py",)),
    "a folder exchanged for a copy": (swap_folders, ("pkg", "pkg/b.py", "pkg/deep", "pkg/deep/c.py")),
    "two files exchanged": (swap_two_old_files, ("a.py", "pkg/b.py")),
    "a link turned elsewhere": (
        lambda root: ((root / "link").unlink(), (root / "link").symlink_to("pkg/b.py")),
        ("link",),
    ),
    "a file that became a folder": (lambda root: ((root / "a.py").unlink(), (root / "a.py").mkdir()), ("a.py",)),
    "a folder that became a file": (
        lambda root: (shutil.rmtree(root / "pkg" / "deep"), (root / "pkg" / "deep").write_text("")),
        ("pkg/deep",),
    ),
    "an ignored file": (lambda root: (root / "out" / "made.txt").write_text("2"), ()),
    "a new ignored file": (lambda root: (root / "pkg" / "x.log").write_text("2"), ()),
    "a removed ignored folder": (lambda root: shutil.rmtree(root / "out"), ()),
    "a removed ignored folder further down": (lambda root: shutil.rmtree(root / "pkg" / "build"), ()),
    "an emptied ignored folder": (lambda root: (root / "pkg" / "build" / "made.txt").unlink(), ()),
    "a removed environment": (lambda root: shutil.rmtree(root / "env"), ()),
    "an installed package": (lambda root: (root / "node_modules" / "x" / "index.js").write_text("2"), ()),
    "an environment's file": (lambda root: (root / "env" / "lib" / "x.py").write_text("2"), ()),
    "the repository's own file": (lambda root: (root / ".git" / "HEAD").write_text("2"), ()),
    "a cache": (lambda root: (root / "pkg" / "__pycache__").mkdir(), ()),
    "an editor's swap file": (lambda root: (root / ".a.py.swp").write_text("more"), ()),
    "an editor's new backup": (lambda root: (root / "a.py~").write_text("more"), ()),
    "a read": (lambda root: (root / "a.py").read_text(), ()),
    "nothing": (lambda root: None, ()),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_noticed(root: Path, name: str) -> None:
    change, expected = CHANGES[name]
    seen = witness(root)
    change(root)
    assert seen.changed(never) == expected


def test_what_was_saved_just_before_is_no_change(root: Path) -> None:
    for n in range(20):
        (root / "a.py").write_text(f"a = {n}\n")
        assert witness(root).changed(never) == ()


def test_what_is_saved_at_once_afterwards_is_a_change(root: Path) -> None:
    for n in range(20):
        seen = witness(root)
        (root / "a.py").write_text(f"a = {n}\n")
        assert seen.changed(never) == ("a.py",)


def test_a_save_of_what_was_tested_is_no_change(root: Path) -> None:
    seen = witness(root)
    (root / "a.py").write_text("a = 2\n")
    (root / "pkg" / "b.py").write_text("b = 2\n")
    assert seen.changed(lambda path: path == "a.py") == ("pkg/b.py",)


def test_whatever_is_done_at_random_is_noticed(root: Path, survived: Callable[[str, int, str], None]) -> None:
    changes = [change for change, expected in CHANGES.values() if expected]
    chosen = random.Random(11)
    for n in range(200):
        home = root.parent / f"copy{n}"
        shutil.copytree(root, home, symlinks=True)
        seen = witness(home)
        chosen.choice(changes)(home)
        assert seen.changed(never) != (), n
        shutil.rmtree(home)
    survived("edits, saves and deletions during a run", 200, "noticed")


def test_names_that_are_not_text_are_compared_too(root: Path) -> None:
    name = os.fsdecode(b"\xff\n.py")
    (root / name).write_text("")
    seen = witness(root)
    (root / name).write_text("x")
    assert seen.changed(never) == (name,)


def test_a_witness_is_asked_more_than_once(root: Path) -> None:
    seen = witness(root)
    assert seen.changed(never) == ()
    (root / "a.py").unlink()
    assert seen.changed(never) == seen.changed(never) == ("a.py",)


def test_a_folder_that_is_passed_over_is_not_watched(root: Path) -> None:
    seen = Witness(Cancellation(), root, never, frozenset({str(root / "pkg")}))
    (root / "pkg" / "b.py").write_text("x")
    assert seen.changed(never) == ()


def test_listing_can_be_cancelled(root: Path) -> None:
    cancel = Cancellation()
    cancel.cancel()
    with pytest.raises(Cancelled):
        Witness(cancel, root, never)
