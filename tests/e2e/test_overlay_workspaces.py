"""What copies get wrong works in an overlay: editable installs, absolute links and paths, the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from regreen.checkpoints import OverlayCheckpoints, OverlayWorkbench
from regreen.core.cancel import Cancellation
from regreen.core.edit import patch_between
from tests.support.inside import as_ordinary_user, inside
from tests.support.trees import tree_state
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
WRONG = "def add(a, b):\n    return a - b\n"
RIGHT = WRONG.replace("-", "+")
FILES = f"""
-- src/calc/__init__.py --
{WRONG}
-- packages/lib/index.txt --
{WRONG}
-- tests/test_calc.py --
from calc import add


def test_add():
    assert add(1, 2) == 3
"""


def workspace(home: Path) -> Path:
    (home / "ws").mkdir()
    return lay(home / "ws", FILES)


def repaired(bench: OverlayWorkbench, path: str = "src/calc/__init__.py") -> None:
    bench.apply(patch_between({path: bench.read(path).text}, {path: RIGHT}))


def git(root: Path, *arguments: str) -> bytes:
    options = ["-c", "user.name=x", "-c", "user.email=x@example.invalid", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *options, *arguments], cwd=root, capture_output=True, check=True).stdout


def test_an_editable_install_in_the_workspaces_own_environment_is_the_patched_code(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    venv.create(root / ".venv", symlinks=True)
    (packages,) = (root / ".venv" / "lib").glob("python3*/site-packages")
    (packages / "__editable__.calc-0.1.pth").write_text(f"{root / 'src'}\n")
    python = str(root / ".venv" / "bin" / "python")
    ask = "import calc; print(calc.add(1, 2), calc.__file__)"
    before = tree_state(root)
    with OverlayCheckpoints(root, tmp_path / "state", lambda path: False).open(Cancellation(), {}) as bench:
        assert inside(bench.enclosure, python, "-B", "-c", ask, cwd="/").stdout.split()[0] == b"-1"
        repaired(bench)
        answer = inside(bench.enclosure, python, "-B", "-c", ask, cwd="/").stdout.split()
        assert answer == [b"3", os.fsencode(root / "src" / "calc" / "__init__.py")]
        bench.verify()
    assert tree_state(root) == before


def test_a_test_that_fails_in_the_files_passes_in_the_patched_overlay(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    before = tree_state(root)
    pytest_run = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    with OverlayCheckpoints(root, tmp_path / "state", lambda path: False).open(Cancellation(), {}) as bench:
        assert inside(bench.enclosure, *pytest_run, env=environment).returncode == 1
        repaired(bench)
        assert inside(bench.enclosure, *pytest_run, env=environment).returncode == 0
    assert tree_state(root) == before


@pytest.mark.parametrize("target", ["../packages/lib", "{root}/packages/lib"])
def test_linked_packages_and_absolute_paths_lead_to_the_patched_files(tmp_path: Path, target: str) -> None:
    root = workspace(tmp_path)
    (root / "node_modules").mkdir()
    (root / "node_modules" / "lib").symlink_to(target.format(root=root))
    with OverlayCheckpoints(root, tmp_path / "state", lambda path: False).open(Cancellation(), {}) as bench:
        repaired(bench, "packages/lib/index.txt")
        for path in ("node_modules/lib/index.txt", str(root / "packages/lib/index.txt")):
            assert inside(bench.enclosure, "/bin/cat", path).stdout == RIGHT.encode()


def check_git(home: Path) -> None:
    root = workspace(home)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    (root / "untracked").write_text("mine\n")
    git(root, "stash", "push", "-q", "-u")
    (root / "packages" / "lib" / "index.txt").write_text("staged\n")
    git(root, "add", "-A")
    before = tree_state(root)
    program = shutil.which("git") or "git"
    with OverlayCheckpoints(root, home / "state", lambda path: False).open(Cancellation(), {}) as bench:
        repaired(bench)
        status = inside(bench.enclosure, program, "status", "--porcelain").stdout.splitlines()
        assert status == [b"M  packages/lib/index.txt", b" M src/calc/__init__.py"]
        for command in (("add", "-A"), ("stash", "drop"), ("reset", "-q", "--hard"), ("clean", "-dfxq"), ("gc", "-q")):
            inside(bench.enclosure, program, *command)
        assert tree_state(root) == before
        bench.reset()
        assert inside(bench.enclosure, program, "stash", "list").stdout.startswith(b"stash@{0}")
        bench.verify()
    assert tree_state(root) == before


def test_git_works_inside_and_the_persons_repository_keeps_every_byte(tmp_path: Path) -> None:
    check_git(tmp_path)


def test_git_works_inside_for_an_ordinary_user() -> None:
    as_ordinary_user(check_git)
