"""The workspace that the server's tests share, for fake sessions: one red test, one green, one that no edit cures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.editor import Editor
from tests.support.engine import FakeEngine
from tests.support.workspace import lay

CALC = """
-- calc.py --
def add(a, b):
    return a - b


def double(a):
    return a * 2
-- test_calc.py --
def test_add():  # calc.py: a + b not a - b
    assert add(1, 2) == 3


def test_double():  # calc.py: a * 2 not a + 2
    assert double(2) == 4


def test_service():  # calc.py: missing not def double
    assert service()
"""
ADD = {"project": ".", "name": "test_calc.py::test_add"}
RUN_ALL = {"command": "regreen.runTests", "arguments": []}


class Desk:
    """An editor on the workspace, with both files open."""

    def __init__(self, editor: Editor, root: Path, **handshake: Any) -> None:
        self.editor = editor
        self.root = lay(root, CALC)
        self.answer = editor.initialize(self.root, **handshake)
        self.calc = editor.open(self.root / "calc.py")
        self.tests = editor.open(self.root / "test_calc.py")

    def run(self) -> Any:
        """Run all tests and wait for the diagnostics."""
        result = self.execute("regreen.runTests")
        self.editor.until(lambda: bool(self.editor.diagnostics.get(self.calc)))
        return result

    def execute(self, command: str, args: Mapping[str, Any] | None = None) -> Any:
        """Execute a command and wait for its end."""
        arguments = [] if args is None else [args]
        return self.editor.request("workspace/executeCommand", {"command": command, "arguments": arguments})

    def begin(self, command: str, args: Mapping[str, Any] | None = None) -> int:
        """Execute a command without waiting."""
        arguments = [] if args is None else [args]
        return self.editor.ask("workspace/executeCommand", {"command": command, "arguments": arguments})

    def hover(self, uri: str, line: int) -> str:
        """Return what a hover shows, "" for nothing."""
        params = {"textDocument": {"uri": uri}, "position": {"line": line, "character": 5}}
        found = self.editor.request("textDocument/hover", params)
        return found["contents"]["value"] if found else ""

    def actions(self, uri: str, line: int, **context: Any) -> list[Any]:
        """Return the code actions on a line, given the diagnostics there."""
        on_line = [one for one in self.editor.diagnostics.get(uri, []) if one["range"]["start"]["line"] == line]
        where = {"start": {"line": line, "character": 4}, "end": {"line": line, "character": 4}}
        params = {"textDocument": {"uri": uri}, "range": where, "context": {"diagnostics": on_line, **context}}
        found: list[Any] = self.editor.request("textDocument/codeAction", params) or []
        return found

    def choose(self, title: str, uri: str, line: int) -> Any:
        """Choose a code action and wait for its end."""
        command = next(one for one in self.actions(uri, line) if one["title"] == title)["command"]
        return self.execute(command["command"], command["arguments"][0])


def desk(root: Path, **handshake: Any) -> Desk:
    """Return a desk with a server in this process."""
    return Desk(Editor.inside(FakeEngine), root, **handshake)
