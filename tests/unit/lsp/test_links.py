"""Links to the documentation."""

from __future__ import annotations

from pathlib import Path

from regreen.core.failure import FailureKind
from regreen.lsp.links import beside, kind_page


def test_a_kind_has_a_page_of_its_own() -> None:
    assert kind_page(FailureKind.ASSERTION, "https://d.test") == "https://d.test/failures/rg301-assertion.md"


def test_without_documentation_there_is_no_link() -> None:
    assert kind_page(FailureKind.ASSERTION, "") == ""


def test_an_installed_package_has_its_pages_inside(tmp_path: Path) -> None:
    page = tmp_path / "site-packages" / "regreen" / "docs" / "failure-kinds.md"
    page.parent.mkdir(parents=True)
    page.touch()
    source = tmp_path / "site-packages" / "regreen" / "lsp" / "links.py"
    assert beside(source) == page.parent.as_uri()


def test_a_package_without_pages_has_no_documentation(tmp_path: Path) -> None:
    assert beside(tmp_path / "site-packages" / "regreen" / "lsp" / "links.py") == ""
