"""A folder of cases is repaired several times: the same patches, figures, tests that were held out, and going on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.model_desk import GOOD, SHOP, Desk, provider, saying
from tests.support.model_server import serving
from tests.support.shell import Said, Shell
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
CALC = """
-- calc/case.json --
{"tests": ["test_calc.py::test_add"], "held_out": "held_out"}
-- calc/calc.py --
def add(a, b):
    return a - b
-- calc/test_calc.py --
from calc import add


def test_add():
    assert add(1, 2) == 3
    assert add(5, 5) == 10
-- calc/held_out/test_more.py --
from calc import add


def test_more():
    assert add(7, -2) == 5
"""


@pytest.fixture
def desk(tmp_path: Path, plain_venv: Path) -> Desk:
    home = tmp_path / "home"
    home.mkdir()
    return Desk(Shell(home, plain_venv), lay(tmp_path / "cases" / "shop", SHOP).parent)


def bench(desk: Desk, *arguments: str | Path) -> Said:
    command = [sys.executable, "-m", "regreen", "bench", str(desk.root), "--json", *map(str, arguments)]
    done = subprocess.run(
        command, env=dict(desk.environment), capture_output=True, text=True, timeout=400, check=False, cwd="/"
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Said(done.returncode, done.stdout, done.stderr)


def test_runs_are_compared_counted_and_kept_and_the_tests_that_were_held_out_judge_them(
    tmp_path: Path, plain_venv: Path
) -> None:
    home, kept = tmp_path / "home", tmp_path / "kept"
    home.mkdir()
    desk = Desk(Shell(home, plain_venv), lay(tmp_path / "cases", CALC))
    said = bench(desk, "--runs", "2", "-o", kept)
    assert said.status == 0, said.err
    document = said.document
    assert (document["determinism"], document["held_out"]) == (1.0, {"passed": 2, "tested": 2})
    (case,) = document["cases"]
    assert (case["case"], case["same"], [run["outcome"] for run in case["runs"]]) == ("calc", True, ["repaired"] * 2)
    assert "+    return a + b" in case["runs"][0]["diff"]
    assert document["figures"]["runs"] == document["figures"]["proved"] == 2
    assert 0 < document["figures"]["cpu_seconds_average"]
    assert [row["met"] for row in document["targets"][:3]] == [True, True, True]
    assert sorted(file.name for file in kept.iterdir()) == ["calc.1.json", "calc.2.json"]
    assert "return a - b" in (desk.root / "calc" / "calc.py").read_text()
    assert not [each for each in (home / "state").iterdir() if each.is_dir()]
    again = bench(desk, "--runs", "2", "-o", kept)
    assert again.document == document
    altered = json.loads((kept / "calc.2.json").read_text())
    altered["run"]["diff"] = altered["run"]["diff"].replace("a + b", "b + a")
    (kept / "calc.2.json").write_text(json.dumps(altered))
    differs = bench(desk, "--runs", "2", "-o", kept)
    assert differs.status == 1
    assert differs.document["cases"][0]["difference"] == (
        "the patches of run 1 and run 2 differ: only run 1 has “+    return a + b”"
    )


def test_runs_after_the_first_replay_it_and_ask_nobody(desk: Desk) -> None:
    with serving(saying(json.dumps(GOOD))) as server:
        desk.configure(provider(server))
        said = bench(desk, "--runs", "2", "--provider", "one", "--replay")
        assert len(server.asked) == 1
    assert said.status == 0, said.err
    first, second = said.document["cases"][0]["runs"]
    assert first["diff"] == second["diff"] != ""
    assert [run["samples"][0]["calls"] for run in (first, second)] == [1, 0]


def test_a_model_that_says_something_else_each_time_is_found_out_and_a_case_that_cannot_run_is_told(
    desk: Desk,
) -> None:
    other = json.loads(json.dumps(GOOD).replace("rate_of", "rate_for"))
    lay(desk.root / "nothing", "-- readme.txt --\nNo project.\n")
    with serving(saying(json.dumps(GOOD)), saying(json.dumps(other))) as server:
        desk.configure(provider(server))
        said = bench(desk, "--runs", "2", "--provider", "one", "-j", "2")
    assert said.status == 1
    nothing, shop = said.document["cases"]
    assert shop["difference"].startswith("the patches of run 1 and run 2 differ: ")
    assert (nothing["same"], said.document["determinism"]) == (None, 0.0)
    assert "No project with tests was found" in nothing["runs"][0]["error"]


def test_an_interrupted_bench_leaves_no_process_and_no_copy(desk: Desk, tmp_path: Path) -> None:
    places = tmp_path / "places"
    places.mkdir()
    with serving(saying(json.dumps(GOOD))) as server:
        server.answers = [type(server.answers[0])(200, [b"data: {}\n\n", *([0.2] * 300)])]
        desk.configure(provider(server))
        running = subprocess.Popen(
            [sys.executable, "-m", "regreen", "bench", str(desk.root), "--provider", "one"],
            env={**desk.environment, "TMPDIR": str(places)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs in the background ignores it
        )  # fmt: skip
        assert server.busy.wait(90)
        os.kill(running.pid, signal.SIGINT)
        _, err = running.communicate(timeout=90)
    assert running.returncode == 130, err
    assert list(places.iterdir()) == []


def test_a_folder_without_cases_and_a_case_that_says_nonsense_are_wrong_use(tmp_path: Path, plain_venv: Path) -> None:
    shell = Shell(tmp_path, plain_venv)
    (tmp_path / "empty").mkdir()
    assert shell.regreen("bench", tmp_path / "empty").status == 2
    assert shell.regreen("bench", tmp_path / "nowhere").status == 2
    for text in ('{"test": []}', "{", '{"held_out": ".."}', '{"held_out": "no"}', "[]"):
        lay(tmp_path / "bad" / "one", f"-- case.json --\n{text}\n")
        said = shell.regreen("bench", tmp_path / "bad")
        assert (said.status, "case.json" in said.err) == (2, True), text
