"""Where the documentation stands: one place, read from the package's own metadata, else beside the source."""

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
    return found.rstrip("/") or _beside_the_source()


def _beside_the_source() -> str:
    folder = Path(__file__).resolve().parents[3] / "docs"
    return folder.as_uri() if (folder / _PAGE).is_file() else ""


def kind_page(kind: FailureKind, base: str) -> str:
    """Return the address that explains a kind of failure; "" without a base."""
    return f"{base}/failures/{kind.code.lower()}-{kind.label}.md" if base else ""
