"""Nothing of an untrusted workspace is executed, and no git of ours runs what a repository configures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.booby import Traps
from tests.support.editor import SERVE, Answer, Editor, span
from tests.support.shell import Shell, tree
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Traps:
    """Return one workspace for all: what springs in one test is found by each that follows."""
    folder = tmp_path_factory.mktemp("traps")
    return Traps(folder / "workspace", folder / "marks").lay().lay_git()


@pytest.fixture
def shell(tmp_path: Path, traps: Traps) -> Shell:
    (tmp_path / "home").mkdir()
    return Shell(tmp_path / "home", more={**traps.environment, "PYTHONDONTWRITEBYTECODE": "1"})


def test_the_traps_work(tmp_path: Path) -> None:
    traps = Traps(tmp_path / "workspace", tmp_path / "marks").lay().lay_git()
    subprocess.run([str(traps.root / "git")], check=False)
    subprocess.run(["git", "-C", str(traps.root), "status"], check=False, capture_output=True)
    subprocess.run([sys.executable, "-c", "import conftest"], check=False, cwd=traps.root, capture_output=True)
    assert {"git", "fsmonitor", "conftest.py"} <= set(traps.sprung)
    assert 80 <= len(set(traps.names))


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("inspect", "--json"), 0),
        (("config", "--json"), 0),
        (("doctor", "--json"), None),
        (("test", "--json"), 3),
        (("test", "--test", "test_trap"), None),
        (("fix",), 3),
        (("fix", "--sandbox", "off", "--provider", "cascade"), 3),
        (("prepare",), 3),
    ],
)
def test_the_shell_executes_nothing(traps: Traps, shell: Shell, arguments: tuple[str, ...], status: int | None) -> None:
    before = tree(traps.root)
    said = shell.regreen(arguments[0], traps.root, *arguments[1:], "--untrusted")
    assert traps.sprung == []
    assert status in (None, said.status)
    if said.status == 3:
        assert "not trusted" in said.err
    assert tree(traps.root) == before


def test_a_folder_that_the_person_does_not_list_is_not_trusted(traps: Traps, shell: Shell) -> None:
    config = shell.home / ".config" / "regreen" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[trust]\nfolders = ["~/work"]\n')
    assert shell.regreen("test", traps.root).status == 3
    assert shell.regreen("fix", traps.root).status == 3
    assert traps.sprung == []


def test_the_server_executes_nothing(traps: Traps, tmp_path: Path) -> None:
    before = tree(traps.root)
    environment = {**traps.environment, "REGREEN_STATE_DIR": str(tmp_path / "state")}
    with Editor.start(*SERVE, env=environment) as editor:
        editor.initialize(traps.root, options={"trusted": False})
        uri = editor.open(traps.root / "test_trap.py")
        where = {"textDocument": {"uri": uri}}
        assert editor.request("textDocument/hover", {**where, "position": {"line": 0, "character": 0}}) is None
        editor.request("textDocument/codeAction", {**where, "range": span(0, 1), "context": {"diagnostics": []}})
        editor.request("textDocument/codeLens", where)
        editor.notify("textDocument/didSave", where)
        for command in ("regreen.runTests", "regreen.fix", "regreen.prepare"):
            with pytest.raises(Answer, match="not trusted"):
                editor.request("workspace/executeCommand", {"command": command, "arguments": []})
        editor.request("shutdown", None)
    assert traps.sprung == []
    assert tree(traps.root) == before


def test_a_repair_of_a_trusted_repository_runs_none_of_what_it_configures_for_git(tmp_path: Path) -> None:
    traps = Traps(tmp_path / "workspace", tmp_path / "marks")
    lay(
        traps.root,
        """
-- calc.py --
def add(a, b):
    return a - b
-- test_calc.py --
from calc import add

def test_add():
    assert add(1, 2) == 3
""",
    )
    traps.lay_git()
    (tmp_path / "home").mkdir()
    shell = Shell(tmp_path / "home", more=dict(traps.environment))
    # In place most is asked of git: contents are kept by it, and what a file was before.
    said = shell.regreen("fix", traps.root, "--in-place")
    assert said.status == 0, said.err
    assert traps.sprung == []
