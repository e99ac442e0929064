"""The person goes on working while a repair works in place: nothing that they write is ever gone."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from regreen.checkpoints.in_place import InPlaceCheckpoints, InPlaceWorkbench, recover_in_place
from regreen.checkpoints.shadow.judge import Restored
from regreen.checkpoints.shadow.underway import pending
from regreen.core.cancel import Cancellation
from regreen.core.edit import patch_between
from regreen.core.errors import CannotRun, Conflict
from tests.support.quick import quick_folder
from tests.support.trees import tree_state
from tests.support.workspace import lay

TEXT, FIXED = "def f(a, b):\n    return a - b\n", "def f(a, b):\n    return a + b\n"
SPACE = f"""
-- calc.py --
{TEXT}
-- pkg/other.py --
x = 1
-- notes.txt --
mine
"""
FILES = ("calc.py", "pkg/other.py", "notes.txt", "new.py", "pkg/new.py", "fresh/deep/new.py")
N_EDITS = 240
ROOT = Path(__file__).parents[3]


@pytest.fixture
def root() -> Iterator[Path]:
    with quick_folder() as folder:
        yield lay(folder / "space", SPACE)


def save_in_place(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def save_by_renaming(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.swp")
    beside.write_text(text)
    beside.replace(file)


def save_after_removing(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("x") as writer:
        writer.write(text)


def save_slowly(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("r+" if file.exists() else "w") as writer:
        for char in text:
            writer.write(char)
            writer.flush()
        writer.truncate()


SAVES: tuple[Callable[[Path, str], None], ...] = (save_in_place, save_by_renaming, save_after_removing, save_slowly)


class Person(threading.Thread):
    """Saves one text, as an editor does: again, when its file or folder was taken away in the middle."""

    def __init__(self, root: Path, n: int, chance: random.Random) -> None:
        super().__init__()
        self.text = f"what the person wrote, {n}"
        self._file, self._save = root / chance.choice(FILES), chance.choice(SAVES)
        self.saved = threading.Event()

    def run(self) -> None:
        while not self.saved.is_set():
            with contextlib.suppress(FileNotFoundError, FileExistsError):
                self._save(self._file, self.text)
                self.saved.set()


def texts_below(*places: Path) -> set[str]:
    found = set()
    for place in places:
        for file in [place, *place.rglob("*")] if place.is_dir() else [place]:
            if file.is_file():
                found.add(file.read_text())
    return found


def try_to_fix(bench: InPlaceWorkbench) -> None:
    with contextlib.suppress(Conflict, CannotRun):
        bench.apply(patch_between({"calc.py": TEXT}, {"calc.py": FIXED}))


def test_nothing_that_the_person_writes_meanwhile_is_lost(
    root: Path, survived: Callable[[str, int, str], None]
) -> None:
    before = tree_state(root)
    chance = random.Random(7)
    ends: list[Restored] = []
    kept = root.parent / "state" / "shadow" / "kept"
    with InPlaceCheckpoints(root, root.parent / "state", lambda _: False, told=ends.append).open(
        Cancellation(), {}
    ) as bench:
        for n in range(N_EDITS):
            person = Person(root, n, chance)
            person.start()
            try_to_fix(bench)
            bench.reset()
            person.join()
            assert person.text in texts_below(root, kept), f"edit {n} is lost"
            bench.reset()
            assert person.text in texts_below(root, kept), f"edit {n} is lost"
    assert tree_state(root) == before
    named = texts_below(*(Path(moved.copy) for moved in ends[-1].moved))
    assert {f"what the person wrote, {n}" for n in range(N_EDITS)} <= named
    survived("edits of the person while attempts come and go", N_EDITS, "0 bytes lost, each copy named")


def test_what_a_slow_writer_adds_to_a_text_of_ours_is_not_lost(root: Path) -> None:
    kept = root.parent / "state" / "shadow" / "kept"
    with InPlaceCheckpoints(root, root.parent / "state", lambda _: False).open(Cancellation(), {}) as bench:
        try_to_fix(bench)
        with (root / "calc.py").open("r+") as writer:
            bench.reset()
            writer.write("what the person wrote")
        assert any("what the person wrote" in text for text in texts_below(root, kept))


def test_no_attempt_is_written_over_a_file_that_somebody_is_writing(root: Path) -> None:
    with InPlaceCheckpoints(root, root.parent / "state", lambda _: False).open(Cancellation(), {}) as bench:
        with (root / "calc.py").open("r+") as writer:
            with pytest.raises(Conflict):
                bench.apply(patch_between({"calc.py": TEXT}, {"calc.py": FIXED}))
            writer.write("what the person wrote")
        assert (root / "calc.py").read_text().startswith("what the person wrote")


def test_what_the_person_writes_while_nothing_runs_stays_in_the_tree(
    root: Path, survived: Callable[[str, int, str], None]
) -> None:
    chance = random.Random(11)
    ends: list[Restored] = []
    checkpoints = InPlaceCheckpoints(root, root.parent / "state", lambda _: False, told=ends.append)
    wanted: dict[Path, str] = {}
    with checkpoints.open(Cancellation(), {}) as bench:
        with checkpoints.running():
            (root / "made_by_a_test").mkdir()
        later_than(root / "made_by_a_test")
        for n in range(N_EDITS):
            file = root / chance.choice(FILES)
            wanted[file] = f"what the person wrote, {n}"
            chance.choice(SAVES)(file, wanted[file])
            if chance.random() < 0.2:
                bench.reset()
            assert file.read_text() == wanted[file]
    assert {file: file.read_text() for file in wanted} == wanted
    assert ends[-1].moved == ()
    assert not (root / "made_by_a_test").exists()
    survived("edits of the person while nothing runs", N_EDITS, "0 overwritten")


def later_than(made: Path) -> None:
    """Come back when what is made is clearly later."""
    clock = made.parent.parent / "clock"
    clock.touch()
    while clock.stat().st_ctime_ns < made.stat().st_ctime_ns + 120_000_000:
        clock.touch()


DRIVER = """
import os, signal, sys
from pathlib import Path
from regreen.checkpoints.in_place import InPlaceCheckpoints
from regreen.core.cancel import Cancellation
from regreen.core.edit import patch_between
root, text, fixed = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
with InPlaceCheckpoints(root, root.parent / "state", lambda _: False).open(Cancellation(), {}) as bench:
    bench.apply(patch_between({"calc.py": text}, {"calc.py": fixed}))
    (root / "notes.txt").write_text("damaged by a test")
    (root / "pkg" / "other.py").unlink()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_in_the_middle(root: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "server")}
    done = subprocess.run([sys.executable, "-c", DRIVER, str(root), TEXT, FIXED], env=environment, timeout=60)
    assert done.returncode == -signal.SIGKILL


def test_the_next_start_puts_back_what_a_killed_repair_left(root: Path) -> None:
    before = tree_state(root)
    kill_in_the_middle(root)
    (work,) = pending(root.parent / "state")
    assert not work.alive
    with pytest.raises(CannotRun, match="regreen recover"):
        open_at(root)
    (recovery,) = recover_in_place(str(root), root.parent / "state")
    assert tree_state(root) == before
    assert recovery.paths == ("calc.py", "notes.txt", "pkg/other.py")
    assert [(one.path, Path(one.kept).read_text()) for one in recovery.moved] == [("notes.txt", "damaged by a test")]
    assert recovery.conflicts == ()
    assert "it was rolled back. Put back, with what stood there kept: notes.txt (" in recovery.message
    assert recover_in_place(str(root), root.parent / "state") == ()
    open_at(root)


def test_what_a_killed_repair_was_still_writing_goes_without_a_word(root: Path) -> None:
    before = tree_state(root)
    kill_in_the_middle(root)
    (root / "pkg" / f".regreen-{'0a' * 8}.new.tmp").write_text("def ad")
    (recovery,) = recover_in_place(str(root), root.parent / "state")
    assert tree_state(root) == before
    assert [one.path for one in recovery.moved] == ["notes.txt"]


def open_at(root: Path) -> None:
    with InPlaceCheckpoints(root, root.parent / "state", lambda _: False).open(Cancellation(), {}):
        pass


def test_what_the_person_did_after_a_kill_stays(root: Path) -> None:
    kill_in_the_middle(root)
    lock = root.parent / "state" / "in-place" / "lock"
    os.utime(lock, ns=(0, lock.stat().st_mtime_ns - 10_000_000_000))  # As if it had been killed long ago.
    (root / "pkg" / "other.py").write_text("x = 'what I went on with'\n")
    (root / "calc.py").unlink()
    (recovery,) = recover_in_place(str(root), root.parent / "state")
    assert (root / "pkg" / "other.py").read_text() == "x = 'what I went on with'\n"
    assert (root / "calc.py").read_text() == TEXT
    kept = {one.path: Path(one.kept).read_text() for one in recovery.conflicts}
    assert kept["pkg/other.py"] == "x = 1\n"


def test_a_living_repair_is_not_recovered(root: Path) -> None:
    with InPlaceCheckpoints(root, root.parent / "state", lambda _: False).open(Cancellation(), {}) as bench:
        bench.apply(patch_between({"calc.py": TEXT}, {"calc.py": FIXED}))
        assert [work.alive for work in pending(root.parent / "state")] == [True]
        assert recover_in_place(str(root), root.parent / "state") == ()
        assert (root / "calc.py").read_text() == FIXED
    assert pending(root.parent / "state") == ()


def test_a_record_that_a_crash_tore_is_read_as_far_as_it_is_whole(root: Path) -> None:
    before = tree_state(root)
    kill_in_the_middle(root)
    (record,) = (root.parent / "state" / "in-place").glob("*.jsonl")
    with record.open("ab") as file:
        file.write(b'{"wrote": {"calc.p')
    recover_in_place(str(root), root.parent / "state")
    assert tree_state(root) == before


def test_a_record_without_a_first_line_is_of_work_that_never_began(root: Path) -> None:
    home = root.parent / "state" / "in-place"
    home.mkdir(parents=True)
    (home / "x.jsonl").write_bytes(b'{"vers')
    assert recover_in_place(str(root), root.parent / "state") == ()
    open_at(root)


def test_a_tree_that_is_gone_is_recovered_when_it_is_back(root: Path) -> None:
    before = tree_state(root)
    kill_in_the_middle(root)
    root.rename(root.parent / "elsewhere")
    with pytest.raises(CannotRun):
        recover_in_place(str(root), root.parent / "state")
    shutil.move(root.parent / "elsewhere", root)
    recover_in_place(str(root), root.parent / "state")
    assert tree_state(root) == before
