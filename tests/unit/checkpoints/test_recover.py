"""Recovery: what was interrupted is finished or taken back, and never over bytes that somebody else wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from regreen.checkpoints import Delivery, Ending, Recovery, recover
from regreen.core.errors import CannotRun, Conflict
from tests.support.crash import Driver, kill_point, quick_scene
from tests.support.crash_scene import CONTENTS, NEW, Scene, patch
from tests.support.trees import tree_state


@pytest.fixture
def scene() -> Iterator[Scene]:
    with quick_scene() as scene:
        yield scene.lay()


def interrupted(scene: Scene, n_new: int) -> Scene:
    """Let a delivery be killed when so many files are new, before it could note that it was done."""
    driver = Driver()
    try:
        kill_point(driver, scene, "apply", n_new)
    finally:
        driver.close()
    return scene


def recovered(scene: Scene) -> Recovery:
    (recovery,) = recover(str(scene.root), scene.state)
    assert recover(str(scene.root), scene.state) == ()
    return recovery


def test_some_new_files_are_taken_back(scene: Scene) -> None:
    recovery = recovered(interrupted(scene, 2))
    assert recovery == Recovery("delivery", "", "", Ending.ROLLED_BACK, tuple(sorted(CONTENTS)))
    assert recovery.message == "A delivery was interrupted; it was rolled back."
    assert scene.judge() == "old"


def test_all_new_files_are_finished(scene: Scene) -> None:
    recovery = recovered(interrupted(scene, len(CONTENTS)))
    assert recovery.ending is Ending.FINISHED
    assert scene.judge() == "new"


@pytest.mark.parametrize("change", ["saved", "deleted", "replaced", "a link"])
def test_a_file_that_somebody_changed_since_is_left_alone_and_its_old_bytes_are_kept(scene: Scene, change: str) -> None:
    interrupted(scene, 2)
    changed = next(path for path in CONTENTS if (scene.root / path).read_bytes() == NEW[path])
    file = scene.root / changed
    if change == "saved":
        file.write_text("mine\n")
    else:
        file.unlink()
    if change == "replaced":
        file.mkdir()
    if change == "a link":
        file.symlink_to("elsewhere")
    recovery = recovered(scene)
    assert [copy.path for copy in recovery.conflicts] == [changed]
    assert Path(recovery.conflicts[0].kept).read_bytes() == CONTENTS[changed]
    assert changed not in recovery.paths
    assert changed in recovery.message
    assert change != "saved" or file.read_text() == "mine\n"
    for path in set(CONTENTS) - {changed}:
        assert (scene.root / path).read_bytes() == CONTENTS[path]
    assert not list(scene.root.rglob(".regreen-*"))


def test_a_folder_that_was_moved_away_since_is_the_persons_doing(scene: Scene) -> None:
    interrupted(scene, 2)
    (scene.root / "pkg").rename(scene.root / "moved")
    (scene.root / "pkg").symlink_to("moved")
    recovery = recovered(scene)
    assert {copy.path for copy in recovery.conflicts} == {path for path in CONTENTS if path.startswith("pkg/")}
    for copy in recovery.conflicts:
        assert Path(copy.kept).read_bytes() == CONTENTS[copy.path]


def test_a_save_after_the_end_of_a_delivery_does_not_take_it_back(scene: Scene) -> None:
    Delivery(str(scene.root), scene.state).apply(patch(), run_id="r", goal="repaired")  # and is never settled
    (scene.root / "a.py").write_text("mine\n")
    recovery = recovered(scene)
    assert (recovery.ending, recovery.run_id, recovery.goal) == (Ending.FINISHED, "r", "repaired")
    assert (scene.root / "a.py").read_text() == "mine\n"
    assert (scene.root / "pkg" / "b.py").read_bytes() == NEW["pkg/b.py"]


def test_who_is_told_hears_of_it_before_the_record_goes(scene: Scene) -> None:
    interrupted(scene, 2)
    heard = []

    def told(recovery: Recovery) -> None:
        heard.append(recovery)
        assert list((scene.state / "deliveries").iterdir())

    assert recover(str(scene.root), scene.state, told) == tuple(heard)
    assert list((scene.state / "deliveries").iterdir()) == []


def test_a_settled_delivery_leaves_nothing(scene: Scene) -> None:
    delivery = Delivery(str(scene.root), scene.state)
    delivery.settle(delivery.apply(patch()))
    assert recover(str(scene.root), scene.state) == ()
    assert scene.judge() == "new"


def test_where_nothing_was_interrupted_nothing_is_made(tmp_path: Path) -> None:
    before = tree_state(tmp_path)
    assert recover(str(tmp_path), tmp_path / "state") == ()
    assert tree_state(tmp_path) == before


def test_a_damaged_record_touches_nothing_and_is_kept(scene: Scene) -> None:
    interrupted(scene, 2)
    (record,) = (scene.state / "deliveries").glob("*.json")
    record.write_bytes(record.read_bytes()[:-40])
    before = tree_state(scene.root)
    recovery = recovered(scene)
    assert recovery.ending is Ending.UNREADABLE
    assert Path(recovery.conflicts[0].kept).read_bytes().startswith(b'{"version"')
    assert tree_state(scene.root) == before


def test_a_record_of_a_newer_version_is_left_to_it(scene: Scene) -> None:
    interrupted(scene, 2)
    (record,) = (scene.state / "deliveries").glob("*.json")
    record.write_text(json.dumps({**json.loads(record.read_text()), "version": 2}))
    before = tree_state(scene.home)
    with pytest.raises(CannotRun, match="newer version"):
        recover(str(scene.root), scene.state)
    assert tree_state(scene.home) == before


def test_an_old_file_that_is_gone_is_written_again_from_the_record(scene: Scene) -> None:
    interrupted(scene, 2)
    for stray in scene.root.rglob(".regreen-*"):
        stray.unlink()
    recovered(scene)
    assert scene.judge() == "old"


def test_a_conflict_while_delivering_leaves_no_record(scene: Scene) -> None:
    (scene.root / "pkg" / "c.py").write_text("mine\n")
    with pytest.raises(Conflict):
        Delivery(str(scene.root), scene.state).apply(patch())
    assert recover(str(scene.root), scene.state) == ()


def test_the_record_is_private(scene: Scene) -> None:
    Delivery(str(scene.root), scene.state).apply(patch())
    (record,) = (scene.state / "deliveries").iterdir()
    assert record.stat().st_mode & 0o077 == 0
    assert (scene.state / "deliveries").stat().st_mode & 0o077 == 0
