"""What is being done in a person's own tree: on the disk before it begins, gone when the tree is as it was.

`<state>/in-place/<checkpoint>.jsonl` has one line for each fact. The file `lock` beside it is held by the process that
works in the tree, which also touches it once a second: so it is known afterwards until when its tests can have written
anything.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regreen.checkpoints.durable import remove_durably, sync_folder
from regreen.core.errors import Busy, CannotRun

from .judge import Authorship

VERSION = 1
_ENDING = ".jsonl"
_SLACK_NS = 50_000_000  # a file system's clock runs some milliseconds behind
_PULSE_SECONDS = 1.0
_PULSE_SLACK_NS = 2_000_000_000
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_LOCK = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Pending:
    """Work in a tree that is under way, or was interrupted."""

    saved_id: str
    root: str
    opened_ns: int
    alive: bool  # its process lives
    wrote: Mapping[str, frozenset[str]]
    windows: tuple[tuple[int, int], ...]  # when processes ran, and when we wrote ourselves
    noted: bool  # whether anybody notes when processes run; otherwise every moment counts
    until_ns: int  # its last sign of life

    @property
    def authorship(self) -> Authorship:
        """Return what is known of who wrote what."""
        return Authorship(self.wrote, self.may_be_ours)

    def may_be_ours(self, time_ns: int) -> bool:
        """Tell whether a process of ours may have run at a time."""
        if not self.opened_ns - _SLACK_NS <= time_ns <= self.until_ns:
            return False
        return not self.noted or any(begin - _SLACK_NS <= time_ns <= end + _SLACK_NS for begin, end in self.windows)


class Underway:
    """The record of one piece of work, held by the process that does it."""

    def __init__(self, home: Path, saved_id: str, root: str, opened_ns: int) -> None:
        self._home, self._saved_id, self._root, self._opened_ns = home, saved_id, root, opened_ns
        self._wrote: dict[str, frozenset[str]] = {}
        self._windows: list[tuple[int, int]] = []
        self._n_running, self._began_ns = 0, 0
        self._noted = False
        self._guard = threading.Lock()
        self._descriptor = os.open(home / f"{saved_id}{_ENDING}", _APPEND, 0o600)
        try:
            self._note({"version": VERSION, "root": root, "opened_ns": opened_ns}, durable=True)
            sync_folder(home)
        except BaseException:
            os.close(self._descriptor)
            raise

    @property
    def authorship(self) -> Authorship:
        """Return what is known of who wrote what until now."""
        return self._pending().authorship

    def will_write(self, contents: Mapping[str, str]) -> None:
        """Note what is about to be written (path -> hash); it is on the disk when the call returns.

        Raises:
            OSError: it is not.
        """
        self._note({"wrote": dict(sorted(contents.items()))}, durable=True)
        for path, oid in contents.items():
            self._wrote[path] = self._wrote.get(path, frozenset()) | {oid}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Note that processes of ours run inside of the context; contexts may overlap."""
        with self._window(noted=True):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Note that we write in the tree ourselves inside of the context."""
        with self._window(noted=False):
            yield

    @contextmanager
    def _window(self, *, noted: bool) -> Iterator[None]:
        with self._guard:
            if noted and not self._noted:
                self._noted = True
                self._note({"noted": True})
            self._n_running += 1
            if self._n_running == 1:
                self._began_ns = time.time_ns()
                self._note({"from": self._began_ns})
        try:
            yield
        finally:
            with self._guard:
                self._n_running -= 1
                if not self._n_running:
                    self._windows.append((self._began_ns, time.time_ns()))
                    self._note({"to": self._windows[-1][1]})

    def finish(self) -> None:
        """Remove the record: the tree is put back.

        Raises:
            OSError: it may come back.
        """
        remove_durably(self._home, (f"{self._saved_id}{_ENDING}",))

    def close(self) -> None:
        """Let go of the record; unless it was finished, it stays for `recover`."""
        os.close(self._descriptor)

    def _pending(self) -> Pending:
        windows = list(self._windows)
        if self._n_running:
            windows.append((self._began_ns, time.time_ns()))
        return Pending(
            self._saved_id, self._root, self._opened_ns, True, dict(self._wrote), tuple(windows), self._noted,
            time.time_ns() + _PULSE_SLACK_NS,
        )  # fmt: skip

    def _note(self, fact: dict[str, object], *, durable: bool = False) -> None:
        os.write(self._descriptor, json.dumps(fact).encode("ascii") + b"\n")
        if durable:
            os.fsync(self._descriptor)


@contextmanager
def underway(state_dir: Path, root: str, saved_id: str, opened_ns: int, lock: int) -> Iterator[Underway]:
    """Keep a record as long as the context lasts; it stays behind unless it is finished.

    Raises:
        OSError: it cannot be written; nothing may be begun.
    """
    home = home_of(state_dir)
    record = Underway(home, saved_id, root, opened_ns)
    try:
        with _pulse(lock):
            yield record
    finally:
        record.close()


@contextmanager
def sole(state_dir: Path) -> Iterator[int]:
    """Hold the lock of whoever works in the tree itself; yield its descriptor.

    Raises:
        Busy: another process does.
        CannotRun: what an earlier one began was interrupted and is not restored yet.
    """
    home = home_of(state_dir)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        descriptor = os.open(home / "lock", _LOCK, 0o600)
        stack.callback(os.close, descriptor)
        if not _locked(descriptor):
            raise Busy(
                "Another repair works in place on this workspace.",
                next_step="Wait until it has ended, or cancel it there; then try again.",
            )
        if any(home.glob(f"*{_ENDING}")):
            raise CannotRun(
                "An earlier repair in place was interrupted, and its files are not put back yet.",
                next_step="Run `regreen recover`, then try again.",
            )
        yield descriptor


def pending(state_dir: str | Path) -> tuple[Pending, ...]:
    """Return what is under way or was interrupted in a workspace, oldest first."""
    home = home_of(Path(state_dir))
    files = sorted(home.glob(f"*{_ENDING}")) if home.is_dir() else []
    if not files:
        return ()
    with contextlib.closing(os.fdopen(os.open(home / "lock", _LOCK, 0o600), "rb")) as lock:
        alive = not _locked(lock.fileno())
        until_ns = os.fstat(lock.fileno()).st_mtime_ns + _PULSE_SLACK_NS
    found = (_read(file, alive, until_ns) for file in files)
    return tuple(one for one in found if one is not None)


def forget(state_dir: Path, saved_id: str) -> None:
    """Remove the record of work whose files are put back.

    Raises:
        OSError: it may come back.
    """
    remove_durably(home_of(state_dir), (f"{saved_id}{_ENDING}",))


def home_of(state_dir: Path) -> Path:
    """Return the folder of the records."""
    return state_dir / "in-place"


def _read(file: Path, alive: bool, until_ns: int) -> Pending | None:
    facts = list(_facts(file))
    if not facts or "root" not in facts[0]:
        if not alive:  # Its first line never became whole: nothing had begun.
            file.unlink(missing_ok=True)
        return None
    wrote: dict[str, frozenset[str]] = {}
    windows: list[tuple[int, int]] = []
    began = 0
    for fact in facts[1:]:
        for path, oid in fact.get("wrote", {}).items():
            wrote[path] = wrote.get(path, frozenset()) | {oid}
        began = fact.get("from", began)
        if "to" in fact:
            windows.append((began, fact["to"]))
            began = 0
    if began:
        windows.append((began, until_ns))
    return Pending(
        file.name.removesuffix(_ENDING),
        facts[0]["root"],
        facts[0]["opened_ns"],
        alive,
        wrote,
        tuple(windows),
        any("noted" in fact for fact in facts),
        until_ns,
    )


def _facts(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_bytes().split(b"\n"):
        try:
            fact = json.loads(line)
        except (ValueError, RecursionError):  # The line that a crash tore, which is the last one.
            return
        yield fact


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _pulse(lock: int) -> Iterator[None]:
    """Touch the lock once a second until the context is left."""
    stop = threading.Event()

    def beat() -> None:
        while True:
            with contextlib.suppress(OSError):
                os.utime(lock)
            if stop.wait(_PULSE_SECONDS):
                return

    thread = threading.Thread(target=beat, name="in-place pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
