"""Operators: comparison, boundary, arithmetic, logic, negation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from regreen.core.edit import TextEdit
from regreen.syntax import Node

from .site import Fix, Site, Template

_COMPARE = {
    "<": ("<=", ">", ">=", "==", "!="), "<=": ("<", ">=", ">", "=="), ">": (">=", "<", "<=", "==", "!="),
    ">=": (">", "<=", "<", "=="), "==": ("!=", "<=", ">=", "<", ">", "in"), "!=": ("==", "<", ">"),
    "is": ("is not", "=="), "is not": ("is", "!="), "in": ("not in",), "not in": ("in",),
}  # fmt: skip
_FLIPPED = {"<": (">=", ">"), "<=": (">", "<"), ">": ("<=", ">="), ">=": ("<", ">")}
_SURE = ("==", "!=", "is", "is not", "in", "not in")  # seldom written by mistake
_ARITHMETIC = {
    "+": ("-", "*", "%", "//"), "-": ("+", "*", "/", "%", "//"), "*": ("+", "**", "/", "//", "%", "-"),
    "/": ("//", "*", "%", "-"), "//": ("/", "%", "*", "-"), "%": ("//", "/", "*"), "**": ("*", "//"),
    "&": ("|", "^", "<<"), "|": ("&", "^"), "^": ("&", "|", "**"), "<<": (">>",), ">>": ("<<",),
}  # fmt: skip
_AUGMENTED = {
    "+=": ("-=", "=", "*=", "//="), "-=": ("+=", "=", "//=", "%="), "*=": ("+=", "=", "/=", "**=", "//="),
    "/=": ("*=", "//=", "-="), "//=": ("/=", "%=", "-=", "="), "%=": ("//=", "-="), "&=": ("|=", "^="),
    "|=": ("&=", "="), "^=": ("&=", "|="), "**=": ("*=",),
}  # fmt: skip


def _swapped(site: Site, operator: Node, table: dict[str, tuple[str, ...]]) -> Iterator[Fix]:
    old = " ".join(site.of(operator).split())
    first = 0.6 if old in _SURE else 1.0
    for rank, new in enumerate(table.get(old, ())):
        yield Fix((site.replace(operator, new),), f"`{old}` should be `{new}`", first * 0.8**rank)


def compare(site: Site, node: Node) -> Iterator[Fix]:
    """Another comparison."""
    answered = node.parent is not None and node.parent.type == "return_statement"
    for child in node.children:
        if child.type in _COMPARE:
            for fix in _swapped(site, child, _COMPARE):
                # An answer that asks whether two things are the same is hardly about their order.
                unlike = answered and child.type in ("==", "!=") and fix.edits[0].text in _FLIPPED
                yield replace(fix, factor=0.5 * fix.factor) if unlike else fix


def boundary(site: Site, node: Node) -> Iterator[Fix]:
    """Another comparison with another bound."""
    operators = [child for child in node.children if child.type in _COMPARE]
    bounds = [child for child in node.named_children if child.type == "integer" and site.of(child).isdecimal()]
    if len(operators) != 1 or len(bounds) != 1:
        return
    old, value = site.of(operators[0]), int(site.of(bounds[0]))
    for rank, new in enumerate((*_FLIPPED.get(old, ()), "==", "<=", "<", ">=", ">")):
        for turn, bound in enumerate(dict.fromkeys((value + 1, value - 1, 0, 1, 2))):
            if new != old and bound != value and 0 <= bound:
                edits = (site.replace(operators[0], new), site.replace(bounds[0], str(bound)))
                yield Fix(edits, f"`{old} {value}` should be `{new} {bound}`", 0.85**rank * 0.85**turn)


def arithmetic(site: Site, node: Node) -> Iterator[Fix]:
    """Another arithmetic or bit operator."""
    operator = node.child_by_field_name("operator")
    if operator is not None:
        yield from _swapped(site, operator, _ARITHMETIC)


def augmented(site: Site, node: Node) -> Iterator[Fix]:
    """Another augmented assignment."""
    operator = node.child_by_field_name("operator")
    if operator is not None:
        yield from _swapped(site, operator, _AUGMENTED)


def plain_to_augmented(site: Site, node: Node) -> Iterator[Fix]:
    """`total = x` that should add up."""
    equals = next((child for child in node.children if child.type == "="), None)
    left = node.child_by_field_name("left")
    if equals is not None and left is not None and node.child_by_field_name("type") is None:
        for new in ("+=", "-="):
            yield Fix((site.replace(equals, new),), f"`{site.of(left)} =` should be `{site.of(left)} {new}`")


def logical(site: Site, node: Node) -> Iterator[Fix]:
    """`and` for `or`, or one side only."""
    operator, left, right = (node.child_by_field_name(name) for name in ("operator", "left", "right"))
    if operator is None or left is None or right is None:
        return
    old = site.of(operator)
    new = "or" if old == "and" else "and"
    beside = [left, right, *([node.parent] if node.parent is not None else [])]
    chained = any(site.of(other.child_by_field_name("operator")) == old for other in beside if other.type == node.type)
    yield Fix((site.replace(operator, new),), f"`{old}` should be `{new}`", 0.5 if chained else 1.0)
    if chained and (node.parent is None or node.parent.type != node.type):
        yield Fix(tuple(_chain(site, node, old, new)), f"every `{old}` should be `{new}`", 0.7)
    for kept, dropped in ((left, right), (right, left)):
        yield Fix((site.replace(node, site.of(kept)),), f"`{old} {site.of(dropped)}` should not be asked", 0.4)


def _chain(site: Site, node: Node | None, old: str, new: str) -> Iterator[TextEdit]:
    """Yield the edits of all operators of a chain."""
    while node is not None and node.type == "boolean_operator":
        operator = node.child_by_field_name("operator")
        if operator is not None and site.of(operator) == old:
            yield site.replace(operator, new)
        node = node.child_by_field_name("left")


def one_operand(site: Site, node: Node) -> Iterator[Fix]:
    """An operand too many."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    for kept in (left, right):
        if kept is not None:
            yield Fix((site.replace(node, site.of(kept)),), f"`{site.of(node)}` should be `{site.of(kept)}`")


def swapped_operands(site: Site, node: Node) -> Iterator[Fix]:
    """Operands the wrong way round."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None or site.of(operator) not in ("-", "/", "//", "%", "**", "+"):
        return
    if "integer" in (left.type, right.type) and site.of(operator) in "+-":  # `1 - x` is seldom meant
        return
    edits = (site.replace(left, site.of(right)), site.replace(right, site.of(left)))
    yield Fix(edits, f"the operands of `{site.of(node)}` are the wrong way round")


def negate(site: Site, node: Node) -> Iterator[Fix]:
    """A condition the wrong way round."""
    condition = node.child_by_field_name("condition")
    if node.type == "if_clause" or (node.type == "conditional_expression" and 2 < len(node.named_children)):
        condition = node.named_children[int(node.type == "conditional_expression")]
    if condition is None:
        return
    text = site.of(condition)
    if condition.type == "not_operator":
        argument = condition.child_by_field_name("argument")
        if argument is not None:
            yield Fix((site.replace(condition, site.of(argument)),), f"`{text}` should not be negated")
    elif condition.type in ("identifier", "attribute", "call", "subscript"):
        yield Fix((site.replace(condition, f"not {text}"),), f"`{text}` should be negated")
    elif condition.type == "boolean_operator":
        yield Fix((site.replace(condition, f"not ({text})"),), f"`{text}` should be negated", 0.5)


def rounded_up(site: Site, node: Node) -> Iterator[Fix]:
    """A floor division that should count what is left over, or the other way round."""
    left, right = site.of(node.child_by_field_name("left")), site.of(node.child_by_field_name("right"))
    if site.of(node.child_by_field_name("operator")) != "//" or not left or not right:
        return
    new = f"({left} + {right} - 1) // {right}"
    yield Fix((site.replace(node, new),), f"`{site.of(node)}` should be rounded up")


def drop_not(site: Site, node: Node) -> Iterator[Fix]:
    """A `not` too many."""
    argument = node.child_by_field_name("argument")
    if argument is not None:
        yield Fix((site.replace(node, site.of(argument)),), f"`{site.of(node)}` should not be negated")


TEMPLATES = (
    Template("comparison", ("comparison_operator",), 0.9, compare),
    Template("boundary", ("comparison_operator",), 0.22, boundary),
    Template("arithmetic", ("binary_operator",), 0.8, arithmetic),
    Template("augmented", ("augmented_assignment",), 0.7, augmented),
    Template("add up", ("assignment",), 0.35, plain_to_augmented),
    Template("logical", ("boolean_operator",), 0.9, logical),
    Template("operand too many", ("binary_operator",), 0.3, one_operand),
    Template("swapped operands", ("binary_operator",), 0.5, swapped_operands),
    Template(
        "negate", ("if_statement", "while_statement", "elif_clause", "conditional_expression", "if_clause"), 0.6, negate
    ),
    Template("rounded up", ("binary_operator",), 0.5, rounded_up),
    Template("not too many", ("not_operator",), 0.5, drop_not),
)
