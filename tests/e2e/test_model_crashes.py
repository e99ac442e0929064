"""A repair by a model that is killed, or meets a full disk or damaged files: told clearly, and nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.model_desk import GOOD, SHOP, Desk, provider, saying
from tests.support.model_server import Answer, ModelServer, serving
from tests.support.shell import Shell, tree
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
SLOWLY = Answer(200, [saying(json.dumps(GOOD)).chunks[0], *([0.2] * 600)], {"content-type": "text/event-stream"})
FIX = [sys.executable, "-m", "regreen", "fix"]


@pytest.fixture
def desk(tmp_path: Path, plain_venv: Path) -> Desk:
    home = tmp_path / "home"
    home.mkdir()
    return Desk(Shell(home, plain_venv), lay(tmp_path / "shop", SHOP))


@contextmanager
def fixing(desk: Desk) -> Iterator[subprocess.Popen[str]]:
    """Run `regreen fix`, and kill it in the end."""
    command = [*FIX, str(desk.root), "--provider", "one"]
    with subprocess.Popen(command, env=dict(desk.environment), stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def eventually(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def wait_until_asked(server: ModelServer, _: subprocess.Popen[str]) -> None:
    eventually(lambda: server.asked)


def wait_until_it_answers(server: ModelServer, _: subprocess.Popen[str]) -> None:
    assert server.busy.wait(60)


def wait_until_it_is_proved(_: ModelServer, process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    assert any("running all the others" in line for line in process.stderr)


def test_a_repair_that_is_killed_at_any_stage_leaves_the_files_and_counts_what_it_may_have_cost(desk: Desk) -> None:
    before = tree(desk.root)
    silent = Answer(200, [60.0])
    stages = (
        (silent, wait_until_asked),
        (SLOWLY, wait_until_it_answers),
        (saying(json.dumps(GOOD)), wait_until_it_is_proved),
    )
    for answer, wait in stages:
        with serving(answer) as server:
            desk.configure(provider(server))
            with fixing(desk) as process:
                wait(server, process)
        assert tree(desk.root) == before
    assert "today 3 calls" in desk.run("doctor", str(desk.root)).out
    with serving(saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server))
        fixed = desk.fix("--provider", "one")
    assert (fixed.status, fixed.document["outcome"]) == (0, "repaired"), fixed.err
    runs = desk.run("history", str(desk.root), "--json")
    assert [run["outcome"] for run in json.loads(runs.out)["runs"]] == ["repaired"]
    # What was answered before the kill is on the disk whole: the last of the killed repairs can be replayed.
    killed, _ = sorted((desk.shell.home / "state").glob("*/recordings/*"))
    lay(desk.root, SHOP)
    replayed = desk.fix("--replay", str(killed))
    assert (replayed.status, replayed.document["diff"]) == (0, fixed.document["diff"]), replayed.err


@pytest.mark.parametrize("size", ["8k", "16k"])
def test_a_full_disk_is_told_and_the_files_stay_whole(desk: Desk, size: str) -> None:
    before, state = tree(desk.root), desk.shell.home / "state"
    state.mkdir()
    with serving(saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server))
        mounted = f'mount -t tmpfs -o size={size} none "$0" && "$@"'
        command = ["unshare", "-rm", "sh", "-c", mounted, str(state), *FIX, str(desk.root), "--provider", "one"]
        done = subprocess.run(command, env=desk.environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (1, 4), done.stderr
    assert "Traceback" not in done.stderr
    assert "Make room" in done.stderr + done.stdout
    assert tree(desk.root) == before


def test_damaged_state_is_told_or_made_anew_and_a_repair_goes_on(desk: Desk) -> None:
    state = desk.shell.home / "state"
    with serving(saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server))
        first = desk.fix("--provider", "one", "--dry-run").document["run_id"]
        (state / "services.json").touch()
        kept = [file for file in sorted(state.rglob("*")) if file.is_file() and file.suffix in (".json", ".jsonl")]
        assert {"spent-today.json", "index.jsonl", "cassette.json", "workspace.json"} <= {file.name for file in kept}
        for file in kept:
            file.write_bytes(b"[" * 100_000 if file.suffix == ".json" else b"\xff\xfe\x00garbage\n")
        history = desk.run("history", str(desk.root))
        assert (history.status, f"{first}.jsonl:1 cannot be read: " in history.err) == (0, True), history.err
        assert desk.run("show", first, str(desk.root)).status == 4
        replayed = desk.run("replay", first, str(desk.root))
        assert (replayed.status, "cannot be read" in replayed.err) == (4, True), replayed.err
        assert desk.run("export", str(desk.root)).status == 0
        assert desk.fix("--provider", "one").document["outcome"] == "repaired"
