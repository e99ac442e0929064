"""docs/failure-kinds.md and the taxonomy name the same codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from regreen.core.failure import AgentCode, FailureKind

_DOCS = Path(__file__).parents[3] / "docs"
_PAGE = _DOCS / "failure-kinds.md"
_LANGUAGES = ("Python", "Go", "JavaScript, TypeScript", "Rust")
_CODES = (*FailureKind, *AgentCode)


def test_the_page_has_one_heading_for_each_code_and_no_other() -> None:
    headings = re.findall(r"^## (RG\d+) ([\w-]+)$", _PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    known = [(kind.code, kind.label) for kind in _CODES]
    assert headings == known


def test_the_page_says_the_strategy_of_each_kind() -> None:
    sections = re.split(r"^## ", _PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    by_code = {section[:5]: section for section in sections}
    for kind in FailureKind:
        assert re.search(rf"Strategy:\s+{kind.strategy.value}\b", by_code[kind.code]), kind.code


def test_each_code_has_a_page_of_its_own_and_there_is_no_other() -> None:
    pages = {path.name for path in (_DOCS / "failures").iterdir()}
    assert pages == {f"{kind.code.lower()}-{kind.label}.md" for kind in _CODES}


@pytest.mark.parametrize("kind", _CODES, ids=lambda kind: kind.code)
def test_a_page_says_what_it_is_what_is_done_and_what_to_do(kind: FailureKind | AgentCode) -> None:
    page = (_DOCS / "failures" / f"{kind.code.lower()}-{kind.label}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {kind.code} {kind.label}\n\n")
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    recognised = ["How it is recognised"] if isinstance(kind, FailureKind) else []
    assert headings == [*recognised, "What Regreen does", "What you can do"]
    if isinstance(kind, FailureKind):
        assert f"Strategy: {kind.strategy.value}." in page
        assert re.findall(r"^\| (\w[\w, ]+) \| \S", page, re.MULTILINE)[1:][:4] == [*_LANGUAGES]
    assert f"[More](failures/{kind.code.lower()}-{kind.label}.md)" in _PAGE.read_text(encoding="utf-8")


def test_a_page_has_the_slots_that_the_overview_has() -> None:
    sections = re.split(r"^## ", _PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    for kind in FailureKind:
        section = next(one for one in sections if one.startswith(kind.code))
        page = (_DOCS / "failures" / f"{kind.code.lower()}-{kind.label}.md").read_text(encoding="utf-8")
        slots = re.search(r"Slots: (.+?)\. Strategy", section)
        assert slots
        assert f"Slots: {slots[1]}. Strategy" in page
