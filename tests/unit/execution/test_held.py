"""Private folders among temporary files: gone in the end, and gone when their process was killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from regreen.execution import held_folder

HOLD = """
import sys, time
from regreen.execution import held_folder
with held_folder("regreen-test-", sys.argv[1]) as folder:
    (folder / "file").write_text("x")
    print(folder, flush=True)
    sys.stdin.read()
"""


def held_elsewhere(home: Path) -> tuple[subprocess.Popen[str], Path]:
    """Start a process that holds a folder until its input ends."""
    command = [sys.executable, "-c", HOLD, str(home)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_a_folder_is_private_and_gone_in_the_end(tmp_path: Path) -> None:
    with held_folder("regreen-test-", str(tmp_path)) as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "sealed").mkdir(mode=0o500)
    assert list(tmp_path.iterdir()) == []


def test_one_whose_process_was_killed_goes_when_the_next_is_made(tmp_path: Path) -> None:
    process, folder = held_elsewhere(tmp_path)
    with process:
        process.send_signal(signal.SIGKILL)
    assert (folder / "file").exists()
    with held_folder("regreen-test-", str(tmp_path)) as mine:
        assert list(tmp_path.iterdir()) == [mine]


def test_one_that_is_in_use_stays_and_so_do_other_folders_and_links(tmp_path: Path) -> None:
    (tmp_path / "regreen-other-1").mkdir()
    (tmp_path / "regreen-test-link").symlink_to("regreen-other-1")
    process, folder = held_elsewhere(tmp_path)
    with process, held_folder("regreen-test-", str(tmp_path)):
        assert (folder / "file").exists()
        process.communicate()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["regreen-other-1", "regreen-test-link"]
