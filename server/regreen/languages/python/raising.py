"""Which line raised an exception that was printed without a traceback: what the test reaches, and what can raise it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable

from regreen.core.ports import ReadText
from regreen.core.testing import ExceptionFacts, TestResult
from regreen.core.workspace import WorkspaceModel

from .culprit import reached

Raises = Callable[[ast.AST, str], bool]  # whether a node can raise an exception with this message


def line_that_raises(
    facts: ExceptionFacts, result: TestResult, model: WorkspaceModel, read: ReadText
) -> tuple[str, int] | None:
    """Return the only line within a test's reach that can raise its exception; None when there is not exactly one."""
    short = facts.type.rpartition(".")[2]
    if not short:
        return None
    functions = tuple(reached(result, model, read))
    nodes = [(path, node) for path, function in functions for node in ast.walk(function)]
    raised = _lines((path, node) for path, node in nodes if _raises_by_name(node, short))
    if len(raised) == 1:
        return raised[0]
    can_raise = _OPERATIONS.get(short)
    if raised or can_raise is None:
        return None
    found = _lines((path, node) for path, node in nodes if can_raise(node, facts.message))
    return found[0] if len(found) == 1 else None


def _lines(nodes: Iterable[tuple[str, ast.AST]]) -> list[tuple[str, int]]:
    return list(dict.fromkeys((path, getattr(node, "lineno", 0)) for path, node in nodes))


def _raises_by_name(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Raise) or node.exc is None:
        return False
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return ast.unparse(raised).rpartition(".")[2] == name


def _divides(node: ast.AST, _: str) -> bool:
    return isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod)


def _looks_up(node: ast.AST, message: str) -> bool:
    if not isinstance(node, ast.Subscript) or isinstance(node.slice, ast.Slice):
        return False
    key = node.slice.value if isinstance(node.slice, ast.Constant) else None
    return key is None or repr(key) == message


def _indexes(node: ast.AST, _: str) -> bool:
    if isinstance(node, ast.Subscript):
        return not isinstance(node.slice, ast.Slice)
    return _calls(node, "pop")


def _converts(node: ast.AST, message: str) -> bool:
    called = re.search(r"^invalid literal for (int)\(\)|^could not convert string to (float)", message)
    names = [called[1] or called[2]] if called else ["int", "float", "strptime", "fromisoformat", "index", "remove"]
    return any(_calls(node, name) for name in names)


def _decodes(node: ast.AST, _: str) -> bool:
    return _calls(node, "loads") or _calls(node, "load") or _calls(node, "json")


def _reads_member(node: ast.AST, message: str) -> bool:
    named = re.search(r"has no attribute '(\w+)", message)
    return named is not None and isinstance(node, ast.Attribute) and node.attr == named[1]


def _reads_name(node: ast.AST, message: str) -> bool:
    named = re.search(r"'(\w+)'", message)
    return named is not None and isinstance(node, ast.Name) and node.id == named[1]


def _is_called_wrongly(node: ast.AST, message: str) -> bool:
    named = re.match(r"(?:\w+\.)*?(\w+)(?:\.__init__)?\(\)", message)
    return named is not None and _calls(node, named[1])


def _calls(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    return name in (getattr(called, "id", ""), getattr(called, "attr", ""))


_OPERATIONS: dict[str, Raises] = {
    "ZeroDivisionError": _divides,
    "KeyError": _looks_up,
    "IndexError": _indexes,
    "ValueError": _converts,
    "JSONDecodeError": _decodes,
    "AttributeError": _reads_member,
    "NameError": _reads_name,
    "UnboundLocalError": _reads_name,
    "TypeError": _is_called_wrongly,
}
