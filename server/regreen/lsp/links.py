"""Where the documentation stands: one place, read from the package's own metadata, else in it or beside it."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from regreen.core.failure import FailureKind

_LABEL = "documentation"
_PAGE = "failure-kinds.md"


@cache
def documentation() -> str:
    """Return the base address of the documentation; "" when there is none."""
    try:
        urls = metadata("regreen").get_all("Project-URL") or []
    except PackageNotFoundError:
        urls = []
    labelled = [url.partition(",") for url in urls]
    found = next((address.strip() for label, _, address in labelled if label.strip().lower() == _LABEL), "")
    return found.rstrip("/") or beside(Path(__file__).resolve())


def beside(source: Path) -> str:
    """Return the address of the pages inside of the package that holds a source, else of those in its repository."""
    folders = (source.parents[1] / "docs", source.parents[3] / "docs")
    return next((folder.as_uri() for folder in folders if (folder / _PAGE).is_file()), "")


def kind_page(kind: FailureKind, base: str) -> str:
    """Return the address that explains a kind of failure; "" without a base."""
    return f"{base}/failures/{kind.code.lower()}-{kind.label}.md" if base else ""
