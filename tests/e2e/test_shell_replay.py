"""A repair is recorded, and replayed elsewhere: with no service, no key, no configuration, and the same patch."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.model_desk import GOOD, SHOP, Desk, provider, saying
from tests.support.model_server import serving
from tests.support.shell import Said, Shell, tree
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
CALC = """
-- pyproject.toml --
[project]
name = "calc"
version = "1"
-- calc.py --
def add(a, b):
    return a - b


def total(items):
    return sum(items)
-- test_calc.py --
from calc import add, total


def test_add():
    assert add(1, 2) == 3
    assert add(5, 5) == 10


def test_total():
    assert total([1, 2]) == 3
"""


@dataclass(frozen=True)
class Elsewhere:
    """Another machine, as far as one can be had here: another home, state, folder, hash seed, and no network."""

    shell: Shell
    root: Path

    def regreen(self, *arguments: str | Path) -> Said:
        command = [sys.executable, "-m", "regreen", *map(str, arguments)]
        environment = {**self.shell.environment, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=200, check=False, cwd=self.shell.home
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.returncode, done.stdout, done.stderr)


def elsewhere(tmp_path: Path, venv: Path, files: str, name: str = "a b/elsewhere") -> Elsewhere:
    home = tmp_path / "other home"
    home.mkdir(exist_ok=True)
    root = lay(tmp_path / name, files)
    for file in root.rglob("*"):
        os.utime(file, (86400, 86400))
    return Elsewhere(Shell(home, venv), root)


@pytest.fixture
def desk(tmp_path: Path, plain_venv: Path) -> Desk:
    home = tmp_path / "home"
    home.mkdir()
    return Desk(Shell(home, plain_venv), lay(tmp_path / "shop", SHOP))


def recording(home: Path) -> Path:
    """Return the one recording below a home's state folder."""
    (found,) = (home / "state").glob("*/recordings/*")
    return found


def moved(recorded: Path, to: Path) -> Path:
    """Take a recording away from where it was made."""
    shutil.move(recorded, to)
    return to


def test_a_repair_by_a_model_is_replayed_to_the_byte_without_the_service_a_key_or_a_configuration(
    desk: Desk, tmp_path: Path, plain_venv: Path
) -> None:
    nowhere = {**GOOD, "edits": [{"path": "invoice.py", "search": "return nothing_like_it", "replace": "x"}]}
    with serving(saying(json.dumps(nowhere)), saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server))
        first = desk.fix("--provider", "cascade")
    assert first.status == 0, first.err
    folder = moved(recording(desk.shell.home), tmp_path / "cassette")
    texts = [file.read_text() for file in folder.iterdir()]
    assert not any("key-for-tests" in text or str(desk.root) in text or server.url in text for text in texts)
    there = elsewhere(tmp_path, plain_venv, SHOP)
    again = there.regreen("fix", there.root, "--replay", folder, "--json")
    assert again.status == 0, again.err
    assert again.document["diff"] == first.document["diff"]
    assert tree(there.root) == tree(desk.root)
    told = [
        [(each["provider"], each["verdict"], each["diff"], each["hypothesis"]) for each in said.document["attempts"]]
        for said in (first, again)
    ]
    assert told[0] == told[1]
    assert again.document["usage"]["calls"] == 0
    assert len(server.asked) == 2


def test_a_repair_by_the_search_engine_is_replayed_to_the_byte(tmp_path: Path, plain_venv: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    shell, root = Shell(home, plain_venv), lay(tmp_path / "calc", CALC)
    first = shell.regreen("fix", root, "--json")
    assert first.status == 0, first.err
    folder = moved(recording(home), tmp_path / "cassette")
    there = elsewhere(tmp_path, plain_venv, CALC)
    again = there.regreen("fix", there.root, "--replay", folder, "--json")
    assert again.status == 0, again.err
    assert again.document["diff"] == first.document["diff"]
    assert tree(there.root) == tree(root)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, plain_venv: Path) -> tuple[Desk, str]:
    """Return where one repair was made and recorded, for all who only read it, and its run."""
    base = tmp_path_factory.mktemp("once")
    (base / "home").mkdir()
    desk = Desk(Shell(base / "home", plain_venv), lay(base / "shop", SHOP))
    with serving(saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server))
        said = desk.fix("--provider", "one", "--dry-run")
    assert said.status == 0, said.err
    return desk, said.document["run_id"]


def test_a_request_that_was_not_recorded_ends_the_replay_and_names_the_first_difference(
    once: tuple[Desk, str], tmp_path: Path, plain_venv: Path
) -> None:
    folder = recording(once[0].shell.home)
    there = elsewhere(tmp_path, plain_venv, SHOP.replace("return sum(items)", "return sum(list(items))"))
    before = tree(there.root)
    said = there.regreen("fix", there.root, "--replay", folder)
    assert said.status == 4
    assert "The recording has no reply of “one” to this request: messages[0].text, line " in said.err
    assert "was recorded as “    return sum(items)” and is “    return sum(list(items))” now." in said.err
    assert tree(there.root) == before


def test_a_folder_without_a_recording_and_a_damaged_one_are_told_apart(
    once: tuple[Desk, str], tmp_path: Path, plain_venv: Path
) -> None:
    original = recording(once[0].shell.home)
    assert {stat.S_IMODE(each.stat().st_mode) for each in (original, original.parent)} == {0o700}
    folder = shutil.copytree(original, tmp_path / "copied")
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
    there = elsewhere(tmp_path, plain_venv, SHOP)
    said = there.regreen("fix", there.root, "--replay", tmp_path / "nowhere")
    assert (said.status, "There is no recording in" in said.err) == (2, True)
    torn = next(file for file in sorted(folder.iterdir()) if file.name != "cassette.json")
    torn.write_bytes(torn.read_bytes()[:100])
    said = there.regreen("fix", there.root, "--replay", folder)
    assert (said.status, f"The recording {torn} cannot be read: it is no JSON." in said.err) == (4, True), said.err


def test_a_past_repair_replays_on_the_files_that_it_has_repaired_and_leaves_no_trace(desk: Desk) -> None:
    with serving(saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server))
        run_id = desk.fix("--provider", "one").document["run_id"]
    before, shell = tree(desk.root), desk.shell
    said = shell.regreen("replay", run_id, desk.root, "--json")
    assert (said.status, said.document["same"], said.document["differences"]) == (0, True, []), said.err
    assert said.document["replayed"]["diff"] == said.document["recorded"]["diff"] != ""
    assert tree(desk.root) == before
    (listed,) = shell.regreen("history", desk.root, "--json").document["runs"]
    assert listed["run_id"] == run_id
    assert Path(listed["recording"]) == recording(shell.home)
    rates = desk.root / "rates.py"
    repaired = rates.read_text()
    rates.write_text(repaired.replace('"us": 10', '"us": 10, "jp": 8'))
    said = shell.regreen("replay", run_id, desk.root)
    assert (said.status, "rates.py changed since the repair, in the lines that it edited." in said.err) == (1, True)
    rates.write_text(repaired)
    assert shell.regreen("undo", run_id, desk.root).status == 0
    lay(desk.root, SHOP.replace("sum(items)", "sum(item for item in items)"))
    said = shell.regreen("replay", run_id, desk.root)
    assert (said.status, "“    return sum(item for item in items)” now" in said.out) == (1, True), said.out + said.err


def test_the_history_of_a_time_is_listed(once: tuple[Desk, str]) -> None:
    desk, run_id = once
    shell, root = desk.shell, desk.root
    assert f"{run_id}  " in shell.regreen("history", root, "--since", "2020-01-01", "--until", "2999-01-01").out
    assert "● test_invoice.py::test_total" in shell.regreen("history", root).out
    assert shell.regreen("history", root, "--until", "2020-01-01", "--json").document["runs"] == []
    assert shell.regreen("history", root, "--since", "2999-01-01", "--json").document["runs"] == []
    said = shell.regreen("history", root, "--since", "yesterday")
    assert (said.status, "--since yesterday is no date." in said.err) == (2, True)


def test_figures_and_trajectories_are_made_of_what_was_recorded(desk: Desk, tmp_path: Path) -> None:
    secret = "sk-proj-" + "a1B2c3D4e5F6g7H8i9J0" * 2
    nowhere = {**GOOD, "edits": [], "hypothesis": f"The key {secret} is wrong."}
    with serving(saying(json.dumps(nowhere)), saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server))
        run_id = desk.fix("--provider", "cascade").document["run_id"]
    shell, file = desk.shell, tmp_path / "out.jsonl"
    stats = shell.regreen("stats", desk.root, "--json").document
    told = [stats["figures"][name] for name in ("runs", "proved", "repairs_per_success", "rollback_rate", "calls")]
    assert told == [1, 1, 1.0, 0.0, 2]
    assert [row["met"] for row in stats["targets"]][:2] == [False, True]
    assert "✗ repairs for each success, beyond the first: 1.00 (target: below 0.3)" in (
        shell.regreen("stats", desk.root).out
    )
    assert shell.regreen("export", desk.root, "-o", file).status == 0
    (line,) = file.read_text().splitlines()
    assert secret not in line
    row = json.loads(line)
    assert (row["version"], row["run_id"], row["outcome"], len(row["attempts"])) == (1, run_id, "repaired", 2)
    assert [(each["n"], each["attempt"], each["provider"]) for each in row["interactions"]] == [
        (1, 1, "search"), (2, 1, "one"), (3, 2, "one"),
    ]  # fmt: skip
    assert "[secret:" in row["interactions"][1]["reply"]["text"]
    assert json.loads(row["interactions"][2]["reply"]["text"]) == GOOD
    assert "def total" in row["files"]["invoice.py"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert shell.regreen("export", desk.root, "--until", "2020-01-01").out == ""
    assert shell.regreen("export", desk.root, "-o", tmp_path / "no" / "where").status == 2


def test_a_model_is_told_what_an_earlier_repair_tried_and_a_replay_elsewhere_tells_it_too(
    desk: Desk, tmp_path: Path, plain_venv: Path
) -> None:
    wrong = {**GOOD, "hypothesis": "The sum is too small.", "edits": [
        {"path": "invoice.py", "search": "    return sum(items)", "replace": "    return sum(items) + 30"}
    ]}  # fmt: skip
    with serving(saying(json.dumps(wrong)), saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server))
        failed, first = (desk.fix("--provider", "one", "--max-attempts", "1") for _ in range(2))
    assert (failed.status, first.status) == (1, 0), first.err
    told = [json.loads(each.body)["messages"][1]["content"] for each in server.asked]
    assert "Earlier repairs of this failure" not in told[0]
    assert "The sum is too small. (- return sum(items); + return sum(items) + 30) It did not help:" in told[1]
    (recordings,) = (desk.shell.home / "state").glob("*/recordings")
    there = elsewhere(tmp_path, plain_venv, SHOP)
    for said in (failed, first):
        again = there.regreen("fix", there.root, "--replay", recordings / said.document["run_id"], "--json")
        assert (again.status, again.document["outcome"]) == (said.status, said.document["outcome"]), again.err
        assert again.document["diff"] == said.document["diff"]
