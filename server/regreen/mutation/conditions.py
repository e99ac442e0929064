"""What is asked: comparisons, boundaries, what is joined by "and" and "or", what is negated.

Of the seven ways to replace a comparison three suffice: tests that kill those kill the others too (Kaminski, Ammann and
Offutt). What is left out besides is known to change nothing as a rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from regreen.syntax import Node, walk

from .equivalent import is_kept_answer, is_never_equal, is_size, is_the_same, only_spares_a_loop, picks_one_of_both
from .spot import Change, Spot, around, bare, operators_of

_BOUNDARY = MappingProxyType({"<": "<=", "<=": "<", ">": ">=", ">=": ">"})
# For a comparison of what has an order: the other two of the three, with "0" for never and "1" for always.
_ORDERED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "<": ("!=", "0"), "<=": ("==", "1"), ">": ("!=", "0"), ">=": ("==", "1"),
        "==": ("<=", ">=", "0"), "!=": ("<", ">", "1"), "===": ("<=", ">=", "0"), "!==": ("<", ">", "1"),
    }
)  # fmt: skip
_MEMBERSHIP = frozenset({"is", "is not", "in", "not in"})  # always and never suffice
_LET = frozenset({"let_condition", "let_chain", "range_clause", "for_clause"})


def comparison(spot: Spot, node: Node) -> Iterator[Change]:
    """Compare another way."""
    operators = _comparisons(spot, node)
    names = spot.dialect.equal
    for operator in operators:
        old = _word(spot, operator)
        if len(operators) == 1:
            for new in _others(spot, node, old):
                if new in "01":
                    yield from _constant(spot, node, new)
                else:
                    yield spot.swap(operator, new)
        elif old in names:
            yield spot.swap(operator, names[old])
        elif old in _ORDERED:
            yield spot.swap(operator, _ORDERED[old][0])


def boundary(spot: Spot, node: Node) -> Iterator[Change]:
    """Move a boundary by one."""
    if node.type == "range_expression":
        token = next((child for child in node.children if child.type in ("..", "..=")), None)
        if token is not None and node.named_child_count == 2:
            yield spot.swap(token, "..=" if token.type == ".." else "..")
        return
    operators = _comparisons(spot, node)
    for operator in operators:
        new = _BOUNDARY.get(_word(spot, operator))
        if new is not None and not (picks_one_of_both(spot, node) or is_never_equal(spot, node)):
            yield spot.swap(operator, new)


def logical(spot: Spot, node: Node) -> Iterator[Change]:
    """Join conditions the other way, or leave one of them out."""
    left, operator, right = _sides(node)
    old = _word(spot, operator)
    if operator is None or left is None or right is None or old not in spot.dialect.logic:
        return
    outer = around(node)
    if (outer is not None and outer.type in _LET) or any(inner.type in _LET for inner in walk(node)):
        return  # What is bound on the way is used on the other side.
    yield spot.swap(operator, spot.dialect.logic[old])
    if _binds(node):
        return
    for kept, dropped in ((left, right), (right, left)):
        inner = bare(dropped)
        if inner is None or _comparisons(spot, inner) or _is_logical(spot, inner) or inner.type in _LET:
            continue  # What always or never holds says the same of a comparison.
        text = spot.of(kept)
        if spot.dialect.name == "go":  # Everything stays in use.
            settled = (spot.always if old == "&&" else spot.never)(dropped)
            text = f"{text} {old} {settled.text}" if kept == left else f"{settled.text} {old} {text}"
        yield spot.swap(node, text, spot.of(kept))


def negation(spot: Spot, node: Node) -> Iterator[Change]:
    """Ask the opposite."""
    if spot.is_a(node, "negation") and not spot.is_a(node, "condition"):
        inner = _negated(spot, node)
        if inner is not None:
            yield spot.swap(node, spot.of(inner))
        return
    condition = condition_of(node)
    if condition is not None and _is_plain(spot, condition):
        yield spot.negated(condition)


def condition(spot: Spot, node: Node) -> Iterator[Change]:
    """Take for granted what is asked, or rule it out."""
    asked = condition_of(node)
    if asked is None or not (_is_plain(spot, asked) or _negated(spot, asked) is not None) or _binds(asked):
        return
    is_loop = node.type in (*spot.dialect.loops, "for_clause", "while_statement")
    if not (is_loop or is_kept_answer(spot, asked) or only_spares_a_loop(spot, asked)):
        yield spot.always(asked)
    yield spot.never(asked)


def condition_of(node: Node) -> Node | None:
    """Return what a statement or an expression asks, without parentheses."""
    found = node.child_by_field_name("condition")
    if node.type == "conditional_expression":
        inner = [child for child in node.named_children if child.type != "comment"]
        found = inner[1] if len(inner) == 3 else None
    elif node.type == "if_clause":
        found = next(iter(node.named_children), None)
    elif found is None and node.type == "for_statement":  # Go names no field in `for condition {`.
        first = next(iter(node.named_children), None)
        found = first if first is not None and first.type not in ("block", "comment") else None
    found = bare(found)
    return None if found is None or found.type in _LET or not found.is_named else found


def asks(spot: Spot, node: Node) -> bool:
    """Tell whether an expression is a comparison or joins conditions, which other operators change."""
    return bool(_comparisons(spot, node)) or _is_logical(spot, node)


def _comparisons(spot: Spot, node: Node) -> list[Node]:
    """Return the operators of a comparison; none for everything else."""
    if not spot.is_a(node, "comparison"):
        return []
    known = (*_BOUNDARY, *spot.dialect.equal, *(_MEMBERSHIP if spot.dialect.name == "python" else ()))
    return [operator for operator in operators_of(node) if _word(spot, operator) in known]


def _others(spot: Spot, node: Node, old: str) -> Iterator[str]:
    """Yield what a lone comparison may become, beside its boundary."""
    if old in _MEMBERSHIP:
        yield from "10"
    elif old in spot.dialect.equal and not _has_number(spot, node):
        yield from (spot.dialect.equal[old], "1", "0")
    else:
        for new in _ORDERED[old]:
            if new == "!=" and _asks_a_loop(spot, node):
                continue  # A counter that goes by ones meets its end either way.
            if not is_the_same(spot, node, old, new):
                yield new


def _constant(spot: Spot, node: Node, which: str) -> Iterator[Change]:
    parent = around(node)
    if which == "1" and (_asks_a_loop(spot, node) or is_kept_answer(spot, node)):
        return  # It would never end, or only make anew what was kept.
    if _binds(node) or (parent is not None and parent.type == "let_chain"):
        return
    if parent is not None and _is_logical(spot, parent):
        # "and" with what never holds is the same for both sides, and so is "or" with what always does.
        operator = _word(spot, parent.child_by_field_name("operator"))
        first = parent.named_children[0]
        decided = "0" if spot.dialect.logic.get(operator) in ("or", "||") else "1"
        if which == decided and not (first.start_byte <= node.start_byte < first.end_byte):
            return
    yield spot.always(node) if which == "1" else spot.never(node)


def _is_plain(spot: Spot, node: Node) -> bool:
    """Tell whether a condition is neither a comparison, nor joined, nor negated, nor written out."""
    if node.type in _LET or node.type == "named_expression":
        return False
    return not (
        _comparisons(spot, node)
        or _is_logical(spot, node)
        or _negated(spot, node) is not None
        or spot.is_a(node, "boolean", "number", "string")
    )


def _is_logical(spot: Spot, node: Node) -> bool:
    return spot.is_a(node, "logical") and _word(spot, node.child_by_field_name("operator")) in spot.dialect.logic


def _negated(spot: Spot, node: Node) -> Node | None:
    """Return what stands behind "not"."""
    if not spot.is_a(node, "negation") or not node.children or node.children[0].type not in ("not", "!"):
        return None
    return node.named_children[-1] if node.named_children else None


def _binds(node: Node) -> bool:
    """Tell whether an expression gives something a name on its way."""
    return any(inner.type in ("named_expression", "let_condition", "let_chain") for inner in walk(node))


def _has_number(spot: Spot, node: Node) -> bool:
    sides = [bare(child) for child in node.named_children]
    return any(
        side is not None
        and (
            spot.is_a(side, "number")
            or (spot.is_a(side, "sign") and side.named_children and spot.is_a(side.named_children[-1], "number"))
            or (spot.is_a(side, "arithmetic") and not _comparisons(spot, side) and not _is_logical(spot, side))
            or is_size(spot, side)
        )
        for side in sides
    )


def _asks_a_loop(spot: Spot, node: Node) -> bool:
    """Tell whether a comparison is what a loop asks, or part of it."""
    at, parent = node, node.parent
    while parent is not None and (parent.type == "parenthesized_expression" or _is_logical(spot, parent)):
        at, parent = parent, parent.parent
    loops = (*spot.dialect.loops, "for_clause")
    return parent is not None and parent.type in loops and parent.child_by_field_name("body") != at


def _sides(node: Node) -> tuple[Node | None, Node | None, Node | None]:
    return node.child_by_field_name("left"), node.child_by_field_name("operator"), node.child_by_field_name("right")


def _word(spot: Spot, operator: Node | None) -> str:
    return " ".join(spot.of(operator).split())
