"""Locks: one at a time for each workspace, in any process; the others are told who, and a dead holder holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from regreen.checkpoints import Holder, Locks
from regreen.core.errors import Busy, CannotRun, ExitStatus
from tests.support.trees import ordinary_user

REPOSITORY = Path(__file__).parents[3]
HOLD = """
import sys
from regreen.checkpoints import Locks
locks = Locks(sys.argv[1])
with getattr(locks, sys.argv[2])("Fix test_x"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_elsewhere(state: Path, which: str = "working") -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLD, str(state), which]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield holder
        finally:
            holder.kill()


def free(locks: Locks) -> bool:
    try:
        with locks.working("try"):
            return True
    except Busy:
        return False


def test_whoever_comes_second_is_told_who_is_at_work(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path) as holder, pytest.raises(Busy) as caught, Locks(tmp_path).working("Undo"):
        pass
    assert f"process {holder.pid}, since 20" in caught.value.message
    assert "Fix test_x" in caught.value.message
    assert caught.value.status is ExitStatus.CANNOT_RUN
    assert caught.value.next_step.endswith(".")


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    locks = Locks(tmp_path)
    with held_elsewhere(tmp_path) as holder:
        assert not free(locks)
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
        assert free(locks)


def test_one_process_holds_a_lock_once(tmp_path: Path) -> None:
    locks = Locks(tmp_path)
    with locks.working("Fix"):
        assert not free(locks)
        assert not free(Locks(tmp_path))
    assert free(locks)


def test_a_second_server_learns_of_the_first_and_may_work_when_that_is_idle(tmp_path: Path) -> None:
    locks = Locks(tmp_path)
    with held_elsewhere(tmp_path, "serving") as holder:
        with locks.serving("server") as other:
            assert other is not None
            assert other.pid == holder.pid
        assert free(locks)
    with locks.serving("server") as other:
        assert other is None


def test_an_error_inside_frees_the_lock(tmp_path: Path) -> None:
    locks = Locks(tmp_path)
    with pytest.raises(ZeroDivisionError), locks.working("Fix"):
        raise ZeroDivisionError
    assert free(locks)


@pytest.mark.parametrize(
    "words", [b"", b"{", b"[]", b"\xff", b'{"pid": 1}', b'{"pid": 1, "boot": "another", "since": 0, "title": ""}']
)
def test_a_holder_that_has_not_signed_is_another_process(tmp_path: Path, words: bytes) -> None:
    locks = Locks(tmp_path)
    with locks.working("Fix"):
        (tmp_path / "work.lock").write_bytes(words)
        with pytest.raises(Busy, match="another process"), locks.working("Undo"):
            pass


def test_a_lock_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine\n")
    (tmp_path / "work.lock").symlink_to("victim")
    with pytest.raises(CannotRun), Locks(tmp_path).working("Fix"):
        pass
    assert (tmp_path / "victim").read_text() == "mine\n"


def test_a_state_folder_that_cannot_be_written_is_an_error_with_a_way_out() -> None:
    with ordinary_user() as home:
        home.chmod(0o500)
        with pytest.raises(CannotRun, match=r"work\.lock cannot be written") as caught, Locks(home).working("Fix"):
            pass
    assert "REGREEN_STATE_DIR" in caught.value.next_step


def test_what_a_holder_signs_is_true(tmp_path: Path) -> None:
    locks = Locks(tmp_path, now=lambda: 1_700_000_000.0)
    with locks.serving("server"), locks.serving("second") as other:
        assert other == Holder(os.getpid(), 1_700_000_000.0, "server")


def test_a_process_that_was_forked_meanwhile_holds_nothing_afterwards(tmp_path: Path) -> None:
    locks = Locks(tmp_path)
    inherited = tmp_path / "work.lock"
    with locks.working("Fix"):
        # What a child has between fork and exec: the same open file.
        (mine,) = (fd for entry in Path("/proc/self/fd").iterdir() if links_to(fd := int(entry.name), inherited))
        copy = os.dup(mine)
    try:
        assert free(locks)
    finally:
        os.close(copy)


def links_to(descriptor: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), file.stat())
    except OSError:
        return False
