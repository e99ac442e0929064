"""Inputs near those that the tests use: one argument changed a little, the ways bugs hide in.

Only literals of Python are changed; values without a literal stay as they are. Pure, and always in the same order.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from regreen.core.ports import Call

Near = Callable[[str], Iterator[str]]
_PER_ARGUMENT = 8
_LONGEST = 400  # characters of an argument that is worth changing


def shown(call: Call) -> str:
    """Return a call as a person would write it; values without a literal as dots."""
    words = [f"{name}={_shown(text)}" if name else _shown(text) for name, text in call.arguments]
    is_method = "." in call.function and words and call.arguments[0][1].startswith("@")
    return f"{call.function}({', '.join(words[1:] if is_method else words)})"


def variants(calls: tuple[Call, ...], most: int, near: Near | None = None) -> tuple[Call, ...]:
    """Return calls that differ from the given ones in one argument, the simplest changes of all calls first.

    `near` yields what is near a literal of another language than Python.
    """
    streams = [_variants(call, near or _near) for call in calls]
    known = set(calls)
    found: list[Call] = []
    while streams and len(found) < most:
        left = []
        for stream in streams:
            call = next(stream, None)
            if call is None:
                continue
            left.append(stream)
            if call not in known:
                known.add(call)
                found.append(call)
        streams = left
    return tuple(found[:most])


def _variants(call: Call, near: Near) -> Iterator[Call]:
    """Yield a call's variants, the arguments in turn."""
    streams = [islice(near(text), _PER_ARGUMENT) for _, text in call.arguments]
    for _ in range(_PER_ARGUMENT):
        for n, stream in enumerate(streams):
            text = next(stream, None)
            if text is not None:
                name = call.arguments[n][0]
                yield replace(call, arguments=(*call.arguments[:n], (name, text), *call.arguments[n + 1 :]))


def _near(text: str) -> Iterator[str]:
    if text.startswith("@") or _LONGEST < len(text):
        return
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return
    for changed in _changed(value):
        yield repr(changed)


def _changed(value: object) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (0, value + 1, value - 1, 1, -value, 2 * value)
    elif isinstance(value, float):
        yield from (0.0, value + 1, -value, value / 2)
    elif isinstance(value, str):
        yield from ("", value[:-1], value[1:], value + value[-1:], value[::-1], value.upper(), value + " ")
    elif isinstance(value, list):
        yield from _shortened(value)
    elif isinstance(value, tuple):
        yield from (tuple(changed) for changed in _shortened(list(value)))
    elif isinstance(value, dict):
        yield {}
        keys = list(value)
        yield {key: value[key] for key in keys[:-1]}
        yield {key: value[key] for key in keys[1:]}


def _shortened(values: list[object]) -> Iterator[list[object]]:
    yield from ([], values[:1], values[:-1], values[1:], values[::-1], values + values[-1:])
    for n, inner in enumerate(values[:2]):
        for other in islice(_changed(inner), 2):
            yield [*values[:n], other, *values[n + 1 :]]


def _shown(text: str) -> str:
    return "…" if text.startswith("@") else text
