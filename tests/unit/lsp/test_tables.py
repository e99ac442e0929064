"""Tests that a table makes at run time, as the editor shows them: at the definition that makes them."""

from __future__ import annotations

from pathlib import Path

from regreen.app import Settings
from regreen.core.events import Emit, RunEnded
from regreen.core.failure import Failure, FailureKind
from regreen.core.testing import Ended, TestId, TestRun
from regreen.core.text import SourceText
from regreen.core.workspace import WorkspaceModel
from regreen.languages import REGISTRY
from tests.support.editor import Editor
from tests.support.engine import FakeEngine
from tests.support.workspace import lay

FILES = """
-- sums.test.ts --
import { describe, expect, it, test } from 'vitest';
describe('sums', () => {
  it.each([[1, 2], [3, 4]])('adds %i and %i', (a, b) => {
    expect(a + b).toBe(0);
  });
  it('adds nothing', () => {});
});
describe.each(['wood', 'tin'])('a box of %s', (kind) => {
  test('opens', () => { expect(kind).toBe(''); });
});
"""
SUM, BOX = "sums.test.ts::sums > adds %i and %i", "sums.test.ts::a box of %s > opens"
RED = (("sums.test.ts::sums > adds 3 and 4", 3), ("sums.test.ts::a box of tin > opens", 9))


class TableEngine(FakeEngine):
    """A session in which one case of each table is red."""

    def __init__(self, root: str, settings: Settings, emit: Emit) -> None:
        super().__init__(root, settings, emit)
        failures = tuple(
            Failure(FailureKind.ASSERTION, TestId("", name), "sums.test.ts", line + 1, "expected 7 to be 0",
                    test_path="sums.test.ts", test_line=line)
            for name, line in RED
        )  # fmt: skip
        ids = tuple(failure.test for failure in failures)
        self._emit(RunEnded(TestRun("", (), ids, 1, Ended.EXITED, 0.1, True), failures, everything=True))

    @property
    def model(self) -> WorkspaceModel:
        facts = REGISTRY["typescript"].outline("sums.test.ts", SourceText(self.text("sums.test.ts") or ""))
        return WorkspaceModel(self.root, self.generation, (), {"sums.test.ts": facts})


def test_the_definition_of_a_table_shows_its_red_case_and_offers_the_repair(tmp_path: Path) -> None:
    root = lay(tmp_path / "w", FILES)
    with Editor.inside(TableEngine) as editor:
        editor.initialize(root)
        uri = editor.open(root / "sums.test.ts")
        lenses = editor.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
        shown = [(one["range"]["start"]["line"], one["command"]["title"]) for one in lenses]
        assert shown == [
            (2, "Run test"), (2, "Fix with agent"), (5, "Run test"), (8, "Run test"), (8, "Fix with agent")
        ]  # fmt: skip
        assert [one["command"]["arguments"][0]["tests"][0]["name"] for one in lenses][1::3] == [SUM, BOX]
        position = {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 6}}
        assert "expected 7 to be 0" in str(editor.request("textDocument/hover", position))
        quiet = {**position, "position": {"line": 5, "character": 6}}
        assert editor.request("textDocument/hover", quiet) is None
