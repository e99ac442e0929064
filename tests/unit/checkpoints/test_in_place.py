"""The workbench in place: what runs do to the person's tree is undone, what the person does meanwhile is never lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from regreen.checkpoints.in_place import InPlaceCheckpoints, InPlaceWorkbench
from regreen.checkpoints.shadow.judge import Restored
from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.edit import Patch, patch_between
from regreen.core.errors import Busy, Conflict, Refused, RollbackConflict, UnreadableSource
from tests.support.trees import ordinary_user, tree_state
from tests.support.workspace import lay

TEXT = "def f(a, b):\n    return a - b\n"
FIXED = "def f(a, b):\n    return a + b\n"
SPACE = f"""
-- calc.py --
{TEXT}
-- pkg/other.py --
x = 1
-- notes.txt --
mine
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay(tmp_path / "space", SPACE)


class Told:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.ends: list[Restored] = []

    def __call__(self, restored: Restored) -> None:
        self.ends.append(restored)

    @property
    def last(self) -> Restored:
        return self.ends[-1]


def in_place(root: Path, told: Told | None = None, **options: object) -> InPlaceCheckpoints:
    return InPlaceCheckpoints(root, root.parent / "state", lambda _: False, told=told or Told(), **options)  # type: ignore[arg-type]


@contextmanager
def bench_at(root: Path, told: Told | None = None, **options: object) -> Iterator[InPlaceWorkbench]:
    with in_place(root, told, **options).open(Cancellation(), {}) as bench:
        yield bench


def fix(path: str = "calc.py") -> Patch:
    return patch_between({path: TEXT}, {path: FIXED})


def test_attempts_work_in_the_very_tree(root: Path) -> None:
    with bench_at(root) as bench:
        bench.apply(fix())
        assert (root / "calc.py").read_text() == FIXED == bench.read("calc.py").text
        assert bench.enclosure.root == bench.enclosure.tree == str(root) == bench.original


def test_leaving_puts_everything_back(root: Path) -> None:
    before = tree_state(root)
    told = Told()
    with bench_at(root, told) as bench:
        bench.apply(fix())
        (root / "pkg" / "other.py").unlink()
        (root / "notes.txt").chmod(0o600)
        (root / "made_by_a_test").mkdir()
    assert tree_state(root) == before
    assert told.last.is_whole
    assert "calc.py" in told.last.put_back


def test_a_reset_puts_back_what_an_attempt_changed(root: Path) -> None:
    before = tree_state(root)
    with bench_at(root) as bench:
        for _ in range(3):
            bench.apply(fix())
            (root / "made.txt").write_text("by a test")
            bench.reset()
            assert tree_state(root) == before


def test_what_we_wrote_leaves_no_copy(root: Path) -> None:
    told = Told()
    with bench_at(root, told) as bench:
        bench.apply(fix())
    assert told.last.moved == ()


@pytest.mark.parametrize("error", [Cancelled, RuntimeError, KeyboardInterrupt, OSError])
def test_an_error_puts_everything_back_too(root: Path, error: type[BaseException]) -> None:
    before = tree_state(root)
    with pytest.raises(error), bench_at(root) as bench:
        bench.apply(fix())
        raise error
    assert tree_state(root) == before
    with bench_at(root):
        pass


def test_unsaved_text_is_refused_before_anything_is_done(root: Path) -> None:
    opening = in_place(root).open(Cancellation(), {"calc.py": FIXED})
    with pytest.raises(Refused, match=r"calc\.py has changes that are not saved") as refused, opening:
        pass
    assert refused.value.rule == "in-place-unsaved"
    assert not (root.parent / "state").exists()


def test_a_buffer_that_equals_its_file_is_no_hindrance(root: Path) -> None:
    with in_place(root).open(Cancellation(), {"calc.py": (root / "calc.py").read_text()}) as bench:
        assert bench.kind == "your own files, in place"


def test_a_repository_of_the_persons_own_making_stays(root: Path) -> None:
    told = Told()
    checkpoints = in_place(root, told)
    with checkpoints.open(Cancellation(), {}):
        with checkpoints.running():
            pass
        wait_for_the_clock(root)
        (root / ".git").mkdir()
        (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    assert (root / ".git" / "HEAD").exists()
    assert [one.path for one in told.last.conflicts] == [".git"]


def test_only_one_works_in_place(root: Path) -> None:
    with bench_at(root), pytest.raises(Busy, match="Another repair works in place"), bench_at(root):
        pass


def test_a_cancel_before_the_start_leaves_nothing(root: Path) -> None:
    before = tree_state(root)
    token = Cancellation()
    token.cancel()
    with pytest.raises(Cancelled), in_place(root).open(token, {}):
        pass
    assert tree_state(root) == before
    with bench_at(root):
        pass


@pytest.mark.parametrize("path", ["gone.py", "pkg"])
def test_a_patch_for_what_is_not_there_is_not_written(root: Path, path: str) -> None:
    before = tree_state(root)
    with bench_at(root) as bench:
        with pytest.raises((Conflict, Refused)):
            bench.apply(fix(path))
        assert tree_state(root) == before
        with pytest.raises((UnreadableSource, Refused)):
            bench.read(path)


def test_a_patch_never_overwrites_what_the_person_saved(root: Path) -> None:
    with bench_at(root) as bench:
        (root / "calc.py").write_text("mine\n")
        with pytest.raises(Conflict):
            bench.apply(fix())
        assert (root / "calc.py").read_text() == "mine\n"


def test_each_edit_is_later_by_a_second_so_that_no_cache_takes_it_for_an_earlier_one(root: Path) -> None:
    seconds = [(root / "calc.py").stat().st_mtime_ns // 10**9]
    with bench_at(root) as bench:
        for _ in range(3):
            bench.apply(fix())
            seconds.append((root / "calc.py").stat().st_mtime_ns // 10**9)
            bench.reset()
    assert seconds == sorted(set(seconds))


def test_an_edit_while_nothing_of_ours_runs_is_the_persons_and_stays(root: Path) -> None:
    told = Told()
    checkpoints = in_place(root, told)
    with checkpoints.open(Cancellation(), {}) as bench:
        with checkpoints.running():
            (root / "made_by_a_test").write_text("x")
        wait_for_the_clock(root)
        (root / "pkg" / "other.py").write_text("x = 'mine'\n")
        (root / "new_and_mine.py").write_text("y = 1\n")
        bench.reset()
        with pytest.raises(RollbackConflict) as conflict:
            bench.verify()
        assert conflict.value.paths == ("pkg/other.py",)
    assert (root / "pkg" / "other.py").read_text() == "x = 'mine'\n"
    assert (root / "new_and_mine.py").read_text() == "y = 1\n"
    assert not (root / "made_by_a_test").exists()
    assert [one.path for one in told.last.conflicts] == ["new_and_mine.py", "pkg/other.py"]


def test_when_nobody_notes_what_runs_every_moment_counts(root: Path) -> None:
    before = tree_state(root)
    with bench_at(root) as bench:
        bench.apply(fix())
        wait_for_the_clock(root)
        (root / "notes.txt").write_text("damaged by a test")
        bench.reset()
        assert tree_state(root) == before


def test_what_the_editor_says_was_saved_stays_even_while_tests_run(root: Path) -> None:
    told = Told()
    saved: set[str] = set()
    with bench_at(root, told, saved_by_person=lambda: frozenset(saved)) as bench:
        (root / "calc.py").write_text("mine\n")
        saved.add("calc.py")
        bench.reset()
        assert (root / "calc.py").read_text() == "mine\n"
    assert [one.path for one in told.last.conflicts] == ["calc.py"]


def test_an_edit_that_nobody_can_tell_the_author_of_is_kept_as_a_copy(root: Path) -> None:
    told = Told()
    with bench_at(root, told) as bench:
        (root / "calc.py").write_text("who wrote this?\n")
        bench.reset()
        assert (root / "calc.py").read_text() == TEXT
    (moved,) = told.last.moved
    assert moved.path == "calc.py"
    assert Path(moved.copy).read_text() == "who wrote this?\n"


def test_a_file_that_every_run_changes_is_no_conflict_after_the_first(root: Path) -> None:
    with bench_at(root) as bench:
        (root / "notes.txt").write_text("run 1")
        with pytest.raises(RollbackConflict):
            bench.verify()
        bench.reset()
        (root / "notes.txt").write_text("run 2")
        bench.verify()


@pytest.mark.parametrize(
    "change",
    [lambda root: None, lambda root: (root / "new.txt").write_text("x"), lambda root: (root / "calc.py").touch()],
    ids=["nothing", "a new file", "a time"],
)
def test_what_no_verdict_rests_on_is_no_conflict(root: Path, change: Callable[[Path], object]) -> None:
    with bench_at(root) as bench:
        bench.apply(fix())
        change(root)
        bench.verify()


def test_what_cannot_be_put_back_is_named_and_left_for_recovery() -> None:
    with ordinary_user() as home:
        root = lay(home / "space", SPACE)
        told = Told()
        with pytest.raises(RollbackConflict, match=r"calc\.py could not be put back"), bench_at(root, told):
            (root / "calc.py").write_text("damage")
            seize(root)
        assert told.ends == []
        release(root)
        with pytest.raises(Exception, match="regreen recover"), bench_at(root):
            pass


def seize(folder: Path) -> None:
    """Let a folder belong to somebody else, so that nothing in it can be changed."""
    user = os.geteuid()
    os.seteuid(0)
    os.chown(folder, 0, 0)
    folder.chmod(0o755)
    os.seteuid(user)


def release(folder: Path) -> None:
    user = os.geteuid()
    os.seteuid(0)
    os.chown(folder, user, user)
    os.seteuid(user)


def wait_for_the_clock(folder: Path) -> None:
    """Come back when a new file is clearly later than one made before."""
    first = folder.parent / "clock"
    first.touch()
    begin = first.stat().st_ctime_ns
    while first.stat().st_ctime_ns < begin + 120_000_000:
        first.touch()
    first.unlink()


def test_a_tree_that_was_removed_altogether_comes_back(root: Path) -> None:
    before = tree_state(root, folder_times=False)
    with bench_at(root):
        for inner in sorted(root.iterdir()):
            shutil.rmtree(inner) if inner.is_dir() else inner.unlink()
    assert tree_state(root, folder_times=False) == before


def test_buffers_of_files_that_are_not_there_count_as_unsaved(root: Path) -> None:
    buffers: Mapping[str, str] = {"not_yet.py": "x"}
    with pytest.raises(Refused), in_place(root).open(Cancellation(), buffers):
        pass
