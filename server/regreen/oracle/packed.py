"""Facts of files in a compact form: how they come from the workers, lie on the disk and stay in memory.

A symbol takes some hundred bytes packed and six times that as objects; most files of a big workspace are never asked
for. Invariant: equal facts pack to equal bytes, so that comparing two models unpacks nothing.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from regreen.core.text import Span
from regreen.core.workspace import FileFacts, Import, Symbol, SymbolKind, TestCase

FORMAT = 2  # of marshal: the one in which equal values always give equal bytes
_KEPT = 1024  # files whose symbols stay unpacked

Row = tuple[Any, ...]
Tests = tuple[TestCase, ...]


class PackedFacts(FileFacts):
    """Facts whose symbols and imports are unpacked when somebody asks for them."""

    __slots__ = ("packed",)
    packed: bytes

    def __init__(
        self, path: str, language: str, digest: str, n_errors: int, problem: str, tests: Tests, packed: bytes
    ) -> None:
        keep = object.__setattr__  # A loop over the names would be a third of what it takes to load an index.
        keep(self, "path", path)
        keep(self, "language", language)
        keep(self, "digest", digest)
        keep(self, "n_errors", n_errors)
        keep(self, "problem", problem)
        keep(self, "tests", tests)
        keep(self, "packed", packed)

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """Return the definitions, in the order of the text."""
        return _unpacked(self.packed)[0]

    @property
    def imports(self) -> tuple[Import, ...]:
        """Return the imported names."""
        return _unpacked(self.packed)[1]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FileFacts):
            return NotImplemented
        return self is other or (_head(self) == _head(other) and self.packed == packed_of(other))

    def __hash__(self) -> int:
        return hash((self.path, self.digest))


def pack(facts: FileFacts) -> PackedFacts:
    """Return the same facts, packed."""
    return facts if isinstance(facts, PackedFacts) else with_tests(facts, facts.tests)


def with_tests(facts: FileFacts, tests: tuple[TestCase, ...]) -> PackedFacts:
    """Return the facts with other tests; nothing is unpacked."""
    return PackedFacts(facts.path, facts.language, facts.digest, facts.n_errors, facts.problem, tests, packed_of(facts))


def packed_of(facts: FileFacts) -> bytes:
    """Return symbols and imports as bytes."""
    if isinstance(facts, PackedFacts):
        return facts.packed
    symbols = tuple(
        (each.name, each.qualname, str(each.kind), each.span.start, each.span.end, each.name_span.start,
         each.name_span.end, each.line, each.end_line, each.parameters)
        for each in facts.symbols
    )  # fmt: skip
    imports = tuple((each.module, each.name, each.alias, each.line) for each in facts.imports)
    return marshal.dumps((symbols, imports), FORMAT)


def to_row(facts: FileFacts) -> Row:
    """Return the facts as plain values, for `marshal`."""
    tests = tuple(
        (each.name, each.project, each.line, each.span.start, each.span.end, each.name_span.start, each.name_span.end)
        for each in facts.tests
    )
    return (*_head(facts)[:5], tests, packed_of(facts))


def from_row(row: Row) -> PackedFacts:
    """Return the facts of a row that `to_row` made."""
    path, language, digest, n_errors, problem, tests, packed = row
    found = tuple(
        TestCase(name, project, path, line, Span(start, end), Span(name_start, name_end))
        for name, project, line, start, end, name_start, name_end in tests
    )
    return PackedFacts(path, language, digest, n_errors, problem, found, packed)


def _head(facts: FileFacts) -> Row:
    return facts.path, facts.language, facts.digest, facts.n_errors, facts.problem, facts.tests


@lru_cache(maxsize=_KEPT)
def _unpacked(packed: bytes) -> tuple[tuple[Symbol, ...], tuple[Import, ...]]:
    symbols, imports = marshal.loads(packed)
    return tuple(_symbols(symbols)), tuple(Import(*each) for each in imports)


def _symbols(rows: Iterable[Row]) -> Iterable[Symbol]:
    for name, qualname, kind, start, end, name_start, name_end, line, end_line, parameters in rows:
        spans = Span(start, end), Span(name_start, name_end)
        yield Symbol(name, qualname, SymbolKind(kind), *spans, line, end_line, parameters)
