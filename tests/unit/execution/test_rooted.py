"""Writing into a tree in which tests are at work never leaves it, and copes with whatever stands there."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from regreen.execution.footprint import PlainFootprint
from regreen.execution.rooted import Rooted
from tests.support.inside import as_root_and_ordinary

MTIME_NS = 1_600_000_000_000_000_000


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "file").write_text("precious")
    return folder


@pytest.fixture
def top(tmp_path: Path, outside: Path) -> Path:
    """Return a tree with links that lead out of it."""
    folder = tmp_path / "top"
    folder.mkdir()
    (folder / "link").symlink_to(outside / "file")
    (folder / "folder").symlink_to(outside)
    os.link(outside / "file", folder / "second")
    return folder


@pytest.mark.parametrize("path", ["link", "folder", "folder/file", "second", "link/deeper"])
def test_writing_makes_room_for_itself_and_reaches_nothing_outside(path: str, top: Path, outside: Path) -> None:
    Rooted(top).write(path, b"new", 0o640, MTIME_NS)
    found = (top / path).lstat()
    assert ((top / path).read_bytes(), stat.S_IMODE(found.st_mode), found.st_mtime_ns) == (b"new", 0o640, MTIME_NS)
    assert (outside / "file").read_text() == "precious"
    assert [each.name for each in outside.iterdir()] == ["file"]


@pytest.mark.parametrize(
    "act",
    [
        lambda tree: tree.read("link"),
        lambda tree: tree.read("folder/file"),
        lambda tree: tree.set_mode("link", 0o777),
        lambda tree: tree.set_mode("folder/file", 0o777),
        lambda tree: tree.write("../outside/file", b"", 0o600),
        lambda tree: tree.write("/tmp", b"", 0o600),
    ],
)
def test_what_would_leave_the_tree_is_refused(act: Callable[[Rooted], object], top: Path, outside: Path) -> None:
    before = (outside / "file").stat()
    with pytest.raises(OSError):
        act(Rooted(top))
    assert (outside / "file").stat() == before


def test_removing_takes_the_link_and_not_what_it_leads_to(top: Path, outside: Path) -> None:
    for path in ("link", "folder", "second", "not-there", "link/below", "folder/file"):
        Rooted(top).remove(path) if path != "folder/file" else None
    assert list(top.iterdir()) == []
    assert (outside / "file").read_text() == "precious"


def check_whatever_stands_there_makes_room(home: Path) -> None:
    top = home / "top"
    top.mkdir()
    (top / "closed" / "inner").mkdir(parents=True)
    (top / "closed" / "inner" / "file").write_text("x")
    (top / "closed" / "inner").chmod(0)
    (top / "closed").chmod(0o500)
    (top / "sealed").write_text("x")
    (top / "sealed").chmod(0)
    (top / "read-only").write_text("longer than what comes")
    (top / "read-only").chmod(0o400)
    os.mkfifo(top / "pipe")
    for name in ("closed", "sealed", "read-only", "pipe", "new/folder/file"):
        Rooted(top).write(name, b"new", 0o600)
        assert (top / name).read_bytes() == b"new", name


def test_whatever_stands_there_makes_room(tmp_path: Path) -> None:
    as_root_and_ordinary(tmp_path, check_whatever_stands_there_makes_room)


def test_a_folder_that_is_swapped_for_a_link_again_and_again_leads_nowhere(
    tmp_path: Path, outside: Path, survived: Callable[[str, int, str], None]
) -> None:
    top = tmp_path / "swapped"
    (top / "real").mkdir(parents=True)
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            for name, make in (("a", lambda: (top / "a").symlink_to(outside)), ("a", lambda: (top / "a").mkdir())):
                try:
                    Rooted(top).remove(name)
                    make()
                except OSError:
                    continue

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        for _ in range(3000):
            try:
                Rooted(top).write("a/file", b"evil", 0o600)
            except OSError:
                continue
    finally:
        done.set()
        swapper.join()
    assert (outside / "file").read_text() == "precious"
    survived("folders swapped for links under a trial", 3000, "nothing written outside")


def test_files_that_became_links_are_put_back_and_not_written_through(tmp_path: Path, outside: Path) -> None:
    top = tmp_path / "tree"
    (top / "pkg").mkdir(parents=True)
    (top / "a.py").write_text("evil a")
    (top / "pkg" / "file").write_text("evil b")
    footprint = PlainFootprint(str(top))
    (top / "a.py").unlink()
    (top / "a.py").symlink_to(outside / "file")
    (top / "pkg").rename(top / "moved")
    (top / "pkg").symlink_to(outside)
    footprint.clean()
    assert (outside / "file").read_text() == "precious"
    assert ((top / "a.py").read_text(), (top / "pkg" / "file").read_text()) == ("evil a", "evil b")
    assert sorted(each.name for each in top.iterdir()) == ["a.py", "pkg"]
