"""The page on mutation tells of each operator as its row in the table does."""

from __future__ import annotations

from pathlib import Path

from regreen.mutation import OPERATORS

PAGE = Path(__file__).parents[3] / "docs/mutation.md"
LANGUAGES = {"go": "Go", "javascript": "JavaScript, TypeScript", "python": "Python", "rust": "Rust"}


def test_every_operator_has_its_row_and_no_other() -> None:
    table = PAGE.read_text("utf-8").partition("## Operators")[2].partition("\n## ")[0]
    told = [line for line in table.splitlines() if line.startswith("| ")][1:]
    real = [
        f"| {one.name} | {one.example} | {one.why} | {', '.join(LANGUAGES[name] for name in one.languages)} |"
        for one in OPERATORS
    ]
    assert told == real


def test_every_operator_has_a_name_of_its_own() -> None:
    assert len({one.name for one in OPERATORS}) == len(OPERATORS)
