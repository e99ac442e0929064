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
    """Return the new tests as a diff, and a sentence on what they notice."""
    if not found.tests:
        return f"No test was written. {found.reason}\n"
    n_tests, n_noticed = len(found.tests), len(found.noticed)
    tests = "1 test" if n_tests == 1 else f"{n_tests} tests"
    changes = "1 change" if n_noticed == 1 else f"{n_noticed} changes"
    state = "written" if found.applied else "not written"
    left = f" {len(found.left)} would still go unnoticed." if found.left else ""
    proof = "Each passes on the code as it is, and fails on the change that it is for."
    said = f"{tests} {state}. {proof} Together they notice {changes}.{left} {found.reason}"
    return f"{diff(found.patch)}{said.rstrip()}\n"
