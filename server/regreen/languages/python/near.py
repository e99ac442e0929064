"""What was probably meant by a wrong name: the names that the workspace has near the failure."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator

from .case import PythonCase
from .modules import closest
from .raising import line_that_raises

_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def near_name(case: PythonCase, wrong: str) -> str:
    """Return the identifier around a failure that is most like a missing one, or ""."""
    return closest(wrong, _names_used(case))


def near_member(case: PythonCase, owner: str, wrong: str) -> str:
    """Return the member of a class or module of the workspace that is most like a missing one, or ""."""
    return closest(wrong, _members(case, owner), 0.6) if owner and wrong else ""


def near_parameter(case: PythonCase, called: str, wrong: str) -> str:
    """Return the parameter of a function of the workspace that is most like a wrong keyword, or ""."""
    return closest(wrong, _parameters(case, called), 0.6)


def near_fixture(case: PythonCase, wrong: str) -> str:
    """Return the fixture that pytest listed as available, or that the workspace defines, most like a missing one."""
    listed = re.search(r"available fixtures: (?P<names>[^\n]+)", case.result.text)
    known = set(listed["names"].split(", ")) if listed else fixtures(case)
    return closest(wrong, known, 0.6)


def fixtures(case: PythonCase) -> set[str]:
    """Return the names of the fixtures that the workspace's files define."""
    found = (re.findall(r"@(?:\w+\.)*fixture\b[^\n]*\n(?:async )?def (\w+)", text) for text in _sources(case))
    return {name for names in found for name in names}


def _names_used(case: PythonCase) -> set[str]:
    """Return the identifiers around a missing name: of its function, or of its file where those are not enough."""
    frame = case.frame
    place = (frame.path, frame.line) if frame else line_that_raises(case.facts, case.result, case.model, case.read)
    if place is None:
        return set()
    text = case.read(place[0]) or ""
    if case.is_a("UnboundLocalError"):
        text = _function_around(text, place[1])
    return {name for name in re.findall(r"[A-Za-z_]\w*", text) if not keyword.iskeyword(name)}


def _function_around(text: str, line: int) -> str:
    """Return the source of the innermost function at a line."""
    functions = [node for node in _nodes(text) if isinstance(node, _FUNCTION)]
    around = [node for node in functions if node.lineno <= line <= (node.end_lineno or 0)]
    return "\n".join(text.splitlines()[around[-1].lineno - 1 : around[-1].end_lineno]) if around else ""


def _members(case: PythonCase, owner: str) -> set[str]:
    symbols = [symbol for facts in case.model.files.values() for symbol in facts.symbols]
    found = {symbol.name for symbol in symbols if symbol.qualname.rpartition(".")[0] == owner}
    if owner in case.modules:
        return found | _defined_in(ast.Module(list(_tree_body(case.read(case.modules[owner]) or "")), []))
    for text in _sources(case, owner):
        classes = (node for node in _nodes(text) if isinstance(node, ast.ClassDef) and node.name == owner)
        found |= {name for node in classes for name in _defined_in(node)}
    return found


def _defined_in(scope: ast.Module | ast.ClassDef) -> set[str]:
    """Return what a class or a module defines, with what a class's methods store in themselves."""
    found = {node.name for node in scope.body if isinstance(node, _FUNCTION | ast.ClassDef)}
    for node in ast.walk(scope) if isinstance(scope, ast.ClassDef) else ():
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            found.add(node.attr)
    assigned = [node for node in scope.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    targets = [
        target for node in assigned for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return found | {target.id for target in targets if isinstance(target, ast.Name)}


def _parameters(case: PythonCase, called: str) -> set[str]:
    owner, _, name = called.rpartition(".")
    symbols = [symbol for facts in case.model.files.values() for symbol in facts.symbols if symbol.name == name]
    found = {parameter.lstrip("*") for symbol in symbols for parameter in symbol.parameters}
    for text in _sources(case, owner.rpartition(".")[2] or name):
        for node in _nodes(text):
            if isinstance(node, _FUNCTION) and node.name == name:
                found |= {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
            elif name == "__init__" and isinstance(node, ast.ClassDef) and node.name == owner and node.decorator_list:
                # A decorator such as dataclass writes the method, from the class's own fields.
                fields = (field.target for field in node.body if isinstance(field, ast.AnnAssign))
                found |= {field.id for field in fields if isinstance(field, ast.Name)}
    return found - {"self", "cls"}


def _sources(case: PythonCase, word: str = "") -> Iterator[str]:
    """Yield the text of the workspace's own files in Python that hold a word."""
    for path in sorted(case.model.files):
        if path.endswith(".py") and word in (text := case.read(path) or ""):
            yield text


def _nodes(text: str) -> tuple[ast.AST, ...]:
    return tuple(node for statement in _tree_body(text) for node in ast.walk(statement))


def _tree_body(text: str) -> list[ast.stmt]:
    try:
        return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        return []
