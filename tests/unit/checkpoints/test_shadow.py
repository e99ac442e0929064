"""The shadow store: what it costs the person nothing, what it holds, what it forgets, and what it never touches."""

from __future__ import annotations

import contextlib
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regreen.checkpoints.shadow.capture import ShadowLimits
from regreen.checkpoints.shadow.judge import Restored
from regreen.checkpoints.shadow.store import ShadowStore
from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.errors import CannotRun, ToolMissing
from tests.support.dirty import make_template, write
from tests.support.faults import fault
from tests.support.trees import ordinary_user, tree_state
from tests.support.workspace import lay

SPACE = """
-- a.py --
one
-- pkg/b.py --
two
-- pkg/c.py --
three
"""
SMALL = 1000


def store_of(root: Path, *ignored: str, **limits: int) -> ShadowStore:
    wanted = ShadowLimits(**limits) if limits else None  # type: ignore[arg-type]
    return ShadowStore(root, root.parent / "state", lambda path: path in ignored, limits=wanted)


def save(store: ShadowStore) -> str:
    return store.save(Cancellation()).id


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay(tmp_path / "space", SPACE)


def packs(root: Path) -> list[Path]:
    return sorted((root.parent / "state" / "shadow" / "store.git" / "objects" / "pack").glob("*.pack"))


def test_only_the_person_can_look_into_the_store(root: Path) -> None:
    save(store_of(root))
    for folder in (root.parent / "state" / "shadow", root.parent / "state" / "shadow" / "saved"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_did_not_change_is_not_saved_twice(root: Path) -> None:
    store = store_of(root)
    save(store)
    first = packs(root)
    save(store)
    write(root, "a.py", "two")  # The same content as another file's, but for its line end.
    assert packs(root) == first
    save(store)
    assert len(packs(root)) == 2


def test_contents_that_the_repository_has_are_not_written_again_and_its_packs_keep_every_byte(tmp_path: Path) -> None:
    root = make_template(tmp_path / "space")
    before = tree_state(root)
    saved = save(store_of(root))
    assert tree_state(root) == before
    theirs = {pack.stat().st_ino for pack in (root / ".git" / "objects" / "pack").glob("*.pack")}
    assert {pack.stat().st_ino for pack in packs(root)} == theirs
    shutil.rmtree(root / ".git")  # Whatever becomes of the repository, its packs live on.
    (root / "a.py").unlink()
    assert store_of(root).restore(saved).put_back == ("a.py",)


def test_a_packed_store_gives_every_checkpoint_back(root: Path) -> None:
    store = store_of(root, max_packs=3)
    ids = {}
    for n in range(6):
        write(root, "a.py", f"text {n}\n")
        ids[n] = save(store)
        assert len(packs(root)) <= 4
    for n, saved in ids.items():
        store_of(root).restore(saved)
        assert (root / "a.py").read_text() == f"text {n}\n"


def test_a_store_keeps_the_last_checkpoints_only(root: Path) -> None:
    store = store_of(root, keep_checkpoints=2)
    ids = [save(store) for _ in range(4)]
    with pytest.raises(CannotRun, match="cannot be read"):
        store_of(root).restore(ids[1])
    assert store_of(root).restore(ids[2]).is_whole
    assert store_of(root).restore(ids[3]).is_whole


def test_a_store_keeps_no_old_checkpoints(root: Path) -> None:
    first = save(store_of(root))
    store_of(root, keep_seconds=0).save(Cancellation())
    with pytest.raises(CannotRun):
        store_of(root).restore(first)


def test_a_tree_that_is_too_large_is_refused_with_its_largest_folders(root: Path) -> None:
    write(root, "big/file", bytes(5000))
    with pytest.raises(CannotRun, match=r"the largest folders: big, "):
        save(store_of(root, max_bytes=4000))
    with pytest.raises(CannotRun, match="more than a checkpoint may"):
        save(store_of(root, max_files=3))


def test_a_disk_without_room_is_refused_before_anything_is_written(root: Path) -> None:
    with pytest.raises(CannotRun, match="MB are free"):
        save(store_of(root, spare_bytes=1 << 60))
    assert packs(root) == []


def test_without_git_it_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolMissing, match="there is no git on PATH"):
        save(store_of(root))


def test_a_git_that_the_workspace_brings_along_is_not_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, "bin/git", f"#!/bin/sh\ntouch {root.parent}/ran\n").chmod(0o755)
    monkeypatch.setenv("PATH", f"{root}/bin")
    with pytest.raises(ToolMissing):
        save(store_of(root))
    assert not (root.parent / "ran").exists()


def test_the_environment_of_git_does_not_matter(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write(tmp_path, "config", "[core]\n\tcompression = nonsense\n")
    for name in ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    check_restores(root, store_of(root), lambda: (root / "a.py").unlink())


def check_restores(root: Path, store: ShadowStore, damage: Callable[[], object]) -> Restored:
    before = tree_state(root)
    saved = save(store)
    damage()
    restored = store.restore(saved)
    assert tree_state(root) == before
    return restored


def test_a_cancel_leaves_nothing(root: Path) -> None:
    token = Cancellation()
    token.cancel()
    with pytest.raises(Cancelled):
        store_of(root).save(token)
    assert packs(root) == []


def test_a_damaged_content_is_named_and_everything_else_comes_back(root: Path) -> None:
    store = store_of(root)
    saved = save(store)
    (pack,) = packs(root)
    content = bytearray(pack.read_bytes())
    content[20] ^= 0xFF
    pack.chmod(0o600)
    pack.write_bytes(content)
    for path in ("a.py", "pkg/b.py", "pkg/c.py"):
        (root / path).unlink()
    restored = store.restore(saved)
    assert len(restored.failed) == 1
    assert "damaged" in restored.failed[0].why
    assert len(restored.put_back) == 2


def test_a_damaged_manifest_is_an_error_and_no_hindrance_for_the_next_checkpoint(root: Path) -> None:
    saved = save(store_of(root))
    (root.parent / "state" / "shadow" / "saved" / f"{saved}.json").write_text("{")
    with pytest.raises(CannotRun, match="cannot be read"):
        store_of(root).restore(saved)
    assert save(store_of(root))


def test_of_a_large_ignored_file_a_removal_is_undone(root: Path) -> None:
    large = write(root, "model.bin", bytes(2 * SMALL))
    store = store_of(root, "model.bin", max_ignored_bytes=SMALL)
    restored = check_restores(root, store, large.unlink)
    assert restored.put_back == ("model.bin",)


def test_of_a_large_ignored_file_a_replacement_is_undone(root: Path) -> None:
    large = write(root, "model.bin", bytes(2 * SMALL))

    def replace() -> None:
        large.unlink()
        large.write_bytes(b"other")

    check_restores(root, store_of(root, "model.bin", max_ignored_bytes=SMALL), replace)


def test_of_a_large_ignored_file_a_change_inside_is_named(root: Path) -> None:
    large = write(root, "model.bin", bytes(2 * SMALL))
    store = store_of(root, "model.bin", max_ignored_bytes=SMALL)
    saved = store.save(Cancellation())
    assert [one.path for one in saved.left_out] == ["model.bin"]
    large.write_bytes(b"changed")
    assert [one.path for one in store.restore(saved.id).failed] == ["model.bin"]


def test_a_new_large_ignored_file_is_left_where_it_is(root: Path) -> None:
    store = store_of(root, "out.bin", max_ignored_bytes=SMALL)
    saved = save(store)
    write(root, "out.bin", bytes(2 * SMALL))
    assert [one.path for one in store.restore(saved).conflicts] == ["out.bin"]
    assert (root / "out.bin").exists()


@pytest.mark.parametrize("path", ["__pycache__/a.pyc", "node_modules/x/index.js", ".venv/pyvenv.cfg", ".git/HEAD"])
def test_caches_environments_and_repositories_are_left_alone(root: Path, path: str) -> None:
    write(root, f"old/{path}")
    store = store_of(root)
    saved = save(store)
    write(root, f"old/{path}", "changed\n")
    assert store.restore(saved).is_whole
    assert (root / "old" / path).read_text() == "changed\n"


@pytest.mark.parametrize("path", ["__pycache__/a.pyc", "node_modules/x/index.js", ".venv/pyvenv.cfg"])
def test_new_caches_and_environments_are_left_alone(root: Path, path: str) -> None:
    store = store_of(root)
    saved = save(store)
    write(root, f"pkg/{path}")
    assert store.restore(saved).is_whole
    assert (root / "pkg" / path).exists()


@pytest.mark.parametrize("place", ["", "pkg/", "pkg/.git/"])
@pytest.mark.parametrize("name", [".git", ".hg", ".svn", ".jj"])
def test_a_repository_that_was_not_there_is_moved_away(root: Path, place: str, name: str) -> None:
    def plant() -> None:
        write(root, f"{place}{name}/config", "[core]\nfsmonitor = evil\n")
        write(root, f"{place}{name}/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n")
        write(root, f"{place}{name}/pyvenv.cfg", "home = here\n")
        write(root, f"{place}{name}/node_modules/HEAD", "ref\n")

    restored = check_restores(root, store_of(root), plant)
    (moved,) = restored.moved
    assert "fsmonitor" in "".join(file.read_text() for file in sorted(Path(moved.copy).rglob("config")))


def test_a_pointer_to_a_repository_that_was_not_there_is_moved_away(root: Path) -> None:
    restored = check_restores(root, store_of(root), lambda: write(root, "pkg/.git", "gitdir: /elsewhere\n"))
    assert [moved.path for moved in restored.moved] == ["pkg/.git"]


def test_a_repository_that_nobody_may_look_into_is_moved_away(root: Path) -> None:
    def plant() -> None:
        write(root, ".git/config", "[core]\n")
        (root / ".git").chmod(0)

    check_restores(root, store_of(root), plant)


def test_repositories_inside_of_a_repository_that_was_there_are_left_alone(root: Path) -> None:
    write(root, "pkg/.git/HEAD")
    store = store_of(root)
    saved = save(store)
    write(root, "pkg/.git/modules/.git/config")
    assert store.restore(saved).is_whole
    assert (root / "pkg/.git/modules/.git/config").exists()


def test_a_folder_does_not_become_a_cache_by_a_file_that_a_test_puts_there(root: Path) -> None:
    def disguise() -> None:
        write(root, "pkg/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n")
        (root / "pkg" / "b.py").unlink()

    check_restores(root, store_of(root), disguise)


def test_what_is_moved_away_is_named_and_kept_byte_for_byte(root: Path) -> None:
    def damage() -> None:
        write(root, "a.py", "unknown")
        write(root, "new/deep/file", "new")
        (root / "link").symlink_to("there")

    restored = check_restores(root, store_of(root), damage)
    copies = {moved.path: Path(moved.copy) for moved in restored.moved}
    assert sorted(copies) == ["a.py", "link", "new"]
    assert copies["a.py"].read_text() == "unknown"
    assert (copies["new"] / "deep" / "file").read_text() == "new"
    assert copies["link"].is_symlink()


def test_what_is_known_is_not_kept_again(root: Path) -> None:
    store = store_of(root)
    saved = save(store)
    for n_copies in (1, 0):
        shutil.copy(root / "pkg" / "b.py", root / "a.py")
        write(root, "new.txt", "the same each time")
        assert len(store.restore(saved).moved) == n_copies


def test_a_state_folder_inside_of_the_workspace_is_left_alone(root: Path) -> None:
    store = ShadowStore(root, root / ".state")
    (root / ".state").mkdir()
    saved = save(store)
    (root / "a.py").unlink()
    assert store.restore(saved).put_back == ("a.py",)
    assert store.restore(saved).put_back == ()


def test_a_change_that_cannot_be_read_is_seen_when_its_rights_are_back() -> None:
    with ordinary_user() as home:
        root = lay(home / "space", SPACE)
        store = store_of(root)
        saved = save(store)
        write(root, "a.py", "damaged").chmod(0)
        for folder in (root / "pkg", root):
            folder.chmod(0o500)
        restored = store.restore(saved)
        assert restored.failed == ()
        assert (root / "a.py").read_text() == "one\n"


def test_comparing_touches_nothing(root: Path) -> None:
    store = store_of(root)
    saved = save(store)
    write(root, "a.py", "edited")
    (root / "pkg" / "b.py").unlink()
    write(root, "new")
    before = tree_state(root)
    assert [one.path for one in store.changed(saved)] == ["new", "a.py", "pkg/b.py"]
    assert tree_state(root) == before


@pytest.mark.parametrize("error", [28, 5], ids=["disk full", "disk fails"])
def test_a_fault_at_any_call_leaves_the_old_or_the_whole(
    tmp_path: Path, error: int, survived: Callable[[str, int, str], None]
) -> None:
    at, n_faults = 0, 0
    while True:
        at, saved = at + 1, ""
        home = tmp_path / f"{at}"
        root = lay(home / "space", SPACE)
        before = tree_state(root)
        store = store_of(root)
        with fault(at, error) as struck, contextlib.suppress(CannotRun):
            saved = save(store)
            write_quietly(root)
            store.restore(saved)
        if not struck.struck:
            break
        n_faults += 1
        if tree_state(root) != before:
            assert store.restore(saved).failed == ()
        assert tree_state(root) == before, at
        assert store_of(root).restore(save(store_of(root))).is_whole
    assert 40 < n_faults
    survived("faults in saving and restoring", n_faults, "old or whole")


def write_quietly(root: Path) -> None:
    """Damage without a call that the fault could strike."""
    (root / "a.py").unlink()
    (root / "pkg" / "b.py").unlink()


Step = tuple[str, str, bytes, int]
NAMES = st.sampled_from(["a", "b", "pkg/a", "pkg/b", "pkg/in/a", "pkg/in/b", "é", "sp ace"])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "write", "remove", "folder", "link", "mode", "append", "swap"]),
        NAMES,
        st.binary(max_size=12),
        st.sampled_from([0o600, 0o644, 0o755, 0o444]),
    ),
    max_size=8,
)


def do(root: Path, step: Step) -> None:
    what, name, content, mode = step
    at = root / name
    with contextlib.suppress(OSError):  # What cannot be done is no step.
        if what == "folder":
            at.mkdir(parents=True)
        elif what == "remove" or what == "swap":
            shutil.rmtree(at) if at.is_dir() and not at.is_symlink() else at.unlink()
        if what in ("write", "swap"):
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(content)
        elif what == "append" and not at.is_symlink():
            with at.open("ab") as file:
                file.write(content)
        elif what == "link":
            at.parent.mkdir(parents=True, exist_ok=True)
            at.symlink_to(content.hex() or "a")
        elif what == "mode" and not at.is_symlink():
            at.chmod(mode | 0o111 if at.is_dir() else mode)


@settings(max_examples=60)
@given(rounds=st.lists(st.tuples(STEPS, STEPS), min_size=1, max_size=3))
def test_any_tree_survives_any_damage_again_and_again(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[tuple[list[Step], list[Step]]]
) -> None:
    root = lay(tmp_path_factory.mktemp("any") / "space", SPACE)
    store = store_of(root)
    for edits, damage in rounds:
        for step in edits:
            do(root, step)
        before = tree_state(root)
        saved = save(store)
        for step in damage:
            do(root, step)
        assert store.restore(saved).is_whole
        assert tree_state(root) == before
