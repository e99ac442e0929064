"""Changes that only make sense together: all of a chain, both sides of a comparison, two names for each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from regreen.providers.templates.site import Fix, Site, Template, swapped_neighbours
from regreen.syntax import Node, walk

from .grammar import Grammar, grammar_for

_TURNED = {"&&": "||", "||": "&&"}
_SAME = frozenset({"==", "!=", "===", "!=="})
_PLAIN = frozenset({
    "identifier", "member_expression", "field_expression", "subscript_expression", "index_expression",
})  # fmt: skip
_TOKEN = re.compile(r"\w+|[^\w\s]")
_MOST_COPIED = 40  # tokens of what may have been copied
_COPIED = {
    "go": ("expression_statement", "assignment_statement", "short_var_declaration", "keyed_element"),
    "javascript": ("expression_statement", "lexical_declaration", "pair"),
    "rust": ("expression_statement", "let_declaration", "field_initializer"),
}
_MOST = 8
_FEW = 4
# What makes two things comparable, likeliest first.
_ALIKE = {
    "go": ("len({})", "strings.ToLower({})", "math.Abs({})", "strings.TrimSpace({})"),
    "javascript": ("{}.sort()", "{}.length", "{}.toLowerCase()", "Math.abs({})", "{}.trim()", "[...new Set({})]",
                   "String({})", "Number({})"),
    "rust": ("{}.len()", "{}.to_lowercase()", "{}.abs()", "{}.trim()"),
}  # fmt: skip


def chain(site: Site, node: Node) -> Iterator[Fix]:
    """A chain of `&&` that should be one of `||`, or the other way round."""
    operator = site.of(node.child_by_field_name("operator"))
    parent = node.parent
    if operator not in _TURNED or (parent is not None and _operator(site, parent) == operator):
        return
    links = tuple(_links(site, node, operator))
    if 1 < len(links):
        new = _TURNED[operator]
        yield Fix(tuple(site.replace(link, new) for link in links), f"every `{operator}` should be `{new}`")


def denied(site: Site, node: Node) -> Iterator[Fix]:
    """One part of a condition the wrong way round."""
    if site.of(node.child_by_field_name("operator")) not in _TURNED:
        return
    for side in (node.child_by_field_name("left"), node.child_by_field_name("right")):
        if side is not None and side.type in ("identifier", "call_expression"):
            yield Fix((site.insert(side, "!"),), f"`{site.of(side)}` should be negated")


def both_sides(site: Site, node: Node) -> Iterator[Fix]:
    """Two values that should go through the same call before they are compared."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or _operator(site, node) not in _SAME:
        return
    sides = (_compared(site, left, right), _compared(site, right, left))
    for one, other in dict.fromkeys(zip(*sides, strict=False)):
        for rank, way in enumerate(_ALIKE[grammar_for(site).name]):
            first, second = way.format(site.of(one)), way.format(site.of(other))
            edits = (site.replace(one, first), site.replace(other, second))
            yield Fix(edits, f"`{first}` and `{second}` should be compared", 0.9**rank)


def swapped_elements(site: Site, node: Node) -> Iterator[Fix]:
    """Neighbouring elements the wrong way round."""
    values = [child for child in node.named_children if "comment" not in child.type]
    if len(values) < 2 or _MOST < len(values):
        return
    yield from swapped_neighbours(site, values)


def swapped_names(site: Site, node: Node) -> Iterator[Fix]:
    """Two alike functions, or yes and no, each of which stands where the other should."""
    grammar = grammar_for(site)
    places: dict[str, list[Node]] = {}
    for item in walk(node):
        if item.type in (*grammar.members, "identifier", *grammar.boolean_types):
            places.setdefault(site.of(item), []).append(item)
    families = (tuple(grammar.booleans), *grammar.kin)
    for family in families:
        for one, other in combinations([name for name in family if name in places], 2):
            edits = [site.replace(item, other) for item in places[one]]
            edits += [site.replace(item, one) for item in places[other]]
            yield Fix(tuple(edits), f"`{one}` and `{other}` stand in each other's place")


def same_number(site: Site, node: Node) -> Iterator[Fix]:
    """A number that is off by one wherever the function writes it."""
    places: dict[str, list[Node]] = {}
    for item in walk(node):
        if item.type in grammar_for(site).integers and site.of(item).isdecimal():
            places.setdefault(site.of(item), []).append(item)
    for old, items in places.items():
        for rank, new in enumerate((str(int(old) + 1), str(int(old) - 1))):
            if 1 < len(items) <= _MOST:
                edits = tuple(site.replace(item, new) for item in items)
                yield Fix(edits, f"every `{old}` should be `{new}`", 0.8**rank)


def same_text(site: Site, node: Node) -> Iterator[Fix]:
    """A text that should be another one wherever the function writes it, or two that should change places."""
    grammar = grammar_for(site)
    places: dict[str, list[Node]] = {}
    for item in walk(node):
        if item.type in (*grammar.strings, "regex"):
            places.setdefault(site.of(item), []).append(item)
    if len(places) <= _MOST:
        for one, other in combinations(places, 2):
            edits = [site.replace(item, other) for item in places[one]]
            edits += [site.replace(item, one) for item in places[other]]
            yield Fix(tuple(edits), f"{one} and {other} stand in each other's place", 0.8)
    for old, items in places.items():
        empty = f"{old[0]}{old[-1]}"
        for rank, new in enumerate(text for text in (empty, f"{old[0]} {old[-1]}", *places) if text != old):
            if 1 < len(items) <= _MOST and rank < _FEW:
                edits = [site.replace(item, new) for item in items]
                yield Fix(tuple(edits), f"every {old} should be {new}", 0.85**rank)


def swapped_receiver(site: Site, node: Node) -> Iterator[Fix]:
    """A method that is called of its own argument, and given its owner."""
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    found = [function.child_by_field_name(field) for field in ("object", "value")] if function is not None else []
    owner = next((item for item in found if item is not None), None)
    values = arguments.named_children if arguments is not None else []
    if owner is None or len(values) != 1:
        return
    lent = values[0].type == "reference_expression"
    value = values[0].child_by_field_name("value") if lent else values[0]
    if value is None or not {owner.type, value.type} <= _PLAIN or (owner.type != "identifier" and not lent):
        return
    one, other = site.of(owner), site.of(value)
    edits = (site.replace(owner, other), site.replace(value, one))
    yield Fix(edits, f"`{one}` and `{other}` are the wrong way round")


def copied(site: Site, node: Node) -> Iterator[Fix]:
    """What was copied from its neighbour and not changed in all places."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    before = left if node.type == "binary_expression" else node.prev_named_sibling
    here = right if node.type == "binary_expression" else node
    if before is None or here is None or here.type != before.type:
        return
    first, second = _TOKEN.findall(site.of(before)), list(_TOKEN.finditer(site.of(here)))
    changed = {one: two[0] for one, two in zip(first, second, strict=False) if one != two[0]}
    if len(first) != len(second) or len(changed) != 1 or _MOST_COPIED < len(first):
        return
    (old, new), *_ = changed.items()
    kept = [two for one, two in zip(first, second, strict=True) if one == two[0] == old]
    is_name = old[0].isalnum() and new[0].isalnum()
    for place in kept if is_name else ():
        text = site.of(here)
        fix = site.replace(here, text[: place.start()] + new + text[place.end() :])
        yield Fix((fix,), f"`{old}` should be `{new}` here, too: `{text[:60]}`", 1.0 if len(kept) == 1 else 0.6)


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    binary = ("binary_expression",)
    lists = {
        "go": ("literal_value",),
        "javascript": ("array",),
        "rust": ("array_expression", "tuple_expression"),
    }[grammar.name]
    return (
        Template("whole chain", binary, 0.5, chain),
        Template("one part denied", binary, 0.3, denied),
        Template("both sides", binary, 0.2, both_sides),
        Template("swapped elements", lists, 0.35, swapped_elements),
        Template("same number", grammar.functions, 0.3, same_number),
        Template("same text", grammar.functions, 0.3, same_text),
        Template("copied", (*binary, *_COPIED[grammar.name]), 0.9, copied),
        Template("swapped receiver", ("call_expression",), 0.6, swapped_receiver),
        Template("swapped names", grammar.functions, 0.5, swapped_names),
    )


def _operator(site: Site, node: Node) -> str:
    return site.of(node.child_by_field_name("operator")) if node.type == "binary_expression" else ""


def _links(site: Site, node: Node, operator: str) -> Iterator[Node]:
    """Yield the operators of a chain, without those in brackets."""
    found = node.child_by_field_name("operator")
    for side in (node.child_by_field_name("left"), node.child_by_field_name("right")):
        if side is not None and _operator(site, side) == operator:
            yield from _links(site, side, operator)
    if found is not None:
        yield found


def _compared(site: Site, side: Node, other: Node) -> list[Node]:
    """Return what of one side may be changed: itself and, where both call the same, what that is given."""
    found = [side]
    called = side.child_by_field_name("function")
    arguments = side.child_by_field_name("arguments")
    is_alike = called is not None and site.of(called) == site.of(other.child_by_field_name("function"))
    if is_alike and arguments is not None and len(arguments.named_children) == 1:
        found.append(arguments.named_children[0])
    return found
