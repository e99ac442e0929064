"""What a candidate's tests may do to the process they run in, and to the tree; with real workers."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun
from regreen.core.policy import Policy
from regreen.core.ports import Trials, TrialVerdict
from tests.support.diskbench import swap, tree_hash, trials_in
from tests.support.workspace import lay

CANCEL = Cancellation()
ONE = """
-- one.py --
X = 1
-- made.py --
Y = 1
-- test_one.py --
import ctypes, os, pathlib, sys, time
import one

"""


def check(
    folder: Path, body: str, *expected: tuple[str, TrialVerdict], names: tuple[str, ...] = ("test_x",), **env: str
) -> None:
    """Try values of X in turn, with one worker; the tree is as before after each."""
    lay(folder, ONE + body)
    before = tree_hash(folder)
    ids = tuple(f"test_one.py::{name}" for name in names)
    with trials_in(folder, ids, policy=Policy(candidate_timeout=5.0), **env) as trials:
        for value, verdict in expected:
            trial = trials.evaluate(CANCEL, swap(folder, "one.py", "X = 1", f"X = {value}"))
            assert trial.verdict is verdict, trial
            assert tree_hash(folder) == before
    assert tree_hash(folder) == before


GOOD, BAD, CRASHED = ("2", TrialVerdict.PASSES), ("3", TrialVerdict.FAILS), TrialVerdict.CRASHES


def test_what_only_a_good_candidate_leaves_does_not_reach_the_next(tmp_path: Path) -> None:
    body = "def test_x():\n    assert one.X == 2\n    os.makedirs('out/deep')\n    open('out/deep/a', 'w').close()\n"
    check(tmp_path, body, GOOD, GOOD, BAD, GOOD)


def test_a_pipe_in_the_place_of_a_source_does_not_hold_the_worker(tmp_path: Path) -> None:
    """The first measures are taken one after the other: what the first leaves there is met by the worker itself."""
    body = (
        "def test_x():\n    try:\n        assert one.X == 2\n    finally:\n        os.remove('one.py')\n"
        "        os.mkfifo('one.py')\n"
    )
    check(tmp_path, body, BAD, GOOD)


def test_sources_and_files_that_a_test_rewrites_or_removes_are_put_back(tmp_path: Path) -> None:
    body = (
        "-- notes.txt --\nkept\n-- folder/a.txt --\nkept\n"
        "-- test_one.py --\nimport os, pathlib\nimport one\n\n"
        "def test_x():\n"
        "    assert one.X == 2\n"
        "    assert 'Y = 1' in pathlib.Path('made.py').read_text()\n"
        "    pathlib.Path('made.py').write_text('Y = 22')\n"
        "    os.remove('folder/a.txt')\n    os.rmdir('folder')\n"
    )
    check(tmp_path, body, GOOD, GOOD)


def test_a_segmentation_fault_crashes_the_candidate_alone(tmp_path: Path) -> None:
    body = "def test_x():\n    if one.X == 3:\n        ctypes.string_at(0)\n    assert one.X == 2\n"
    check(tmp_path, body, ("3", CRASHED), GOOD)


def test_a_forked_process_that_comes_out_of_its_test_does_not_speak(tmp_path: Path) -> None:
    body = (
        "def test_x():\n    pid = os.fork()\n    if pid:\n        os.waitpid(pid, 0)\n        time.sleep(0.2)\n"
        "        assert one.X == 2\n"
    )
    check(tmp_path, body, BAD, GOOD)


def test_a_test_that_writes_to_every_descriptor_says_nothing_for_the_worker(tmp_path: Path) -> None:
    body = (
        "def test_x():\n    for number in range(64):\n        try:\n"
        "            os.write(number, b'{\"op\": 1}\\nnoise\\n[]\\n')\n"
        "        except OSError:\n            pass\n    assert one.X == 2\n"
    )
    check(tmp_path, body, BAD, GOOD)


def test_a_test_that_closes_every_descriptor_never_passes(tmp_path: Path) -> None:
    body = "def test_x():\n    if one.X == 3:\n        os.closerange(3, 256)\n    assert one.X in (2, 3)\n"
    check(tmp_path, body, ("3", CRASHED), GOOD)


def test_fixtures_of_a_conftest_and_the_modules_it_imports_are_read_anew(tmp_path: Path) -> None:
    body = (
        "-- conftest.py --\nimport one\nimport pytest\n\n@pytest.fixture\ndef value():\n    return one.X\n"
        "-- test_one.py --\ndef test_x(value):\n    assert value == 2\n"
    )
    check(tmp_path, body, GOOD, BAD, GOOD)


def test_unittest_cases_are_tried(tmp_path: Path) -> None:
    body = (
        "import unittest\n\nclass Case(unittest.TestCase):\n    def setUp(self):\n        self.x = one.X\n\n"
        "    def test_x(self):\n        self.assertEqual(self.x, 2)\n"
    )
    check(tmp_path, body, GOOD, BAD, names=("Case::test_x",))


def test_a_single_case_of_a_parametrised_test_is_tried(tmp_path: Path) -> None:
    body = "import pytest\n\n@pytest.mark.parametrize('n', [2, 9])\ndef test_x(n):\n    assert one.X == n\n"
    check(tmp_path, body, GOOD, ("9", TrialVerdict.FAILS), names=("test_x[2]",))


def test_a_src_layout_is_tried(tmp_path: Path) -> None:
    lay(
        tmp_path,
        "-- src/pack/__init__.py --\nX = 1\n"
        "-- tests/test_p.py --\nimport pack\n\ndef test_x():\n    assert pack.X == 2\n",
    )
    with trials_in(tmp_path, ("tests/test_p.py::test_x",), roots=("src", ".")) as trials:
        patch = swap(tmp_path, "src/pack/__init__.py", "1", "2")
        assert trials.evaluate(CANCEL, patch).verdict is TrialVerdict.PASSES


def test_a_hang_leaves_time_for_the_next(tmp_path: Path) -> None:
    body = "def test_x():\n    while one.X == 3:\n        time.sleep(1)\n    assert one.X == 2\n"
    check(tmp_path, body, ("3", TrialVerdict.HANGS), GOOD)


def test_a_candidate_that_ends_the_worker_twice_is_an_error_and_its_text_is_taken_back(tmp_path: Path) -> None:
    body = "def test_x():\n    if one.X == 3:\n        os.kill(os.getppid(), 9)\n    assert one.X == 2\n"
    lay(tmp_path, ONE + body)
    before = tree_hash(tmp_path)
    with trials_in(tmp_path, ("test_one.py::test_x",)) as trials:
        with pytest.raises(CannotRun, match="again and again"):
            trials.evaluate(CANCEL, swap(tmp_path, "one.py", "X = 1", "X = 3"))
        assert tree_hash(tmp_path) == before


def test_thirty_candidates_leave_no_descriptor_and_no_process(tmp_path: Path) -> None:
    lay(tmp_path, ONE + "def test_x():\n    assert one.X == 2\n")
    before = _descriptors()
    with trials_in(tmp_path, ("test_one.py::test_x",)) as trials:
        _try_values(trials, tmp_path, 3)
        during = _descriptors(), _descriptors_of_workers(tmp_path)
        _try_values(trials, tmp_path, 30)
        assert (_descriptors(), _descriptors_of_workers(tmp_path)) == during
    assert _descriptors() == before
    assert not _descriptors_of_workers(tmp_path)


def test_a_long_temporary_folder_does_not_hinder_the_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lay(tmp_path / "work", ONE + "def test_x():\n    assert one.X == 2\n")
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with trials_in(folder, ("test_one.py::test_x",)) as trials:
        assert trials.evaluate(CANCEL, swap(folder, "one.py", "1", "2")).verdict is TrialVerdict.PASSES


def _try_values(trials: Trials, folder: Path, n_values: int) -> None:
    for value in range(10, 10 + n_values):
        trial = trials.evaluate(CANCEL, swap(folder, "one.py", "X = 1", f"X = {value}"))
        assert trial.verdict is TrialVerdict.FAILS, trial


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def _descriptors_of_workers(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and (entry / "cwd").readlink() == folder.resolve():
                found.append(len(list((entry / "fd").iterdir())))
        except OSError:
            continue
    return found


def test_a_plugin_that_runs_tests_again_is_left_out_and_nobody_sums_up(tmp_path: Path) -> None:
    """It would start a thread, and no process with threads can be forked; its option and its marker stay known."""
    seen = tmp_path / "seen"
    body = (
        "-- pytest.ini --\n[pytest]\naddopts = -p rerunfailures --reruns 2 --strict-markers\n"
        "-- rerunfailures.py --\nimport os\n\n"
        "def note(word):\n    with open(os.environ['SEEN'], 'a') as file:\n        file.write(word)\n\n"
        "def pytest_addoption(parser):\n    parser.addoption('--reruns', type=int, default=0)\n\n"
        "def pytest_configure(config):\n    note('configured')\n"
        "-- conftest.py --\nfrom rerunfailures import note\n\ndef pytest_terminal_summary():\n    note('summed up')\n"
        "-- test_one.py --\nimport pytest, one\n\n@pytest.mark.flaky(reruns=2)\ndef test_x():\n    assert one.X == 2\n"
    )
    check(tmp_path / "work", body, GOOD, BAD, GOOD, SEEN=str(seen))
    assert not seen.exists()
