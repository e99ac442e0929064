"""Delivery: all files or none, never over an unexpected text, byte for byte otherwise."""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import resource
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.checkpoints import deliver, recover
from regreen.core.edit import Patch, TextEdit, invert, make_patch, patch_between
from regreen.core.errors import CannotRun, Conflict, Refused, RegreenError, RollbackConflict, UnreadableSource
from regreen.core.text import decode
from tests.support.faults import fault
from tests.support.trees import ordinary_user, tree_state
from tests.support.workspace import lay

TEXT = "def f(a, b):\n    return a - b\n"
FIXED = TEXT.replace("-", "+")
THREE = f"-- a.py --\n{TEXT}-- pkg/b.py --\n{TEXT}-- pkg/c.py --\n{TEXT}-- other.py --\nx\n"
FILES = ("a.py", "pkg/b.py", "pkg/c.py")


def fix(*paths: str) -> Patch:
    return patch_between(dict.fromkeys(paths, TEXT), dict.fromkeys(paths, FIXED))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "ws").mkdir()
    return lay(tmp_path / "ws", THREE)


def texts(root: Path) -> list[str]:
    return [(root / path).read_text() for path in FILES]


def test_a_patch_is_written_and_nothing_else_is_there(root: Path) -> None:
    names = sorted(tree_state(root))
    deliver(str(root), fix(*FILES))
    assert texts(root) == [FIXED] * 3
    assert sorted(tree_state(root)) == names
    assert (root / "other.py").read_text() == "x\n"


def test_an_empty_patch_writes_nothing(root: Path) -> None:
    before = tree_state(root)
    deliver(str(root), Patch(()))
    assert tree_state(root) == before


CONTENTS = {
    "crlf": b"a - b\r\nc\r\n",
    "mixed line ends": b"a - b\r\nc\nd\re",
    "no final line end": b"x\na - b",
    "utf-8 mark": codecs.BOM_UTF8 + "é a - b\n".encode(),
    "utf-16": codecs.BOM_UTF16_LE + "é a - b\n".encode("utf-16-le"),
    "latin-1": b"# coding: latin-1\nx = '\xe9'\na - b\n",
    "japanese": "# coding: euc-jp\nx = '日本'\na - b\n".encode("euc-jp"),
    "form feed and odd separators": "a - b\x0c\u2028\x85\n".encode(),
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_bytes_that_the_patch_does_not_edit_survive(root: Path, content: bytes) -> None:
    (root / "a.py").write_bytes(content)
    text = decode(content, "a.py").text
    at = text.index("a - b") + 2
    patch = make_patch({"a.py": (text, (TextEdit(at, at + 1, "+"),))})
    deliver(str(root), patch)
    assert (root / "a.py").read_bytes() == content.replace(b" -", b" +").replace(b"\0-", b"\0+")
    deliver(str(root), invert(patch))
    assert (root / "a.py").read_bytes() == content


@given(st.binary(max_size=60), st.text(max_size=10))
def test_a_delivery_and_its_inverse_cancel_out(content: bytes, added: str) -> None:
    with tempfile.TemporaryDirectory() as home, contextlib.suppress(UnreadableSource):
        (Path(home) / "a.txt").write_bytes(content)
        text = decode(content, "a.txt").text
        patch = make_patch({"a.txt": (text, (TextEdit(len(text) // 2, len(text), added),))})
        deliver(home, patch)
        assert decode((Path(home) / "a.txt").read_bytes(), "a.txt").text == patch.files[0].after
        deliver(home, invert(patch))
        assert (Path(home) / "a.txt").read_bytes() == content


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o200, 0o640])
def test_a_mode_survives(root: Path, mode: int) -> None:
    (root / "a.py").chmod(mode)
    deliver(str(root), fix("a.py"))
    assert (root / "a.py").stat().st_mode & 0o7777 == mode


def test_an_owner_survives_where_that_is_allowed(root: Path) -> None:
    if os.geteuid() == 0:
        os.chown(root / "a.py", 4321, 4322)
    before = (root / "a.py").stat()
    deliver(str(root), fix("a.py"))
    after = (root / "a.py").stat()
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


def test_extended_attributes_survive(root: Path) -> None:
    with contextlib.suppress(OSError):
        os.setxattr(root / "a.py", "user.note", b"mine")
    before = os.listxattr(root / "a.py")
    deliver(str(root), fix("a.py"))
    assert os.listxattr(root / "a.py") == before


def check_untouched(root: Path, error: type[RegreenError], patch: Patch) -> RegreenError:
    before = tree_state(root, folder_times=False)
    with pytest.raises(error) as caught:
        deliver(str(root), patch)
    assert tree_state(root, folder_times=False) == before
    assert caught.value.next_step.endswith(".")
    return caught.value


def test_a_changed_file_is_a_conflict_that_names_it(root: Path) -> None:
    (root / "pkg" / "c.py").write_text(TEXT + "# mine\n")
    conflict = check_untouched(root, Conflict, fix(*FILES))
    assert isinstance(conflict, Conflict)
    assert conflict.paths == ("pkg/c.py",)
    assert "pkg/c.py" in conflict.message


def test_all_changed_files_are_named(root: Path) -> None:
    (root / "a.py").unlink()
    (root / "pkg" / "b.py").write_bytes(b"\xff")
    conflict = check_untouched(root, Conflict, fix(*FILES))
    assert isinstance(conflict, Conflict)
    assert conflict.paths == ("a.py", "pkg/b.py")


def test_a_change_of_line_ends_is_a_conflict(root: Path) -> None:
    (root / "a.py").write_bytes(TEXT.replace("\n", "\r\n").encode())
    check_untouched(root, Conflict, fix("a.py"))


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("path-symlink", lambda at: (at.rename(at.parent / "real.py"), at.symlink_to("real.py"))),
        ("path-hard-link", lambda at: os.link(at, at.parent / "second.py")),
        ("path-special", lambda at: (at.unlink(), os.mkfifo(at))),
        ("path-special", lambda at: (at.unlink(), at.mkdir())),
        ("path-read-only", lambda at: at.chmod(0o444)),
    ],
)
def test_what_is_no_plain_file_is_refused(root: Path, rule: str, change: Callable[[Path], object]) -> None:
    change(root / "pkg" / "c.py")
    refused = check_untouched(root, Refused, fix(*FILES))
    assert isinstance(refused, Refused)
    assert refused.rule == rule


@pytest.mark.parametrize("path", ["../a.py", "/etc/passwd", ".git/config", "pkg/../a.py", "a.py\0", "~/a.py"])
def test_a_hostile_path_is_refused(root: Path, path: str) -> None:
    check_untouched(root, Refused, fix("a.py", path))


def test_a_folder_that_is_a_link_is_refused(root: Path, tmp_path: Path) -> None:
    outside = lay(tmp_path / "outside", f"-- b.py --\n{TEXT}")
    (root / "link").symlink_to(outside)
    check_untouched(root, Refused, fix("link/b.py"))
    assert (outside / "b.py").read_text() == TEXT


def test_a_read_only_folder_is_refused() -> None:
    with ordinary_user() as home:
        lay(home, THREE)
        (home / "pkg").chmod(0o555)
        refused = check_untouched(home, Refused, fix(*FILES))
        assert isinstance(refused, Refused)
        assert refused.rule == "path-read-only"


def test_a_character_that_the_encoding_lacks_is_refused_before_any_file_is_touched(root: Path) -> None:
    text = "# coding: latin-1\nx\n"
    (root / "pkg" / "c.py").write_text(text)
    before = {"a.py": TEXT, "pkg/c.py": text}
    check_untouched(root, UnreadableSource, patch_between(before, {"a.py": FIXED, "pkg/c.py": text + "# €\n"}))


def test_a_full_disk_touches_nothing(root: Path) -> None:
    large = TEXT + "#" * 200_000
    patch = patch_between({"a.py": TEXT, "pkg/b.py": TEXT}, {"a.py": FIXED, "pkg/b.py": large})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        check_untouched(root, CannotRun, patch)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EPERM, errno.EINTR])
def test_a_fault_at_any_call_leaves_all_old_or_all_new(tmp_path: Path, error: int) -> None:
    n, outcomes = 0, []
    while True:
        n += 1
        root, state = lay(tmp_path / str(n), THREE), tmp_path / f"state{n}"
        state.mkdir()
        names = sorted(tree_state(root))
        with fault(n, error) as struck, contextlib.suppress(RegreenError):
            deliver(str(root), fix(*FILES), state)
        recover(str(root), state)
        assert texts(root) in ([TEXT] * 3, [FIXED] * 3)
        assert sorted(tree_state(root)) == names
        assert sorted(tree_state(state)) in ([".", "deliveries"], ["."])
        outcomes.append(texts(root)[0] == FIXED)
        if not struck.struck:
            break
    assert 20 < n
    assert outcomes[-1]
    assert outcomes.count(False) > 15


def test_files_that_cannot_be_put_back_are_left_to_recovery(root: Path, tmp_path: Path) -> None:
    """A call fails for good while files are being written, so that they cannot be put back either."""
    for n in range(1, 200):
        home, state = lay(tmp_path / f"try{n}", THREE), tmp_path / f"state{n}"
        state.mkdir()
        with fault(n, errno.EIO) as struck:
            struck.again = 1000
            error = error_of(lambda home=home, state=state: deliver(str(home), fix(*FILES), state))
        if isinstance(error, RollbackConflict):
            break
    assert error is not None
    assert "regreen recover" in error.next_step
    (recovery,) = recover(str(home), state)
    assert recovery.paths == FILES
    assert texts(home) == [TEXT] * 3
    assert sorted(tree_state(home)) == sorted(tree_state(root))


def error_of(call: Callable[[], None]) -> RegreenError | None:
    try:
        call()
    except RegreenError as error:
        return error
    return None


def test_a_state_folder_that_cannot_be_written_means_that_nothing_is_touched() -> None:
    with ordinary_user() as home:
        root = lay(home / "ws", THREE)
        (home / "state").mkdir(mode=0o500)
        before = tree_state(root)
        with pytest.raises(CannotRun, match="Nothing was touched") as caught:
            deliver(str(root), fix(*FILES), home / "state")
        assert tree_state(root) == before
        assert "REGREEN_STATE_DIR" in caught.value.next_step


def test_a_file_that_already_is_what_it_should_become_is_not_written(root: Path, tmp_path: Path) -> None:
    before = tree_state(root)
    deliver(str(root), make_patch({"a.py": (TEXT, (TextEdit(0, 3, "def"),))}), tmp_path)
    assert tree_state(root) == before


class Swapper:
    """Swaps a folder for a link to the outside and back, as fast as it can."""

    def __init__(self, folder: Path, outside: Path) -> None:
        self._folder, self._outside = folder, outside
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        aside, link = self._folder.with_name("aside"), self._folder.with_name("link")
        link.symlink_to(self._outside)
        while not self._stop.is_set():
            self._folder.rename(aside)
            link.rename(self._folder)
            self._folder.rename(link)
            aside.rename(self._folder)


def test_a_folder_swapped_for_a_link_in_the_middle_never_leads_outside(root: Path, tmp_path: Path) -> None:
    outside = lay(tmp_path / "outside", f"-- b.py --\n{TEXT}")
    before = tree_state(outside)
    n_written = 0
    there, back = fix("pkg/b.py"), invert(fix("pkg/b.py"))
    with Swapper(root / "pkg", outside):
        for _ in range(600):
            with contextlib.suppress(RegreenError):
                deliver(str(root), there if n_written % 2 == 0 else back)
                n_written += 1
    # However few of them met the folder in its place: with nobody in the way it works.
    deliver(str(root), there if n_written % 2 == 0 else back)
    assert tree_state(outside) == before


def test_a_save_at_any_moment_is_never_lost(root: Path) -> None:
    """A person saves in place while deliveries run: what they saved last is there, or the patch made from it."""
    lost = []
    for n in range(60):
        (root / "a.py").write_text(TEXT)
        mine = f"{TEXT}# save {n}\n"
        start = threading.Barrier(2)

        def save(text: str = mine, start: threading.Barrier = start) -> None:
            start.wait()
            (root / "a.py").write_text(text)

        person = threading.Thread(target=save)
        person.start()
        start.wait()
        with contextlib.suppress(RegreenError):
            deliver(str(root), fix("a.py"))
        person.join()
        if (root / "a.py").read_text() not in (mine, FIXED):
            lost.append((root / "a.py").read_text())
    assert lost == []
