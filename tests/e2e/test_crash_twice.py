"""A repair killed while it delivers, its recovery killed as well: the next one ends it, and its record is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.support.crash import KILLED, Driver, ended, quick_scene
from tests.support.crash_scene import Scene

pytestmark = pytest.mark.e2e
STRIDE = 16  # every pair would be ten thousand: each kill in the delivery meets every 16th one in the recovery


@pytest.fixture
def driver() -> Iterator[Driver]:
    driver = Driver()
    yield driver
    driver.close()


@pytest.fixture
def scene() -> Iterator[Scene]:
    with quick_scene() as scene:
        yield scene


def test_a_kill_in_the_delivery_and_one_in_its_recovery_are_survived(
    driver: Driver, scene: Scene, survived: Callable[[str, int, str], None]
) -> None:
    found: Counter[str] = Counter()
    n_kills, first = 0, 0
    while True:
        first += 1
        if driver.run("apply_and_record", scene.lay(), first) == 0:
            break
        n_kills += 1
        found[ended(driver, scene)] += 1
        for second in range(1 + first % STRIDE, 1000, STRIDE):
            driver.run("apply_and_record", scene.lay(), first)
            if driver.run("recover_and_record", scene, second) != KILLED:
                break
            found[ended(driver, scene)] += 1
    n_double = found.total() - n_kills
    survived("kill points", n_kills, "old or new, nothing left; history is true")
    survived("double kills", n_double, "old or new, nothing left; history is true")
    assert set(found) == {"old", "new"}
    assert 370 <= n_double
