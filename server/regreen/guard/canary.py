"""A canary: the same test with an assertion in it that cannot hold.

It runs in the very file, process and way of the test that it is made of, and does all that the test does. Where it is
not reported as failed, a patch has reached what judges it, and nothing that the run says can be believed.
"""

from __future__ import annotations

import ast

from regreen.core.workspace import TestCase
from regreen.syntax import grammar_of

from .canary_braces import in_braces
from .constructs import parse

WORDS = ("regreen canary", "must fail")  # what it compares


def with_canary(text: str, case: TestCase) -> str | None:
    """Return a test's file with a false assertion at the end of the test; None where that cannot be written.

    It stands behind everything that the test does, and is reached however the test ends.
    """
    if grammar_of(case.path) == "python":
        return _in_python(text, case)
    return in_braces(text, case, WORDS)


def _in_python(text: str, case: TestCase) -> str | None:
    tree = parse(text)
    names = case.name.partition("::")[2].split("::")
    found = None if tree is None else _function(tree, names)
    if tree is None or found is None:
        return None
    found.body = [ast.Try(found.body, [], [], [_false(found)])]
    return ast.unparse(ast.fix_missing_locations(tree))


def _function(tree: ast.Module, names: list[str]) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """Return the last definition of a dotted name: the one that counts."""
    body: list[ast.stmt] = tree.body
    for name in names[:-1]:
        owner = next((node for node in reversed(body) if isinstance(node, ast.ClassDef) and node.name == name), None)
        if owner is None:
            return None
        body = owner.body
    functions = (node for node in reversed(body) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return next((node for node in functions if node.name == names[-1]), None)


def _false(test: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt:
    """Return an assertion of the kind that the test makes, so that a patched one is found out."""
    left, right = (ast.Constant(word) for word in WORDS)
    owner = test.args.args[0].arg if test.args.args else ""
    methods = (
        node.func.value
        for node in ast.walk(test)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr.startswith("assert")
        and isinstance(node.func.value, ast.Name)
    )
    speaker = next((name for name in methods if name.id == owner), None)
    if speaker is None:
        return ast.Assert(ast.Compare(left, [ast.Eq()], [right]), None)
    return ast.Expr(ast.Call(ast.Attribute(speaker, "assertEqual", ast.Load()), [left, right], []))
