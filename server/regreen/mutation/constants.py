"""What is written out: numbers, yes and no, texts, and the values that stand in for others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.syntax import Node

from .spot import Change, Spot, around
from .wording import is_in_table, is_message, is_setting

_NUMBER = re.compile(r"^(\d[\d_]*)(\.\d[\d_]*)?([a-zA-Z]\w*)?$")
_RADIX = re.compile(r"^0[xXbBoO]")
_OTHER = {"True": "False", "False": "True", "true": "false", "false": "true"}
_ORDER = frozenset({"<", "<=", ">", ">="})
_COMPARED = frozenset({"==", "!=", "===", "!==", *_ORDER})
_ADDED = frozenset({"+", "-", "+=", "-=", *_COMPARED})
_QUOTES = re.compile(r"^([A-Za-z]*#*)(\"\"\"|'''|\"|'|`)")
_FILLING = "regreen"
_BY_DEFAULT = frozenset({"default_parameter", "typed_default_parameter", "assignment_pattern"})
_PARAMETERS = frozenset({"required_parameter", "optional_parameter"})
_GET = re.compile(r"(?:\.(?:get|pop|setdefault)|^getattr|^next)$")
_PATTERNS = frozenset({"case_pattern", "match_pattern", "literal_pattern"})


def number(spot: Spot, node: Node) -> Iterator[Change]:
    """Count one further; what is put first is put last."""
    inserted = _inserted_first(spot, node)
    if inserted is not None:
        yield inserted
        return
    if not (_is_default(node) or _is_covered(spot, node, _ADDED) or is_setting(spot, node) or is_in_table(spot, node)):
        yield from _one_further(spot, node)


def boolean(spot: Spot, node: Node) -> Iterator[Change]:
    """Say yes for no."""
    parent = node.parent
    if parent is None or _is_default(node) or is_setting(spot, node) or spot.is_a(parent, "comparison"):
        return
    new = _OTHER.get(spot.of(node))
    if new is not None and not is_in_table(spot, node):
        yield spot.swap(node, new)


def string(spot: Spot, node: Node) -> Iterator[Change]:
    """Empty a text, or fill an empty one."""
    if not (
        _is_default(node) or is_message(spot, node) or _is_covered(spot, node, _COMPARED) or is_in_table(spot, node)
    ):
        yield from _other_text(spot, node)


def default(spot: Spot, node: Node) -> Iterator[Change]:
    """Stand in with another value."""
    if not _is_default(node) or is_setting(spot, node) or is_in_table(spot, node):
        return
    text = spot.of(node)
    if text in _OTHER:
        yield spot.swap(node, _OTHER[text])
    elif spot.is_a(node, "number"):
        yield from _one_further(spot, node)
    else:
        yield from _other_text(spot, node)


def fallback(spot: Spot, node: Node) -> Iterator[Change]:
    """Do without the value that stands in for a missing one."""
    arguments = node.child_by_field_name("arguments")
    called = spot.of(node.child_by_field_name("function"))
    if arguments is None or not _GET.search(called):
        return
    given = [child for child in arguments.named_children if child.type != "comment"]
    wanted = 3 if called == "getattr" else 2
    if len(given) != wanted or any("splat" in child.type or child.type == "keyword_argument" for child in given):
        return
    if spot.of(given[-1]) != "None":
        yield spot.cut(given[-2].end_byte, given[-1].end_byte)


def _inserted_first(spot: Spot, node: Node) -> Change | None:
    """Return the change of `insert(0, x)` into `append(x)`; one place further mostly says the same."""
    call = node.parent.parent if node.parent is not None and node.parent.type == "argument_list" else None
    called = None if call is None else call.child_by_field_name("function")
    name = None if called is None else called.child_by_field_name("attribute")
    given = [] if node.parent is None else node.parent.named_children
    if name is None or spot.of(name) != "insert" or len(given) != 2 or given[0] != node or spot.of(node) != "0":
        return None
    return Change(name.start_byte, given[1].start_byte, "append(", "append(")


def _one_further(spot: Spot, node: Node) -> Iterator[Change]:
    text = spot.of(node)
    found = _NUMBER.match(text)
    if found is None or _RADIX.match(text) or (len(found[1]) != 1 and found[1].startswith("0")):
        return
    suffix = found[3] or ""
    if suffix.lower().startswith(("e", "j", "i")) and not suffix.startswith("i") and found[2] is None:
        return
    yield spot.swap(node, f"{int(found[1].replace('_', '')) + 1}{found[2] or ''}{suffix}")


def _other_text(spot: Spot, node: Node) -> Iterator[Change]:
    text = spot.of(node)
    found = _QUOTES.match(text)
    if found is None:
        return
    opening, closing = found[0], found[2] + "#" * found[1].count("#")
    inside = text[len(opening) : len(text) - len(closing)]
    if not inside and "b" in found[1].lower().strip("r") and spot.dialect.name == "rust":
        return
    prefix = opening if spot.dialect.name != "python" else re.sub("[fFtT]", "", found[1]) + found[2]
    filled = f"{prefix}{'' if inside else _FILLING}{closing}"
    if filled != text:
        yield spot.swap(node, filled)


def _is_covered(spot: Spot, node: Node, operators: frozenset[str]) -> bool:
    """Tell whether another operator asks the same: what is compared with it or added to it is changed already."""
    parent = around(node)
    if parent is not None and parent.type == "expression_list":
        parent = parent.parent
    if parent is None or spot.is_a(parent, "sign") or parent.type in ("range_expression", "slice"):
        return parent is not None and spot.is_a(parent, "sign")
    found = parent.children_by_field_name("operators") or parent.children_by_field_name("operator")
    return any(spot.of(operator) in operators for operator in found)


def _is_default(node: Node) -> bool:
    """Tell whether a value is what a parameter is when nothing is given for it."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type in _BY_DEFAULT:
        return node in (parent.child_by_field_name("value"), parent.child_by_field_name("right"))
    return parent.type in _PARAMETERS and parent.child_by_field_name("value") == node
