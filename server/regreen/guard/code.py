"""What added Python code may not do: it must cure the cause, not silence the test or reach outside.

Only what a patch introduces is judged: a file that starts processes already may go on doing so.
"""

from __future__ import annotations

from collections import Counter

from regreen.core.edit import FileEdit, Patch

from .constructs import Construct, constructs, parse
from .patterns import constructs_by_pattern
from .refusal import Refusal, refuse

_WHY = {
    "code-exit": "ends the process",
    "code-test-aware": "asks whether it is being tested",
    "code-skip": "skips a test or expects it to fail",
    "code-swallow": "swallows every error",
    "code-equal-always": "makes a comparison constant",
    "code-eval": "runs text as code",
    "code-process": "starts or ends processes",
    "code-network": "opens the network",
    "code-patching": "changes the machinery that tests it",
}


def check_code(patch: Patch) -> Refusal | None:
    """Refuse a patch whose Python code introduces what no repair needs."""
    for file in patch.files:
        refusal = _check_file(file) if file.path.lower().endswith((".py", ".pyi", ".pyw")) else None
        if refusal is not None:
            return refusal
    return None


def _check_file(file: FileEdit) -> Refusal | None:
    before, after = parse(file.base), parse(file.after)
    if before is not None and after is None:
        return refuse("code-unreadable", f"{file.path} would no longer parse.", file.path)
    if before is None or after is None:
        return _introduced(file.path, constructs_by_pattern(file.base), constructs_by_pattern(file.after))
    return _introduced(file.path, constructs(before), constructs(after))


def _introduced(path: str, before: Counter[Construct], after: Counter[Construct]) -> Refusal | None:
    fresh = sorted(after - before)
    if not fresh:
        return None
    rule, what = fresh[0]
    return refuse(rule, f"The patch adds `{what}` to {path}, which {_WHY[rule]}.", path)
