"""Constants, bounds, indexes, variables, arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.core.failure import FailureKind
from regreen.syntax import Node, walk

from .site import (
    Fix,
    Site,
    Template,
    binds,
    drop_argument,
    function_of,
    is_asked,
    is_asked_for_none,
    is_value,
    local_names,
    names_in_scope,
    swapped_neighbours,
    values_in_scope,
)

_SMALL = ("0", "1", "-1", "2")
_SORTING = (
    "reverse=True",
    "key=len",
    "key=str.lower",
    "key=abs",
    "key=lambda item: item[1]",
    "key=lambda item: item[0]",
)
_OWNERS = {"attribute": "object", "call": "function", "subscript": "value"}
_UNITS = (10, 60, 100, 24, 1000)  # what people multiply by


def number(site: Site, node: Node) -> Iterator[Fix]:
    """A number that is off by one, or another small one."""
    old = site.of(node)
    if not old.isdecimal():
        return
    value = int(old)
    others = [str(value + 1), str(value - 1), *_SMALL, str(value + 2), str(value - 2), str(2 * value)]
    if 2 < value:
        others += [str(value * 10), *(str(value // unit) for unit in _UNITS if value % unit == 0)]
        others += [str(value * unit) for unit in _UNITS[1:]]
    for rank, new in enumerate(dict.fromkeys(others)):
        if new != old:
            yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.85**rank)


def off_by_one(site: Site, node: Node) -> Iterator[Fix]:
    """A bound, an index or a value that is off by one."""
    if binds(node) or not is_value(node) or _is_no_number(node) or site.of(node) in _objects(site, node):
        return
    text = site.of(node)
    if node.type == "binary_operator":
        right = site.of(node.child_by_field_name("right"))
        if right == "1" and site.of(node.child_by_field_name("operator")) in "+-":
            left = site.of(node.child_by_field_name("left"))
            yield Fix((site.replace(node, left),), f"`{text}` should be `{left}`")
            return
    likely = _counts(site, node)
    for rank, sign in enumerate(("+", "-")):
        why = f"`{text}` should be `{text} {sign} 1`"
        yield Fix((site.insert(node, f" {sign} 1", after=True),), why, likely * 0.9**rank)


def boolean(site: Site, node: Node) -> Iterator[Fix]:
    """True for False."""
    new = "False" if site.of(node) == "True" else "True"
    yield Fix((site.replace(node, new),), f"`{site.of(node)}` should be `{new}`")


def string(site: Site, node: Node) -> Iterator[Fix]:
    """A text that should be another one of the same file, or empty."""
    old = site.of(node)
    if old.startswith(('"""', "'''")) or (node.parent is not None and node.parent.type == "expression_statement"):
        return
    for new in _other_strings(site, old):
        yield Fix((site.replace(node, new),), f"{old} should be {new}")


def variable(site: Site, node: Node) -> Iterator[Fix]:
    """A variable for another in scope, those that the function never reads first."""
    if binds(node) or not is_value(node):
        return
    old = site.of(node)
    names = [name for name in values_in_scope(site, node) if name != old][:12]
    if is_asked_for_none(site, node):
        names = [name for name in names if _may_be_none(site, node, name)]
    compared = node.parent is not None and node.parent.type == "comparison_operator"
    places = _positions(site, node) if compared else frozenset()
    for rank, new in enumerate(names):
        # A position is seldom compared where a value is meant, or the other way round.
        alike = 1.0 if (old in places) == (new in places) else 0.6
        yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", alike * 0.95**rank)
    own = function_of(node)
    function = site.of(own.child_by_field_name("name")) if own is not None else ""
    for rank, new in enumerate(name for name in names_in_scope(site, node) if name not in (*names, old, function)):
        if rank < 6 and not is_asked_for_none(site, node):
            yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.4 * 0.9**rank)


def target(site: Site, node: Node) -> Iterator[Fix]:
    """Another variable that a value should go to."""
    left = node.child_by_field_name("left")
    if left is None or left.type not in ("identifier", "attribute", "subscript"):
        return
    old = site.of(left)
    scope = function_of(node)
    places = [site.of(item) for item in walk(scope) if item.type == "subscript"] if scope is not None else []
    others = [name for name in local_names(site, node) if name != old][:6]
    if left.type == "subscript":
        others = [place for place in dict.fromkeys(places) if place != old][:8]
    for rank, new in enumerate(others):
        yield Fix((site.replace(left, new),), f"`{old}` should be `{new}`", 0.9**rank)


def swapped_arguments(site: Site, node: Node) -> Iterator[Fix]:
    """Neighbouring arguments the wrong way round."""
    values = [child for child in node.named_children if child.type not in ("keyword_argument", "comment")]
    yield from swapped_neighbours(site, values)


def add_argument(site: Site, node: Node) -> Iterator[Fix]:
    """An argument too few: a value at hand, a small number, how a sort is meant."""
    if node.type != "argument_list":
        return
    values = [site.of(child) for child in node.named_children]
    called = site.of(node.parent.child_by_field_name("function")) if node.parent is not None else ""
    named = _SORTING if called == "sorted" or called.endswith((".sort", "min", "max")) else ()
    for rank, new in enumerate(named):
        yield Fix((site.replace(node, f"({', '.join([*values, new])})"),), f"`{new}` is missing", 2.0 * 0.9**rank)
    for rank, name in enumerate([name for name in values_in_scope(site, node) if name not in values][:8]):
        for turn, full in enumerate(([*values, name], [name, *values])):
            new = f"({', '.join(full)})"
            yield Fix((site.replace(node, new),), f"the argument `{name}` is missing", 0.9**rank * 0.7**turn)
    for rank, number_ in enumerate(("1", "0", "-1", "2") if values else ()):
        for full in ([*values, number_], [number_, *values]):
            new = f"({', '.join(full)})"
            yield Fix((site.replace(node, new),), f"the argument `{number_}` is missing", 0.6 * 0.9**rank)


def whole_slice(site: Site, node: Node) -> Iterator[Fix]:
    """A bound of a slice: counted from the end, on the other side, or one that should not be there."""
    bounds = node.named_children
    if len(bounds) == 1 and node.child_count == 2:
        bound, text = site.of(bounds[0]), site.of(node)
        turned = f":{bound}" if text.endswith(":") else f"{bound}:"
        from_end = f"-{bound}:" if text.startswith(":") else f":-{bound}"
        same_side = text.replace(bound, f"-{bound}", 1)
        for rank, new in enumerate((from_end, turned, same_side)):
            if not bound.startswith("-"):
                yield Fix((site.replace(node, new),), f"`{text}` should be `{new}`", 1.3 * 0.9**rank)
    for child in bounds:
        yield Fix((site.replace(child, ""),), f"`{site.of(node)}` should go to the end without `{site.of(child)}`")


def _is_no_number(node: Node) -> bool:
    """Tell whether a value is asked for its truth, gone through, or compared by identity: one more makes no sense."""
    parent = node.parent
    if parent is None or is_asked(node):
        return True
    if parent.type in ("for_statement", "for_in_clause"):
        return parent.child_by_field_name("right") == node
    if parent.type in ("interpolation", "dictionary", "pair", "lambda"):
        return True
    return parent.type == "comparison_operator" and bool(
        {"is", "in", "not in", "is not"} & {c.type for c in parent.children}
    )


def _may_be_none(site: Site, node: Node, name: str) -> bool:
    """Tell whether a name can stand for None: no constant does, and no parameter that takes all further arguments."""
    scope = function_of(node)
    header = site.of(scope.child_by_field_name("parameters")) if scope is not None else ""
    return not name.isupper() and re.search(rf"\*\s*{re.escape(name)}\b", header) is None


def _objects(site: Site, node: Node) -> frozenset[str]:
    """Return the texts of what the function around a node calls, or reads attributes or elements of: no numbers."""
    scope = function_of(node) or site.parsed.root
    key = ("objects", scope.id)
    known = site.memo.get(key)
    if not isinstance(known, frozenset):
        items = [(item, _OWNERS[item.type]) for item in walk(scope) if item.type in _OWNERS]
        known = site.memo[key] = frozenset(site.of(item.child_by_field_name(name)) for item, name in items)
    return known


def _counts(site: Site, node: Node) -> float:
    """Return how likely a value is a position or a number of things, rather than a value like any other."""
    arguments = node.parent
    if arguments is not None and arguments.type == "argument_list" and arguments.parent is not None:
        scope, called = function_of(node), site.of(arguments.parent.child_by_field_name("function"))
        recursive = scope is not None and called == site.of(scope.child_by_field_name("name"))
        # What calls itself for ever does not come nearer to its end.
        return 1.5 if recursive and site.failure.kind is FailureKind.RESOURCE_EXHAUSTED else 1.0
    if node.type != "identifier" or node.parent is None or node.parent.type != "comparison_operator":
        return 1.0
    return 1.0 if site.of(node) in _positions(site, node) else 0.6


def _positions(site: Site, node: Node) -> frozenset[str]:
    """Return the words that stand in indexes, ranges, lengths and beside numbers in the function around a node."""
    scope = function_of(node) or site.parsed.root
    key = ("positions", scope.id)
    known = site.memo.get(key)
    if not isinstance(known, frozenset):
        known = site.memo[key] = frozenset(_position_words(site, scope))
    return known


def _position_words(site: Site, scope: Node) -> Iterator[str]:
    for item in walk(scope):
        if item.type == "subscript":
            parts: list[Node] = item.children_by_field_name("subscript")
        elif item.type in ("binary_operator", "comparison_operator", "augmented_assignment", "assignment"):
            beside = any(child.type == "integer" or site.of(child).startswith("len(") for child in item.named_children)
            parts = item.named_children if beside else []
        elif item.type == "call" and site.of(item.child_by_field_name("function")) in ("range", "enumerate", "len"):
            parts = item.named_children[1:]
        else:
            continue
        yield from (site.of(word) for part in parts for word in walk(part) if word.type == "identifier")


def _other_strings(site: Site, old: str) -> list[str]:
    found = dict.fromkeys(
        site.of(child)
        for child in _all_of(site.parsed.root, "string")
        if site.of(child) != old and len(site.of(child)) < 40 and not site.of(child).startswith(('"""', "'''"))
    )
    quote = old[-1]
    return [*list(found)[:8], f"{quote}{quote}", f"{quote} {quote}"]


def _all_of(root: Node, kind: str) -> Iterator[Node]:
    return (node for node in walk(root) if node.type == kind)


TEMPLATES = (
    Template("number", ("integer",), 0.8, number),
    Template("off by one", ("identifier", "call", "binary_operator", "attribute"), 0.45, off_by_one, most=1.5),
    Template("boolean", ("true", "false"), 0.7, boolean),
    Template("text", ("string",), 0.3, string),
    Template("variable", ("identifier",), 0.4, variable),
    Template("target", ("assignment", "augmented_assignment"), 0.3, target),
    Template("swapped arguments", ("argument_list",), 0.6, swapped_arguments),
    Template("argument too many", ("argument_list",), 0.25, drop_argument),
    Template("argument too few", ("argument_list",), 0.3, add_argument, most=2.0),
    Template("slice", ("slice",), 0.3, whole_slice, most=1.3),
)
