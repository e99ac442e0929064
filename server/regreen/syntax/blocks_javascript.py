"""Tests of JavaScript and TypeScript, which are calls: `describe`, `it`, `test` and their kin, with their titles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from .outlined import TestBlock
from .parse import Parsed
from .places import Places

_SUITES = frozenset({"describe", "suite", "context", "fdescribe", "xdescribe"})
_TESTS = frozenset({"it", "test", "specify", "fit", "xit", "xtest", "bench", "serial"})
_CONTEXTS = frozenset({"t", "ctx", "context"})  # what a test is handed, to make sub-tests of
_NO_TESTS = frozenset(
    [
        "before",
        "beforeEach",
        "after",
        "afterEach",
        "beforeAll",
        "afterAll",
        "setTimeout",
        "step",
        "use",
        "extend",
        "mock",
        "hook",
        "macro",
        "configure",
    ]
)
_ANY = re.compile(rb"\b(?:describe|suite|context|it|test|specify|fit|xit|fdescribe|xdescribe|t|serial)\b[\s.(<`]")
_FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function"})
_STATEMENTS = frozenset(
    [
        "for_statement",
        "for_in_statement",
        "if_statement",
        "statement_block",
        "else_clause",
        "try_statement",
        "while_statement",
    ]
)
_MAX_DEPTH = 60  # deeper text is no test file


def test_blocks(parsed: Parsed, places: Places) -> tuple[TestBlock, ...]:
    """Return the tests of a parsed file, in the order of the text."""
    if not _ANY.search(parsed.source):
        return ()
    return tuple(_Reader(parsed, places).below(parsed.root, (), 0))


class _Reader:
    """Reads tests out of statements; knows the text."""

    def __init__(self, parsed: Parsed, places: Places) -> None:
        self._parsed = parsed
        self._places = places

    def below(self, node: Node, titles: tuple[str, ...], depth: int) -> Iterator[TestBlock]:
        """Yield the tests of the statements in a block."""
        if _MAX_DEPTH < depth:
            return
        for child in node.named_children:
            if child.type in _STATEMENTS:
                yield from self.below(child, titles, depth + 1)
            elif child.type == "expression_statement" and child.named_children:
                yield from self._call(_awaited(child.named_children[0]), titles, depth)
            elif child.type in ("lexical_declaration", "return_statement"):
                for call in _calls_in(child):
                    yield from self._call(call, titles, depth)

    def _call(self, node: Node, titles: tuple[str, ...], depth: int) -> Iterator[TestBlock]:
        if node.type != "call_expression":
            return
        kind = self._kind(node)
        arguments = node.child_by_field_name("arguments")
        if arguments is None or arguments.type != "arguments":
            return
        values = arguments.named_children
        body = next((value for value in reversed(values) if value.type in _FUNCTIONS), None)
        if not kind:
            yield from self._helper(body, values, titles, depth)
            return
        title, name_node = self._title(values)
        if name_node is None:
            return
        if kind == "test":
            yield self._block((*titles, title), node, name_node)
        inner = body.child_by_field_name("body") if body is not None else None
        if inner is not None and (kind == "suite" or _takes_context(body)):
            yield from self.below(inner, (*titles, title), depth + 1)

    def _helper(
        self, body: Node | None, values: list[Node], titles: tuple[str, ...], depth: int
    ) -> Iterator[TestBlock]:
        """Read the tests in a callback of a loop: `cases.forEach((c) => it(…))`."""
        if body is None or len(values) != 1:
            return
        inner = body.child_by_field_name("body")
        if inner is not None and inner.type == "statement_block":
            yield from self.below(inner, titles, depth + 1)
        elif inner is not None:
            yield from self._call(_awaited(inner), titles, depth + 1)

    def _kind(self, node: Node) -> str:
        """Tell whether a call makes a suite or a test: by the names in what is called, `describe.skip.each([…])`."""
        names = list(self._names(node.child_by_field_name("function"), 0))
        if not names or not _NO_TESTS.isdisjoint(names):
            return ""
        first, last = names[0], names[-1]
        if first in _CONTEXTS and last == "test":
            return "test"
        if first in _SUITES or (first == "test" and "describe" in names):
            return "suite"
        if first in _TESTS or names[:2] == ["Deno", "test"]:
            return "test"
        return ""

    def _names(self, node: Node | None, depth: int) -> Iterator[str]:
        """Yield the names in a chain of members and calls, from the left."""
        if node is None or _MAX_DEPTH < depth:
            return
        if node.type in ("identifier", "property_identifier"):
            yield self._parsed.text_of(node)
        elif node.type == "member_expression":
            yield from self._names(node.child_by_field_name("object"), depth + 1)
            yield from self._names(node.child_by_field_name("property"), depth + 1)
        elif node.type == "call_expression":
            yield from self._names(node.child_by_field_name("function"), depth + 1)

    def _title(self, values: list[Node]) -> tuple[str, Node | None]:
        """Return the title of a block and the node that says it."""
        if not values:
            return "", None
        first = values[0]
        if first.type in ("string", "template_string"):
            return _plain(self._parsed.text_of(first)), first
        if first.type in ("identifier", "member_expression", "class", "function_expression") and len(values) != 1:
            # A class or function gives its name; what a variable holds is not known.
            named = first.child_by_field_name("name") or first
            return self._parsed.text_of(named), first
        if first.type in ("function_expression", "arrow_function"):
            named = first.child_by_field_name("name") or first
            return (self._parsed.text_of(named), named) if named is not first else ("", None)
        if first.type == "object":
            return self._title_in(first)
        return "", None

    def _title_in(self, options: Node) -> tuple[str, Node | None]:
        """Return the title in `Deno.test({ name: "…", fn })`."""
        for pair in options.named_children:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if key is not None and value is not None and self._parsed.text_of(key) == "name":
                return _plain(self._parsed.text_of(value)), value
        return "", None

    def _block(self, titles: tuple[str, ...], node: Node, name_node: Node) -> TestBlock:
        return TestBlock(
            titles, self._places.line(node.start_byte), self._places.span(node), self._places.span(name_node)
        )


def _awaited(node: Node) -> Node:
    return node.named_children[0] if node.type == "await_expression" and node.named_children else node


def _takes_context(body: Node | None) -> bool:
    """Tell whether a test's function has a parameter: sub-tests are made of it, `t.test("…", …)`."""
    if body is None:
        return False
    parameters = body.child_by_field_name("parameters")
    return body.child_by_field_name("parameter") is not None or bool(parameters and parameters.named_children)


def _calls_in(node: Node) -> Iterator[Node]:
    """Yield the calls of `const done = t.test(…)` and `return t.test(…)`."""
    for child in node.named_children:
        value = child.child_by_field_name("value") if child.type == "variable_declarator" else child
        if value is not None and _awaited(value).type == "call_expression":
            yield _awaited(value)


def _plain(text: str) -> str:
    """Return a literal's text; what a template computes stays as it is written."""
    inner = text[1:-1] if len(text) > 1 and text[0] in "\"'`" else text
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), inner)
