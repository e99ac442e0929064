"""Reading, applying, resetting and leaving an overlay workbench; each as root and as an ordinary user."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from regreen.checkpoints import OverlayCheckpoints, OverlayWorkbench
from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.edit import Patch, patch_between
from regreen.core.errors import CannotRun, Conflict, Refused, RollbackConflict, UnreadableSource
from tests.support.inside import as_ordinary_user, as_root_and_ordinary, python_inside
from tests.support.trees import tree_state
from tests.support.workspace import lay

TEXT = "def f(a, b):\n    return a - b\n"
FIXED = TEXT.replace("-", "+")
WORKSPACE = f"-- m.py --\n{TEXT}-- pkg/n.py --\n{TEXT}"
READ = "import sys; sys.stdout.write(open({!r}, newline='').read())"


def fix(*paths: str) -> Patch:
    return patch_between(dict.fromkeys(paths, TEXT), dict.fromkeys(paths, FIXED))


def workspace(home: Path, name: str = "ws") -> Path:
    (home / name).mkdir()
    return lay(home / name, WORKSPACE)


def checkpoints(home: Path, root: Path) -> OverlayCheckpoints:
    return OverlayCheckpoints(root, home / "state", lambda path: path.endswith(".log"))


@contextlib.contextmanager
def opened(home: Path, root: Path, buffers: Mapping[str, str] | None = None) -> Iterator[OverlayWorkbench]:
    with checkpoints(home, root).open(Cancellation(), buffers or {}) as bench:
        yield bench
    assert list((home / "state" / "benches").iterdir()) == []


def check_everything(home: Path) -> None:
    """Walk the road of an attempt once."""
    root = workspace(home)
    before = tree_state(root)
    with opened(home, root) as bench:
        bench.apply(fix("m.py", "pkg/n.py"))
        assert bench.read("pkg/n.py").text == FIXED
        assert (bench.enclosure.root, bench.original, bench.kind) == (
            str(root),
            str(root),
            "an overlay over the workspace",
        )
        for path in ("m.py", str(root / "m.py")):
            assert python_inside(bench.enclosure, READ.format(path)) == FIXED
        python_inside(bench.enclosure, "import os; os.remove('m.py'); open('new', 'w').close()")
        bench.reset()
        assert bench.read("m.py").text == TEXT
        assert tree_state(Path(bench.enclosure.tree)) == before
        assert python_inside(bench.enclosure, READ.format("m.py")) == TEXT
        bench.verify()
    assert tree_state(root) == before


def test_attempts_work_at_the_workspaces_own_path_and_leave_it_as_it_was(tmp_path: Path) -> None:
    as_root_and_ordinary(tmp_path, check_everything)


def test_a_probe_of_a_machine_that_can_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    def check(home: Path) -> None:
        root = workspace(home)
        before = tree_state(root)
        assert checkpoints(home, root).probe() is None
        assert tree_state(root) == before
        assert list((home / "state" / "benches").iterdir()) == []

    as_root_and_ordinary(tmp_path, check)


@pytest.mark.parametrize("name", ["colon:comma,back\\slash", "line\nend", "b\udcffyte", "sp ace=$x'\"", "x" * 200])
def test_any_name_of_a_workspace_will_do(tmp_path: Path, name: str) -> None:
    root = workspace(tmp_path, name)
    with opened(tmp_path, root) as bench:
        bench.apply(fix("m.py"))
        assert python_inside(bench.enclosure, READ.format("m.py")) == FIXED
    assert (root / "m.py").read_text() == TEXT


def test_a_workspace_behind_a_link_is_reached_by_both_names(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    (tmp_path / "alias").symlink_to(root)
    with opened(tmp_path, tmp_path / "alias") as bench:
        assert bench.original == str(tmp_path / "alias")
        bench.apply(fix("m.py"))
        for path in (tmp_path / "alias" / "m.py", root / "m.py"):
            assert python_inside(bench.enclosure, READ.format(str(path))) == FIXED


def test_a_server_that_stands_in_the_workspace_goes_on_seeing_the_persons_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = workspace(tmp_path)
    monkeypatch.chdir(root)
    with opened(tmp_path, root) as bench:
        bench.apply(fix("m.py"))
        assert Path("m.py").read_text() == TEXT


def test_the_root_looks_like_the_workspaces(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    root.chmod(0o750)
    os.utime(root, ns=(1_000_000_000, 1_000_000_000))
    with opened(tmp_path, root, {"pkg/n.py": "x = 1\n"}) as bench:
        found = Path(bench.enclosure.tree).stat()
        assert (found.st_mode & 0o777, found.st_mtime_ns) == (0o750, 1_000_000_000)


def test_unsaved_buffers_are_what_is_tested_before_and_after_a_reset(tmp_path: Path) -> None:
    def check(home: Path) -> None:
        root = workspace(home)
        (root / "pkg" / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n")
        (root / "pkg" / "bom.txt").write_bytes(b"\xef\xbb\xbfa\r\n")
        (root / "pkg").chmod(0o700)
        before = tree_state(root)
        buffers = {
            "m.py": FIXED,
            "pkg/latin.py": "# -*- coding: latin-1 -*-\nx = 'è'\n",
            "pkg/bom.txt": "b\r\n",
            "pkg/n.py": TEXT,
            "new/file.py": "y = 'é'\n",
        }
        with opened(home, root, buffers) as bench:
            for _ in range(2):
                tree = Path(bench.enclosure.tree)
                assert (tree / "m.py").read_text() == FIXED
                assert (tree / "pkg" / "latin.py").read_bytes() == b"# -*- coding: latin-1 -*-\nx = '\xe8'\n"
                assert (tree / "pkg" / "bom.txt").read_bytes() == b"\xef\xbb\xbfb\r\n"
                assert (tree / "new" / "file.py").read_bytes() == "y = 'é'\n".encode()
                assert (tree / "pkg").stat().st_mode & 0o777 == 0o700
                assert sorted(path.name for path in (tree / "pkg").iterdir()) == ["bom.txt", "latin.py", "n.py"]
                assert (root / "m.py").stat().st_mtime_ns + 1_000_000_000 <= (tree / "m.py").stat().st_mtime_ns
                (tree / "m.py").unlink()
                bench.reset()
            assert len(bench.enclosure.lowers) == 2
        assert tree_state(root) == before

    as_root_and_ordinary(tmp_path, check)


@pytest.mark.parametrize("path", ["../m.py", "link.py", "pkg", "m.py/x", "pipe", ".git/config"])
def test_a_buffer_that_is_no_file_of_the_workspace_is_named_and_not_laid(tmp_path: Path, path: str) -> None:
    root = workspace(tmp_path)
    (tmp_path / "outside.py").write_text(TEXT)
    (root / "link.py").symlink_to(tmp_path / "outside.py")
    os.mkfifo(root / "pipe")
    with opened(tmp_path, root, {path: FIXED}) as bench:
        assert [left.path for left in bench.left_out] == [path]
        assert bench.read("m.py").text == TEXT
    assert (tmp_path / "outside.py").read_text() == TEXT


def test_a_buffer_behind_a_link_inside_is_laid_over_its_file(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    (root / "link.py").symlink_to("pkg/n.py")
    with opened(tmp_path, root, {"link.py": FIXED}) as bench:
        assert bench.read("pkg/n.py").text == FIXED
        (root / "pkg" / "n.py").write_text(FIXED)
        bench.verify()


def test_a_buffer_that_its_encoding_lacks_starts_nothing(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    (root / "l.py").write_bytes(b"# -*- coding: latin-1 -*-\n")
    with pytest.raises(UnreadableSource), opened(tmp_path, root, {"l.py": "# -*- coding: latin-1 -*-\n'→'\n"}):
        pass
    assert list((tmp_path / "state" / "benches").iterdir()) == []


def test_a_cancelled_opening_leaves_nothing(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    cancel = Cancellation()
    cancel.cancel()
    with pytest.raises(Cancelled), checkpoints(tmp_path, root).open(cancel, {}):
        pass
    assert list((tmp_path / "state" / "benches").iterdir()) == []


def test_a_file_that_an_attempt_wrote_is_later_by_a_second(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    with opened(tmp_path, root) as bench:
        bench.apply(fix("m.py"))
        written = Path(bench.enclosure.tree, "m.py").stat().st_mtime_ns
    assert (root / "m.py").stat().st_mtime_ns + 1_000_000_000 <= written


def test_a_patch_of_another_text_is_a_conflict(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    (root / "m.py").write_text("x = 1\n")
    with opened(tmp_path, root) as bench, pytest.raises(Conflict):
        bench.apply(fix("m.py", "pkg/n.py"))


def test_a_patch_through_a_link_is_refused_and_the_persons_file_stays(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    with opened(tmp_path, root) as bench:
        python_inside(
            bench.enclosure, f"import os; os.rename('m.py', 'o.py'); os.symlink({str(root / 'o.py')!r}, 'm.py')"
        )
        python_inside(bench.enclosure, f"import os, shutil; shutil.move('pkg', 'p'); os.symlink({str(root)!r}, 'pkg')")
        for path in ("m.py", "pkg/n.py"):
            with pytest.raises(Refused):
                bench.apply(fix(path))
            with pytest.raises(Refused):
                bench.read(path)
    assert (root / "m.py").read_text() == TEXT


def test_a_keeper_that_was_killed_is_told_and_nothing_reaches_the_persons_files(tmp_path: Path) -> None:
    def check(home: Path) -> None:
        root = workspace(home)
        calls: tuple[Callable[[OverlayWorkbench], object], ...] = (
            lambda bench: bench.read("m.py"),
            lambda bench: bench.apply(fix("m.py")),
            lambda bench: bench.reset(),
        )
        for call in calls:
            with opened(home, root) as bench:
                os.kill(bench.enclosure.keeper, signal.SIGKILL)
                os.waitid(os.P_PID, bench.enclosure.keeper, os.WEXITED | os.WNOWAIT)
                with pytest.raises(CannotRun) as caught:
                    call(bench)
                assert "run the fix again" in caught.value.next_step
                assert not Path(bench.enclosure.tree).exists()
                bench.verify()
            assert (root / "m.py").read_text() == TEXT

    as_root_and_ordinary(tmp_path, check)


def test_a_missing_overlay_leaves_a_view_that_cannot_be_written(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    with opened(tmp_path, root) as bench:
        code = (
            f"import ctypes, os; place = {str(root)!r}; ctypes.CDLL(None).umount2(place.encode(), 2); os.chdir(place)\n"
            "try: open('m.py', 'w')\nexcept OSError as error: print(error.errno)"
        )
        assert python_inside(bench.enclosure, code) == "30\n"
        with pytest.raises(CannotRun):
            bench.apply(fix("m.py"))
    assert (root / "m.py").read_text() == TEXT


def test_a_state_folder_inside_of_the_workspace_is_not_used_for_the_upper_layer(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    overlay = OverlayCheckpoints(root, root / ".state", lambda path: False)
    with overlay.open(Cancellation(), {}) as bench:
        upper = Path(bench.enclosure.upper)
        assert not upper.is_relative_to(root)
        assert [folder.stat().st_mode & 0o777 for folder in upper.parents[1:3]] == [0o700] * 2
        bench.apply(fix("m.py"))
        assert bench.read("m.py").text == FIXED
        bench.verify()
    assert not upper.parents[2].exists()


def test_a_state_folder_that_cannot_be_written_is_not_the_end() -> None:
    def check(home: Path) -> None:
        root = workspace(home)
        (home / "state").mkdir(mode=0o500)
        overlay = OverlayCheckpoints(root, home / "state", lambda path: False)
        with overlay.open(Cancellation(), {}) as bench:
            bench.apply(fix("m.py"))
            assert not Path(bench.enclosure.upper).is_relative_to(home / "state")

    as_ordinary_user(check)


def test_a_workspace_that_is_everything_is_refused_with_a_reason(tmp_path: Path) -> None:
    overlay = OverlayCheckpoints("/", tmp_path / "state", lambda path: False)
    assert "whole file system" in (overlay.probe() or "")
    with pytest.raises(CannotRun) as caught, overlay.open(Cancellation(), {}):
        pass
    assert "copy" in caught.value.next_step


def test_a_save_is_noticed_and_named_and_a_save_of_what_was_tested_is_none(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    with opened(tmp_path, root, {"m.py": FIXED}) as bench:
        (root / "m.py").write_text(FIXED)
        (root / "noise.log").write_text("x")
        bench.verify()
        (root / "pkg" / "n.py").write_text(FIXED)
        with pytest.raises(RollbackConflict) as caught:
            bench.verify()
    assert caught.value.paths == ("pkg/n.py",)
