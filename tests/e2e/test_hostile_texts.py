"""A test whose words steer, hide and link: nothing of that reaches an editor by any message, nor a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from regreen.pages import visible
from tests.support.editor import FULL_CAPABILITIES, SERVE, Editor, span
from tests.support.shell import Shell
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
EVIL = (
    "\\x1b[31mred\\x1b]8;;command:evil\\x07link \\u202egnp.exe\\u200b\\U000e0041 \\x9b2J\\x00 "
    "[run](command:regreen.evil?1) <a href='command:evil'>x</a> ```\\n``` \\n# title"
)
WORKSPACE = f"""
-- calc.py --
def add(a, b):
    return a - b
-- test_calc.py --
import pytest
from calc import add

EVIL = "{EVIL}"


def test_add():
    print(EVIL)
    assert add(1, 2) == 3, EVIL


@pytest.mark.parametrize("word", [EVIL])
def test_words(word):
    raise ValueError(word)
"""
TEXTS = frozenset({"newText", "text"})  # of documents: what stands in them is theirs


def strings(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a message with the name of its field."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from strings(each, str(key))
    elif isinstance(value, list):
        for each in value:
            yield from strings(each, name)


def test_no_message_to_an_editor_steers_hides_or_links(tmp_path: Path, plain_venv: Path) -> None:
    home, root = tmp_path / "home", lay(tmp_path / "work", WORKSPACE)
    home.mkdir()
    capabilities = {**FULL_CAPABILITIES, "experimental": {"regreen": {"status": True, "testExplorer": True}}}
    with Editor.start(*SERVE, env=dict(Shell(home, plain_venv).environment)) as editor:
        editor.initialize(root, capabilities=capabilities)
        test = editor.open(root / "test_calc.py")
        editor.open(root / "calc.py")
        run = {"command": "regreen.runTests", "arguments": []}
        assert editor.request("workspace/executeCommand", run, 60)["outcome"] == "red"
        editor.until(lambda: any(editor.diagnostics.values()), 30)
        shown = [each for found in editor.diagnostics.values() for each in found]
        assert any("red" in each["message"] for each in shown)
        for line in (6, 12):
            where = {"textDocument": {"uri": test}, "position": {"line": line, "character": 5}}
            hover = editor.request("textDocument/hover", where)["contents"]["value"]
            outside = re.sub(r"^(`{3,})\w*\n.*?\n\1$", "", hover, flags=re.MULTILINE | re.DOTALL)
            assert set(re.findall(r"(?<!\\)\]\(command:([\w.]*)", outside)) <= {"regreen.fix", "regreen.showReport"}
        actions = {"textDocument": {"uri": test}, "range": span(6, 4), "context": {"diagnostics": []}}
        assert editor.request("textDocument/codeAction", actions)
        fix = {"command": "regreen.fix", "arguments": [{"uri": test, "position": {"line": 6, "character": 5}}]}
        assert editor.request("workspace/executeCommand", fix, 120)["outcome"] == "repaired"
        report = {"command": "regreen.showReport", "arguments": [{"uri": test}]}
        editor.request("workspace/executeCommand", report)
        told = [
            (message.get("method", "answer"), name, text)
            for message in editor.messages
            for name, text in strings(message)
            if name not in TEXTS
        ]
    assert 100 < len(told)
    assert [each for each in told if each[2].replace("\r", "") != visible(each[2]).replace("\r", "")] == []
    pages = [text for _, _, text in told if "<html" in text]
    assert [page for page in pages if "<a href='command:evil'" in page] == []
