"""What writes tests in one language: how a file of tests reaches a function, asks it, and states what it answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from regreen.core.workspace import FileFacts, Symbol

from .killing_near import Literals

_STRANGE = re.compile(r"NaN|[:\[,] undefined")  # in an answer: the input was hardly one that somebody passes
Words = tuple[str, ...]  # the literals that a function is called with


class How(StrEnum):
    """How a call ends."""

    GIVES = "gives"
    RESOLVES = "resolves"  # with a promise that is kept
    THROWS = "throws"
    REJECTS = "rejects"  # with a promise that is broken


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call answers: a literal, or the name of an error's kind ("" for one without a name that is known)."""

    how: How
    text: str
    kind: str = ""  # the type, in languages whose literals do not tell it

    @property
    def is_error(self) -> bool:
        """Tell whether it is an error that is thrown."""
        return self.how in (How.THROWS, How.REJECTS)


@dataclass(frozen=True, slots=True)
class Fact:
    """A call with what it answers; `about` are the words of its test's name that follow the function's."""

    call: Words
    answer: Answer
    about: str = ""

    @property
    def plainness(self) -> tuple[int, int, int]:
        """Return a key that is smaller, the easier it is to read and to believe."""
        strange = 2 if self.answer.is_error else int(_STRANGE.search(self.answer.text) is not None)
        return strange, sum(map(len, self.call)), len(self.answer.text)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file of tests, and the function of which it shall say more."""

    path: str
    text: str
    facts: FileFacts
    test: str  # the name of a test in it, as its runner names it
    tested: str  # path of the function's file
    source: str
    symbol: Symbol
    taken: frozenset[str] = frozenset()  # names of the tests that there are at its place

    @property
    def function(self) -> str:
        """Return the function's name."""
        return self.symbol.name


@dataclass(frozen=True, slots=True)
class Reach:
    """How tests call a function: by which expression, and the imports that they need besides."""

    callee: str
    imports: Words = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A file of tests with more tests. Invariant: as many tests as facts that it states."""

    text: str
    tests: Words = ()  # names of the new ones, as the runner names them
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes tests in one language. Each `into` is the absolute path of a file that running the text writes."""

    literals: Callable[[Sheet], Literals]
    reach: Callable[[Sheet], Reach | None]  # None: its tests cannot call the function
    record: Callable[[Sheet, str], str]  # the function's file, telling each call; "" when it cannot
    ask: Callable[[Sheet, Reach, tuple[Words, ...], str], Draft]  # one test, which takes down the answers
    state: Callable[[Sheet, Reach, tuple[Fact, ...]], Draft]  # a test for each fact that can be stated
    fits: Callable[[Sheet, Words], bool] = lambda _sheet, _call: True  # whether a call can be compiled


def told_calls(text: str) -> tuple[Words, ...]:
    """Return the calls that a file of what was told holds, each once, in their order."""
    rows = (row.get("call") for row in _rows(text))
    calls = (tuple(map(str, row)) for row in rows if isinstance(row, list))
    return tuple(dict.fromkeys(calls))


def told_answers(text: str) -> Mapping[int, Answer]:
    """Return the answers that a file of what was told holds, by the number of the call."""
    found = {}
    for row in _rows(text):
        number, how = row.get("number"), row.get("how")
        if isinstance(number, int) and how in tuple(How):
            found[number] = Answer(How(str(how)), str(row.get("text", "")), str(row.get("kind", "")))
    return found


def fresh(name: str, taken: set[str], gap: str = "") -> str:
    """Return a name that is not taken, with a number where it must be, and take it."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}{gap}{number}"
    taken.add(found)
    return found


def _rows(text: str) -> list[dict[str, object]]:
    """Return the rows that can be read: whoever ran may have been killed in the middle of one."""
    rows = []
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows
