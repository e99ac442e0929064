"""Which functions a test reaches by name: stands in for the spectrum where nobody measures which lines a test runs.

Names are not resolved: a function counts as reached when its name stands in the text of one that is. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from regreen.core.failure import Failure
from regreen.core.repair import Suspect
from regreen.core.workspace import Symbol, SymbolKind, WorkspaceModel

_FIRST = 0.7  # a function that the test itself names
_FURTHER = 0.8  # each step behind it
_STEPS = 4
_TOO_COMMON = 6  # symbols of one name, of which no more than those nearby are meant
_WORD = re.compile(r"[A-Za-z_]\w*")
_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.METHOD)

_Place = tuple[str, Symbol]


def reached(
    failure: Failure, model: WorkspaceModel, sources: Mapping[str, str], named: frozenset[str]
) -> Iterator[Suspect]:
    """Blame the lines of functions that the failing test reaches, the nearest most.

    `named` are the words of the test's own body; when there are none, those of its whole file.
    """
    by_name = _symbols(model, failure.test_path)
    words = named or frozenset(_WORD.findall(sources.get(failure.test_path, "")))
    seen: set[tuple[str, int]] = set()
    score = _FIRST
    for _ in range(_STEPS):
        found = [place for word in sorted(words) for place in _meant(by_name.get(word, []), failure.test_path)]
        fresh = [(path, symbol) for path, symbol in found if (path, symbol.span.start) not in seen]
        seen.update((path, symbol.span.start) for path, symbol in fresh)
        for path, symbol in fresh:
            if symbol.kind in _CALLABLE:
                yield from _lines(path, symbol, score)
        words = frozenset(word for path, symbol in fresh for word in _words(sources, path, symbol))
        score *= _FURTHER


def _symbols(model: WorkspaceModel, test_path: str) -> Mapping[str, list[_Place]]:
    """Return the symbols of the language of the test by name, in the order of paths."""
    tested = model.files.get(test_path)
    spoken = _family(tested.language) if tested is not None else ""
    found: dict[str, list[_Place]] = {}
    for path, facts in sorted(model.files.items()):
        if tested is None or _family(facts.language) == spoken:
            for symbol in facts.symbols:
                found.setdefault(symbol.name, []).append((path, symbol))
    return found


def _family(language: str) -> str:
    """Return the language under which files that call each other go: TypeScript and JavaScript are one."""
    return "javascript" if language == "typescript" else language


def _meant(places: list[_Place], test_path: str) -> list[_Place]:
    if len(places) < _TOO_COMMON:
        return places
    folder = test_path.rpartition("/")[0]
    return [place for place in places if place[0].rpartition("/")[0] == folder][:_TOO_COMMON]


def _lines(path: str, symbol: Symbol, score: float) -> Iterator[Suspect]:
    for line in range(symbol.line, symbol.end_line + 1):
        yield Suspect(path, line, score, f"the test reaches {symbol.qualname}")


def _words(sources: Mapping[str, str], path: str, symbol: Symbol) -> list[str]:
    text = sources.get(path, "")[symbol.span.start : symbol.span.end]
    return [] if symbol.kind is SymbolKind.CLASS and 4000 < len(text) else _WORD.findall(text)
