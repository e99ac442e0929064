"""The power is cut while a delivery or its recovery runs: what had reached the disk leaves all old or all new."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from regreen.checkpoints import deliver
from regreen.core.errors import CannotRun
from tests.support.crash import KILLED, Driver, ended, kill_point
from tests.support.crash_scene import Scene, patch
from tests.support.power import Disk

pytestmark = pytest.mark.e2e
Survived = Callable[[str, int, str], None]


@pytest.fixture
def driver() -> Iterator[Driver]:
    driver = Driver()
    yield driver
    driver.close()


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


def cut_in(driver: Driver, disk: Disk, action: str, kill_at: int) -> int:
    """Cut the power before the n-th writing call of an action."""
    status = driver.run(action, Scene(disk.at), kill_at)
    disk.cut()
    return status


def laid(disk: Disk) -> None:
    Scene(disk.at).lay()
    os.sync()


def note(survived: Survived, disk: Disk, n_cuts: int) -> None:
    family = "power cuts" if disk.is_real else "power cuts, as kills for want of a disk"
    survived(family, n_cuts, "old or new, nothing left; history is true")


def test_a_power_cut_at_any_call_of_a_delivery_leaves_old_or_new(
    driver: Driver, disk: Disk, survived: Survived
) -> None:
    found: Counter[str] = Counter()
    n, status = 0, KILLED
    while status == KILLED:
        n += 1
        with disk.powered():
            laid(disk)
            status = cut_in(driver, disk, "apply_and_record", n)
        with disk.powered():
            verdict = ended(driver, Scene(disk.at))
        found[verdict] += 1
    assert verdict == "new", "a delivery that had ended was lost"
    assert 60 <= found.total()
    assert set(found) == {"old", "new"}
    note(survived, disk, found.total())


def test_a_power_cut_in_the_recovery_from_one_is_survived(driver: Driver, disk: Disk, survived: Survived) -> None:
    with disk.powered():
        half_way = kill_point(driver, Scene(disk.at), "apply_and_record", 2)
    n, status = -1, KILLED
    while status == KILLED:
        n += 2
        with disk.powered():
            laid(disk)
            assert cut_in(driver, disk, "apply_and_record", half_way) == KILLED
        with disk.powered():
            status = cut_in(driver, disk, "recover_and_record", n)
        with disk.powered():
            assert ended(driver, Scene(disk.at)) == "old"
    assert 20 < n
    note(survived, disk, n // 2 + 1)


def test_a_disk_without_room_is_refused_before_anything_is_touched(disk: Disk) -> None:
    with disk.powered():
        scene = Scene(disk.at).lay()
        if disk.is_real:
            free = os.statvfs(disk.at)
            (disk.at / "film").write_bytes(b"\1" * (free.f_bavail * free.f_frsize - 900_000))
            with pytest.raises(CannotRun, match="KB left") as caught:
                deliver(str(scene.root), patch(), scene.state)
            assert "Nothing was touched" in caught.value.next_step
        assert scene.judge() == "old"


def test_what_was_never_synced_is_lost_with_the_power(disk: Disk) -> None:
    """Otherwise the cuts above would prove nothing."""
    with disk.powered():
        (disk.at / "a.txt").write_text("written")
        disk.cut()
    with disk.powered():
        assert (disk.at / "a.txt").exists() is not disk.is_real
