"""Values that lack an operand, an index, a slice or a sign, or have one too many."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.syntax import Node, walk

from .site import (
    Fix,
    Site,
    Template,
    binds,
    enclosing,
    function_of,
    is_asked,
    is_called,
    is_value,
    local_names,
    simple,
    values_in_scope,
)

_VALUES = ("identifier", "call", "attribute", "subscript", "binary_operator", "parenthesized_expression")
_MOST = 9
_NO_NUMBER = ("for_statement", "for_in_clause", "interpolation", "lambda", "pair", "type", "with_item")
_BOXED = ("for_statement", "for_in_clause", "argument_list", "return_statement", "assignment", "comparison_operator",
          "binary_operator", "list_splat")  # fmt: skip


def operand(site: Site, node: Node) -> Iterator[Fix]:
    """A value that lacks an operand which is at hand."""
    if not _is_read(node) or is_asked(node) or node.parent is None or node.parent.type in _NO_NUMBER:
        return
    if node.parent.type == "binary_operator" and node.parent.type == node.type:
        return
    text, left = site.of(node), simple(site, node)
    for rank, name in enumerate([name for name in values_in_scope(site, node) if name != text][:_MOST]):
        for turn, sign in enumerate(("+", "-", "*")):
            new = f"{text} {sign} {name}" if sign != "*" else f"{left} * {name}"
            yield _changed(site, node, new, 0.9**rank * 0.85**turn)
    for turn, rest in enumerate(("/ 2", "// 2", "* 2", "% 2", "** 2", "- 2", "+ 2", "** 3", "% 10")):
        yield _changed(site, node, f"{left} {rest}", 0.7 * 0.9**turn)


def joined(site: Site, node: Node) -> Iterator[Fix]:
    """A list that should go on with, or after, another one at hand."""
    if not is_value(node) or function_of(node) is None:
        return
    text = site.of(node)
    for rank, name in enumerate(local_names(site, node)[:_MOST]):
        for turn, new in enumerate((f"{name} + {text}", f"{text} + {name}")):
            yield _changed(site, node, new, 0.9**rank * 0.9**turn)


def separated(site: Site, node: Node) -> Iterator[Fix]:
    """Two texts that are joined without anything between them."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or site.of(node.child_by_field_name("operator")) != "+":
        return
    for turn, mark in enumerate((" ", ".", ", ", "-", "_", "/", "\\n")):
        fix = site.insert(left, f' + "{mark}"', after=True)
        yield Fix((fix,), f'"{mark}" is missing between `{site.of(left)}` and `{site.of(right)}`', 0.85**turn)


def part(site: Site, node: Node) -> Iterator[Fix]:
    """A whole where a part of it is meant: a slice or an element."""
    parent = node.parent
    if parent is None or not _is_read(node) or parent.type not in _BOXED or binds(node):
        return
    text = simple(site, node)
    for name in _found_in(site, node):  # Where it was just asked whether an element is there, its place is at hand.
        for turn, index in enumerate((f"[{text}.index({name}):]", f"[:{text}.index({name})]")):
            yield _changed(site, node, text + index, 1.3 * 0.8**turn)
    for turn, index in enumerate(("[1:]", "[:-1]", "[::-1]", "[0]", "[-1]")):
        yield _changed(site, node, text + index, 0.9**turn)
    for rank, name in enumerate([name for name in local_names(site, node) if name != text][:4]):
        for turn, index in enumerate((f"[{name}:]", f"[:{name}]", f"[{name}]")):
            yield _changed(site, node, text + index, 0.75 * 0.9**rank * 0.9**turn)


def _found_in(site: Site, node: Node) -> Iterator[str]:
    """Return the names that the condition above a value asks for in it."""
    branch = enclosing(node, "if_statement", "function_definition")
    condition = branch.child_by_field_name("condition") if branch is not None else None
    asked = re.fullmatch(r"(\w+) in (\w+)", site.of(condition))
    if asked is not None and asked[2] == site.of(node):
        yield asked[1]


def whole(site: Site, node: Node) -> Iterator[Fix]:
    """A part where the whole is meant."""
    value = node.child_by_field_name("value")
    if value is not None and is_value(node):
        yield _changed(site, node, site.of(value))


def sign(site: Site, node: Node) -> Iterator[Fix]:
    """A sign that is missing, or one too many."""
    argument = node.child_by_field_name("argument")
    if node.type == "unary_operator":
        if argument is not None:
            yield _changed(site, node, site.of(argument))
        return
    if _is_read(node) and not is_asked(node) and node.parent is not None and node.parent.type not in _NO_NUMBER:
        yield _changed(site, node, f"-{simple(site, node)}")


def said_no(site: Site, node: Node) -> Iterator[Fix]:
    """An answer that should be the opposite."""
    value = node.named_children[0] if node.named_children else None
    if value is None or value.type not in (
        "comparison_operator",
        "call",
        "boolean_operator",
        "identifier",
        "attribute",
    ):
        return
    factor = 1.0 if value.type in ("comparison_operator", "boolean_operator") else 0.5
    if value.type != "comparison_operator":
        yield _changed(site, value, f"not {simple(site, value)}", factor)


def owner(site: Site, node: Node) -> Iterator[Fix]:
    """A method that should not be called: what it is called on is meant."""
    called = node.child_by_field_name("function")
    value = called.child_by_field_name("object") if called is not None and called.type == "attribute" else None
    if value is not None and is_value(node) and site.of(value) not in ("self", "cls"):
        yield _changed(site, node, site.of(value))


def either(site: Site, node: Node) -> Iterator[Fix]:
    """A choice of two values: the wrong way round, or only one of them is meant."""
    if len(node.named_children) != 3:
        return
    first, asked, second = node.named_children
    edits = (site.replace(first, site.of(second)), site.replace(second, site.of(first)))
    yield Fix(edits, f"`{site.of(first)}` and `{site.of(second)}` are the wrong way round")
    for kept in (first, second):
        yield Fix((site.replace(node, site.of(kept)),), f"`{site.of(asked)}` should not be asked", 0.4)


def best_so_far(site: Site, node: Node) -> Iterator[Fix]:
    """A value that a loop should only take when it is better than what it had."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or left.type != "identifier" or right.type not in _VALUES:
        return
    loop = enclosing(node, "for_statement", "while_statement", "function_definition")
    if loop is None or loop.type == "function_definition":
        return
    name = site.of(left)
    if any(item.type == "identifier" and site.of(item) == name for item in walk(right)):
        return
    before = site.text[: site.parsed.bytes.span(loop).start]
    if re.search(rf"\b{re.escape(name)}\s*=[^=]", before) is None:
        return
    for turn, called in enumerate(("max", "min")):
        yield _changed(site, right, f"{called}({name}, {site.of(right)})", 0.9**turn)


def _is_read(node: Node) -> bool:
    return is_value(node) and not binds(node) and not is_called(node) and function_of(node) is not None


def _changed(site: Site, node: Node, new: str, factor: float = 1.0) -> Fix:
    return Fix((site.replace(node, new),), f"`{site.of(node)}` should be `{new}`", factor)


TEMPLATES = (
    Template("operand too few", _VALUES, 0.28, operand),
    Template("joined", ("list", "list_comprehension"), 0.3, joined),
    Template("separated", ("binary_operator",), 0.2, separated),
    Template("part", ("identifier", "attribute", "call", "list_comprehension"), 0.26, part, most=1.3),
    Template("whole", ("subscript",), 0.3, whole),
    Template("sign", ("identifier", "call", "subscript", "unary_operator", "binary_operator"), 0.2, sign),
    Template("said no", ("return_statement",), 0.4, said_no),
    Template("owner", ("call",), 0.25, owner),
    Template("best so far", ("assignment",), 0.4, best_so_far),
    Template("either", ("conditional_expression",), 0.5, either),
)
