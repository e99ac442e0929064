"""The tables of templates in the docs are the ones in the code."""

import re
from pathlib import Path

import pytest

from regreen.providers.templates import TABLES

PAGE = Path(__file__).parents[3] / "docs" / "search-engine.md"
ROW = re.compile(r"^\| ([^|]+) \| .+ \| ([\d.]+) \|", re.MULTILINE)


@pytest.mark.parametrize(
    ("title", "language"), [("Python", "python"), ("Go", "go"), ("JavaScript", "javascript"), ("Rust", "rust")]
)
def test_the_docs_list_every_template_of_a_language(title: str, language: str) -> None:
    sections = dict(re.findall(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL))
    own = ROW.findall(sections[next(name for name in sections if name.startswith(title))])
    shared = [] if language == "python" else ROW.findall(sections["What the other three share"])
    rows = [(template.name, f"{template.prior:g}") for template in TABLES[language]]
    assert sorted((name, f"{float(prior):g}") for name, prior in own + shared) == sorted(rows)


@pytest.mark.parametrize("language", sorted(TABLES))
def test_every_template_has_its_own_name(language: str) -> None:
    assert len({template.name for template in TABLES[language]}) == len(TABLES[language])
