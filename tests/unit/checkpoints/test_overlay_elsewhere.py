"""Machines that are not like ours: a container whose own files are an overlay, user namespaces switched off."""

from __future__ import annotations

import sys
from pathlib import Path

import regreen
from regreen.checkpoints import OverlayCheckpoints
from regreen.core.cancel import Cancellation
from tests.support.inside import as_root_and_ordinary, python_inside
from tests.support.trees import tree_state
from tests.support.workspace import lay

SERVER = str(Path(regreen.__file__).parents[1])

# Runs inside of an overlay, which stands for a container's file system. Its own workspace is the folder `inner`.
PRELUDE = """
import ctypes, os, sys
from pathlib import Path
sys.path[:0] = {path!r}
if os.geteuid() != 0:  # Root of a container is somebody else outside.
    who, group, libc = os.geteuid(), os.getegid(), ctypes.CDLL(None)
    assert libc.unshare(0x10020000) == 0
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {who} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    assert libc.mount(b"none", b"/", None, 0x44000, None) == 0
    os.chdir(os.getcwd())
from regreen.checkpoints import OverlayCheckpoints
from regreen.core.cancel import Cancellation
root = Path("inner").absolute()
overlay = OverlayCheckpoints(root, Path("state").absolute(), lambda path: False)
"""

WORKS = """
with overlay.open(Cancellation(), {}) as bench:
    Path(bench.enclosure.tree, "m.py").write_text("m = 2")
    assert (root / "m.py").read_text() == "m = 1\\n"
    assert bench.read("m.py").text == "m = 2"
    bench.reset()
    assert bench.read("m.py").text == "m = 1\\n"
    print(Path(bench.enclosure.upper).is_relative_to(Path("state").absolute()))
"""

MOUNTED = """
assert ctypes.CDLL(None).mount(b"none", os.fsencode(root / "data"), b"tmpfs", 0, None) == 0
print(overlay.probe())
try:
    overlay.open(Cancellation(), {}).__enter__()
except Exception as error:
    print(type(error).__name__)
"""

SWITCHED_OFF = """
Path("/proc/sys/user/max_user_namespaces").write_text("0")
print(overlay.probe())
"""


def elsewhere(home: Path, code: str) -> str:
    (home / "ws").mkdir()
    root = lay(home / "ws", "-- inner/m.py --\nm = 1\n-- inner/data/x --\n")
    before = tree_state(root)
    with OverlayCheckpoints(root, home / "state", lambda path: False).open(Cancellation(), {}) as bench:
        prelude = PRELUDE.replace("{path!r}", repr([SERVER, *(path for path in sys.path if path)]))
        answer = python_inside(bench.enclosure, prelude + code)
    assert tree_state(root) == before
    return answer


def test_in_a_container_whose_files_are_an_overlay_the_upper_layer_lies_elsewhere(tmp_path: Path) -> None:
    def check(home: Path) -> None:
        assert elsewhere(home, WORKS) == "False\n"

    as_root_and_ordinary(tmp_path, check)


def test_a_file_system_that_is_mounted_inside_of_the_workspace_is_named(tmp_path: Path) -> None:
    def check(home: Path) -> None:
        why, error = elsewhere(home, MOUNTED).splitlines()
        assert "mounted inside of the workspace" in why
        assert "ws/inner/data" in why
        assert error == "CannotRun"

    as_root_and_ordinary(tmp_path, check)


def test_namespaces_that_are_switched_off_are_named(tmp_path: Path) -> None:
    def check(home: Path) -> None:
        assert "user.max_user_namespaces" in elsewhere(home, SWITCHED_OFF)

    as_root_and_ordinary(tmp_path, check)
