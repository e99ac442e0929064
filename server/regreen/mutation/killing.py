"""Tests that would notice a mutant, as text: calls of a Python function with what it answers today."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from regreen.core.edit import TextEdit
from regreen.core.ports import Call
from regreen.core.workspace import FileFacts

_RAISES = re.compile(r"^raises (\w+)(?:$|: )")
_NAME = re.compile(r"\W+")
_LONGEST_LINE = 100
_LONGEST_MORE = 200  # characters of an argument that is worth doubling


@dataclass(frozen=True, slots=True)
class Example:
    """A call, what it answers on the code as it is, and the operator whose mutant answers otherwise."""

    call: Call
    answer: str
    operator: str


def telling(rows: tuple[tuple[str, ...], ...], calls: tuple[Call, ...]) -> Mapping[int, int]:
    """Return for each mutant (1 is the second row) the call that tells it best from the code as it is (the first row).

    As few different calls as will do: one that tells an earlier mutant is taken again.
    """
    found: dict[int, int] = {}
    for number, row in enumerate(rows[1:], 1):
        told = [n for n, (good, bad) in enumerate(zip(rows[0], row, strict=True)) if good and bad and good != bad]
        told = [n for n in told if assertion("f", Example(calls[n], rows[0][n], "")) is not None]
        if told:
            found[number] = min(told, key=lambda n: (n not in found.values(), _plainness(rows[0][n], calls[n]), n))
    return found


def more_of_each(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """Return calls in which one text, list or number is twice as much: what is cut off or limited shows on them."""
    found = []
    for call in calls:
        for n, (name, text) in enumerate(call.arguments):
            for more in _more(text):
                arguments = (*call.arguments[:n], (name, more), *call.arguments[n + 1 :])
                found.append(replace(call, arguments=arguments))
    return tuple(dict.fromkeys(found))


def assertion(function: str, example: Example) -> tuple[str, ...] | None:
    """Return the lines that state what a call answers; None when it cannot be stated."""
    call = example.call
    if any(text.startswith("@") for _, text in call.arguments):
        return None
    called = f"{function}({', '.join(f'{name}={text}' if name else text for name, text in call.arguments)})"
    raised = _RAISES.match(example.answer)
    if raised is not None:
        kind = getattr(builtins, raised[1], None)
        is_known = isinstance(kind, type) and issubclass(kind, Exception)
        return (f"with pytest.raises({raised[1]}):", f"    {called}") if is_known else None
    try:
        value = ast.literal_eval(example.answer)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if value is None or isinstance(value, bool):
        return (f"assert {called} is {value!r}",)
    return (f"assert {called} == {example.answer}",) if value == value else None


def appended(
    text: str, facts: FileFacts | None, module: str, examples: tuple[Example, ...], *, reserved: frozenset[str]
) -> tuple[tuple[TextEdit, ...], tuple[str, ...]]:
    """Return the edits that append a test for each example to a file of tests, and the tests' names.

    What is not imported there is imported inside of the test; `reserved` names are not given again.
    """
    names: list[str] = []
    blocks = []
    for example in examples:
        plain = example.call.function
        called, needed = _reached(facts, module, plain)
        stated = assertion(called, example)
        if stated is None:
            continue
        if stated[0].startswith("with pytest") and not _imports(facts, "pytest"):
            needed = (*needed, "import pytest")
        name = _fresh(f"test_{_NAME.sub('_', plain)}_{_NAME.sub('_', example.operator)}", {*reserved, *names})
        names.append(name)
        gap = ("",) if needed else ()
        lines = (*needed, *gap, *(f"{line}  # noqa: E501" if _LONGEST_LINE < len(line) else line for line in stated))
        body = "\n".join(f"    {line}" if line else "" for line in lines)
        blocks.append(f"\n\ndef {name}():\n{body}\n")
    if not blocks:
        return (), ()
    end = len(text.rstrip("\n \t\r"))
    newline = "\r\n" if "\r\n" in text else "\n"
    whole = "\n" + "".join(blocks)
    return (TextEdit(end, len(text), whole.replace("\n", newline)),), tuple(names)


def _more(text: str) -> Iterator[str]:
    try:
        value = None if text.startswith("@") or _LONGEST_MORE < len(text) else ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return
    if isinstance(value, str) and value:
        yield repr(f"{value} {value}")
    elif isinstance(value, list | tuple) and value:
        yield repr([*value, *value] if isinstance(value, list) else (*value, *value))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from (repr(10 * value + 1), repr(-10 * value - 1))


def _reached(facts: FileFacts | None, module: str, function: str) -> tuple[str, tuple[str, ...]]:
    """Return how a test calls a function of a module, and what it has to import for it."""
    last = module.rpartition(".")[2]
    imports = facts.imports if facts is not None else ()
    for one in imports:
        if one.name == function and one.module.rpartition(".")[2] == last:
            return one.alias or function, ()
    for one in imports:
        if not one.name and one.module == module:
            return f"{one.alias or module}.{function}", ()
        if one.name == last and f"{one.module}.{last}" == module:
            return f"{one.alias or last}.{function}", ()
    return function, (f"from {module} import {function}",)


def _imports(facts: FileFacts | None, module: str) -> bool:
    return facts is not None and any(one.module == module and not one.name for one in facts.imports)


def _fresh(name: str, taken: set[str]) -> str:
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found


def _plainness(answer: str, call: Call) -> tuple[bool, int]:
    return answer.startswith("raises "), sum(len(text) for _, text in call.arguments)
