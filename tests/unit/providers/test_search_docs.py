"""The table of templates in the docs is the one in the code."""

import re
from pathlib import Path

from regreen.providers.templates.python import TABLE

PAGE = Path(__file__).parents[3] / "docs" / "search-engine.md"


def test_the_docs_list_every_template_in_order():
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([\d.]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(template.name, str(template.prior)) for template in TABLE]


def test_every_template_has_its_own_name():
    assert len({template.name for template in TABLE}) == len(TABLE)
