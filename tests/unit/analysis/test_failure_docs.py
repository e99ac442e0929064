"""docs/failure-kinds.md and the taxonomy name the same codes."""

from __future__ import annotations

import re
from pathlib import Path

from regreen.core.failure import AgentCode, FailureKind

_PAGE = Path(__file__).parents[3] / "docs" / "failure-kinds.md"


def test_the_page_has_one_heading_for_each_code_and_no_other() -> None:
    headings = re.findall(r"^## (RG\d+) ([\w-]+)$", _PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    known = [(kind.code, kind.label) for kind in (*FailureKind, *AgentCode)]
    assert headings == known


def test_the_page_says_the_strategy_of_each_kind() -> None:
    sections = re.split(r"^## ", _PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    by_code = {section[:5]: section for section in sections}
    for kind in FailureKind:
        assert re.search(rf"Strategy:\s+{kind.strategy.value}\b", by_code[kind.code]), kind.code
