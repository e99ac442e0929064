"""How a fix ends in an editor with buttons: what may be done next comes with the answer, links do it, previews ask."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.support.calc import ADD
from tests.support.vscode import Window


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    found = Window(tmp_path)
    with found.editor:
        found.at.run()
        yield found


def titles(ending: dict[str, Any]) -> list[str]:
    return [action["title"] for action in ending["actions"]]


def press(window: Window, ending: dict[str, Any], title: str) -> Any:
    """Press a button of a message."""
    action = next(action for action in ending["actions"] if action["title"] == title)
    return window.at.execute(action["command"], action["arguments"][0])


def test_a_fix_comes_with_its_report_and_its_undo(window: Window) -> None:
    fixed = window.at.choose("Fix with agent", window.at.calc, 1)
    assert (fixed["level"], titles(fixed)) == ("info", ["Show Report", "Undo"])
    assert press(window, fixed, "Show Report")["report"]["runId"] == fixed["runId"]
    undone = press(window, fixed, "Undo")
    assert (undone["outcome"], titles(undone)) == ("undone", ["Show Report", "Redo"])
    assert window.editor.told("window/showMessage") == []


def test_a_fix_that_the_editor_refused_can_be_applied_again(window: Window) -> None:
    window.editor.answers["workspace/applyEdit"] = lambda _: {"applied": False}
    kept = window.at.choose("Fix with agent", window.at.calc, 1)
    assert (kept["level"], titles(kept)) == ("warning", ["Apply", "Show Report"])
    del window.editor.answers["workspace/applyEdit"]
    window.editor.answers["workspace/applyEdit"] = lambda params: window.editor.apply(params["edit"])
    assert press(window, kept, "Apply")["outcome"] == "repaired"


def test_a_question_is_answered_by_a_button_or_in_the_light_bulb(window: Window) -> None:
    (window.at.root / ".ask").touch()
    asked = window.at.choose("Fix with agent", window.at.calc, 1)
    choices = ["Apply Choice 1: 3", "Apply Choice 2: replace the function"]
    assert (asked["outcome"], asked["level"]) == ("undecided", "warning")
    assert titles(asked) == [*choices, "Show Report"]
    assert "What is add(1, 2)?" in asked["message"]
    assert [action["title"] for action in window.at.actions(window.at.calc, 1)][:2] == choices
    assert window.editor.told("window/showMessage") == []
    assert press(window, asked, choices[0])["outcome"] == "repaired"


def test_a_rule_that_refused_is_lifted_for_one_repair_by_a_button_or_in_the_light_bulb(window: Window) -> None:
    (window.at.root / ".refuse").write_text("blast-lines")
    refused = window.at.choose("Fix with agent", window.at.calc, 1)
    offered = "Fix with agent, allowing blast-lines"
    assert (refused["outcome"], titles(refused)) == ("exhausted", [offered, "Show Report"])
    assert offered in [action["title"] for action in window.at.actions(window.at.calc, 1)]
    assert window.at.choose("Fix with agent", window.at.calc, 1)["outcome"] == "exhausted"
    assert press(window, refused, offered)["outcome"] == "repaired"
    assert offered not in [action["title"] for action in window.at.actions(window.at.calc, 1)]


def test_a_rule_that_nobody_can_lift_is_offered_to_nobody(window: Window) -> None:
    (window.at.root / ".refuse").write_text("test-removed")
    refused = window.at.choose("Fix with agent", window.at.calc, 1)
    assert titles(refused) == ["Show Report"]


def test_a_preparation_ends_with_running_the_tests(window: Window) -> None:
    (window.at.root / ".steps").write_text("uv sync\n")
    prepared = window.editor.request("regreen/prepare", {})
    assert (prepared["level"], titles(prepared)) == ("info", ["Run Tests"])
    assert press(window, prepared, "Run Tests")["outcome"] == "red"
    (window.at.root / ".fail").touch()
    assert window.editor.request("regreen/prepare", {})["level"] == "warning"
    assert window.editor.told("window/showMessage") == []


def links_of(hover: str) -> dict[str, str]:
    line = hover.split("\n\n")[1]
    return dict(part.removeprefix("[").removesuffix(")").split("](") for part in line.split(" | "))


def test_a_hover_links_to_what_can_be_done(window: Window) -> None:
    links = links_of(window.at.hover(window.at.tests, 0))
    assert list(links) == ["Fix with agent", "calc.py:2"]
    assert links["calc.py:2"] == f"{window.at.calc}#L2"
    command, _, arguments = links["Fix with agent"].partition("?")
    assert command == "command:regreen.fix"
    (where,) = json.loads(unquote(arguments))
    assert where == {"uri": window.at.tests, "position": {"line": 0, "character": 5}}
    fixed = window.at.execute("regreen.fix", where)
    assert fixed["tests"] == [ADD]
    assert list(links_of(window.at.hover(window.at.tests, 0))) == ["Show Report", "Undo"]


def test_links_hold_no_word_of_the_code(window: Window) -> None:
    for line in (0, 8):
        for target in links_of(window.at.hover(window.at.tests, line)).values():
            assert "test_add" not in unquote(target)


@pytest.mark.parametrize(("setting", "asks"), [("never", False), ("several-files", False), ("always", True)])
def test_a_preview_is_asked_for_as_the_setting_says(tmp_path: Path, setting: str, asks: bool) -> None:
    window = Window(tmp_path, options={"settings": {"preview": setting}})
    with window.editor:
        window.at.run()
        window.at.choose("Fix with agent", window.at.calc, 1)
        (annotation,) = window.editor.told("workspace/applyEdit")[0]["edit"]["changeAnnotations"].values()
        assert annotation["needsConfirmation"] is asks


def test_a_test_that_is_red_only_for_somebody_else_can_be_fixed(tmp_path: Path) -> None:
    window = Window(tmp_path)
    with window.editor:
        where = {"uri": window.at.tests, "position": {"line": 1, "character": 4}}
        with pytest.raises(Exception, match="test_add is not red"):
            window.at.execute("regreen.fix", where)
