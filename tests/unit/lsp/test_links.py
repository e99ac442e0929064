"""Links to the documentation."""

from __future__ import annotations

from regreen.core.failure import FailureKind
from regreen.lsp.links import kind_page


def test_a_kind_has_its_own_place_on_the_page() -> None:
    assert kind_page(FailureKind.ASSERTION, "https://d.test") == "https://d.test/failure-kinds.md#rg301-assertion"


def test_without_documentation_there_is_no_link() -> None:
    assert kind_page(FailureKind.ASSERTION, "") == ""
