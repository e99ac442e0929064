"""Whether somebody writes into a file: an editor goes on to, a process that was just forked only seems to."""

from __future__ import annotations

import os
from pathlib import Path

from regreen.checkpoints.syscalls import is_being_written


def test_a_file_that_stays_open_for_writing_is_being_written(tmp_path: Path) -> None:
    file, waited = tmp_path / "a.py", []
    with file.open("w"):
        assert is_being_written(str(file), wait=waited.append)
    assert len(waited) == 6
    assert not is_being_written(str(file), wait=waited.append)


def test_a_file_that_is_let_go_of_after_a_moment_is_not(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    writing = os.open(file, os.O_WRONLY | os.O_CREAT)
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            os.close(writing)

    assert not is_being_written(str(file), wait=wait)
    assert len(waited) == 2
