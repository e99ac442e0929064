"""A delivery and its recovery, struck at every system call that writes: afterwards all is old or all is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from regreen.checkpoints import recover
from regreen.core.repair import Outcome
from regreen.journal import FileJournal
from tests.support.crash import KILLED, Driver, Point, kill_point, quick_scene
from tests.support.crash_driver import REFUSED
from tests.support.crash_scene import Scene

pytestmark = pytest.mark.e2e
Survived = Callable[[str, int, str], None]
STRIKES = {
    "killed": ("signal=KILL", False),
    "disk full": ("error=ENOSPC", False),
    "disk fails": ("error=EIO", False),
    "disk full from here on": ("error=ENOSPC", True),
    "disk fails from here on": ("error=EIO", True),
}
strikes = pytest.mark.parametrize(("strike", "for_good"), STRIKES.values(), ids=STRIKES.keys())


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    driver = Driver()
    yield driver
    driver.close()


@pytest.fixture
def scene() -> Iterator[Scene]:
    with quick_scene() as scene:
        yield scene


def family(strike: str) -> str:
    return "kill points" if "KILL" in strike else "disk faults"


@strikes
def test_a_delivery_struck_at_any_call_is_old_or_new(
    driver: Driver, scene: Scene, survived: Survived, strike: str, for_good: bool
) -> None:
    points = driver.points("apply", scene.lay())
    found = Counter(struck_delivery(driver, scene, point, strike, for_good) for point in points)
    survived(family(strike), len(points), "old or new, nothing left")
    assert 50 < len(points)
    assert 20 < found["old"]
    assert 10 < found["new"]
    assert found.total() == found["old"] + found["new"]


def struck_delivery(driver: Driver, scene: Scene, point: Point, strike: str, for_good: bool, without: str = "") -> str:
    scene.lay()
    status = driver.struck("apply", scene, point, strike, for_good=for_good, without=without)
    assert status in (0, REFUSED, KILLED), f"{point}: {status}"
    recover(str(scene.root), scene.state)
    verdict = scene.judge()
    assert verdict in ("old", "new"), f"{point}: {verdict}"
    if status == 0:
        assert verdict == "new", f"{point}: it said that it was applied"
    if status == REFUSED and not for_good:
        assert verdict == "old", f"{point}: it said that nothing was changed"
    return verdict


def test_a_kill_is_survived_where_names_cannot_be_exchanged(driver: Driver, scene: Scene, survived: Survived) -> None:
    points = driver.points("apply", scene.lay(), without="renameat2")
    assert scene.judge() == "new"
    found = Counter(
        struck_delivery(driver, scene, point, "signal=KILL", False, without="renameat2")
        for point in points
        if point.call != "renameat2"
    )
    survived("kill points", found.total(), "old or new, nothing left")
    assert 50 < found.total()
    assert set(found) == {"old", "new"}


@strikes
def test_a_recovery_struck_at_any_call_is_finished_by_the_next(
    driver: Driver, scene: Scene, survived: Survived, strike: str, for_good: bool
) -> None:
    kill_at = kill_point(driver, scene, "apply", 2)
    points = driver.points("recover_all", scene)
    for point in points:
        assert driver.run("apply", scene.lay(), kill_at) == KILLED
        status = driver.struck("recover_all", scene, point, strike, for_good=for_good)
        assert status in (0, REFUSED, KILLED), f"{point}: {status}"
        recover(str(scene.root), scene.state)
        assert scene.judge() == "old", point
    survived(family(strike), len(points), "old or new, nothing left")
    assert 20 < len(points)


@strikes
def test_a_record_in_the_journal_is_whole_or_not_there(
    driver: Driver, scene: Scene, survived: Survived, strike: str, for_good: bool
) -> None:
    points = driver.points("record", scene.lay())
    for point in points:
        status = driver.struck("record", scene.lay(), point, strike, for_good=for_good)
        journal = FileJournal(scene.state)
        assert journal.problems() == ()
        assert [report.outcome for report in journal.reports()] in ([], [Outcome.REPAIRED])
        assert status != 0 or journal.reports()
        assert driver.run("record", scene) == 0
        assert len(FileJournal(scene.state).reports()) == 1
    survived(family(strike), len(points), "old or new, nothing left")
    assert 4 < len(points)
