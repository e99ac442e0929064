"""How a Python test run is started."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from regreen.core.errors import ToolMissing
from regreen.core.testing import Place, Selection
from regreen.core.workspace import Project
from regreen.languages.python import run as python_run
from tests.support.workspace import lay

PROJECT = Project(
    "api", "python", "api", "pip", "pytest", "/env/bin/python", (), "api", source_roots=("api/src", "api")
)
PLACE = Place("/copy", "/original", "/scratch")


def test_the_projects_interpreter_runs_pytest_in_the_projects_folder() -> None:
    spec = python_run.command(PROJECT, Selection(), PLACE, 12.5)
    assert spec.argv[:3] == ("/env/bin/python", "-m", "pytest")
    assert spec.cwd == "/copy/api"
    assert spec.timeout == 12.5
    assert spec.report == "/scratch/report.jsonl"


def test_ids_and_paths_are_arguments_of_their_own() -> None:
    names = ("tests/test_a.py::test_x[a/b [c] ::d]", "tests/test_a.py::T::test_y")
    spec = python_run.command(PROJECT, Selection(names, ("tests/other",)), PLACE, 1)
    assert spec.argv[3:6] == (*names, "tests/other")


def test_more_ids_than_a_command_line_holds_become_files() -> None:
    names = tuple(f"tests/test_{n % 3}.py::test_{n}" for n in range(20_000))
    spec = python_run.command(PROJECT, Selection(names), PLACE, 1)
    assert spec.argv[3:6] == ("tests/test_0.py", "tests/test_1.py", "tests/test_2.py")


def test_the_tested_tree_comes_first_on_the_import_path() -> None:
    path = dict(python_run.command(PROJECT, Selection(), PLACE, 1).env)["PYTHONPATH"].split(os.pathsep)
    assert path[:2] == ["/copy/api/src", "/copy/api"]
    assert path[2].endswith("injected")


@pytest.mark.parametrize(("stop", "option"), [(False, "--maxfail=0"), (True, "--maxfail=1")])
def test_the_projects_own_stop_option_is_overruled(stop: bool, option: str) -> None:
    assert option in python_run.command(PROJECT, Selection(stop_at_first=stop), PLACE, 1).argv


def test_another_order_is_the_work_of_a_plugin_of_its_own() -> None:
    spec = python_run.command(PROJECT, Selection(seed=7), PLACE, 1)
    assert "regreen_order" in spec.argv
    assert (dict(spec.env)["REGREEN_SEED"], dict(spec.env)["PYTHONHASHSEED"]) == ("7", "7")
    assert "regreen_order" not in python_run.command(PROJECT, Selection(), PLACE, 1).argv


def test_the_same_number_gives_the_same_order_and_keeps_files_together(tmp_path: Path) -> None:
    lay(
        tmp_path,
        "".join(f"-- test_{file}.py --\n" + "".join(f"def test_{n}(): pass\n" for n in "123") for file in "abcd"),
    )

    def order(seed: int) -> list[str]:
        place = Place(str(tmp_path), str(tmp_path), str(tmp_path))
        project = replace(PROJECT, interpreter=sys.executable, cwd=".", source_roots=(".",))
        spec = python_run.command(project, Selection(seed=seed), place, 60)
        env = {**os.environ, **dict(spec.env)}
        done = subprocess.run([*spec.argv, "-v"], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
        return re.findall(r"^(test_\S+) PASSED", done.stdout, re.MULTILINE)

    as_written, shuffled = order(0), order(7)
    assert sorted(shuffled) == as_written
    assert as_written != shuffled == order(7)
    files = [name.partition("::")[0] for name in shuffled]
    assert len([here for here, after in itertools.pairwise(files) if here != after]) == 3


def test_unittest_projects_run_the_files_that_unittest_would() -> None:
    argv = python_run.command(replace(PROJECT, runner="unittest"), Selection(), PLACE, 1).argv
    assert "python_files=test*.py *_test.py" in argv


def test_unittest_projects_are_run_by_the_driver_which_prefers_pytest() -> None:
    project = replace(PROJECT, runner="unittest", test_dirs=("api/tests",))
    argv = python_run.command(project, Selection(("tests/test_a.py::T::test_b",)), PLACE, 1).argv
    assert argv[1].endswith("regreen_unittest.py")
    ours, theirs = argv[2 : argv.index("--")], argv[argv.index("--") + 1 :]
    assert ours == ("--in", "tests", "tests/test_a.py::T::test_b")
    assert theirs[0] == "tests/test_a.py::T::test_b"


def test_the_driver_and_pytest_look_for_what_unittest_is_told_to_look_for() -> None:
    project = replace(PROJECT, runner="unittest", test_dirs=("api/docs",), test_patterns=("*tests.py",))
    argv = python_run.command(project, Selection(), PLACE, 1).argv
    assert argv[2 : argv.index("--")] == ("--in", "docs", "--pattern", "*tests.py")
    assert "python_files=*tests.py" in argv


def test_a_warm_worker_is_for_pytest_only() -> None:
    for runner in ("unittest", "trial"):
        without = replace(PROJECT, runner=runner, test_command=("python", "-m", runner))
        assert python_run.trials_command(replace(without, driver="pytest"), PLACE) is not None
        assert python_run.trials_command(without, PLACE) is None


def test_each_place_has_a_nonce_of_its_own() -> None:
    other = replace(PLACE, scratch="/scratch2")
    assert python_run.nonce(PLACE) == python_run.nonce(PLACE)
    assert python_run.nonce(PLACE) != python_run.nonce(other)
    assert dict(python_run.command(PROJECT, Selection(), PLACE, 1).env)["REGREEN_NONCE"] == python_run.nonce(PLACE)


def test_the_worker_gets_no_report_and_no_nonce() -> None:
    spec = python_run.trials_command(PROJECT, PLACE)
    assert spec.argv[1].endswith("regreen_worker.py")
    assert not [name for name, _ in spec.env if name.startswith("REGREEN")]


def test_a_project_without_an_interpreter_says_what_to_do() -> None:
    with pytest.raises(ToolMissing, match="python -m venv"):
        python_run.command(replace(PROJECT, interpreter=""), Selection(), PLACE, 1)
