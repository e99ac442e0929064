"""Changes of a condition that as a rule change nothing: no test could notice them, however strong it is."""

from __future__ import annotations

import re

from regreen.syntax import Node

from .spot import Spot, around, bare, enclosing

# What a comparison with nought may become without a difference for what is never below it.
_SAME_FROM_NOUGHT = frozenset({(">", "!="), ("!=", ">"), ("!==", ">"), ("==", "<="), ("===", "<=")})
# The same for a place in a list and the list's size, which it never goes beyond, and for its last place.
_SAME_UP_TO_SIZE = frozenset({("<", "!="), (">=", "=="), ("==", ">="), ("===", ">="), ("!=", "<"), ("!==", "<")})
_SIZE = re.compile(r"^len\(|\.(?:length|size|count)$|\.(?:len|size|count|length)\(\)$")
_LAST = re.compile(r"^(?:len\([\w.]+\)|[\w.]+\.(?:length|len\(\)|size\(\)))\s*-\s*1$")
_PLACE = re.compile(r"^[a-z_]\w*$", re.IGNORECASE)
_BY_CHANCE = re.compile(r"\brandom\(\)|\bMath\.random\(\)|\brand\.Float(?:32|64)\(\)|\brandom::<f(?:32|64)>\(\)")
_ENTRIES = ("subscript", "subscript_expression", "index_expression")
_LOOPS = ("for_statement", "for_in_statement")
_NOUGHT = ("0", "0.0")
_LONGEST = 20_000  # characters of a function that are searched
_BRACES = "{} \t\r\n;"
_KEPT = re.compile(r"\b\w*(?:cache|memo)\w*\[[^\n]*\]\s*=(?!=)", re.IGNORECASE)
_OWN_CACHE = re.compile(r"(?:^|\.)_\w*(?:cache|memo)\w*$", re.IGNORECASE)
_MISSING = re.compile(r"^(?:not |!)?\s*\(?([\w.]+)\)?\s*(?:(?:is|===?)\s*(?:None|null|undefined|nil))?$")


def is_size(spot: Spot, node: Node) -> bool:
    """Tell whether an expression says how much there is of something."""
    return _SIZE.search(spot.of(node)) is not None


def is_the_same(spot: Spot, node: Node, old: str, new: str) -> bool:
    """Tell whether a comparison says the same with another operator, for all that it is ever asked of."""
    if (old, new) in _SAME_FROM_NOUGHT and _counts_from_nought(spot, node):
        return True
    return (old, new) in _SAME_UP_TO_SIZE and _is_place_in(spot, node, old)


def is_kept_answer(spot: Spot, asked: Node) -> bool:
    """Tell whether it is asked if something has to be made before it is given back: made anew, it is the same."""
    found = _MISSING.match(spot.of(asked))
    statement, function = around(asked), enclosing(asked, spot.dialect.functions)
    if found is None or statement is None or function is None or spot.of(asked) == found[1]:
        return False
    made = spot.of(statement.child_by_field_name("consequence"))[:_LONGEST]
    after = spot.parsed.source[statement.end_byte : function.end_byte].decode("utf-8", "surrogatepass")
    name = re.escape(found[1])
    is_made = re.search(rf"(?<![\w.]){name}\s*=(?!=)", made) is not None
    if is_made and _KEPT.search(made) is not None:
        return True
    return is_made and "." in found[1] and re.match(rf"\s*return\s+{name}\b[;\s}}]*$", after) is not None


def only_spares_a_loop(spot: Spot, asked: Node) -> bool:
    """Tell whether nothing but a loop over something depends on whether there is any of it."""
    statement = around(asked)
    taken = None if statement is None else statement.child_by_field_name("consequence")
    inside = [] if taken is None else [child for child in taken.named_children if "comment" not in child.type]
    if len(inside) != 1 or inside[0].type not in _LOOPS or statement is None or _has_otherwise(statement):
        return False
    name = re.escape(spot.of(asked))
    over = re.sub(r"\s+", "", spot.of(inside[0].child_by_field_name("right")))
    return (
        re.match(rf"^(?:(?:sorted|enumerate|reversed)\()?{name}(?:\.(?:items|keys|values)\(\))?\)?$", over) is not None
    )


def _has_otherwise(statement: Node) -> bool:
    return any(child.type in ("elif_clause", "else_clause") for child in statement.named_children)


def is_kept(spot: Spot, assignment: Node) -> bool:
    """Tell whether an answer is only put into a cache that nobody else sees: else it is worked out again."""
    left = assignment.child_by_field_name("left")
    inner = left.named_children[0] if left is not None and left.named_child_count == 1 else left
    held = inner if inner is not None and inner.type in _ENTRIES else left
    if held is None or held.type not in _ENTRIES or not held.named_children:
        return False
    return _OWN_CACHE.search(spot.of(held.named_children[0])) is not None


def is_never_equal(spot: Spot, node: Node) -> bool:
    """Tell whether one side is a random fraction: no test stands right at the boundary."""
    return any(_BY_CHANCE.search(spot.of(bare(child))) is not None for child in node.named_children)


def picks_one_of_both(spot: Spot, node: Node) -> bool:
    """Tell whether the larger or the smaller of both sides is taken: for equal sides either is right."""
    left, _, right = _ends(node)
    sides = {spot.of(left), spot.of(right)}
    parent = around(node)
    if parent is None or parent.type in spot.dialect.loops:
        return False
    if parent.type in ("conditional_expression", "ternary_expression"):
        inner = [spot.of(child) for child in parent.named_children if bare(child) != node]
        return sides == set(inner)
    taken = parent.child_by_field_name("consequence")
    if taken is None or taken.named_child_count == 0:
        return False
    text = spot.of(taken).strip(_BRACES)
    if text in sides:
        return {text, spot.of(parent.child_by_field_name("alternative")).removeprefix("else").strip(_BRACES)} == sides
    if text.removeprefix("return ") in sides and text.startswith("return "):
        return True  # The other side mostly is what is left.
    target, equals, value = (part.strip() for part in text.partition("="))
    return bool(equals) and sides == {target, value}


def _counts_from_nought(spot: Spot, node: Node) -> bool:
    """Tell whether a size is compared with nought, or what nothing around says may be below it; or such a thing with
    one, after it was compared with nought."""
    left, _, right = _ends(node)
    text, number = spot.of(left), spot.of(right)
    if number in (*_NOUGHT, "1") and _SIZE.search(text) is not None:
        return True  # With one: it says another thing of what is empty alone, and that mostly left before.
    if number not in (*_NOUGHT, "1") or left is None:
        return False
    holder = enclosing(node, spot.dialect.functions) or spot.parsed.root
    said, asked = spot.of(holder)[:_LONGEST], re.escape(text)
    if re.search(rf"{asked}\s*(?:<=?|>=)\s*-?[0.]+\b|-\s*{asked}|\babs\({asked}", said):
        return False  # It may be below nought.
    start = holder.start_byte
    before = spot.parsed.source[start : node.start_byte].decode("utf-8", "surrogatepass") if number == "1" else said
    return number != "1" or re.search(rf"{asked}\s*(?:===?\s*0|<\s*1)\b", before) is not None


def _is_place_in(spot: Spot, node: Node, old: str) -> bool:
    """Tell whether a place is compared with the size of what it is in, or for equality with the last place."""
    left, _, right = _ends(node)
    if left is None or right is None or _PLACE.match(spot.of(left)) is None:
        return False
    return _LAST.match(spot.of(right)) is not None or (old in ("<", ">=") and is_size(spot, right))


def _ends(node: Node) -> tuple[Node | None, Node | None, Node | None]:
    named = node.named_children
    return (named[0], None, named[-1]) if 2 <= len(named) else (None, None, None)
