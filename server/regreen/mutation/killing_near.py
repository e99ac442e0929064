"""Literals near a literal, in the languages that are read as trees: one of its parts changed a little."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from regreen.syntax import Node, Parsed, parse

_LONGEST = 400  # characters of a literal that is worth changing
_HOLDERS = frozenset({"expression_list"})  # may be as long as what they hold
_INNER = 3  # parts of a literal that are changed
_EACH = 3  # changes of each of them


@dataclass(frozen=True, slots=True)
class Literals:
    """What one grammar calls its literals, and how their texts are read and written."""

    grammar: str
    around: tuple[str, str]  # what makes a file of a literal
    numbers: frozenset[str]
    texts: frozenset[str]
    lists: frozenset[str]  # what has elements of which some may be left out
    pairs: frozenset[str]  # an element with a key; its last part is the value
    read: Callable[[str], str | None]  # the value of a text's literal; None when it cannot be told
    write: Callable[[str], str]
    wraps: tuple[tuple[str, str], ...] = ()  # what may stand before and behind a literal
    required: int = 1000  # arguments that each call must have
    repeats: bool = False  # the last parameter takes any number of arguments


def read_quoted(text: str) -> str | None:
    """Return the value of a text in double quotes, as JSON, Go and Rust write it; None where they differ."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, str) and value.isprintable() else None


def write_quoted(value: str) -> str:
    """Return a text in double quotes."""
    return json.dumps(value, ensure_ascii=False)


def near(literals: Literals, text: str) -> Iterator[str]:
    """Yield literals that differ a little from one, the simplest changes first."""
    before, bare, after = _unwrapped(literals, text)
    if bare != text:
        yield from (f"{before}{changed}{after}" for changed in near(literals, bare))
        return
    parsed, node = read_literal(literals, text)
    if node is None:
        return
    if node.type in ("true", "false", "boolean_literal"):
        yield "false" if text == "true" else "true"
    elif is_number(literals, node):
        yield from _numbers(text)
    elif node.type in literals.texts:
        value = literals.read(text)
        yield from (literals.write(changed) for changed in _texts(value)) if value is not None else ()
    elif node.type in literals.lists:
        yield from _lists(literals, parsed, node)


def more(literals: Literals, text: str) -> Iterator[str]:
    """Yield a literal that is twice as much: what is cut off or limited shows on it."""
    before, bare, after = _unwrapped(literals, text)
    if bare != text:
        yield from (f"{before}{changed}{after}" for changed in more(literals, bare))
        return
    parsed, node = read_literal(literals, text)
    if node is None:
        return
    value = literals.read(text) if node.type in literals.texts else ""
    if is_number(literals, node):
        yield from _larger(text)
    elif value:
        yield literals.write(f"{value} {value}")
    elif node.type in literals.lists:
        items = [parsed.text_of(item) for item in _items(node)]
        if items and not any(item.type in literals.pairs for item in _items(node)):
            yield _joined(parsed, node, [*items, *items])


def _unwrapped(literals: Literals, text: str) -> tuple[str, str, str]:
    """Return what stands before a literal, the literal, and what stands behind it."""
    for before, after in literals.wraps:
        if text.startswith(before) and text.endswith(after) and len(before) + len(after) < len(text):
            return before, text[len(before) : len(text) - len(after)], after
    return "", text, ""


def read_literal(literals: Literals, text: str) -> tuple[Parsed, Node | None]:
    """Return the tree of a literal, and the largest node that is all of it; None when there is none."""
    before, after = literals.around
    parsed = parse(f"{before}{text}{after}" if len(text) <= _LONGEST else before + after, literals.grammar)
    start = len(before.encode())
    end = start + len(text.encode("utf-8", "surrogatepass"))
    if parsed.root.has_error or _LONGEST < len(text):
        return parsed, None
    node = parsed.root.descendant_for_byte_range(start, end)
    while node is not None and (outer := node.parent) is not None and _covers(outer, start, end):
        if outer.type in _HOLDERS:
            break
        node = outer
    return parsed, node if node is not None and _covers(node, start, end) else None


def _covers(node: Node, start: int, end: int) -> bool:
    return (node.start_byte, node.end_byte) == (start, end)


def is_number(literals: Literals, node: Node) -> bool:
    """Tell whether a node is a number, with its sign."""
    if node.type == "unary_expression":
        return [child.type for child in node.children][:1] == ["-"] and node.children[-1].type in literals.numbers
    return node.type in literals.numbers


def _numbers(text: str) -> Iterator[str]:
    number, part = whole(text), _fraction(text)
    if number is not None:
        yield from dict.fromkeys(str(n) for n in (0, number + 1, -number, number - 1, 1, 2 * number) if n != number)
    elif part is not None:
        yield from dict.fromkeys(repr(n) for n in (0.0, part + 1, -part, part / 2) if n != part)


def _larger(text: str) -> Iterator[str]:
    number, part = whole(text), _fraction(text)
    if number is not None:
        yield from (str(10 * number + 1), str(-10 * number - 1))
    elif part is not None:
        yield repr(10 * part + 1)


def whole(text: str) -> int | None:
    """Return the value of an integer's literal; None for other texts."""
    try:
        return int(text.replace("_", ""), 0)
    except ValueError:
        return None


def _fraction(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _texts(value: str) -> Iterator[str]:
    found = ("", value[:-1], value[1:], value + value[-1:], value[::-1], value.upper(), f"{value} ")
    yield from (text for text in dict.fromkeys(found) if text != value)


def _lists(literals: Literals, parsed: Parsed, node: Node) -> Iterator[str]:
    items = _items(node)
    texts = [parsed.text_of(item) for item in items]
    orders: tuple[list[str], ...] = ([], texts[:1], texts[:-1], texts[1:])
    shorter = dict.fromkeys(_joined(parsed, node, order) for order in orders)
    if any(item.type in literals.pairs for item in items):  # What lacks a key is seldom what somebody passes.
        yield from dict.fromkeys((*_changed_inside(literals, parsed, node), *shorter))
        return
    longer = dict.fromkeys(_joined(parsed, node, order) for order in (texts[::-1], texts + texts[-1:]))
    own = parsed.text_of(node)
    yield from (text for text in dict.fromkeys((*shorter, *longer)) if text != own)
    yield from _changed_inside(literals, parsed, node)


def _changed_inside(literals: Literals, parsed: Parsed, node: Node) -> Iterator[str]:
    """Yield a list with one of its parts changed, the simplest changes of all parts first."""
    items = _items(node)
    texts = [parsed.text_of(item) for item in items]
    values = [item.named_children[-1] if item.type in literals.pairs else item for item in items[:_INNER]]
    streams = [list(islice(near(literals, parsed.text_of(value)), _EACH)) for value in values]
    for turn in range(_EACH):
        for n, stream in enumerate(streams):
            if turn < len(stream):
                key = texts[n][: len(texts[n]) - len(parsed.text_of(values[n]))]
                yield _joined(parsed, node, [*texts[:n], key + stream[turn], *texts[n + 1 :]])


def _items(node: Node) -> list[Node]:
    inner = _inside(node)
    return [child for child in inner.named_children if "comment" not in child.type]


def _inside(node: Node) -> Node:
    """Return the node that has the elements: of a literal with its type, what stands behind the type."""
    return node.child_by_field_name("body") or node


def _joined(parsed: Parsed, node: Node, items: list[str]) -> str:
    text, inner = parsed.text_of(node), _inside(node)
    body = parsed.text_of(inner)
    gap = " " if body.startswith("{ ") and items else ""
    head = text[: len(text) - len(body)]
    return f"{head}{body[0]}{gap}{', '.join(items)}{gap}{body[-1]}"
