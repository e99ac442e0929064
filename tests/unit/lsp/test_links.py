"""Links to the documentation."""

from __future__ import annotations

from regreen.core.failure import FailureKind
from regreen.lsp.links import kind_page


def test_a_kind_has_a_page_of_its_own() -> None:
    assert kind_page(FailureKind.ASSERTION, "https://d.test") == "https://d.test/failures/rg301-assertion.md"


def test_without_documentation_there_is_no_link() -> None:
    assert kind_page(FailureKind.ASSERTION, "") == ""
