"""Cleaning up after tests in a layered tree: in a real overlay, by what landed in its upper layer."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from regreen.checkpoints import OverlayCheckpoints, OverlayWorkbench
from regreen.core.cancel import Cancellation
from regreen.execution.footprint import footprint_of
from tests.support.faults import fault
from tests.support.inside import as_root_and_ordinary, python_inside
from tests.support.trees import tree_state
from tests.support.workspace import lay

FILES = """
-- a.py --
a = 1
-- pkg/b.py --
b = 1
-- pkg/deep/c.py --
c = 1
-- big.txt --
x
-- edited.py --
e = 1
"""

# What a candidate's tests do, in Python, in the workspace's folder.
TRACES: dict[str, str] = {
    "nothing": "",
    "a new file": "open('new', 'w').close()",
    "a new tree": "os.makedirs('n/e/w'); open('n/e/w/f', 'w').close()",
    "a closed tree": "os.makedirs('n/e/w'); os.chmod('n/e', 0); os.chmod('n', 0)",
    "a new file in a folder": "open('pkg/deep/new', 'w').close()",
    "a changed file": "open('a.py', 'w').write('a = 2\\n')",
    "a changed large file": "open('big.txt', 'a').write('more')",
    "a file of the same size and time": (
        "s = os.stat('a.py'); open('a.py', 'w').write('a = 2\\n'); os.utime('a.py', ns=(s.st_atime_ns, s.st_mtime_ns))"
    ),
    "a removed file": "os.remove('pkg/b.py')",
    "a removed folder": "shutil.rmtree('pkg')",
    "a folder made anew": "shutil.rmtree('pkg'); os.mkdir('pkg'); open('pkg/x', 'w').close()",
    "a folder for a file": "os.remove('a.py'); os.mkdir('a.py'); open('a.py/x', 'w').close()",
    "a file for a folder": "shutil.rmtree('pkg'); open('pkg', 'w').close()",
    "a link for a file": "os.remove('a.py'); os.symlink('pkg/b.py', 'a.py')",
    "a link for a folder": "shutil.move('pkg', 'moved'); os.symlink('moved', 'pkg')",
    "a link that leads out": "shutil.rmtree('pkg'); os.symlink('/tmp', 'pkg')",
    "a new mode": "os.chmod('a.py', 0); os.chmod('pkg', 0o700)",
    "a closed folder": "open('pkg/new', 'w').close(); os.chmod('pkg', 0)",
    "a new time": "os.utime('a.py', (1, 1))",
    "a pipe": "os.mkfifo('pipe')",
    "an earlier file changed": "open('early', 'w').write('2'); open('edited.py', 'w').write('e = 3\\n')",
    "an earlier file removed": "os.remove('early'); os.remove('edited.py')",
    "a file that was removed before": "open('removed.py', 'w').write('back')",
    "everything removed": "[shutil.rmtree(p) if p.is_dir() else p.unlink() for p in Path('.').iterdir()]",
}  # fmt: skip


@contextlib.contextmanager
def opened(home: Path) -> Iterator[OverlayWorkbench]:
    """Open a workbench in which something was written, changed and removed before."""
    (home / "ws").mkdir()
    root = lay(home / "ws", FILES + "-- removed.py --\nr = 1\n-- link_target.py --\nt = 1\n")
    (root / "big.txt").write_bytes(b"x" * 200_000)
    (root / "link").symlink_to("a.py")
    (root / "run.sh").write_bytes(b"#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    with OverlayCheckpoints(root, home / "state", lambda path: False).open(
        Cancellation(), {"m.py": "m = 1\n"}
    ) as bench:
        python_inside(
            bench.enclosure,
            "import os; open('early', 'w').write('1'); open('edited.py', 'w').write('e = 2\\n')\n"
            "os.remove('removed.py')",
        )
        yield bench


def check_traces(home: Path) -> None:
    with opened(home) as bench:
        tree = Path(bench.enclosure.tree)
        persons = tree_state(home / "ws")
        before = tree_state(tree, folder_times=False)
        footprint = footprint_of(bench.enclosure)
        for _ in range(2):  # The second time it works on what it put back itself.
            for name, code in TRACES.items():
                python_inside(bench.enclosure, f"import os, shutil\nfrom pathlib import Path\n{code}")
                footprint.clean()
                assert tree_state(tree, folder_times=False) == before, name
        assert tree_state(home / "ws") == persons


def test_whatever_tests_leave_behind_is_taken_away(tmp_path: Path) -> None:
    as_root_and_ordinary(tmp_path, check_traces)


def test_a_link_in_the_way_is_never_written_through(tmp_path: Path) -> None:
    """Even where putting a folder back fails, nothing is laid through the link that took its place."""
    (tmp_path / "outside").mkdir()
    with opened(tmp_path) as bench:
        python_inside(bench.enclosure, "import os; os.makedirs('made'); open('made/f', 'w').write('1')")
        footprint = footprint_of(bench.enclosure)
        python_inside(
            bench.enclosure,
            f"import os, shutil; shutil.rmtree('made'); os.symlink({str(tmp_path / 'outside')!r}, 'made')",
        )
        footprint.clean()
        assert list((tmp_path / "outside").iterdir()) == []


def test_looking_costs_as_much_as_was_written_not_as_the_tree_is_large(tmp_path: Path) -> None:
    with opened(tmp_path) as bench:
        for n in range(300):
            shutil.copytree(tmp_path / "ws" / "pkg", tmp_path / "ws" / "many" / f"pkg{n}")
        footprint = footprint_of(bench.enclosure)
        with fault(0) as counted:
            footprint.clean()
        assert counted.n_calls < 10


@pytest.mark.parametrize("name", ["early", "edited.py"])
def test_what_was_there_before_stays(tmp_path: Path, name: str) -> None:
    with opened(tmp_path) as bench:
        footprint_of(bench.enclosure).clean()
        assert os.path.lexists(Path(bench.enclosure.tree, name))
        assert not os.path.lexists(Path(bench.enclosure.tree, "removed.py"))
