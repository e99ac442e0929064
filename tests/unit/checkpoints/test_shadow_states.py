"""Every state that people's trees are in survives every damage, and their repository is never touched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from regreen.checkpoints.shadow.store import ShadowStore
from regreen.core.cancel import Cancellation
from tests.support.dirty import STATES, Dirty, damages, make_template
from tests.support.quick import quick_folder
from tests.support.trees import ordinary_user, tree_state

Survived = Callable[[str, int, str], None]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template") / "space")


def check_survives(home: Path, template: Path, dirty: Dirty) -> int:
    root = home / "space"
    shutil.copytree(template, root, symlinks=True)
    dirty.make(root)
    (home / "mark").unlink(missing_ok=True)
    before, outside = state_of(root), repositories(home)
    store = ShadowStore(root, home / "state")
    saved = store.save(Cancellation()).id
    n_damages = 0
    for name, damage in damages():
        damage(root)
        restored = store.restore(saved)
        assert (restored.conflicts, restored.failed) == ((), ()), name
        assert differences(before, state_of(root)) == {}, name
        assert store.changed(saved) == ()
        n_damages += 1
    assert repositories(home) == outside
    assert not (home / "mark").exists(), "a command of the person's ran"
    return n_damages


def differences(before: dict[str, tuple[object, ...]], after: dict[str, tuple[object, ...]]) -> dict[str, object]:
    """Return what is not as it was."""
    return {path: (before.get(path), after.get(path)) for path in before | after if before.get(path) != after.get(path)}


def state_of(root: Path) -> dict[str, tuple[object, ...]]:
    """Return everything, links by their very bytes, read with every right that the test itself has."""
    ordinary = os.geteuid()
    os.seteuid(os.getuid())
    try:
        state = tree_state(root)
        links = {path: os.readlink(root / path) for path, one in state.items() if one[0] == "link"}  # noqa: PTH115
        return {path: (*one, links.get(path)) for path, one in state.items()}
    finally:
        os.seteuid(ordinary)


def repositories(home: Path) -> dict[str, tuple[object, ...]]:
    """Return what lies outside of the workspace and is the person's: main worktrees, sources of submodules."""
    return {
        f"{name}/{path}": state
        for name in (".git", "main", "source")
        if (home / name).is_dir()
        for path, state in tree_state(home / name).items()
    }


@pytest.mark.parametrize("dirty", STATES, ids=lambda dirty: dirty.name)
def test_a_state_survives_every_damage(template: Path, dirty: Dirty, survived: Survived) -> None:
    with quick_folder() as home:
        n_damages = check_survives(home, template, dirty)
    survived("dirty states restored", 1, "byte-identical; .git unchanged")
    survived("dirty states x damages restored", n_damages, "byte-identical; .git unchanged")


RIGHTS = [dirty for dirty in STATES if dirty.rights]


@pytest.mark.parametrize("dirty", RIGHTS, ids=lambda dirty: dirty.name)
def test_a_state_made_of_rights_survives_for_an_ordinary_user(
    template: Path, dirty: Dirty, survived: Survived, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ordinary_user() as home:
        monkeypatch.setenv("HOME", str(home))
        n_damages = check_survives(home, make_template(home / "template"), dirty)
    survived("dirty states x damages restored (ordinary user)", n_damages, "byte-identical; .git unchanged")
