"""A repair killed while its workbench is made, used, put back or removed: the workspace is untouched, nothing stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from regreen.checkpoints import collect
from tests.support.crash import KILLED, Driver
from tests.support.crash_scene import Scene
from tests.support.trees import tree_state

pytestmark = pytest.mark.e2e


def test_a_kill_at_any_call_of_an_attempt_touches_nothing_and_leaves_nothing(
    tmp_path: Path, survived: Callable[[str, int, str], None]
) -> None:
    scene = Scene(tmp_path).lay()
    before = tree_state(scene.root)
    driver = Driver()
    n, status = 0, KILLED
    try:
        while status == KILLED:
            n += 1
            status = driver.run("attempt_in_a_copy", scene, n)
            if (scene.state / "benches").is_dir():
                collect(scene.state / "benches")
                assert list((scene.state / "benches").iterdir()) == []
            assert tree_state(scene.root) == before
    finally:
        driver.close()
    assert status == 0
    assert 60 < n
    survived("kill points", n, "old or new, nothing left")
