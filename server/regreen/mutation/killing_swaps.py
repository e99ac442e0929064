"""Calls in which one literal is one that the code itself names, or what another argument is: where conditions turn."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from regreen.syntax import Node, parse, walk

from .killing_near import Literals, is_number, more, near, read_literal, whole

_VALUES = 8  # of one kind that are taken from the code
_LEAVES = 6  # literals of an argument in whose place others are put
_MORE = 12  # of the changes of one argument that come behind the first ones
_FIRST = 8
_REPEATED = 6  # changed arguments that are put before the last one

Words = tuple[str, ...]


def swapped(literals: Literals, source: str, calls: tuple[Words, ...]) -> tuple[Words, ...]:
    """Return calls with a literal replaced, or with fewer or more arguments, given the text of the called function."""
    named = _named(literals, source)
    found: dict[Words, None] = {}
    streams = [_swapped(literals, named, call) for call in calls]
    while streams:
        streams = [stream for stream in streams if (call := next(stream, None)) and found.setdefault(call) is None]
    return tuple(call for call in found if call not in calls)


def further(literals: Literals, calls: tuple[Words, ...]) -> tuple[Words, ...]:
    """Return calls in which one argument is changed in a less simple way, or is twice as much."""
    made = (
        (*call[:n], text, *call[n + 1 :])
        for call in calls
        for n, argument in enumerate(call)
        for text in (*more(literals, argument), *islice(near(literals, argument), _FIRST, _FIRST + _MORE))
    )
    return tuple(dict.fromkeys(made))


def _swapped(literals: Literals, named: tuple[str, ...], call: Words) -> Iterator[Words]:
    yield from (call[:n] for n in range(literals.required, len(call)))
    if literals.repeats and call:
        yield (*call, call[-1])
        yield from ((*call[:-1], text, call[-1]) for text in islice(near(literals, call[-1]), _REPEATED))
    sizes = tuple(size for argument in call if (size := _size(literals, argument)))
    for n, argument in enumerate(call):
        others = (*call[:n], *call[n + 1 :])
        values = tuple(dict.fromkeys((*others, *sizes, *named)))
        for text in _with(literals, argument, values):
            yield (*call[:n], text, *call[n + 1 :])


def _with(literals: Literals, argument: str, values: tuple[str, ...]) -> Iterator[str]:
    """Yield an argument with one of its literals replaced by values of the same kind."""
    parsed, node = read_literal(literals, argument)
    leaves = [] if node is None else [leaf for leaf in walk(node) if _kind(literals, leaf)][:_LEAVES]
    kinds = {value: _kind(literals, read_literal(literals, value)[1]) for value in values}
    start = len(literals.around[0].encode())
    own = argument.encode("utf-8", "surrogatepass")
    for value in values:
        for leaf in leaves:
            if kinds[value] == _kind(literals, leaf) and parsed.text_of(leaf) != value:
                changed = own[: leaf.start_byte - start] + value.encode() + own[leaf.end_byte - start :]
                yield changed.decode("utf-8", "surrogatepass")


def _kind(literals: Literals, node: Node | None) -> str:
    if node is None:
        return ""
    if is_number(literals, node):
        return "number"
    return "text" if node.type in literals.texts else ""


def _size(literals: Literals, argument: str) -> str:
    """Return how long a text or a list is, as a literal; "" for anything else."""
    parsed, node = read_literal(literals, argument)
    if node is None:
        return ""
    if node.type in literals.texts:
        value = literals.read(parsed.text_of(node))
        return "" if value is None else str(len(value))
    is_list = node.type in literals.lists
    return str((node.child_by_field_name("body") or node).named_child_count) if is_list else ""


def _named(literals: Literals, source: str) -> Words:
    """Return the numbers and texts that a function names, numbers with their neighbours."""
    parsed = parse(source, literals.grammar)
    numbers: dict[str, None] = {}
    texts: dict[str, None] = {}
    for node in walk(parsed.root):
        text = parsed.text_of(node)
        if node.type in literals.texts:
            value = literals.read(text)
            texts.update({literals.write(value): None} if value is not None else {})
        elif node.type in literals.numbers:
            numbers.update(dict.fromkeys(_neighbours(text)))
    return (*tuple(numbers)[: 3 * _VALUES], *tuple(texts)[:_VALUES])


def _neighbours(text: str) -> Iterator[str]:
    value = whole(text)
    yield from (text,) if value is None else (str(value), str(value + 1), str(value - 1))
