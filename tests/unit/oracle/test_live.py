"""The oracle with its thread and its watches: real events, awaited by what the model says, never by the clock."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watchdog.observers.inotify_c import InotifyFD

from regreen.core.events import Event
from regreen.core.workspace import WorkspaceModel
from regreen.languages import languages
from regreen.oracle import Oracle
from regreen.oracle.index import Request, index_files
from regreen.oracle.inotify import PrunedGroup
from regreen.oracle.oracle import Pace
from regreen.oracle.watch import Watcher, limit_problem
from regreen.oracle.workers import index_many
from tests.support.workspace import lay

PATIENCE = 30.0  # seconds until a test gives up


class Live:
    """A started oracle, and a way to wait for what its model says."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._told = threading.Condition()
        self.events: list[Event] = []
        self.oracle = Oracle(root, languages(), self._emit, dict(os.environ), pace=Pace(quiet=0.02))
        self.oracle.start()
        assert self.oracle.wait_until_idle(PATIENCE)

    def until(self, holds: Callable[[WorkspaceModel], bool]) -> WorkspaceModel:
        """Wait until the model says it."""
        with self._told:
            assert self._told.wait_for(lambda: holds(self.oracle.model), PATIENCE), self.oracle.model
        return self.oracle.model

    def until_files(self, *paths: str) -> None:
        """Wait until the model has exactly these files."""
        self.until(lambda model: tuple(model.files) == paths)

    def _emit(self, event: Event) -> None:
        with self._told:
            self.events.append(event)
            self._told.notify_all()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    started = Live(lay(tmp_path / "work", "-- a.py --\nx = 1\n-- sub/b.py --\n-- .gitignore --\nout/\n"))
    yield started
    started.oracle.close()


def test_writing_renaming_and_removing_are_seen(live: Live) -> None:
    lay(live.root, "-- a.py --\ndef f(): pass\n-- c.py --\n")
    live.until_files("a.py", "c.py", "sub/b.py")
    live.until(lambda model: [symbol.name for symbol in model.files["a.py"].symbols] == ["f"])
    (live.root / "c.py").rename(live.root / "d.py")
    live.until_files("a.py", "d.py", "sub/b.py")
    (live.root / "d.py").unlink()
    live.until_files("a.py", "sub/b.py")


def test_a_save_by_renaming_is_seen(live: Live) -> None:
    (live.root / "a.py.tmp").write_text("def saved(): pass\n")
    (live.root / "a.py.tmp").replace(live.root / "a.py")
    live.until(lambda model: [symbol.name for symbol in model.files["a.py"].symbols] == ["saved"])


def test_folders_that_come_move_and_go_are_seen_with_all_that_is_in_them(live: Live, tmp_path: Path) -> None:
    lay(tmp_path / "else", "-- deep/c.py --\n-- deep/deeper/d.py --")
    (tmp_path / "else").rename(live.root / "new")
    live.until_files("a.py", "new/deep/c.py", "new/deep/deeper/d.py", "sub/b.py")
    (live.root / "new" / "deep" / "deeper" / "e.py").touch()
    live.until(lambda model: "new/deep/deeper/e.py" in model.files)
    (live.root / "new").rename(live.root / "old")
    live.until_files("a.py", "old/deep/c.py", "old/deep/deeper/d.py", "old/deep/deeper/e.py", "sub/b.py")
    (live.root / "old" / "deep" / "f.py").touch()
    live.until(lambda model: "old/deep/f.py" in model.files)
    shutil.rmtree(live.root / "old")
    live.until_files("a.py", "sub/b.py")


def test_a_folder_made_file_by_file_is_seen_whole(live: Live) -> None:
    names = [f"n{n}/m{n}/f.py" for n in range(40)]
    lay(live.root, "\n".join(f"-- {name} --" for name in names))
    live.until_files(*sorted(["a.py", "sub/b.py", *names]))


def test_ignored_folders_give_no_event_and_no_model(live: Live) -> None:
    lay(live.root, "-- out/a.py --\n-- node_modules/x/a.py --\n-- .git/a.py --\n-- last.py --")
    live.until_files("a.py", "last.py", "sub/b.py")
    lay(live.root, "-- out/deep/b.py --\n-- node_modules/x/y/z/a.py --\n-- .git/b.py --\n-- later.py --")
    live.until_files("a.py", "last.py", "later.py", "sub/b.py")


def test_new_rules_start_and_stop_watching(live: Live) -> None:
    lay(live.root, "-- out/a.py --\n-- .gitignore --\nsub/\n")
    live.until_files("a.py", "out/a.py")
    lay(live.root, "-- out/deep/b.py --")
    live.until_files("a.py", "out/a.py", "out/deep/b.py")


def test_thousands_of_events_are_few_models(live: Live) -> None:
    before = len(live.events)
    for number in range(1500):
        (live.root / "sub" / f"f{number}.py").write_text("x = 1\n")
    live.until(lambda model: len(model.files) == 1502)
    assert len(live.events) - before < 30
    assert not [
        facts.path
        for facts in live.oracle.refresh().files.values()
        if facts.path.startswith("sub/f") and not facts.symbols
    ]


def test_a_checkout_is_one_model_however_long_it_takes(live: Live) -> None:
    lock = live.root / ".git" / "index.lock"
    lay(live.root, "-- .git/index.lock --")
    before = len(live.events)
    for number in range(50):
        (live.root / f"f{number}.py").touch()
        live.oracle.open_buffer("typed.py", f"x = {number}\n")  # What is typed is not held up by it.
        live.until(lambda model, text=f"x = {number}\n": "typed.py" in model.files and _says(model, text))
    assert "f0.py" not in live.oracle.model.files
    n_models = len(live.events)
    assert n_models - before == 50
    lock.unlink()
    live.until(lambda model: len(model.files) == 53)
    assert len(live.events) <= n_models + 2  # The last file's event may come after the others were taken.


def test_an_environment_that_comes_decides_the_interpreter(live: Live) -> None:
    lay(live.root, "-- staged/pyvenv.cfg --\nhome = /usr/bin\n-- staged/bin/python --\n")
    (live.root / "staged" / "bin" / "python").chmod(0o755)
    (live.root / "staged").rename(live.root / ".venv")
    program = str(live.root / ".venv" / "bin" / "python")
    live.until(lambda model: model.projects[0].interpreter == program)
    shutil.rmtree(live.root / ".venv")
    live.until(lambda model: model.projects[0].interpreter != program)


def test_an_environment_that_is_made_step_by_step_is_seen_when_it_has_its_interpreter(live: Live) -> None:
    mark = "-- .venv/pyvenv.cfg --\nhome = /usr/bin\n"
    lay(live.root, mark)
    live.until(lambda model: any(".venv is a virtual environment without" in each for each in model.problems))
    program = live.root / ".venv/bin/python"
    program.parent.mkdir()
    program.symlink_to(sys.executable)
    live.until(lambda model: model.projects[0].interpreter == str(program))


def test_of_an_environment_only_what_tells_of_it_is_watched(tmp_path: Path) -> None:
    root = lay(
        tmp_path,
        "-- .venv/pyvenv.cfg --\n-- .venv/bin/x --\n-- .venv/lib/site-packages/a/b.py --\n"
        "-- web/node_modules/a/index.js --\n-- web/node_modules/.bin/a --\n-- src/a.py --\n-- target/bin/x --\n",
    )
    watcher = Watcher(root, lambda _: None, lambda: None)
    watched = {Path(folder).relative_to(root).as_posix() for folder in watcher.folders(str(root))}
    assert watched == {".", "src", ".venv", ".venv/bin", "web", "web/node_modules"}
    assert list(watcher.folders(str(root / ".venv/lib"))) == []
    assert list(watcher.folders(str(root / ".venv/bin"))) == [str(root / ".venv/bin")]


def test_a_root_that_vanishes_ends_in_a_problem_and_in_rest(live: Live) -> None:
    shutil.rmtree(live.root)
    model = live.until(lambda model: not model.files)
    assert any("cannot be read (No such file or directory)" in problem for problem in model.problems)
    assert live.oracle.wait_until_idle(PATIENCE)
    n_events = len(live.events)
    lay(live.root, "-- back.py --")
    live.oracle.refresh()
    live.until_files("back.py")
    assert live.oracle.model.problems == ()
    assert len(live.events) == n_events + 1
    lay(live.root, "-- again.py --")
    live.until_files("again.py", "back.py")


def test_buffers_and_the_editor_s_own_events_are_taken(live: Live) -> None:
    live.oracle.open_buffer("a.py", "def typed(): pass\n")
    live.until(lambda model: [symbol.name for symbol in model.files["a.py"].symbols] == ["typed"])
    live.oracle.close_buffer("a.py")
    live.oracle.files_changed([str(live.root / "a.py"), "a.py", "/else/where.py"])
    live.until(lambda model: [symbol.name for symbol in model.files["a.py"].symbols] == ["x"])


def test_closing_leaves_no_thread_and_no_process(tmp_path: Path) -> None:
    before, children = set(threading.enumerate()), _children()
    live = Live(lay(tmp_path, "\n".join(f"-- m{n}.py --" for n in range(320))))
    assert len(live.oracle.model.files) == 320
    assert threading.active_count() != len(before)
    live.oracle.close()
    assert set(threading.enumerate()) == before
    assert live.oracle.wait_until_idle(0.0)
    assert _children() == children
    live.oracle.close()


def test_closing_at_once_is_clean(tmp_path: Path) -> None:
    lay(tmp_path, "\n".join(f"-- m{n}.py --" for n in range(600)))
    before, children = set(threading.enumerate()), _children()
    oracle = Oracle(tmp_path, languages(), lambda _event: None, {})
    oracle.start()
    oracle.close()
    assert set(threading.enumerate()) == before
    assert _children() == children


def test_workers_say_the_same_as_this_process(tmp_path: Path) -> None:
    lay(tmp_path, "\n".join(f"-- m{n}.py --\ndef test_{n}(): pass" for n in range(9)))
    (tmp_path / "bad.py").write_bytes(b"\xff")
    requests = [Request(path) for path in ("bad.py", "gone.py", *(f"m{n}.py" for n in range(9)))]
    stop = threading.Event()
    here = index_files(str(tmp_path), requests, languages(), stop)
    there = index_many(str(tmp_path), requests, languages(), stop, threshold=1)
    assert sorted(there, key=lambda indexed: indexed.path) == list(here)


def test_modules_in_the_current_folder_do_not_reach_the_workers(tmp_path: Path) -> None:
    lay(tmp_path, "-- pickle.py --\nraise SystemExit(9)\n-- regreen.py --\nraise SystemExit(9)\n-- a.py --\nx = 1\n")
    script = (
        "import queue, sys; from regreen.oracle.index import Request; from regreen.oracle.workers import _Worker\n"
        "answers = queue.SimpleQueue()\n"
        f"share = ({str(tmp_path)!r}, (Request('a.py'),), ('python',))\n"
        "with _Worker(share, answers): answer = answers.get()\n"
        "print('answered' if answer else 'died')"
    )
    ended = subprocess.run(
        [sys.executable, "-P", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == "answered\n"


class FullDescriptor:
    """An inotify descriptor with room for some watches only."""

    def __init__(self, room: int, error: int) -> None:
        self._room = room
        self._error = error
        self.paths: list[str] = []

    def add_callback(self, path: bytes, *_: object) -> int:
        if self._room <= len(self.paths):
            raise OSError(self._error, os.strerror(self._error))
        self.paths.append(os.fsdecode(path))
        return len(self.paths)


def test_folders_without_a_watch_are_told(tmp_path: Path) -> None:
    root = lay(tmp_path, "-- a/x.py --\n-- b/x.py --\n-- .git/x --\n")
    descriptor, watcher = FullDescriptor(2, errno.ENOSPC), _watcher(root)
    _group(root, descriptor, watcher)
    assert descriptor.paths == [str(root), str(root / "a")]
    (problem,) = watcher.problems
    assert problem.startswith("Not every folder can be watched (1 left out): the limit fs.inotify.max_user_watches (")
    assert "sysctl fs.inotify.max_user_watches=" in problem


def test_a_root_that_cannot_be_watched_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        _group(tmp_path, FullDescriptor(0, errno.ENOENT), _watcher(tmp_path))


def test_a_missing_root_is_a_problem_of_the_watcher(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    watcher = _watcher(tmp_path / "gone")
    watcher.start()
    assert not watcher.alive
    assert watcher.problems[0].startswith(f"{tmp_path / 'gone'} cannot be watched: it is gone. Restore it")
    watcher.stop()
    assert set(threading.enumerate()) == before


def test_lost_events_lead_to_a_look_at_everything(tmp_path: Path) -> None:
    root = lay(tmp_path, "-- a/x.py --")
    told: list[str] = []
    descriptor = InotifyFD()
    group = _group(root, descriptor, _watcher(root, lambda: told.append("overflow")))
    group.on_queue_overflow()
    assert told == ["overflow"]
    group.deactivate()
    descriptor.start()
    descriptor.stop()
    descriptor.join()


def test_the_limit_is_named_with_the_way_to_raise_it() -> None:
    assert limit_problem(7).startswith("Not every folder can be watched (7 left out)")


def _says(model: WorkspaceModel, text: str) -> bool:
    return model.files["typed.py"].digest == hashlib.sha256(text.encode()).hexdigest()


def _watcher(root: Path, on_overflow: Callable[[], None] = lambda: None) -> Watcher:
    return Watcher(root, lambda _paths: None, on_overflow)


def _group(root: Path, descriptor: object, watcher: Watcher) -> PrunedGroup:
    return PrunedGroup(
        descriptor,  # type: ignore[arg-type]
        os.fsencode(root),
        is_recursive=True,
        folders=watcher.folders,
        on_unwatched=watcher.note_unwatched,
        on_overflow=watcher._on_overflow,
    )


def _children() -> list[str]:
    folder = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return folder.read_text().split() if folder.exists() else []
