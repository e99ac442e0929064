"""What added code may not do: it must cure the cause, not silence the test or reach outside.

Only what a patch introduces is judged: a file that starts processes already may go on doing so.
"""

from __future__ import annotations

import re
from collections import Counter

from regreen.core.edit import FileEdit, Patch

from .constructs import Construct, constructs, parse
from .dialects import constructs_in, n_errors, speaks
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
    "code-silence": "silences a check",
}
_SILENCED = re.compile(r"#\s*(?:type:\s*ignore|noqa|pyright:|mypy:|pragma:)[^\n]*")


def check_code(patch: Patch, lifted: frozenset[str] = frozenset()) -> Refusal | None:
    """Refuse a patch whose code introduces what no repair needs; rules that a person `lifted` are left out."""
    for file in patch.files:
        refusal = None
        if file.path.lower().endswith((".py", ".pyi", ".pyw")):
            refusal = _check_python(file, lifted) or _introduced(
                file.path, _silenced(file.base), _silenced(file.after), lifted
            )
        elif speaks(file.path):
            refusal = _check_dialect(file, lifted)
        if refusal is not None:
            return refusal
    return None


def _check_python(file: FileEdit, lifted: frozenset[str]) -> Refusal | None:
    before, after = parse(file.base), parse(file.after)
    if before is not None and after is None:
        return refuse("code-unreadable", f"{file.path} would no longer parse.", file.path)
    if before is None or after is None:
        return _introduced(file.path, constructs_by_pattern(file.base), constructs_by_pattern(file.after), lifted)
    return _introduced(file.path, constructs(before), constructs(after), lifted)


def _check_dialect(file: FileEdit, lifted: frozenset[str]) -> Refusal | None:
    before, after = constructs_in(file.path, file.base), constructs_in(file.path, file.after)
    if after is None or n_errors(file.path, file.base) < n_errors(file.path, file.after):
        return refuse("code-unreadable", f"{file.path} would no longer parse.", file.path)
    return None if before is None else _introduced(file.path, before, after, lifted)


def _silenced(text: str) -> Counter[Construct]:
    return Counter(("code-silence", found[0]) for found in _SILENCED.finditer(text))


def _introduced(
    path: str, before: Counter[Construct], after: Counter[Construct], lifted: frozenset[str]
) -> Refusal | None:
    fresh = sorted(construct for construct in after - before if construct[0] not in lifted)
    if not fresh:
        return None
    rule, what = fresh[0]
    return refuse(rule, f"The patch adds `{what}` to {path}, which {_WHY[rule]}.", path)
