"""What checkers of Python print: mypy, pyright, ruff, flake8 and pylint. One result for each error, at its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from regreen.core.failure import FailureKind as Kind
from regreen.core.testing import Ended, ExceptionFacts, TestId, TestOutcome, TestResult, TestRun
from regreen.languages.case import Verdict
from regreen.languages.paths import SavedPaths

from .blocks import PROJECT
from .case import PythonCase
from .modules import module_failure

NAMES = ("flake8", "mypy", "pylint", "pyright", "ruff")
_PLACE = r"(?P<path>[^\s:][^:\n]*\.pyi?):(?P<line>\d+)"
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (tool, re.compile(pattern, re.MULTILINE))
    for tool, pattern in (
        ("mypy", rf"^{_PLACE}(?::\d+)*: error: (?P<message>.+?)(?:  \[(?P<code>[\w-]+)\])?$"),
        ("pyright", rf"^ *{_PLACE}:\d+ - error: (?P<message>.+?(?:\n {{4,}}.+)*?)(?: \((?P<code>report\w+)\))?$"),
        ("lint", rf"^{_PLACE}:\d+: (?P<code>[A-Z]+\d+|invalid-syntax):? (?:\[\*\] )?(?P<message>.+)$"),
        ("lint", rf"^(?P<code>[A-Z]+\d+|invalid-syntax):? (?:\[\*\] )?(?P<message>.+)\n *--> {_PLACE}:\d+$"),
    )
)
# A plugin of pytest prints the errors of one file below the file's name.
_BELOW = re.compile(r"^(?P<line>\d+)(?::\d+)?: error: (?P<message>.+?)(?:  \[(?P<code>[\w-]+)\])?$", re.MULTILINE)
_CODES: Mapping[Kind, tuple[str, ...]] = {
    Kind.SYNTAX: ("mypy.syntax", "lint.invalid-syntax", "lint.E999", "lint.E902", "lint.E0001"),
    Kind.NAME_UNDEFINED: ("mypy.name-defined", "mypy.used-before-def", "mypy.possibly-undefined", "lint.F821",
        "lint.F822", "lint.E0602", "pyright.reportUndefinedVariable", "pyright.reportPossiblyUnbound",
        "pyright.reportUnboundVariable", "pyright.reportPossiblyUnboundVariable"),
    Kind.MEMBER_MISSING: ("mypy.attr-defined", "mypy.union-attr", "lint.E1101", "pyright.reportAttributeAccessIssue"),
    Kind.CALL_ARITY: ("mypy.call-arg", "lint.E1120", "lint.E1121", "lint.E1123", "lint.E1124",
        "pyright.reportCallIssue"),
    Kind.NULL_DEREF: ("pyright.reportOptionalMemberAccess", "pyright.reportOptionalSubscript",
        "pyright.reportOptionalIterable", "pyright.reportOptionalCall", "pyright.reportOptionalOperand",
        "pyright.reportOptionalContextManager"),
    Kind.DEPENDENCY_MISSING: ("mypy.import", "mypy.import-not-found", "mypy.import-untyped", "lint.E0401",
        "pyright.reportMissingImports", "pyright.reportMissingModuleSource", "pyright.reportMissingTypeStubs"),
    Kind.TYPE_MISMATCH: ("mypy.arg-type", "mypy.assignment", "mypy.return-value", "mypy.operator", "mypy.index",
        "mypy.list-item", "mypy.dict-item", "mypy.typeddict-item", "mypy.override", "mypy.type-var",
        "mypy.call-overload", "mypy.misc", "mypy.valid-type", "mypy.comparison-overlap", "mypy.has-type",
        "mypy.not-callable", "mypy.await-not-async", "mypy.str-bytes-safe",
        "pyright.reportArgumentType", "pyright.reportAssignmentType",
        "pyright.reportReturnType", "pyright.reportOperatorIssue", "pyright.reportIndexIssue",
        "pyright.reportGeneralTypeIssues", "pyright.reportIncompatibleMethodOverride"),
}  # fmt: skip
_KIND_OF: Mapping[str, Kind] = {code: kind for kind, codes in _CODES.items() for code in codes}
_Q = "[\"'`]"
_NAME = rf"{_Q}(?P<symbol>[^\"'`]+){_Q}"
# What a message names; the groups are slots. All that match add theirs, the first word for a slot stays.
_SLOTS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:maybe|did you mean|Did you mean) {_Q}(?P<suggest>[^\"'`]+){_Q}",
        r"\((?:got|expression has type) \"(?P<actual>[^\"]+)\", (?:expected|variable has type)"
        r" \"(?P<expected>[^\"]+)\"",
        r"has incompatible (?:return )?type \"(?P<actual>[^\"]+)\"; expected \"(?P<expected>[^\"]+)\"",
        r"[Tt]ype \"(?P<actual>[^\"]+)\" (?:is not assignable|cannot be assigned) to (?:\w+ )*?(?:\"\w+\" of )?"
        r"(?:type )?\"(?P<expected>[^\"]+)\"",
        r"operand types? for (?P<operator>\S+) \(\"(?P<expected>[^\"]+)\" and \"(?P<actual>[^\"]+)\"\)",
        r"Item \"None\" of \"[^\"]+\" has no attribute \"(?P<symbol>\w+)\"",
        r"Module \"(?P<module>[^\"]+)\" has no attribute \"(?P<missing>\w+)\"",
        r"^\"(?P<owner>[^\"]+)\" has no attribute \"(?P<symbol>\w+)\"",
        r"attribute \"(?P<symbol>\w+)\" for class \"(?P<owner>[^\"]+)\"",
        r"\"(?P<missing>\w+)\" is unknown import symbol",
        r"(?:module|package|Import|Library stubs not installed for)(?: named)? [\"'](?P<missing>[\w.]+)[\"']",
        rf"^(?:Undefined name|Undefined variable|Name|Variable) {_NAME}",
        rf"^{_NAME} (?:is not defined|is not a known attribute|is possibly unbound|imported but unused"
        r"|is not accessed)",
        rf"(?:argument|arguments|parameter|parameters) (?P<missing>{_Q}[^\n]+?{_Q}) in call to {_NAME}",
        rf"Unexpected keyword argument {_Q}(?P<keyword>\w+){_Q} for {_NAME}",
        rf"Too (?:many|few) (?:positional )?arguments for {_NAME}",
        rf"No parameter named {_Q}(?P<keyword>\w+){_Q}",
        rf"missing for parameters? (?P<missing>{_Q}[^\n]+{_Q})",
        r"Expected (?P<expected>\d+) (?:more )?positional arguments?",
    )
)  # fmt: skip


def read_checkers(text: str, paths: SavedPaths) -> TestRun | None:
    """Read the errors that a checker printed; None when there are none."""
    found = sorted(_errors(text, paths), key=lambda each: each[0])
    results = tuple(result for _, result in found)
    return TestRun(PROJECT, results, (), 1, Ended.EXITED, 0.0, True, text) if results else None


def with_check(result: TestResult) -> TestResult:
    """Give the failure of a file that a checker made, as a plugin of pytest reports it, the checker's words."""
    text = result.text if result.exception is None else f"{result.exception.message}\n{result.text}"
    match = _BELOW.search(text)
    if match is None or (result.exception is not None and result.exception.type):
        return result
    return replace(result, exception=_facts("mypy", match, result.path, inside=True))


def judge_check(case: PythonCase) -> Verdict | None:
    """Judge an error of a checker by its code."""
    tool, _, code = case.facts.type.partition(".")
    if tool not in ("mypy", "pyright", "lint"):
        return None
    kind = _KIND_OF.get(case.facts.type, Kind.COMPILE_RULE)
    slots = _named(case.message)
    if kind is Kind.MEMBER_MISSING and case.message.startswith('Item "None" of'):
        kind = Kind.NULL_DEREF
    if kind is Kind.DEPENDENCY_MISSING and slots.get("missing"):
        verdict = module_failure(case, slots["missing"])
        return Verdict(verdict.kind, {**verdict.slots, "rule": code})
    if slots.get("module") or (kind is Kind.MEMBER_MISSING and slots.get("missing")):
        kind = Kind.IMPORT_UNRESOLVED
    if kind is Kind.CALL_ARITY and slots.get("missing"):
        slots["missing"] = ", ".join(re.findall(r"\w+", slots["missing"]))
    return Verdict(kind, {**slots, "rule": code})


def _errors(text: str, paths: SavedPaths) -> Iterator[tuple[int, TestResult]]:
    for tool, pattern in _FORMS:
        for match in pattern.finditer(text):
            path, inside = paths.place(match["path"].strip())
            facts = _facts(tool, match, path, inside=inside)
            name = TestId(PROJECT, "")
            yield match.start(), TestResult(name, TestOutcome.ERROR, path, 0, "collect", 0.0, facts, match[0])


def _facts(tool: str, match: re.Match[str], path: str, *, inside: bool) -> ExceptionFacts:
    kind = f"{tool}.{match['code'] or 'misc'}"
    attributes = (("filename", path), ("inside", "yes" if inside else ""), ("lineno", match["line"]))
    return ExceptionFacts(kind, (kind,), match["message"].strip(), attributes)


def _named(message: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pattern in _SLOTS:
        if match := pattern.search(message):
            for name, value in match.groupdict().items():
                found.setdefault(name, (value or "").strip("\"'`") if name != "missing" else value or "")
    return found
