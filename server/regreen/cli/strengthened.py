"""What came of strengthening the tests, as a document and for people."""

from __future__ import annotations

from regreen.app import Strengthened
from regreen.core.edit import diff


def strengthened_document(found: Strengthened) -> dict[str, object]:
    """Return the new tests, and what they notice."""
    return {
        "applied": found.applied,
        "reason": found.reason,
        "tests": [test.name for test in found.tests],
        "noticed": len(found.noticed),
        "left": len(found.left),
        "diff": diff(found.patch),
    }


def strengthened_text(found: Strengthened) -> str:
    """Return the new tests as a diff, and in words what they notice."""
    return f"{diff(found.patch)}{found.in_words}\n"
