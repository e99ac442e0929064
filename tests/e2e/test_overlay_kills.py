"""A server that is killed leaves no mount, no keeper and no change; the next one removes what was written."""

from __future__ import annotations

import os
import random
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from regreen.checkpoints import OverlayCheckpoints, OverlayWorkbench, collect
from regreen.core.cancel import Cancellation
from tests.support.inside import as_ordinary_user
from tests.support.trees import tree_state
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
KILLS = 20

# Opens workbenches one after the other, works in each, and writes a byte after each step.
SERVER = """
import os, sys
from pathlib import Path
from regreen.checkpoints import OverlayCheckpoints
from regreen.core.cancel import Cancellation
from regreen.core.edit import patch_between

overlay = OverlayCheckpoints(sys.argv[1], sys.argv[2], lambda path: False)
step = lambda: os.write(1, b".")
step()
while True:
    with overlay.open(Cancellation(), {"n.py": "n = 2\\n"}) as bench:
        step()
        for _ in range(3):
            bench.apply(patch_between({"m.py": "m = 1\\n"}, {"m.py": "m = 2\\n"}))
            step()
            Path(bench.enclosure.tree, "n.py").unlink()
            Path(bench.enclosure.tree, "made").mkdir()
            step()
            bench.reset()
            step()
    step()
"""


def keepers(root: Path) -> list[int]:
    """Return the processes that hold a place for a workspace."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if os.fsencode(root) in words and any(word.endswith(b"keeper_process.py") for word in words):
            found.append(int(entry.name))
    return found


def mounts_over(root: Path) -> int:
    """Return how many processes see an overlay at a workspace."""
    seen = 0
    for table in Path("/proc").glob("[0-9]*/mountinfo"):
        try:
            lines = table.read_bytes().splitlines()
        except OSError:
            continue
        seen += any(b" - overlay " in line and os.fsencode(root) == line.split(b" ")[4] for line in lines)
    return seen


def await_end(pid: int) -> None:
    """Wait until a process has ended."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([process], [], [], 10)[0], f"the keeper {pid} goes on"
    finally:
        os.close(process)


def check_kill(root: Path, state: Path, n_steps: int) -> None:
    command = [sys.executable, "-c", SERVER, str(root), str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0) as server:
        read = 0
        while read < n_steps:
            content = server.stdout.read(1) if server.stdout else b""
            assert content, "the server ended by itself"
            read += 1
        server.kill()
        server.wait()
    for pid in keepers(root):
        await_end(pid)
    assert keepers(root) == []
    # A keeper that is ending has lost its name already, and its view of the mounts a moment later.
    deadline = time.monotonic() + 10
    while mounts_over(root):
        assert time.monotonic() < deadline, "the overlay stays"
        time.sleep(0.01)


def check_kills(home: Path) -> None:
    (home / "ws").mkdir()
    root = lay(home / "ws", "-- m.py --\nm = 1\n-- n.py --\nn = 1\n")
    before = tree_state(root)
    steps = random.Random(7)
    for n in range(KILLS):
        check_kill(root, home / "state", 1 if n < KILLS // 4 else steps.randrange(2, 40))
        assert tree_state(root) == before
    collect(home / "state" / "benches")
    assert list((home / "state" / "benches").iterdir()) == []


def test_a_killed_server_leaves_no_mount_and_no_keeper(
    tmp_path: Path, survived: Callable[[str, int, str], None]
) -> None:
    check_kills(tmp_path)
    survived("kills of a server that holds an overlay", KILLS, "no mount, no process, files byte-identical")


def test_a_killed_server_of_an_ordinary_user_leaves_nothing_either(survived: Callable[[str, int, str], None]) -> None:
    def check(home: Path) -> None:
        (home / "ws").mkdir()
        root = lay(home / "ws", "-- m.py --\nm = 1\n-- n.py --\nn = 1\n")
        os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        check_kill(root, home / "state", 7)

    as_ordinary_user(check)


def test_an_interrupt_from_the_terminal_does_not_take_the_overlay_away(tmp_path: Path) -> None:
    (tmp_path / "ws").mkdir()
    root = lay(tmp_path / "ws", "-- m.py --\nm = 1\n-- n.py --\nn = 1\n")
    code = (
        "import os, signal, sys\nfrom regreen.checkpoints import OverlayCheckpoints\n"
        "from regreen.core.cancel import Cancellation\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "with OverlayCheckpoints(sys.argv[1], sys.argv[2], lambda path: False).open(Cancellation(), {}) as bench:\n"
        "    os.killpg(0, signal.SIGINT)\n    bench.reset()\n    print(bench.read('m.py').text)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(root), str(tmp_path / "state")],
        capture_output=True,
        timeout=60,
        check=False,
        start_new_session=True,
    )
    assert (ended.returncode, ended.stdout) == (0, b"m = 1\n\n"), ended.stderr.decode()


def test_a_workbench_that_was_opened_in_a_thread_outlives_the_thread(tmp_path: Path) -> None:
    """A death signal would follow the thread that started the keeper; ours follows the process."""
    (tmp_path / "ws").mkdir()
    root = lay(tmp_path / "ws", "-- m.py --\nm = 1\n")
    with ExitStack() as stack:
        opened: list[OverlayWorkbench] = []
        overlay = OverlayCheckpoints(root, tmp_path / "state", lambda path: False)
        thread = threading.Thread(target=lambda: opened.append(stack.enter_context(overlay.open(Cancellation(), {}))))
        thread.start()
        thread.join()
        bench = opened[0]
        bench.reset()
        assert bench.read("m.py").text == "m = 1\n"
