"""Where the documentation stands: one place, read from the package's own metadata."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, metadata

from regreen.core.failure import FailureKind

_LABEL = "documentation"


@cache
def documentation() -> str:
    """Return the base address of the documentation; "" when the package names none."""
    try:
        urls = metadata("regreen").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    labelled = [url.partition(",") for url in urls]
    found = next((address.strip() for label, _, address in labelled if label.strip().lower() == _LABEL), "")
    return found.rstrip("/")


def kind_page(kind: FailureKind, base: str) -> str:
    """Return the address that explains a kind of failure; "" without a base."""
    return f"{base}/failure-kinds.md#{kind.code.lower()}" if base else ""
