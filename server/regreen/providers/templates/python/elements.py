"""Elements of a literal or a list of targets: the wrong way round, too many, or not wrapped in a box."""

from __future__ import annotations

from collections.abc import Iterator

from regreen.syntax import Node

from .site import Fix, Site, Template, function_of, is_value, local_names, swapped_neighbours

_SEVERAL = 12  # elements of a literal, of which one may be too many


def swapped_elements(site: Site, node: Node) -> Iterator[Fix]:
    """Neighbouring elements the wrong way round."""
    values = [child for child in node.named_children if child.type != "comment"]
    if _SEVERAL < len(values):
        return
    yield from swapped_neighbours(site, values)


def swapped_keys(site: Site, node: Node) -> Iterator[Fix]:
    """The parts of a key the wrong way round."""
    keys = node.children_by_field_name("subscript")
    if len(keys) == 2:
        one, two = site.of(keys[0]), site.of(keys[1])
        edits = (site.replace(keys[0], two), site.replace(keys[1], one))
        yield Fix(edits, f"`{one}` and `{two}` are the wrong way round")


def swapped_sides(site: Site, node: Node) -> Iterator[Fix]:
    """Sides of a comparison the wrong way round."""
    operators = [child.type for child in node.children if not child.is_named]
    if len(node.named_children) != 2 or operators not in (["in"], ["not in"], ["not", "in"]):
        return
    first, second = node.named_children
    edits = (site.replace(first, site.of(second)), site.replace(second, site.of(first)))
    yield Fix(edits, f"the sides of `{site.of(node)}` are the wrong way round")


def element(site: Site, node: Node) -> Iterator[Fix]:
    """An element too many."""
    values = node.named_children
    if function_of(node) is None or len(values) < 2 or _SEVERAL < len(values):
        return
    for index, value in enumerate(values):
        after = values[index + 1].start_byte if index + 1 < len(values) else value.end_byte
        before = values[index - 1].end_byte if index + 1 == len(values) else value.start_byte
        text = site.parsed.text_of(node).encode()
        start, end = before - node.start_byte, after - node.start_byte
        new = (text[:start] + text[end:]).decode()
        yield Fix((site.replace(node, new),), f"`{site.of(value)}` is one too many", 0.95**index)


def filled(site: Site, node: Node) -> Iterator[Fix]:
    """An empty list that should hold something: an empty list, a value at hand."""
    if node.named_children or function_of(node) is None:
        return
    for rank, value in enumerate(["[]", *local_names(site, node)[:3], "0", "1"]):
        yield Fix((site.replace(node, f"[{value}]"),), f"`[]` should be `[{value}]`", 0.85**rank)


def boxed(site: Site, node: Node) -> Iterator[Fix]:
    """A value that should be the only one of a list, or the other way round."""
    if not is_value(node) or function_of(node) is None or node.parent is None:
        return
    if node.type == "list":
        if len(node.named_children) == 1:
            inner = site.of(node.named_children[0])
            yield Fix((site.replace(node, inner),), f"`{site.of(node)}` should be `{inner}`")
    elif node.parent.type in ("return_statement", "argument_list", "binary_operator"):
        yield Fix((site.replace(node, f"[{site.of(node)}]"),), f"`{site.of(node)}` should be in a list", 0.6)


TEMPLATES = (
    Template("swapped elements", ("list", "tuple", "pattern_list", "tuple_pattern", "expression_list"), 0.4,
             swapped_elements),
    Template("swapped keys", ("subscript",), 0.5, swapped_keys),
    Template("swapped sides", ("comparison_operator",), 0.5, swapped_sides),
    Template("element too many", ("list", "tuple", "set"), 0.2, element),
    Template("filled", ("list",), 0.4, filled),
    Template("boxed", ("identifier", "list", "call"), 0.15, boxed),
)  # fmt: skip
