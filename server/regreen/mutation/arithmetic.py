"""What is computed: arithmetic and bit operators, assignments that change a value, steps, signs."""

from __future__ import annotations

from collections.abc import Iterator

from regreen.syntax import Node

from .spot import Change, Spot, around, bare, operators_of

# Adding to these is joining: taking one from the other is no question to any test.
_JOINED = frozenset({
    "string", "concatenated_string", "list", "tuple", "list_comprehension", "template_string", "array",
    "interpreted_string_literal", "raw_string_literal", "string_literal", "composite_literal", "dictionary",
})  # fmt: skip
_LONGEST_SUM = 40  # operands, beyond which nobody looks for a text among them
_STEPS = {"++": "--", "--": "++"}
_SIGNS = frozenset({"-", "~", "^"})


def arithmetic(spot: Spot, node: Node) -> Iterator[Change]:
    """Compute with another operator."""
    if not spot.is_a(node, "arithmetic"):
        return
    operator = operators_of(node)[0] if node.child_by_field_name("operator") is not None else None
    if operator is None:
        return
    new = spot.dialect.arithmetic.get(spot.of(operator))
    if new is not None and not _joins(node) and not _is_by_one(spot, node, new):
        yield spot.swap(operator, new)


def augmented(spot: Spot, node: Node) -> Iterator[Change]:
    """Change a value the other way, or set it."""
    operator = node.child_by_field_name("operator")
    old = spot.of(operator)
    if operator is None or not old.endswith("=") or old == "=":
        return
    right = node.child_by_field_name("right")
    new = spot.dialect.arithmetic.get(old[:-1])
    if new is not None and not _is_joined(right):
        yield spot.swap(operator, f"{new}=")
    yield spot.swap(operator, "=")


def step(spot: Spot, node: Node) -> Iterator[Change]:
    """Step the other way."""
    parent = node.parent
    if parent is not None and parent.type in (*spot.dialect.loops, "for_clause"):
        return  # It would never end.
    for token in node.children:
        if token.type in _STEPS:
            yield spot.swap(token, _STEPS[token.type])


def sign(spot: Spot, node: Node) -> Iterator[Change]:
    """Leave a sign out."""
    if node.children and node.children[0].type in _SIGNS and node.named_children:
        yield spot.swap(node, spot.of(node.named_children[-1]))


def _is_by_one(spot: Spot, node: Node, new: str) -> bool:
    """Tell whether something is multiplied with one, or divided by it, either way."""
    return new in ("*", "/", "//") and spot.of(node.child_by_field_name("right")) in ("1", "1.0")


def _joins(node: Node) -> bool:
    """Tell whether texts or lists are joined, repeated or filled in rather than numbers computed."""
    top = node
    while (outer := around(top)) is not None and outer.type == node.type:
        top = outer
    waiting = [top]
    for outer in waiting:
        for side in map(bare, outer.named_children):
            if _is_joined(side):
                return True
            if side is not None and side.type == node.type and len(waiting) < _LONGEST_SUM:
                waiting.append(side)
    return False


def _is_joined(node: Node | None) -> bool:
    return node is not None and node.type in _JOINED
