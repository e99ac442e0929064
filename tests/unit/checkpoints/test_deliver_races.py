"""A person saves, replaces or deletes a file while a fix is being written into it: what they did is what is there."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from regreen.checkpoints import deliver, recover
from regreen.core.errors import Conflict
from tests.support.crash_scene import CONTENTS, NEW, Scene, patch
from tests.support.person import WAYS, Person

N_RACES = 240


@pytest.fixture
def person() -> Iterator[Person]:
    person = Person()
    yield person
    person.close()


def test_an_edit_at_any_moment_of_a_delivery_is_never_overwritten(
    person: Person, tmp_path: Path, survived: Callable[[str, int, str], None]
) -> None:
    scene = Scene(tmp_path)
    dice = random.Random(20260101)
    duration = seconds_of_a_delivery(scene)
    found: Counter[bool] = Counter()
    for n in range(N_RACES):
        scene.lay()
        path, way, mine = dice.choice(sorted(CONTENTS)), WAYS[n % len(WAYS)], f"mine {n}\n" * dice.randrange(1, 400)
        person.begin(scene.root / path, way, mine, int(dice.uniform(0, 2.5) * duration * 1e6))
        found[delivered(scene)] += 1
        person.wait()
        for recovery in recover(str(scene.root), scene.state):
            # Two saves in the moment of one swap: the second is in the file, the first is kept.
            assert [Path(copy.kept).read_text() for copy in recovery.conflicts] == ["first " + mine]
        check(scene, path, None if way == "deleted" else mine)
    survived("edits during deliveries", N_RACES, "0 overwritten")
    assert found[True]
    assert found[False]


def seconds_of_a_delivery(scene: Scene) -> float:
    times = []
    for _ in range(9):
        scene.lay()
        start = time.perf_counter()
        assert delivered(scene)
        times.append(time.perf_counter() - start)
    return sorted(times)[4]


def delivered(scene: Scene) -> bool:
    try:
        deliver(str(scene.root), patch(), scene.state)
    except Conflict:
        return False
    return True


def check(scene: Scene, path: str, mine: str | None) -> None:
    file = scene.root / path
    assert (file.read_text() if file.exists() else None) == mine
    others = {(scene.root / other).read_bytes() == NEW[other] for other in CONTENTS if other != path}
    assert len(others) == 1, "the other files are mixed"
    assert not list(scene.root.rglob(".regreen-*"))
