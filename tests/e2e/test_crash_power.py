"""The power is cut while a delivery runs: what had reached the disk is enough for all old or all new."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from regreen.checkpoints import recover
from tests.support.crash import KILLED, Driver
from tests.support.crash_scene import Scene
from tests.support.power import Disk

pytestmark = pytest.mark.e2e


@pytest.fixture
def driver() -> Iterator[Driver]:
    driver = Driver()
    yield driver
    driver.close()


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


def test_a_power_cut_at_any_call_leaves_old_or_new(
    driver: Driver, disk: Disk, survived: Callable[[str, int, str], None]
) -> None:
    found: Counter[str] = Counter()
    n, status = 0, KILLED
    while status == KILLED:
        n += 1
        with disk.powered():
            scene = Scene(disk.at).lay()
            os.sync()
            status = driver.run("apply", scene, n)
            disk.cut()
        with disk.after_the_cut():
            recover(str(scene.root), scene.state)
            verdict = scene.judge()
        assert verdict in ("old", "new"), f"call {n}: {verdict}"
        found[verdict] += 1
    assert verdict == "new", "a delivery that had ended was lost"
    survived("power cuts" if disk.is_real else "power cuts (as kills)", found.total(), "old or new, nothing left")
    assert 60 <= found.total()
    assert set(found) == {"old", "new"}


def test_what_was_never_synced_is_lost_with_the_power(disk: Disk) -> None:
    """Otherwise the cuts above would prove nothing."""
    with disk.powered():
        os.sync()
        (disk.at / "a.txt").write_text("written")
        disk.cut()
    with disk.after_the_cut():
        assert (disk.at / "a.txt").exists() is not disk.is_real
