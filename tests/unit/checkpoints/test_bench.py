"""Reading, applying, resetting and verifying in a copy."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regreen.checkpoints import CopyCheckpoints, CopyWorkbench
from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, patch_between
from regreen.core.errors import CannotRun, Conflict, Refused, RollbackConflict, UnreadableSource
from tests.support.trees import ordinary_user, tree_state
from tests.support.workspace import lay

TEXT = "def f(a, b):\n    return a - b\n"
FIXED = TEXT.replace("-", "+")
WORKSPACE = f"-- m.py --\n{TEXT}-- pkg/n.py --\n{TEXT}"


def fix(*paths: str) -> Patch:
    return patch_between(dict.fromkeys(paths, TEXT), dict.fromkeys(paths, FIXED))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "ws").mkdir()
    return lay(tmp_path / "ws", WORKSPACE)


@pytest.fixture
def bench(root: Path, tmp_path: Path) -> Iterator[CopyWorkbench]:
    checkpoints = CopyCheckpoints(root, tmp_path / "state", lambda path: path == "ignored.log")
    with checkpoints.open(Cancellation(), {}) as bench:
        yield bench


def test_a_file_is_read_as_it_stands(bench: CopyWorkbench) -> None:
    assert bench.read("pkg/n.py").text == TEXT
    bench.apply(fix("pkg/n.py"))
    assert bench.read("pkg/n.py").text == FIXED


@pytest.mark.parametrize("path", ["nope.py", "nope/n.py", "pkg"])
def test_what_is_not_a_file_cannot_be_read(bench: CopyWorkbench, path: str) -> None:
    with pytest.raises((UnreadableSource, Refused)) as caught:
        bench.read(path)
    assert path in caught.value.message


def test_a_huge_file_cannot_be_read(bench: CopyWorkbench) -> None:
    with open(Path(bench.enclosure.tree, "huge.py"), "wb") as file:
        file.truncate(10_000_001)
    with pytest.raises(UnreadableSource, match="10000001 bytes"):
        bench.read("huge.py")


def test_a_patch_is_written_in_the_copy_only(bench: CopyWorkbench, root: Path) -> None:
    before = tree_state(root)
    bench.apply(fix("m.py", "pkg/n.py"))
    assert Path(bench.enclosure.tree, "m.py").read_text() == FIXED
    assert tree_state(root) == before
    bench.verify()


def test_each_edit_is_later_by_a_second_so_that_no_cache_takes_it_for_the_old_one(bench: CopyWorkbench) -> None:
    times = [int(Path(bench.enclosure.tree, "m.py").stat().st_mtime)]
    for before, after in ((TEXT, FIXED), (FIXED, TEXT), (TEXT, FIXED)):
        bench.apply(patch_between({"m.py": before}, {"m.py": after}))
        times.append(int(Path(bench.enclosure.tree, "m.py").stat().st_mtime))
    assert times == sorted(set(times))


def test_a_mode_survives_an_edit(bench: CopyWorkbench) -> None:
    Path(bench.enclosure.tree, "m.py").chmod(0o751)
    bench.apply(fix("m.py"))
    assert Path(bench.enclosure.tree, "m.py").stat().st_mode & 0o777 == 0o751


def check_unchanged_after(error: type[Exception], bench: CopyWorkbench, patch: Patch) -> Exception:
    before = tree_state(Path(bench.enclosure.tree))
    with pytest.raises(error) as caught:
        bench.apply(patch)
    assert tree_state(Path(bench.enclosure.tree)) == before
    return caught.value


def test_a_patch_for_another_text_is_a_conflict_and_nothing_is_written(bench: CopyWorkbench) -> None:
    Path(bench.enclosure.tree, "pkg", "n.py").write_text("other\n")
    conflict = check_unchanged_after(Conflict, bench, fix("m.py", "pkg/n.py"))
    assert isinstance(conflict, Conflict)
    assert conflict.paths == ("pkg/n.py",)


@pytest.mark.parametrize("path", ["gone.py", "gone/m.py"])
def test_a_patch_for_a_missing_file_is_a_conflict(bench: CopyWorkbench, path: str) -> None:
    conflict = check_unchanged_after(Conflict, bench, fix("m.py", path))
    assert isinstance(conflict, Conflict)
    assert conflict.paths == (path,)


def test_a_patch_for_a_file_that_is_no_text_is_a_conflict(bench: CopyWorkbench) -> None:
    Path(bench.enclosure.tree, "m.py").write_bytes(b"\xff\xfe\xff")
    check_unchanged_after(Conflict, bench, fix("m.py"))


def make_link(at: Path) -> None:
    at.unlink()
    at.symlink_to("pkg/n.py")


def make_hard_link(at: Path) -> None:
    os.link(at, at.parent / "second")


def make_pipe(at: Path) -> None:
    at.unlink()
    os.mkfifo(at)


def make_folder(at: Path) -> None:
    at.unlink()
    at.mkdir()


def make_read_only(at: Path) -> None:
    at.chmod(0o444)


def make_socket(at: Path) -> None:
    at.unlink()
    cwd = Path.cwd()
    os.chdir(at.parent)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(at.name)
    finally:
        os.chdir(cwd)


def make_outside_link(at: Path) -> None:
    at.unlink()
    at.symlink_to("/etc/hostname")


@pytest.mark.parametrize(
    ("rule", "damage"),
    [
        ("path-symlink", make_link),
        ("path-symlink", make_outside_link),
        ("path-hard-link", make_hard_link),
        ("path-special", make_pipe),
        ("path-special", make_folder),
        ("path-special", make_socket),
        ("path-read-only", make_read_only),
    ],
)
def test_what_is_no_plain_file_is_refused(bench: CopyWorkbench, rule: str, damage: Callable[[Path], None]) -> None:
    damage(Path(bench.enclosure.tree, "m.py"))
    refused = check_unchanged_after(Refused, bench, fix("m.py"))
    assert isinstance(refused, Refused)
    assert refused.rule == rule


def test_a_link_on_the_way_is_refused(bench: CopyWorkbench) -> None:
    Path(bench.enclosure.tree, "alias").symlink_to("pkg")
    refused = check_unchanged_after(Refused, bench, fix("alias/n.py"))
    assert isinstance(refused, Refused)
    assert refused.rule == "path-symlink"


def test_a_file_on_the_way_is_refused(bench: CopyWorkbench) -> None:
    refused = check_unchanged_after(Refused, bench, fix("m.py/n.py"))
    assert isinstance(refused, Refused)
    assert refused.rule == "path-special"


@pytest.mark.parametrize("path", ["../m.py", "/etc/passwd", "a\0.py", ".GIT/config", "pkg//n.py", "C:/m.py"])
def test_a_hostile_path_is_refused(bench: CopyWorkbench, path: str) -> None:
    check_unchanged_after(Refused, bench, fix(path))
    with pytest.raises(Refused):
        bench.read(path)


def test_a_folder_that_cannot_be_written_is_refused() -> None:
    with ordinary_user() as home:
        (home / "ws").mkdir()
        lay(home / "ws", WORKSPACE)
        with CopyCheckpoints(home / "ws", home / "state", lambda path: False).open(Cancellation(), {}) as bench:
            Path(bench.enclosure.tree, "pkg").chmod(0o500)
            refused = check_unchanged_after(Refused, bench, fix("pkg/n.py"))
            assert isinstance(refused, Refused)
            assert refused.rule == "path-read-only"


def test_a_change_that_keeps_size_and_time_is_undone(bench: CopyWorkbench) -> None:
    path = Path(bench.enclosure.tree, "m.py")
    before = tree_state(Path(bench.enclosure.tree))
    state = path.stat()
    path.write_text(FIXED)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    bench.reset()
    assert tree_state(Path(bench.enclosure.tree)) == before


def test_what_a_test_wrote_beside_the_tree_goes(bench: CopyWorkbench) -> None:
    beside = Path(bench.enclosure.tree).parent / "beside"
    beside.write_bytes(b"x")
    bench.reset()
    assert not beside.exists()


def test_a_reset_after_the_whole_tree_is_gone(bench: CopyWorkbench) -> None:
    before = tree_state(Path(bench.enclosure.tree))
    shutil.rmtree(Path(bench.enclosure.tree).parent)
    bench.reset()
    assert tree_state(Path(bench.enclosure.tree)) == before


def test_a_reset_never_follows_a_link_out_of_the_copy(bench: CopyWorkbench, tmp_path: Path) -> None:
    outside = lay(tmp_path / "outside", "-- n.py --\nmine\n")
    before, theirs = tree_state(Path(bench.enclosure.tree)), tree_state(outside)
    shutil.rmtree(Path(bench.enclosure.tree, "pkg"))
    Path(bench.enclosure.tree, "pkg").symlink_to(outside)
    Path(bench.enclosure.tree, "m.py").unlink()
    Path(bench.enclosure.tree, "m.py").symlink_to(outside / "n.py")
    bench.reset()
    assert tree_state(Path(bench.enclosure.tree)) == before
    assert tree_state(outside) == theirs


def test_a_damaged_store_is_noticed(bench: CopyWorkbench) -> None:
    (Path(bench.enclosure.tree).parents[1] / "pristine").write_bytes(b"")
    Path(bench.enclosure.tree, "m.py").unlink()
    with pytest.raises(CannotRun, match="damaged"):
        bench.reset()


def check_noticed(bench: CopyWorkbench, *paths: str) -> None:
    with pytest.raises(RollbackConflict) as caught:
        bench.verify()
    assert caught.value.paths == paths


def test_a_save_during_the_run_is_noticed(bench: CopyWorkbench, root: Path) -> None:
    bench.verify()
    (root / "m.py").write_text(FIXED)
    check_noticed(bench, "m.py")


def test_a_save_that_keeps_size_and_time_is_noticed(bench: CopyWorkbench, root: Path) -> None:
    state = (root / "m.py").stat()
    (root / "m.py").write_text(FIXED)
    os.utime(root / "m.py", ns=(state.st_atime_ns, state.st_mtime_ns))
    check_noticed(bench, "m.py")


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.unlink(),
        lambda path: path.chmod(0o755),
        make_folder,
        lambda path: path.rename(path.parent / "moved.py"),
        lambda path: make_link(path),
    ],
)
def test_any_change_of_a_file_is_noticed(bench: CopyWorkbench, root: Path, change: Callable[[Path], object]) -> None:
    change(root / "m.py")
    check_noticed(bench, "m.py")


def test_a_folder_that_went_names_its_files(bench: CopyWorkbench, root: Path) -> None:
    (root / "pkg").rename(root / "gkp")
    check_noticed(bench, "pkg", "pkg/n.py")


@pytest.mark.parametrize(
    "change",
    [
        lambda path: os.utime(path),
        lambda path: path.write_text(TEXT),
        lambda path: (path.parent / "new.py").write_text("x"),
        lambda path: path.rename(path.parent / "x") and (path.parent / "x").rename(path),
    ],
)
def test_what_leaves_the_known_texts_alone_is_no_conflict(
    bench: CopyWorkbench, root: Path, change: Callable[[Path], object]
) -> None:
    change(root / "m.py")
    bench.verify()


def test_saving_the_buffer_that_was_tested_is_no_conflict(root: Path, tmp_path: Path) -> None:
    checkpoints = CopyCheckpoints(root, tmp_path / "state", lambda path: False)
    with checkpoints.open(Cancellation(), {"m.py": FIXED}) as bench:
        (root / "m.py").write_text(FIXED)
        bench.verify()
        (root / "m.py").write_text(FIXED + "\n")
        check_noticed(bench, "m.py")


def test_an_ignored_file_may_change(root: Path, tmp_path: Path) -> None:
    (root / "ignored.log").write_text("a")
    checkpoints = CopyCheckpoints(root, tmp_path / "state", lambda path: path == "ignored.log")
    with checkpoints.open(Cancellation(), {}) as bench:
        (root / "ignored.log").write_text("ab")
        bench.verify()


def test_a_changed_link_is_noticed(root: Path, tmp_path: Path) -> None:
    (root / "link").symlink_to("m.py")
    with CopyCheckpoints(root, tmp_path / "state", lambda path: False).open(Cancellation(), {}) as bench:
        bench.verify()
        (root / "link").unlink()
        (root / "link").symlink_to("pkg")
        check_noticed(bench, "link")


# Random trees and random damage.

NAMES = st.sampled_from(["a", "b.py", "c d", "é", "x"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
MODES = st.sampled_from([0o644, 0o600, 0o755, 0o444, 0o750, 0o000])
THINGS = st.one_of(
    st.tuples(st.just("file"), PATHS, st.binary(max_size=40), MODES),
    st.tuples(st.just("folder"), PATHS, st.just(b""), st.sampled_from([0o755, 0o700, 0o555])),
    st.tuples(st.just("link"), PATHS, st.sampled_from([b"a", b"../x", b"b.py/x", b"nowhere", b"."]), st.just(0)),
)
DAMAGE = st.one_of(
    THINGS,
    st.tuples(st.just("delete"), PATHS, st.just(b""), st.just(0)),
    st.tuples(st.just("chmod"), PATHS, st.just(b""), MODES),
    st.tuples(st.just("append"), PATHS, st.binary(min_size=1, max_size=5), st.just(0)),
    st.tuples(st.just("rename"), PATHS, st.just(b"renamed"), st.just(0)),
)


def do(root: Path, thing: tuple[str, str, bytes, int]) -> None:
    """Do one thing to a tree, or nothing where it makes no sense."""
    kind, path, content, mode = thing
    at = root / path
    try:
        at.parent.mkdir(parents=True, exist_ok=True)
        if kind not in ("append", "chmod", "rename") and os.path.lexists(at):
            remove(at)
        if kind == "file":
            at.write_bytes(content)
            at.chmod(mode)
        elif kind == "folder":
            at.mkdir(mode=mode)
            at.chmod(mode)
        elif kind == "link":
            at.symlink_to(os.fsdecode(content))
        elif kind == "chmod" and not at.is_symlink():
            at.chmod(mode)
        elif kind == "append" and stat.S_ISREG(at.lstat().st_mode):
            with at.open("ab") as file:
                file.write(content)
        elif kind == "rename":
            at.rename(root / os.fsdecode(content))
    except OSError:
        return


def remove(at: Path) -> None:
    if at.is_dir() and not at.is_symlink():
        shutil.rmtree(at)
    else:
        at.unlink()


def without_links(state: dict[str, tuple[object, ...]]) -> dict[str, tuple[object, ...]]:
    return {path: one for path, one in state.items() if one[0] != "link"}


@settings(max_examples=120)
@given(st.lists(THINGS, max_size=10), st.lists(st.lists(DAMAGE, max_size=8), min_size=1, max_size=3))
def test_any_tree_survives_any_damage_and_the_original_is_never_touched(
    tree: list[tuple[str, str, bytes, int]], rounds: list[list[tuple[str, str, bytes, int]]]
) -> None:
    with tempfile.TemporaryDirectory() as home:
        root = Path(home, "ws")
        root.mkdir()
        for thing in tree:
            do(root, thing)
        original = tree_state(root)
        with CopyCheckpoints(root, Path(home, "state"), lambda path: False).open(Cancellation(), {}) as bench:
            pristine = tree_state(Path(bench.enclosure.tree))
            assert without_links(pristine) == without_links(original)
            for damages in rounds:
                for damage in damages:
                    do(Path(bench.enclosure.tree), damage)
                bench.reset()
                assert tree_state(Path(bench.enclosure.tree)) == pristine
                assert tree_state(root) == original
            bench.verify()
        assert tree_state(root) == original
        assert list(Path(home, "state", "benches").iterdir()) == []
