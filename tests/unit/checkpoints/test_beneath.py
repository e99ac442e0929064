"""Whatever a path says and whatever stands on the disk: a delivery stays below its root, and on plain files."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from regreen.checkpoints import deliver
from regreen.core.edit import Patch, TextEdit, make_patch
from regreen.core.errors import Conflict, Refused, RegreenError
from tests.support.hostile_paths import FORMS
from tests.support.trees import tree_state
from tests.support.workspace import lay

Survived = Callable[[str, int, str], None]
REPOSITORY = Path(__file__).parents[3]
TREE = "-- a.py --\nx\n-- pkg/b.py --\nx\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "ws").mkdir()
    return lay(tmp_path / "ws", TREE)


def patch(*paths: str) -> Patch:
    return make_patch({path: ("x\n", (TextEdit(0, 1, "y"),)) for path in paths})


def check_refused(root: Path, changed: Patch, error: type[RegreenError] = Refused) -> RegreenError:
    before = tree_state(root.parent)
    state = root.parent.parent / f"{root.parent.name}-state"
    state.mkdir(exist_ok=True)
    with pytest.raises(error) as caught:
        deliver(str(root), changed, state)
    assert tree_state(root.parent) == before
    assert list(state.iterdir()) == []
    return caught.value


def test_every_hostile_form_is_refused_before_anything_is_touched(root: Path, survived: Survived) -> None:
    outside = lay(root.parent, "-- a.py --\nx\n")
    for rule, path in FORMS:
        refused = check_refused(root, patch("a.py", path))
        assert isinstance(refused, Refused)
        assert refused.rule == rule
    assert (outside / "a.py").read_text() == "x\n"
    assert 60 <= len(FORMS)
    survived("hostile paths", len(FORMS), "refused, nothing touched")


@pytest.mark.parametrize("other", ["A.py", "a.pY", "\uff41.py"])
def test_two_names_that_some_file_systems_take_for_one_are_refused(root: Path, other: str) -> None:
    refused = check_refused(root, patch("a.py", other))
    assert isinstance(refused, Refused)
    assert refused.rule == "path-collision"


def link_to(target: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        file.unlink()
        file.symlink_to(target)

    return change


def folder_as_link(file: Path) -> None:
    file.parent.rename(file.parent.with_name("real"))
    file.parent.symlink_to("real")


def folder_as_file(file: Path) -> None:
    file.unlink()
    file.parent.rmdir()
    file.parent.write_text("x\n")


def a_socket(file: Path) -> None:
    file.unlink()
    with socket.socket(socket.AF_UNIX) as unix:
        here = Path.cwd()
        os.chdir(file.parent)  # A socket's path has room for a hundred characters only.
        unix.bind(file.name)
        os.chdir(here)


FORMS_ON_DISK: dict[str, tuple[Callable[[Path], object], type[RegreenError]]] = {
    "a link to a file beside": (link_to("../a.py"), Refused),
    "a link to nowhere": (link_to("nowhere"), Refused),
    "a link to the outside": (link_to("/etc/hostname"), Refused),
    "a link to itself": (link_to("b.py"), Refused),
    "a magic link": (link_to("/proc/self/fd/0"), Refused),
    "a folder that is a link": (folder_as_link, Refused),
    "a folder that is a file": (folder_as_file, Refused),
    "a folder": (lambda file: (file.unlink(), file.mkdir()), Refused),
    "a pipe": (lambda file: (file.unlink(), os.mkfifo(file)), Refused),
    "a socket": (a_socket, Refused),
    "a second name": (lambda file: os.link(file, file.with_name("again.py")), Refused),
    "read-only": (lambda file: file.chmod(0o444), Refused),
    "more than ten megabytes": (lambda file: file.write_bytes(b"x\n" * 5_000_001), RegreenError),
    "binary": (lambda file: file.write_bytes(b"x\n\xff\0"), Conflict),
    "gone": (lambda file: file.unlink(), Conflict),
    "its folder gone": (lambda file: (file.unlink(), file.parent.rmdir()), Conflict),
}


@pytest.mark.parametrize(("change", "error"), FORMS_ON_DISK.values(), ids=FORMS_ON_DISK.keys())
def test_what_is_no_plain_text_file_is_refused(
    root: Path, survived: Survived, change: Callable[[Path], object], error: type[RegreenError]
) -> None:
    change(root / "pkg" / "b.py")
    check_refused(root, patch("a.py", "pkg/b.py"), error)
    survived("hostile paths", 1, "refused, nothing touched")


def test_the_root_itself_may_lie_behind_links(root: Path) -> None:
    (root.parent / "link").symlink_to(root)
    magic = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        deliver(str(root.parent / "link"), patch("pkg/b.py"))
        deliver(f"/proc/self/fd/{magic}", make_patch({"pkg/b.py": ("y\n", (TextEdit(0, 1, "z"),))}))
    finally:
        os.close(magic)
    assert (root / "pkg" / "b.py").read_text() == "z\n"


SWAPPER = """
import os, sys
folder, outside = sys.argv[1:]
os.symlink(outside, folder + "-link")
print("ready", flush=True)
while True:
    os.rename(folder, folder + "-aside")
    os.rename(folder + "-link", folder)
    os.rename(folder, folder + "-link")
    os.rename(folder + "-aside", folder)
"""
READER = """
import sys
from regreen.checkpoints.beneath import read_file
from regreen.core.errors import RegreenError
found = {"inside": 0, "outside": 0, "refused": 0}
for _ in range(int(sys.argv[2])):
    try:
        found[read_file(sys.argv[1], "pkg/b.py").content.decode().strip()] += 1
    except (RegreenError, FileNotFoundError):
        found["refused"] += 1
print(found["inside"], found["outside"], found["refused"])
"""


@pytest.mark.parametrize(
    ("n_tries", "tracer"),
    [
        (24_000, ()),
        (6_000, ("strace", "-qq", "-f", "--seccomp-bpf", "-e", "trace=openat2", "-e", "inject=openat2:error=ENOSYS",
                 "-o", "/dev/null")),
    ],
    ids=["one call for the whole path", "part by part"],
)  # fmt: skip
def test_a_folder_swapped_for_a_link_never_leads_outside(
    tmp_path: Path, survived: Survived, n_tries: int, tracer: tuple[str, ...]
) -> None:
    lay(tmp_path, "-- ws/pkg/b.py --\ninside\n-- outside/b.py --\noutside\n")
    folder, outside = tmp_path / "ws" / "pkg", tmp_path / "outside"
    swapping = [sys.executable, "-I", "-S", "-c", SWAPPER, str(folder), str(outside)]
    with subprocess.Popen(swapping, stdout=subprocess.PIPE) as swapper:
        assert swapper.stdout is not None
        swapper.stdout.readline()
        try:
            reading = [*tracer, sys.executable, "-c", READER, str(tmp_path / "ws"), str(n_tries)]
            read = subprocess.run(reading, capture_output=True, text=True, check=True, timeout=120, cwd=REPOSITORY)
        finally:
            swapper.kill()
    inside, escaped, refused = map(int, read.stdout.split())
    assert escaped == 0
    assert 0 < inside
    assert 0 < refused
    survived("path races", n_tries, "0 escapes")
