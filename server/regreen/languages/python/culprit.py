"""Where a failure is to be shown: the place that is to blame as far as its traceback, or the source, tells."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TypeGuard

from regreen.core.ports import ReadText
from regreen.core.testing import TestResult
from regreen.core.workspace import WorkspaceModel

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_WAITS = re.compile(r"(?:^|\.)(?:acquire|join|wait|get|recv|accept|sleep|input|result|read|select|communicate)$")
_ENDS = re.compile(
    r"\bos\.(?:_exit|abort|kill)\(|\bsignal\.raise_signal\(|\bctypes\b|\bsys\.exit\(|\bpytest\.exit\(|\bfaulthandler\._"
)


def definition_line(result: TestResult, read: ReadText) -> int:
    """Return the line that defines a test that the index does not know; 0 when the source does not tell."""
    function = _function_of(result, read)
    return function.lineno if function is not None else 0


def line_of_assertion(result: TestResult, read: ReadText) -> int:
    """Return the line of a test's only assertion that fits a failure without a traceback; 0 when that is not clear."""
    function = _function_of(result, read)
    if function is None:
        return 0
    asserts = [node for node in ast.walk(function) if _asserts(node)]
    message = result.exception.message if result.exception else ""
    called = [node for node in asserts if _mentions(node, message)]
    chosen = called if called else asserts
    return chosen[0].lineno if len(chosen) == 1 else 0


def has_assertion(result: TestResult, read: ReadText) -> bool:
    """Tell whether a test's own source asserts something."""
    function = _function_of(result, read)
    return function is not None and any(_asserts(node) for node in ast.walk(function))


def line_of_symbol(symbol: str, model: WorkspaceModel, read: ReadText) -> tuple[str, int] | None:
    """Return the only line of the workspace that names a symbol; None when there is not exactly one."""
    pattern = re.compile(rf"(?<!\w){re.escape(symbol)}(?!\w)")
    found = [
        (path, n)
        for path in sorted(model.files)
        if path.endswith(".py")
        for n, line in enumerate((read(path) or "").splitlines(), 1)
        if pattern.search(line)
    ]
    return found[0] if len(found) == 1 else None


def line_that_hangs(result: TestResult, model: WorkspaceModel, read: ReadText) -> tuple[str, int] | None:
    """Return the most likely place of a hang that left no stack: a loop or a wait in what the test calls."""
    for path, function in reached(result, model, read):
        for node in ast.walk(function):
            if isinstance(node, ast.While):
                return path, node.lineno
            if (line := _nested_lock(node)) or (line := _wait(node)):
                return path, line
    return None


def line_of_function(name: str, path: str, read: ReadText) -> int:
    """Return the line that defines a function of a file, whatever class it is in; 0 when there is none."""
    tree = _tree(path, read)
    found = (
        [node.lineno for node in ast.walk(tree) if isinstance(node, _Function) and node.name == name] if tree else []
    )
    return found[0] if found else 0


def line_that_calls(name: str, result: TestResult, read: ReadText) -> int:
    """Return the first line of a test that calls a name; 0 when it never does."""
    function = _function_of(result, read)
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)] if function is not None else []
    return next((call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == name), 0)


def arguments_of(result: TestResult, read: ReadText) -> tuple[str, ...]:
    """Return the names of a test's parameters."""
    function = _function_of(result, read)
    return tuple(argument.arg for argument in function.args.args) if function is not None else ()


def line_that_ends(result: TestResult, model: WorkspaceModel, read: ReadText) -> tuple[str, int] | None:
    """Return the first line within a test's reach that ends the process at once."""
    for path, function in reached(result, model, read):
        lines = (read(path) or "").splitlines()[: function.end_lineno]
        for n in range(function.lineno, len(lines) + 1):
            if _ENDS.search(lines[n - 1]):
                return path, n
    return None


def ends_the_process(result: TestResult, model: WorkspaceModel, read: ReadText) -> bool:
    """Tell whether the code that a test reaches contains a call that ends a process at once."""
    paths = {path for path, _ in reached(result, model, read)} | {result.path}
    return any(_ENDS.search(read(path) or "") for path in sorted(paths))


def _function_of(result: TestResult, read: ReadText) -> _Function | None:
    *owners, name = re.split(r"::|\.", result.id.definition.name.rpartition(".py::")[2])
    scope: ast.Module | ast.ClassDef | None = _tree(result.path, read)
    for owner in owners:
        inner = [node for node in scope.body if isinstance(node, ast.ClassDef) and node.name == owner] if scope else []
        # The id of a unittest begins with its module, which is no class.
        scope = inner[0] if inner else scope
    functions = [node for node in scope.body if isinstance(node, _Function) and node.name == name] if scope else []
    return functions[0] if functions else None


def _tree(path: str, read: ReadText) -> ast.Module | None:
    text = read(path) if path else None
    try:
        return ast.parse(text) if text is not None else None
    except (SyntaxError, ValueError, RecursionError):
        return None


def reached(result: TestResult, model: WorkspaceModel, read: ReadText) -> Iterator[tuple[str, _Function]]:
    """Yield the functions that a test calls by name, one level deep and two, the callees before the test."""
    test = _function_of(result, read)
    if test is None:
        return
    files = sorted(path for path in model.files if path.endswith(".py") and path != result.path)
    seen: set[str] = set()
    wanted = _called(test)
    for _ in range(2):
        found = []
        for path in (*files, result.path):
            tree = _tree(path, read)
            for node in ast.walk(tree) if tree else ():
                if isinstance(node, _Function) and node.name in wanted - seen:
                    found.append((path, node))
        yield from found
        seen |= wanted
        wanted = {name for _, node in found for name in _called(node)}
    yield result.path, test


def _called(code: ast.AST) -> set[str]:
    """Return the names of everything that a piece of code calls."""
    calls = [node.func for node in ast.walk(code) if isinstance(node, ast.Call)]
    names = {call.id for call in calls if isinstance(call, ast.Name)}
    return names | {call.attr for call in calls if isinstance(call, ast.Attribute)}


def _asserts(node: ast.AST) -> TypeGuard[ast.stmt]:
    """Tell whether a statement is an assertion, of the language or of unittest."""
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        return call.func.attr.startswith("assert")
    return isinstance(node, ast.Assert)


def _mentions(node: ast.stmt, message: str) -> bool:
    """Tell whether a message of pytest's (`where -1 = add(2, 3)`) names something that the assertion calls."""
    return any(name and f"{name}(" in message for name in _called(node))


def _nested_lock(node: ast.AST) -> int:
    """Return the line of a `with` that takes what the `with` around it holds."""
    if not isinstance(node, ast.With):
        return 0
    held = {ast.dump(item.context_expr) for item in node.items}
    inner = (found for child in node.body for found in ast.walk(child) if isinstance(found, ast.With))
    return next((found.lineno for found in inner if held & {ast.dump(item.context_expr) for item in found.items}), 0)


def _wait(node: ast.AST) -> int:
    if not isinstance(node, ast.Call) or node.keywords:
        return 0
    name = ast.unparse(node.func)
    blocking = _WAITS.search(name) and (not node.args or name.endswith("sleep"))
    return node.lineno if blocking else 0
