"""Which lines of which files a model is shown, by rank: the failing test, the culprit, what it calls, what is suspect.

Invariant: everything here follows from the request alone, in an order that depends on nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from regreen.analysis import localize
from regreen.core.repair import RepairRequest, Spectrum
from regreen.core.text import LineIndex, split_lines
from regreen.core.workspace import Symbol, SymbolKind
from regreen.guard import is_test

_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.METHOD)
_AROUND = 12  # lines around a place that no function holds
_HEAD = 40  # lines of a file's head in which its imports are looked for
_SIGNATURE = 4  # lines that the head of a definition may have
_SIGNATURES = 24
_SUSPECTS = 8
_REST = 4  # files that are shown whole when there is room
_WORD = re.compile(r"[A-Za-z_]\w*")


class Rank(IntEnum):
    """What is shown first when there is not room for everything."""

    TEST = 1
    CULPRIT = 2
    IMPORTS = 3
    SIGNATURE = 4
    SUSPECT = 5
    REST = 6


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a file, 1-based and inclusive. `focus` is the line that matters most, when not all can be shown."""

    rank: Rank
    path: str
    first: int
    last: int
    focus: int


def excerpts(request: RepairRequest) -> tuple[Excerpt, ...]:
    """Return what is worth showing, the most telling first."""
    texts = _Texts(request.sources)
    test = tuple(_test(request, texts))
    suspects = _suspects(request)
    culprits = _distinct(_culprits(request, texts, suspects))
    others = _distinct(_others(request, texts, suspects))[:_SUSPECTS]
    paths = tuple(dict.fromkeys(each.path for each in (*culprits, *others)))
    return _distinct(
        (
            *test,
            *culprits,
            *_imports(request, texts, tuple(dict.fromkeys((*paths[:_REST], *(each.path for each in test))))),
            *_signatures(request, texts, (*test, *culprits)),
            *others,
            *_rest(texts, paths[:_REST]),
        )
    )


class _Texts:
    """The lines of the sources, each file read once."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._lines: dict[str, list[str]] = {}

    def lines(self, path: str) -> list[str]:
        """Return a file's lines with their ends, none when it cannot be read."""
        if path not in self._lines:
            self._lines[path] = split_lines(self._sources.get(path, ""))
        return self._lines[path]

    def excerpt(self, rank: Rank, path: str, first: int, last: int, focus: int) -> Iterator[Excerpt]:
        """Yield the excerpt as far as the file goes."""
        first, last = max(1, first), min(last, len(self.lines(path)))
        if first <= last:
            yield Excerpt(rank, path, first, last, min(max(first, focus), last))


def _distinct(found: Iterator[Excerpt] | tuple[Excerpt, ...]) -> tuple[Excerpt, ...]:
    seen: dict[tuple[str, int, int], Excerpt] = {}
    for each in found:
        seen.setdefault((each.path, each.first, each.last), each)
    return tuple(seen.values())


def _test(request: RepairRequest, texts: _Texts) -> Iterator[Excerpt]:
    failure = request.failure
    path = failure.test_path
    inside = [frame.line for frame in failure.frames if frame.path == path and frame.inside]
    focus = inside[0] if inside else failure.test_line
    names = {failure.test.name, failure.test.definition.name}
    text = request.sources.get(path, "")
    found = False
    for case in request.model.tests_in(path):
        if case.name in names:
            first, last = _lines_of(text, case.span.start, case.span.end)
            yield from texts.excerpt(Rank.TEST, path, first, last, focus)
            found = True
    if not found and path and focus:
        yield from texts.excerpt(Rank.TEST, path, focus - _AROUND, focus + _AROUND, focus)


def _lines_of(text: str, start: int, end: int) -> tuple[int, int]:
    index = LineIndex(text)
    return index.position(start).line + 1, index.position(max(start, end - 1)).line + 1


def _suspects(request: RepairRequest) -> tuple[tuple[str, int], ...]:
    """Return the lines that may be at fault, without running anything: what was run differs between machines."""
    editable = tuple(
        path for path in sorted(request.sources) if request.policy.allow_tests or not is_test(path, request.model)
    )
    found = localize(request.failure, Spectrum({}, 0, 0), request.model, editable, request.sources)
    return tuple((suspect.path, suspect.line) for suspect in found)


def _culprits(request: RepairRequest, texts: _Texts, suspects: tuple[tuple[str, int], ...]) -> Iterator[Excerpt]:
    """Yield what the failure itself points at; the likeliest suspect when it points at the test only."""
    failure = request.failure
    places = [(failure.path, failure.line)]
    places += [(frame.path, frame.line) for frame in reversed(failure.frames) if frame.inside]
    own = [place for place in dict.fromkeys(places) if place[0] and place[0] != failure.test_path]
    for path, line in own or suspects[:1]:
        yield from _around(request, texts, Rank.CULPRIT, path, line)


def _others(request: RepairRequest, texts: _Texts, suspects: tuple[tuple[str, int], ...]) -> Iterator[Excerpt]:
    for path, line in suspects:
        if _owner(request, path, line) is not None:
            yield from _around(request, texts, Rank.SUSPECT, path, line)


def _around(request: RepairRequest, texts: _Texts, rank: Rank, path: str, line: int) -> Iterator[Excerpt]:
    owner = _owner(request, path, line)
    if owner is None:
        yield from texts.excerpt(rank, path, line - _AROUND, line + _AROUND, line)
    else:
        first, last = _lines_of(request.sources.get(path, ""), owner.span.start, owner.span.end)
        yield from texts.excerpt(rank, path, first, max(last, owner.end_line), line)


def _owner(request: RepairRequest, path: str, line: int) -> Symbol | None:
    """Return the outermost function that holds a line, else the value that is defined there."""
    facts = request.model.files.get(path)
    holding = [symbol for symbol in (facts.symbols if facts else ()) if symbol.line <= line <= symbol.end_line]
    functions = [symbol for symbol in holding if symbol.kind in _CALLABLE]
    values = [symbol for symbol in holding if symbol.kind in (SymbolKind.VARIABLE, SymbolKind.ATTRIBUTE)]
    return min(functions or values, key=lambda symbol: symbol.line, default=None)


def _imports(request: RepairRequest, texts: _Texts, paths: tuple[str, ...]) -> Iterator[Excerpt]:
    for path in paths:
        facts = request.model.files.get(path)
        lines = [found.line for found in (facts.imports if facts else ()) if found.line <= _HEAD]
        if lines:
            yield from texts.excerpt(Rank.IMPORTS, path, min(lines), max(lines), min(lines))


def _signatures(request: RepairRequest, texts: _Texts, shown: tuple[Excerpt, ...]) -> Iterator[Excerpt]:
    """Yield the heads of what the test and the culprit name, where they are defined."""
    words = {
        word
        for each in shown
        for line in texts.lines(each.path)[each.first - 1 : each.last]
        for word in _WORD.findall(line)
    }
    named = [
        (path, symbol)
        for path, facts in sorted(request.model.files.items())
        for symbol in facts.symbols
        if symbol.name in words and symbol.kind in (*_CALLABLE, SymbolKind.CLASS)
        if not is_test(path, request.model)
    ]
    for path, symbol in named[:_SIGNATURES]:
        lines = texts.lines(path)[symbol.line - 1 : symbol.line - 1 + _SIGNATURE]
        height = next((n for n, line in enumerate(lines) if line.rstrip().endswith((":", "{", ";"))), 0)
        yield from texts.excerpt(Rank.SIGNATURE, path, symbol.line, symbol.line + height, symbol.line)


def _rest(texts: _Texts, paths: tuple[str, ...]) -> Iterator[Excerpt]:
    for path in paths:
        yield from texts.excerpt(Rank.REST, path, 1, len(texts.lines(path)), 1)
