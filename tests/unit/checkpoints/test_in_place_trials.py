"""Candidates are tried in the person's own tree; what the person makes meanwhile is never written over."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from regreen.checkpoints import InPlaceCheckpoints, Restored
from regreen.core.cancel import Cancellation
from regreen.core.errors import Conflict
from regreen.core.policy import Policy
from regreen.core.ports import TrialVerdict
from regreen.core.testing import TestId
from regreen.execution import open_trials
from tests.support.diskbench import swap, worker_spec
from tests.support.trees import tree_state
from tests.support.workspace import lay

SPACE = """
-- calc.py --
def add(a, b):
    return a - b
-- test_calc.py --
import pathlib

from calc import add

def test_add():
    pathlib.Path("litter.txt").write_text("by a test")
    assert add(1, 2) == 3
-- notes.txt --
mine
"""
SAVING = """
    pathlib.Path("calc.py").write_text("saved by the person")
    pathlib.Path("new.py").write_text("new, by the person")
"""


@pytest.mark.parametrize("saves", [False, True], ids=["alone", "while the person saves"])
def test_candidates_are_tried_in_place(tmp_path: Path, saves: bool) -> None:
    root = lay(tmp_path / "space", SPACE)
    if saves:  # The person's save is made in the middle of a candidate's run, by its test: that is when it hurts most.
        (root / "test_calc.py").write_text(
            (root / "test_calc.py").read_text().replace("    assert", SAVING + "    assert")
        )
    before = {path: state for path, state in tree_state(root, folder_times=False).items() if "__pycache__" not in path}
    ends: list[Restored] = []
    test = TestId("python", "test_calc.py::test_add")
    with InPlaceCheckpoints(root, tmp_path / "state", lambda _: False, told=ends.append).open(
        Cancellation(), {}
    ) as bench:
        patch = swap(root, "calc.py", "a - b", "a + b")
        spec = worker_spec(root)
        with suppress(Conflict), open_trials(Cancellation(), spec, bench, (test,), (), Policy()) as trials:
            assert trials.evaluate(Cancellation(), patch).verdict is TrialVerdict.PASSES
        assert (root / "litter.txt").exists()
    after = {path: state for path, state in tree_state(root, folder_times=False).items() if "__pycache__" not in path}
    assert after == before
    kept = {moved.path: Path(moved.copy).read_text() for moved in ends[0].moved}
    assert kept.pop("litter.txt") == "by a test"
    assert kept == ({"calc.py": "saved by the person", "new.py": "new, by the person"} if saves else {})
