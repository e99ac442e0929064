"""What the TypeScript compiler prints, plain or pretty; Deno prints the same errors in a form of its own."""

from __future__ import annotations

import re

from regreen.core.testing import ExceptionFacts, TestOutcome, TestResult
from regreen.languages.javascript.stack import plain_path
from regreen.languages.paths import SavedPaths

from .printed import Printed, result_of

_ERROR = re.compile(
    r"^(?:(?P<path>[^\s(][^(\n]*?)(?:\((?P<line>\d+),(?P<column>\d+)\)|:(?P<pretty>\d+):(?P<at>\d+))(?::| -) )?"
    r"error (?P<code>TS\d+): (?P<message>.+(?:\n[ ]{2,}(?! *\d+ |~| *~)\S.*)*)", re.MULTILINE)  # fmt: skip
_DENO = re.compile(
    r"^(?P<code>TS\d+) \[ERROR\]: (?P<message>.+(?:\n(?! *at |[^\n]*\n *~).+)*?)\n(?:.*\n)*?"
    r"^ +at (?P<path>file://\S+?):(?P<line>\d+):(?P<column>\d+)$", re.MULTILINE)  # fmt: skip
_UNUSED = frozenset({"TS6133", "TS6138", "TS6192", "TS6196", "TS6198", "TS6199"})
_FOUND = re.compile(r"^Found (?P<count>\d+) errors?", re.MULTILINE)


def read_tsc(text: str, paths: SavedPaths) -> Printed:
    """Read all errors of one run of the compiler."""
    found = [_result(match, paths) for pattern in (_ERROR, _DENO) for match in pattern.finditer(text)]
    # What is only left unused goes behind what is wrong, and what others wrote behind both.
    results = tuple(sorted(found, key=_rank))
    return Printed(results, bool(results) or _FOUND.search(text) is not None, bool(results))


def _rank(result: TestResult) -> tuple[bool, bool]:
    unused = result.exception is not None and result.exception.type in _UNUSED
    return f"/{result.path}".find("/node_modules/") != -1, unused


def _result(match: re.Match[str], paths: SavedPaths) -> TestResult:
    groups = match.groupdict()
    line = groups.get("line") or groups.get("pretty") or ""
    column = groups.get("column") or groups.get("at") or ""
    path = paths.place(plain_path(groups["path"]))[0] if groups.get("path") else ""
    attributes = {"code": groups["code"], "filename": path, "lineno": line, "column": column}
    known = tuple(sorted((name, value) for name, value in attributes.items() if value))
    facts = ExceptionFacts(groups["code"], ("TypeScript",), groups["message"], known)
    return result_of("", path, facts, text=match[0], phase="build", outcome=TestOutcome.ERROR)
