"""Repairs in unlucky circumstances, from the shell: nothing is lost, left behind, or refused for no reason."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.shell import Shell, tree
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
RED = """
-- calc.py --
def add(a, b):
    return a - b
-- test_calc.py --
from calc import add


def test_add():
    assert add(1, 2) == 3
"""


@dataclass(frozen=True)
class ShellWith(Shell):
    """A shell with more variables."""

    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, **self.more}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """Return a folder outside of every place where temporary files usually are."""
    folder = Path(f"/opt/regreen-test-{os.getpid()}")
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def check_fixed(shell: Shell, root: Path, *options: str) -> None:
    """Repair, and see that the fix is all that has changed."""
    before = tree(root)
    said = shell.regreen("fix", root, "--test", "test_add", *options, "--json")
    assert (said.status, said.document["outcome"]) == (0, "repaired"), said.err
    assert "confined by" in said.document["workbench"]
    assert tree(root) == {**before, "calc.py": before["calc.py"].replace(b"a - b", b"a + b")}


def test_temporary_files_may_lie_anywhere(home: Path, plain_venv: Path, tmp_path: Path, elsewhere: Path) -> None:
    check_fixed(ShellWith(home, plain_venv, {"TMPDIR": str(elsewhere)}), lay(tmp_path / "ws", RED))
    assert list(elsewhere.iterdir()) == []


def test_temporary_files_may_lie_in_the_workspace(home: Path, plain_venv: Path, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", RED)
    (root / "tmp").mkdir()
    check_fixed(ShellWith(home, plain_venv, {"TMPDIR": str(root / "tmp")}), root)
    assert list((root / "tmp").iterdir()) == []


def test_temporary_files_and_state_may_both_lie_in_the_workspace(home: Path, plain_venv: Path, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", RED)
    (root / "tmp").mkdir()
    inside = {"TMPDIR": str(root / "tmp"), "REGREEN_STATE_DIR": str(root / ".state")}
    said = ShellWith(home, plain_venv, inside).regreen("fix", root, "--test", "test_add", "--json")
    assert (said.status, said.document["outcome"]) == (0, "repaired"), said.err


@pytest.mark.parametrize("options", [(), ("--copy",)])
@pytest.mark.parametrize(
    "act",
    [
        "os.remove(MINE); os.symlink(VICTIM, MINE)",
        "shutil.rmtree(ROOT + '/pkg'); os.symlink(os.path.dirname(VICTIM), ROOT + '/pkg')",
        "shutil.rmtree(ROOT, ignore_errors=True)",
        "os.remove(MINE); os.mkdir(MINE)",
    ],
)
def test_tests_that_swap_the_files_of_an_attempt_reach_nothing(
    act: str, options: tuple[str, ...], home: Path, plain_venv: Path, tmp_path: Path
) -> None:
    """Whatever a candidate's tests put in the place of what is put back afterwards, nobody writes through it."""
    root = lay(
        tmp_path / "ws", RED.replace("calc.py --\ndef", "pkg/calc.py --\ndef").replace("from calc", "from pkg.calc")
    )
    victim = tmp_path / "victim" / "calc.py"
    victim.parent.mkdir()
    victim.write_text("precious")
    (root / "test_calc.py").write_text(f"""
import os
import shutil
from pkg.calc import add

ROOT = {str(root)!r}
MINE = ROOT + "/pkg/calc.py"
VICTIM = {str(victim)!r}


def test_add():
    try:
        assert add(1, 2) == 3
    finally:
        {act}
""")
    before = tree(root)
    said = ShellWith(home, plain_venv).regreen("fix", root, "--test", "test_add", *options, "--json")
    assert said.status in (0, 1, 3, 4), said.err
    assert victim.read_text() == "precious"
    assert [path.name for path in victim.parent.iterdir()] == ["calc.py"]
    assert {**tree(root), "pkg/calc.py": b""} == {**before, "pkg/calc.py": b""}
    assert (root / "pkg" / "calc.py").read_text().replace("+", "-") == before["pkg/calc.py"].decode()


@pytest.mark.parametrize("options", [(), ("--copy",), ("--in-place",)])
def test_a_killed_repair_leaves_no_temporary_files(
    options: tuple[str, ...], home: Path, plain_venv: Path, tmp_path: Path
) -> None:
    root, temporary = lay(tmp_path / "ws", RED), tmp_path / "tmp"
    temporary.mkdir()
    shell = ShellWith(home, plain_venv, {"TMPDIR": str(temporary)})
    before = tree(root)
    for said in ("Reproducing", "Attempt 1"):
        kill_when(shell, root, said, *options)
        assert shell.regreen("recover", root).status == 0
        assert tree(root) == before
    assert [path.name for path in temporary.iterdir()] == []
    assert left_in(home / "state") == []


def kill_when(shell: Shell, root: Path, said: str, *options: str) -> None:
    """Run `regreen fix` until it says something, then kill it."""
    command = [sys.executable, "-m", "regreen", "fix", str(root), "--test", "test_add", *options]
    with subprocess.Popen(command, env=shell.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert any(said in line.decode() for line in process.stderr)
        process.kill()


def left_in(state: Path) -> list[str]:
    """Return what lies in the private folders of runs and workbenches."""
    return sorted(path.name for name in ("scratch", "benches") for path in state.glob(f"*/{name}/*"))
