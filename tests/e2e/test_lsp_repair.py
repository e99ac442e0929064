"""The whole road with the real server, session and pytest: red, classified, repaired, one edit, told, undone."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.editor import SERVE, Answer, Editor, place, span
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e

WORKSPACE = """
-- pyproject.toml --
[project]
name = "calc"
version = "1"

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
-- calc.py --
def add(a, b):
    return a - b
-- tests/test_calc.py --
from calc import add


def test_add():
    assert add(1, 2) == 3


def test_zero():
    assert add(1, 0) == 1
"""
SLOW = """
-- pyproject.toml --
[project]
name = "slow"
version = "1"
-- test_slow.py --
import time


def test_slow():
    time.sleep(60)
"""


@pytest.fixture
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    state = str(tmp_path_factory.mktemp("state"))
    with Editor.start(*SERVE, env={"VIRTUAL_ENV": sys.prefix, "REGREEN_STATE_DIR": state}) as editor:
        yield editor


def run_tests(editor: Editor) -> object:
    return editor.request("workspace/executeCommand", {"command": "regreen.runTests", "arguments": []}, 60)


def test_a_red_test_is_repaired_from_the_editor(editor: Editor, tmp_path: Path) -> None:
    root = lay(tmp_path, WORKSPACE)
    editor.initialize(root)
    calc, tests = editor.open(root / "calc.py"), editor.open(root / "tests" / "test_calc.py")
    red = run_tests(editor)
    assert isinstance(red, dict)
    assert (red["outcome"], red["counts"]) == ("red", {"passed": 1, "failed": 1, "skipped": 0})

    editor.until(lambda: any(editor.diagnostics.values()), 30)
    (uri, (shown,)) = next((uri, found) for uri, found in editor.diagnostics.items() if found)
    assert shown["code"] == "RG301"
    line = shown["range"]["start"]["line"]
    context = {"diagnostics": [shown]}
    where = {"textDocument": {"uri": uri}, "range": span(line, 4), "context": context}
    actions = {one["title"]: one for one in editor.request("textDocument/codeAction", where)}
    assert {"Fix with agent", "Fix with agent (dry run)"} <= actions.keys()

    before = (root / "calc.py").read_bytes()
    command = actions["Fix with agent"]["command"]
    result = editor.request(
        "workspace/executeCommand", {"command": command["command"], "arguments": command["arguments"]}, 120
    )
    assert (result["outcome"], result["applied"]) == ("repaired", True), result
    assert editor.buffers[calc] == "def add(a, b):\n    return a + b\n"
    assert (root / "calc.py").read_bytes() == before

    hover = {"textDocument": {"uri": tests}, "position": place(3, 5)}
    story = editor.request("textDocument/hover", hover)["contents"]["value"]
    assert "test_add" in story
    assert "+    return a + b" in story

    editor.save(calc)
    editor.until(lambda: not any(editor.diagnostics.values()), 60)
    undone = editor.request("workspace/executeCommand", {"command": "regreen.undo", "arguments": []}, 30)
    assert undone["outcome"] == "undone"
    assert editor.buffers[calc].encode() == before
    assert editor.shut_down() == 0


def test_a_cancelled_run_leaves_no_process(editor: Editor, tmp_path: Path) -> None:
    root = lay(tmp_path, SLOW)
    editor.initialize(root)
    number = editor.ask("regreen/runTests", {"workDoneToken": "mine"})
    eventually(lambda: _runs_pytest(editor))
    editor.notify("$/cancelRequest", {"id": number})
    with pytest.raises(Answer) as answer:
        editor.answer(number)
    assert answer.value.code == -32800
    editor.until(lambda: bool(editor.progress) and editor.progress[-1]["value"]["kind"] == "end", 10)
    # The last word may have been of other work, the index for one.
    eventually(lambda: not _runs_pytest(editor), 10)


@pytest.mark.parametrize("how", ["shutdown", "end of input", "signal"])
def test_a_server_that_ends_during_a_run_leaves_no_process(editor: Editor, tmp_path: Path, how: str) -> None:
    root = lay(tmp_path, SLOW)
    editor.initialize(root)
    editor.ask("regreen/runTests", {})
    eventually(lambda: _runs_pytest(editor))
    left = _descendants(editor)
    assert editor.process is not None
    if how == "shutdown":
        editor.shut_down()
    elif how == "signal":
        editor.process.terminate()
    else:
        editor.end_input()
    editor.exit_code(5)
    alive = {pid: name for pid, name in left.items() if _name(pid) == name and "pytest" in name}
    assert alive == {}


def eventually(condition: Callable[[], bool], patience: float = 30.0) -> None:
    """Wait for something outside of the wire."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _runs_pytest(editor: Editor) -> bool:
    return any("pytest" in name for name in _descendants(editor).values())


def _descendants(editor: Editor) -> dict[int, str]:
    """Return the processes below the server, with their command lines."""
    assert editor.process is not None
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found, fresh = set(), {editor.process.pid}
    while fresh:
        fresh = {pid for pid, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return {pid: _name(pid) for pid in sorted(found)}


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
