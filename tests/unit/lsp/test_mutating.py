"""What the tests would not notice, in the editor: asked by a command, shown as hints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from regreen.core.edit import TextEdit
from regreen.core.mutation import Fate, Judged, Mutant, Strength, with_diffs
from regreen.core.text import LineIndex
from regreen.lsp import to_lsp
from tests.support.calc import Desk, desk


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    found = desk(tmp_path)
    with found.editor:
        yield found


def hints(at: Desk) -> list[str]:
    return [one["message"] for one in at.editor.diagnostics.get(at.calc, []) if one["code"] == "survivor"]


def test_what_survives_is_shown_as_hints_on_its_lines(at: Desk) -> None:
    result = at.editor.request("regreen/mutate", {"uri": at.calc})
    assert result["outcome"] == "measured"
    assert result["survived"] == 1
    assert [(one["uri"], one["line"]) for one in result["survivors"]] == [(at.calc, 0)]
    assert result["message"].startswith("Tests weak here: 1 of 1 change to calc.py would go unnoticed")
    (shown,) = [one for one in at.editor.diagnostics[at.calc] if one["code"] == "survivor"]
    assert shown["severity"] == 4
    assert shown["range"]["start"]["line"] == 0
    assert shown["message"].splitlines()[-1] == "+pass"


def test_the_command_means_the_function_around_the_cursor(at: Desk) -> None:
    lines = (at.root / "test_calc.py").read_text().splitlines()
    line = next(n for n, text in enumerate(lines) if text.startswith("def test_"))
    argument = {"uri": at.tests, "position": {"line": line, "character": 4}}
    params = {"command": "regreen.mutate", "arguments": [argument]}
    result = at.editor.request("workspace/executeCommand", params)
    assert [one["function"] for one in result["survivors"]] == [lines[line].split("(")[0][4:]]


def test_a_hint_offers_tests_that_would_notice(at: Desk) -> None:
    at.editor.request("regreen/mutate", {"uri": at.calc})
    assert "Strengthen tests" in [one["title"] for one in at.actions(at.calc, 0)]
    assert "Strengthen tests" not in [one["title"] for one in at.actions(at.calc, 5)]
    result = at.choose("Strengthen tests", at.calc, 0)
    assert (result["outcome"], result["noticed"], result["left"]) == ("applied", 1, 0)
    assert [one["name"] for one in result["tests"]] == ["test_calc.py::test_more"]
    assert result["message"].startswith("1 test written. It passes on the code as it is")
    assert "def test_more():" in at.editor.buffers[at.tests]
    at.editor.until(lambda: not hints(at))


def test_a_hint_in_another_language_offers_them_too(at: Desk) -> None:
    (at.root / "more.js").write_text("export const more = (a) => a + 1;\n", "utf-8")
    at.editor.request("regreen/mutate", {"uri": at.calc})
    start = {"line": 0, "character": 0}
    hint = {"range": {"start": start, "end": start}, "message": "-", "code": to_lsp.SURVIVOR, "source": to_lsp.SOURCE}
    actions = at.actions((at.root / "more.js").as_uri(), 0, diagnostics=[hint])
    assert [one.get("disabled") for one in actions if one["title"] == "Strengthen tests"] == [None]


def test_a_dry_run_shows_the_tests_and_edits_nothing(at: Desk) -> None:
    before = at.editor.buffers[at.tests]
    result = at.editor.request("regreen/strengthen", {"uri": at.calc, "dryRun": True})
    assert (result["outcome"], result["level"]) == ("not-applied", "warning")
    assert "+def test_more():" in result["diff"]
    assert at.editor.buffers[at.tests] == before
    assert len(hints(at)) == 1


def test_tests_that_the_editor_refuses_are_told_of(at: Desk) -> None:
    at.editor.answers["workspace/applyEdit"] = lambda _: {"applied": False}
    result = at.editor.request("regreen/strengthen", {"uri": at.calc})
    assert result["outcome"] == "not-applied"
    assert "choose “Strengthen tests” to try again" in result["message"]


def test_a_hint_goes_with_its_line(at: Desk) -> None:
    at.editor.request("regreen/mutate", {"uri": at.calc})
    assert len(hints(at)) == 1
    before = Path(at.root / "calc.py").read_text()
    text = "import math\n\n" + before.partition("\n")[2]
    at.editor.open(at.root / "calc.py", text)
    at.run()
    at.editor.until(lambda: not hints(at))


def test_a_hint_follows_its_line() -> None:
    text = "def f(x):\n    return x + 1\n"
    edit = TextEdit(23, 24, "-")
    judged = Judged(Mutant("f.py", "arithmetic", edit, 2, "+", "-", "f"), Fate.SURVIVED)
    (one,) = with_diffs(Strength((judged,)), {"f.py": text}).judged
    assert to_lsp.line_of(one, LineIndex(text)) == 2
    assert to_lsp.line_of(one, LineIndex("\n\n" + text)) == 4
    assert to_lsp.line_of(one, LineIndex("def f(x):\n    return x\n")) == 0


def test_it_is_said_what_all_of_it_means(at: Desk) -> None:
    result = at.editor.request("regreen/mutate", {"uri": at.calc})
    assert result["message"].endswith("not that the code is right.")
