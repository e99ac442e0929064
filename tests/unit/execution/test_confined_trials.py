"""The warm worker in every sandbox: candidates are tried as without one, and reach nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from regreen.core.cancel import Cancellation
from regreen.core.confine import Enclosure
from regreen.core.policy import Policy
from regreen.core.ports import Trials, TrialVerdict
from regreen.core.testing import TestId
from regreen.execution import open_trials
from tests.support.diskbench import DiskBench, swap, tree_hash, worker_spec
from tests.support.sandboxes import KINDS, sandbox_of
from tests.support.workspace import lay

CANCEL = Cancellation()
every_kind = pytest.mark.parametrize("kind", KINDS)
FILES = """
-- one.py --
X = 1
-- test_one.py --
import os, pathlib, time
import one

"""


@contextmanager
def confined_trials(kind: str, folder: Path) -> Iterator[Trials]:
    spec = replace(worker_spec(folder), enclosure=Enclosure.at(str(folder)))
    wanted = (TestId(".", "test_one.py::test_x"),)
    policy = Policy(candidate_timeout=5.0)
    with open_trials(CANCEL, spec, DiskBench(folder), wanted, (), policy, sandbox=sandbox_of(kind)) as trials:
        yield trials


def check(kind: str, folder: Path, body: str, *expected: tuple[str, TrialVerdict]) -> None:
    """Try values of X in turn with one worker; the tree is as before after each."""
    lay(folder, FILES + body)
    before = tree_hash(folder)
    with confined_trials(kind, folder) as trials:
        for value, verdict in expected:
            trial = trials.evaluate(CANCEL, swap(folder, "one.py", "X = 1", f"X = {value}"))
            assert trial.verdict is verdict, trial
            assert tree_hash(folder) == before


@every_kind
def test_candidates_pass_fail_and_hang(kind: str, tmp_path: Path) -> None:
    body = "def test_x():\n    while one.X == 4:\n        time.sleep(1)\n    assert one.X == 2\n"
    check(
        kind,
        tmp_path,
        body,
        ("2", TrialVerdict.PASSES),
        ("3", TrialVerdict.FAILS),
        ("4", TrialVerdict.HANGS),
        ("2", TrialVerdict.PASSES),
    )


@every_kind
def test_a_crash_is_the_candidate_s_own(kind: str, tmp_path: Path) -> None:
    body = "def test_x():\n    if one.X == 3:\n        os.kill(os.getpid(), 11)\n    assert one.X == 2\n"
    check(kind, tmp_path, body, ("3", TrialVerdict.CRASHES), ("2", TrialVerdict.PASSES))


@every_kind
def test_a_candidate_that_writes_outside_does_not_reach_it(kind: str, tmp_path: Path) -> None:
    (tree := tmp_path / "tree").mkdir()
    body = (
        "def test_x():\n    try:\n        pathlib.Path('../outside').write_text('x')\n"
        "    except OSError:\n        pass\n    assert one.X == 2\n"
    )
    check(kind, tree, body, ("2", TrialVerdict.PASSES))
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]


@every_kind
def test_the_lines_that_tests_run_are_measured(kind: str, tmp_path: Path) -> None:
    lay(tmp_path, FILES + "def test_x():\n    assert one.X == 2\n")
    with confined_trials(kind, tmp_path) as trials:
        assert trials.spectrum(CANCEL).n_failing == 1
