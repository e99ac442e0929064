"""Which part of a sequence is taken: one end of a slice left open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from regreen.syntax import Node

from .spot import Change, Spot

_WHOLE = re.compile(r"^len\(")
_METHODS = re.compile(r"\.(?:slice|substring|subarray)$")


def slice_open(spot: Spot, node: Node) -> Iterator[Change]:
    """Leave one end of a slice open."""
    yield from _WAYS[spot.dialect.name](spot, node)


def _python(spot: Spot, node: Node) -> Iterator[Change]:
    part = 0
    for child in node.children:
        if child.type == ":":
            part += 1
        elif child.is_named and child.type != "comment" and not _says_nothing(spot, child, part):
            yield spot.cut(child.start_byte, child.end_byte)


def _says_nothing(spot: Spot, child: Node, part: int) -> bool:
    text = spot.of(child)
    return (text == "0", _WHOLE.match(text) is not None, text == "1")[part]


def _go(spot: Spot, node: Node) -> Iterator[Change]:
    operand, start, end = (node.child_by_field_name(name) for name in ("operand", "start", "end"))
    # What stood there stays in use: Go does not build with a variable that is not.
    if start is not None and spot.of(start) != "0":
        yield spot.swap(start, f"0*({spot.of(start)})", "")
    if end is None or node.child_by_field_name("capacity") is not None or _WHOLE.match(spot.of(end)):
        return
    if operand is not None and operand.type in ("identifier", "selector_expression"):
        yield spot.swap(end, f"len({spot.of(operand)})+0*({spot.of(end)})", "")


def _javascript(spot: Spot, node: Node) -> Iterator[Change]:
    arguments = node.child_by_field_name("arguments")
    if arguments is None or not _METHODS.search(spot.of(node.child_by_field_name("function"))[-20:]):
        return
    given = [child for child in arguments.named_children if child.type != "comment"]
    if not given or any(child.type == "spread_element" for child in given):
        return
    if spot.of(given[0]) != "0":
        yield spot.swap(given[0], "0")
    if len(given) == 2:
        yield spot.cut(given[0].end_byte, given[1].end_byte)


def _rust(spot: Spot, node: Node) -> Iterator[Change]:
    taken = node.named_children[-1]
    if taken.type != "range_expression":
        return
    dots = next(child for child in taken.children if child.type in ("..", "..="))
    for child in taken.named_children:
        is_start = child.start_byte < dots.start_byte
        if is_start and spot.of(child) != "0":
            yield spot.cut(child.start_byte, child.end_byte)
        elif not is_start and not spot.of(child).endswith(".len()"):
            yield Change(dots.start_byte, child.end_byte, "..", "..")


_WAYS = MappingProxyType({"python": _python, "go": _go, "javascript": _javascript, "rust": _rust})
