"""What an assertion expected and what it got, whoever wrote it: pytest, unittest, mock, doctest, hypothesis."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

from .case import PythonCase

_LIMIT = 300  # characters of a slot

# The message of one kind of assertion each; groups are slots. First match wins.
_MESSAGES = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"DID NOT (?P<operator>RAISE|WARN)(?: any of)?\s+\(?<class '(?:[\w.]+\.)?(?P<expected>\w+)'>",
        r"DID NOT (?P<operator>WARN)\. No warnings of type \(<class '(?:[\w.]+\.)?(?P<expected>\w+)'>",
        r"DID NOT (?P<operator>RAISE|WARN)(?: any of)?(?: \(?(?:[\w.]+\.)?(?P<expected>[A-Z]\w+))?",
        r"Regex pattern did not match\.\s+(?:Expected regex|Regex): (?P<expected>.+?)"
        r"\n\s*(?:Actual message|Input): (?P<actual>.+?)$",
        r"Pattern (?P<expected>'.*?') (?:does not match|not found in) (?P<actual>'.*?')",
        r"Expected '(?P<symbol>[\w.()]+)' to (?:be|have been) (?P<expected>(?:called|awaited)(?: once)?)"
        r"\.? ?(?P<actual>(?:Called|Awaited) \d+ times)?",
        r"Expected '(?P<symbol>[\w.()]+)' to not have been called\. (?P<actual>Called \d+ times)",
        r"^(?P<expected>\w+) not raised(?: by (?P<symbol>\w+))?",
        r"^(?:Lists|Tuples|Sequences|Sets|Dicts) differ: (?P<actual>.+?) (?P<operator>!=) (?P<expected>.+?)(?:\n|$)",
        r"^(?P<actual>.+?) is not (?P<expected>true|false)(?: : |$)",
        r"^(?P<actual>.+?) is not an instance of (?P<expected>.+?)(?: : |$)",
        r"^(?P<expected>.+?) (?P<operator>not found in|unexpectedly found in) (?P<actual>.+?)(?: : |$)",
        r"^(?P<actual>.+?) (?P<operator>not (?:less|greater) than(?: or equal to)?) (?P<expected>.+?)(?: : |$)",
        r"^(?P<actual>.+?) (?P<operator>!=) (?P<expected>.+?) within .+",
        r"^(?P<actual>.+?) (?P<operator>is not|!=|==) (?P<expected>.+?)(?: : .*|\n.*|$)",
        r"^unexpectedly (?P<actual>None|identical.*)",
    )
)
# A mock's message says more than the comparison of arguments that pytest adds to it.
_CALLS = re.compile(
    r"expected (?:call|await) not found\.\s*Expected: (?P<expected>.+?)\n\s*Actual: (?P<actual>.+?)(?:\n|$)"
)
_ASSERT = re.compile(r"(?:^|\n)assert (?P<what>.+?)(?:\n|$)")
_BY_HAND = re.compile(r"^(?P<actual>.+?) (?P<operator>==|!=|<=|>=|<|>|is not|is|not in|in) (?P<expected>.+)$")
_EXAMPLE = re.compile(
    r"(?:Falsifying example|Failing test case|Falsifying explicit example): \w+\((?P<arguments>.*?)\n?\)\s*(?:\n|$)",
    re.DOTALL,
)
_OPERATORS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_COMPARED = re.compile(r"assert(?:Is|IsNot|(?:List|Dict|MultiLine|Tuple|Set|Sequence|Almost|Count)?Equal)")


@dataclass(frozen=True, slots=True)
class _Sides:
    left: str
    operator: str
    right: str


def assertion_slots(case: PythonCase) -> dict[str, str]:
    """Return expected, actual, operator, example …, as far as the failure tells."""
    found = _values(case)
    example = _EXAMPLE.search(
        "\n".join((case.facts.attribute("notes"), case.message, case.result.text, *_captured(case)))
    )
    if example:
        lines = re.sub(r"  # or any other generated value", "", example["arguments"]).strip().splitlines()
        parts = (part.strip() for part in lines)
        found["example"] = " ".join(part for part in parts if part).rstrip(",")
    return {name: value[:_LIMIT] for name, value in found.items() if value}


def _captured(case: PythonCase) -> tuple[str, ...]:
    return tuple(text for name, text in case.result.sections if "ypothesis" in name or "stdout" in name)


def _values(case: PythonCase) -> dict[str, str]:
    facts = case.facts
    if facts.attribute("expected") or facts.attribute("actual"):
        return {"expected": facts.attribute("expected"), "actual": facts.attribute("actual")}
    if match := _CALLS.search(case.message):
        return {name: value.strip() for name, value in match.groupdict().items()}
    sides = _sides(case)
    if sides is not None:
        return _oriented(case, sides)
    for pattern in _MESSAGES:
        if match := pattern.search(case.message):
            return _swapped(case, {name: value.strip() for name, value in match.groupdict().items() if value})
    match = _ASSERT.search(case.message)
    return {"actual": match["what"]} if match else {}


def _sides(case: PythonCase) -> _Sides | None:
    """Return both sides of a comparison that pytest reports."""
    left, operator, right = (case.facts.attribute(name) for name in ("left", "operator", "right"))
    if operator:
        return _Sides(left, operator, right)
    match = _ASSERT.search(case.message)
    if match is None:
        return None
    return _parsed(match["what"]) or _cut(match["what"])


def _parsed(text: str) -> _Sides | None:
    """Read a comparison whose sides are valid expressions."""
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return None
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1:
        return None
    left, right = ast.get_source_segment(text, tree.left), ast.get_source_segment(text, tree.comparators[0])
    if left is None or right is None:
        return None
    return _Sides(left, _OPERATORS[type(tree.ops[0])], right)


def _cut(text: str) -> _Sides | None:
    match = _BY_HAND.match(text)
    return _Sides(match["actual"], match["operator"], match["expected"]) if match else None


def _oriented(case: PythonCase, sides: _Sides) -> dict[str, str]:
    """The computed side is the actual one; where the test does not tell, that is the left."""
    if sides.operator in ("in", "not in"):
        return {"expected": sides.left, "actual": sides.right, "operator": sides.operator}
    left, right = _compared_code(case)
    if _is_constant(left) and right is not None and not _is_constant(right):
        return {"expected": sides.left, "actual": sides.right, "operator": sides.operator}
    return {"expected": sides.right, "actual": sides.left, "operator": sides.operator}


def _swapped(case: PythonCase, found: dict[str, str]) -> dict[str, str]:
    """The same for unittest: `assertEqual(5, f())` has the expected value first."""
    left, right = _compared_code(case)
    if right is None or not _is_constant(left) or _is_constant(right) or not {"expected", "actual"} <= set(found):
        return found
    return {**found, "expected": found["actual"], "actual": found["expected"]}


def _compared_code(case: PythonCase) -> tuple[ast.expr | None, ast.expr | None]:
    """Return the two sides of the comparison as the test's line writes them."""
    try:
        body = ast.parse((case.frame.code if case.frame else "").strip()).body
    except (SyntaxError, ValueError):
        return None, None
    statement = body[0] if body else None
    if isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Compare):
        return statement.test.left, statement.test.comparators[0]
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or len(call.args) < 2:
        return None, None
    if _COMPARED.fullmatch(call.func.attr):
        return call.args[0], call.args[1]
    return None, None


def _is_constant(code: ast.expr | None) -> bool:
    if code is None:
        return False
    try:
        ast.literal_eval(code)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return False
    return True
