"""Which folders are watched: those that count, also when they come while the others are looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from regreen.oracle.watch import Watcher
from tests.support.workspace import lay

OLD = 1_000_000_000  # seconds; a time stamp that is settled


def watcher_of(root: Path) -> Watcher:
    """Return a watcher that tells nobody."""
    return Watcher(root, lambda _: None, lambda: None)


def test_folders_that_count_are_watched_and_of_environments_what_tells(tmp_path: Path) -> None:
    lay(
        tmp_path,
        "-- .gitignore --\nout/\n-- out/a/b.py --\n-- src/a/b.py --\n-- .venv/pyvenv.cfg --\n-- .venv/bin/python --\n"
        "-- mine/pyvenv.cfg --\n-- mine/lib/a.py --\n-- target/a.rs --\n-- src/target/__init__.py --\n",
    )
    found = [Path(folder).relative_to(tmp_path).as_posix() for folder in watcher_of(tmp_path).folders(str(tmp_path))]
    assert sorted(found) == [".", ".venv", ".venv/bin", "src", "src/a", "src/target"]


@pytest.mark.parametrize("is_settled", [True, False])
def test_a_folder_that_comes_right_after_its_parent_is_watched_is_watched(tmp_path: Path, is_settled: bool) -> None:
    lay(tmp_path, "-- a/one.py --\n")
    if is_settled:
        os.utime(tmp_path / "a", (OLD, OLD))
    found = []
    for folder in watcher_of(tmp_path).folders(str(tmp_path)):
        found.append(Path(folder).relative_to(tmp_path).as_posix())
        if found[-1] == "a":
            (tmp_path / "a" / "late").mkdir()
    assert found == [".", "a", "a/late"]


def test_below_an_ignored_folder_nothing_is_watched(tmp_path: Path) -> None:
    lay(tmp_path, "-- .gitignore --\nout/\n-- out/a/b/c.py --\n")
    watcher = watcher_of(tmp_path)
    assert list(watcher.folders(str(tmp_path / "out"))) == []
    assert list(watcher.folders(str(tmp_path / "out" / "a" / "b"))) == []
    assert list(watcher.folders(str(tmp_path.parent))) == []
