"""Operators: comparison, boundary, arithmetic, logic, negation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from regreen.providers.templates.site import Fix, Site, Template
from regreen.syntax import Node, walk

from .grammar import Grammar, grammar_for

_SURE = ("==", "!=", "===", "!==")  # seldom written by mistake
_NUMBERS = frozenset({"int_literal", "number", "integer_literal"})
_LOGIC = {"&&": ("||",), "||": ("&&", "??"), "??": ("||",)}
_ARITHMETIC = {
    "+": ("-", "*", "/"), "-": ("+", "*", "/", "%"), "*": ("+", "/", "-", "%"), "/": ("*", "%", "-"),
    "%": ("/",), "**": ("*",),
    "&": ("|", "^"), "|": ("&", "^"), "^": ("&", "|"), "<<": (">>",), ">>": ("<<",),
}  # fmt: skip
_AUGMENTED = {
    "+=": ("-=", "=", "*="), "-=": ("+=", "=", "%="), "*=": ("+=", "/="), "/=": ("*=", "-="), "%=": ("/=", "-="),
    "&=": ("|=",),
    "|=": ("&=",), "^=": ("|=",), "<<=": (">>=",), ">>=": ("<<=",),
}  # fmt: skip
_MOST_LIMITS = 3
_STEPS = {"++": "--", "--": "++"}
_AWAY = {"++": (">", ">="), "--": ("<", "<=")}  # conditions that a step takes its variable ever further into
_FOR_SURE = 2.5


def compare(site: Site, node: Node) -> Iterator[Fix]:
    """Another comparison."""
    yield from _other(site, node, grammar_for(site).comparisons)


def arithmetic(site: Site, node: Node) -> Iterator[Fix]:
    """Another arithmetic or bit operator."""
    yield from _other(site, node, _ARITHMETIC)


def augmented(site: Site, node: Node) -> Iterator[Fix]:
    """Another assignment that changes a value."""
    yield from _other(site, node, _AUGMENTED)


def add_up(site: Site, node: Node) -> Iterator[Fix]:
    """`total = x` that should add up."""
    equals = next((child for child in node.children if child.type == "="), None)
    left = node.child_by_field_name("left")
    if equals is not None and left is not None:
        for new in ("+=", "-="):
            yield Fix((site.replace(equals, new),), f"`{site.of(left)} =` should be `{site.of(left)} {new}`")


def step(site: Site, node: Node) -> Iterator[Fix]:
    """A step in the wrong direction."""
    for child in node.children:
        if child.type in _STEPS:
            sure = _FOR_SURE if _steps_away(site, node, child.type) else 1.0
            hypothesis = f"`{child.type}` should be `{_STEPS[child.type]}`"
            yield Fix((site.replace(child, _STEPS[child.type]),), hypothesis, sure)


def logical(site: Site, node: Node) -> Iterator[Fix]:
    """`&&` for `||`, or one side only."""
    operator, left, right = _parts(node)
    if operator is None or left is None or right is None or site.of(operator) not in _LOGIC:
        return
    old = site.of(operator)
    for new in _LOGIC[old]:
        if new == "??" and site.parsed.language in ("go", "rust"):
            continue
        yield Fix((site.replace(operator, new),), f"`{old}` should be `{new}`", 0.4 if new == "??" else 1.0)
    for kept, dropped in ((left, right), (right, left)):
        yield Fix((site.replace(node, site.of(kept)),), f"`{old} {site.of(dropped)}` should not be asked", 0.4)


def one_operand(site: Site, node: Node) -> Iterator[Fix]:
    """An operand too many."""
    operator, left, right = _parts(node)
    if operator is None or site.of(operator) not in _ARITHMETIC:
        return
    for kept in (left, right):
        if kept is not None:
            yield Fix((site.replace(node, site.of(kept)),), f"`{site.of(node)}` should be `{site.of(kept)}`")


def swapped_operands(site: Site, node: Node) -> Iterator[Fix]:
    """Operands the wrong way round."""
    operator, left, right = _parts(node)
    if left is None or right is None or site.of(operator) not in ("-", "/", "%", "<<", ">>", "+"):
        return
    if site.of(operator) in "+-" and (left.type in _NUMBERS or right.type in _NUMBERS):
        return
    lent = right.child_by_field_name("value") if right.type == "reference_expression" else None
    right = lent if lent is not None else right  # Of two joined texts in Rust the second one is lent, whichever it is.
    edits = (site.replace(left, site.of(right)), site.replace(right, site.of(left)))
    yield Fix(edits, f"the operands of `{site.of(node)}` are the wrong way round")


def negate(site: Site, node: Node) -> Iterator[Fix]:
    """A condition the wrong way round."""
    condition = condition_of(node)
    if condition is None:
        return
    text = site.of(condition)
    if condition.type == "unary_expression" and text.startswith("!"):
        yield Fix((site.replace(condition, text[1:]),), f"`{text}` should not be negated")
    elif condition.type == "binary_expression":
        operator = site.of(condition.child_by_field_name("operator"))
        if operator in _LOGIC:
            yield Fix((site.replace(condition, f"!({text})"),), f"`{text}` should be negated", 0.5)
    elif condition.type != "let_condition":
        yield Fix((site.replace(condition, f"!{text}"),), f"`{text}` should be negated")


def flip(site: Site, node: Node) -> Iterator[Fix]:
    """A yes or no that should be the other one: a `!` that is missing in what is returned or handed on."""
    text = site.of(node)
    if node.type == "unary_expression":
        if text.startswith("!"):
            yield Fix((site.replace(node, text[1:]),), f"`{text}` should not be negated")
        return
    value = next(iter(node.named_children), None)
    while value is not None and value.type == "expression_list":
        value = next(iter(value.named_children), None)
    if value is None or value.type not in ("call_expression", "identifier"):
        return
    yield Fix((site.insert(value, "!"),), f"`{site.of(value)}` should be negated", 0.6)


def rounded_up(site: Site, node: Node) -> Iterator[Fix]:
    """A division of whole numbers that should count what is left over."""
    operator, left, right = _parts(node)
    if site.of(operator) != "/" or left is None or right is None or site.parsed.language not in ("go", "rust"):
        return
    a, b = site.of(left), site.of(right)
    if re.fullmatch(rf"\((?:.+ \+ {re.escape(b)}|{re.escape(b)} \+ .+)\)", a):
        new = f"({a[1:-1]} - 1)"
        yield Fix((site.replace(left, new),), f"`{a}` should be `{new}`: what fills it whole is not one more")
        return
    yield Fix((site.replace(node, f"({a} + {b} - 1) / {b}"),), f"`{site.of(node)}` should be rounded up")


def from_the_start(site: Site, node: Node) -> Iterator[Fix]:
    """A sum or difference that should begin again at a limit, as hours do at midnight."""
    operator, left, right = _parts(node)
    if site.of(operator) not in ("-", "+") or left is None or right is None:
        return
    for rank, limit in enumerate(_limits(site)[:_MOST_LIMITS]):
        room = f" + {limit}" if site.of(operator) == "-" else ""
        new = f"({site.of(left)}{room} {site.of(operator)} {site.of(right)}) % {limit}"
        yield Fix((site.replace(node, new),), f"`{site.of(node)}` should be `{new}`", 0.7**rank)


def condition_of(node: Node) -> Node | None:
    """Return what is asked, without its parentheses."""
    condition = node.child_by_field_name("condition")
    if condition is None and node.type == "for_statement":  # Go names no field in `for condition {`.
        first = next(iter(node.named_children), None)
        condition = first if first is not None and first.type.endswith(("_expression", "identifier")) else None
    while condition is not None and condition.type == "parenthesized_expression":
        condition = next(iter(condition.named_children), None)
    return condition


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    binary = ("binary_expression",)
    return (
        Template("comparison", binary, 0.9, compare),
        Template("arithmetic", binary, 0.8, arithmetic),
        Template("augmented", grammar.augmented, 0.7, augmented),
        Template("add up", grammar.assignments, 0.35, add_up),
        Template("step", ("inc_statement", "dec_statement", "update_expression"), 0.3, step, most=_FOR_SURE),
        Template("logical", binary, 0.9, logical),
        Template("operand too many", binary, 0.3, one_operand),
        Template("swapped operands", binary, 0.5, swapped_operands),
        Template("negate", grammar.conditionals, 0.6, negate),
        Template("flip", ("unary_expression", *grammar.returns), 0.4, flip),
        Template("rounded up", binary, 0.4, rounded_up),
        Template("from the start", binary, 0.35, from_the_start),
    )


def _steps_away(site: Site, node: Node, sign: str) -> bool:
    """Tell whether a loop's step leads away from what its condition waits for."""
    loop = node.parent
    asked = loop.child_by_field_name("condition") if loop is not None else None
    if loop is None or asked is None or node not in map(loop.child_by_field_name, ("update", "increment")):
        return False
    operator, left, _ = _parts(asked)
    return site.of(operator) in _AWAY[sign] and site.of(left) in (site.of(one) for one in node.named_children)


def _limits(site: Site) -> list[str]:
    """Return what the file takes remainders of, but for what is asked whether it is even."""
    if "limits" not in site.memo:
        parts = (_parts(item) for item in walk(site.parsed.root) if item.type == "binary_expression")
        found = (site.of(right) for operator, _, right in parts if site.of(operator) == "%")
        site.memo["limits"] = [limit for limit in dict.fromkeys(found) if limit != "2"]
    limits = site.memo["limits"]
    return limits if isinstance(limits, list) else []


def _parts(node: Node) -> tuple[Node | None, Node | None, Node | None]:
    return node.child_by_field_name("operator"), node.child_by_field_name("left"), node.child_by_field_name("right")


def _other(site: Site, node: Node, table: Mapping[str, tuple[str, ...]]) -> Iterator[Fix]:
    operator = node.child_by_field_name("operator")
    # Rust's grammar names the operator of an assignment, Go's and JavaScript's do too; a token of its own type.
    old = site.of(operator)
    # Where a number is asked for, each of the others is as likely; elsewhere only the opposite makes sense.
    counts = any(child.type in _NUMBERS for child in node.named_children)
    first, next_one = (0.6, 0.6) if old in _SURE and not counts else (0.7, 0.95) if old in _SURE else (1.0, 0.8)
    for rank, new in enumerate(table.get(old, ())):
        if operator is not None:
            yield Fix((site.replace(operator, new),), f"`{old}` should be `{new}`", first * next_one**rank)
