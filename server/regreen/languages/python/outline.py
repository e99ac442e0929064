"""The index of one Python file: its outline, and the tests that pytest would collect from it."""

from __future__ import annotations

from regreen.core.errors import UnreadableSource
from regreen.core.text import SourceText
from regreen.core.workspace import FileFacts, Symbol, SymbolKind, TestCase
from regreen.languages.indexing import facts_of, unread
from regreen.syntax import Outline, Parsed, parse


def outline_file(path: str, source: SourceText) -> FileFacts:
    """Index one file; a file that cannot be parsed in time has a problem instead of an outline."""
    try:
        return outline_parsed(path, parse(source.text, "python"))
    except UnreadableSource as error:
        return unread(path, "python", source.text, error)


def outline_parsed(path: str, parsed: Parsed) -> FileFacts:
    """Index one file from its tree. A test's name is relative to the workspace, its project is left open."""
    return facts_of(path, "python", parsed, find_tests)


def find_tests(path: str, found: Outline) -> tuple[TestCase, ...]:
    """Return the tests among a file's symbols, named by pytest's rules: test functions, and methods of test classes."""
    bases = dict(found.bases)
    classes = {symbol.qualname for symbol in found.symbols if symbol.kind is SymbolKind.CLASS}
    built = {symbol.qualname.rpartition(".")[0] for symbol in found.symbols if symbol.name == "__init__"}
    tests = []
    for symbol in found.symbols:
        if symbol.kind not in (SymbolKind.FUNCTION, SymbolKind.METHOD) or not symbol.name.startswith("test"):
            continue
        holders = _holders(symbol)
        if any(holder not in classes for holder in holders):
            continue
        if all(_is_test_class(holder, bases, built) for holder in holders):
            name = "::".join([path, *symbol.qualname.split(".")])
            tests.append(TestCase(name, "", path, symbol.line, symbol.span, symbol.name_span))
    return tuple(tests)


def _holders(symbol: Symbol) -> list[str]:
    """Return the qualified names around a symbol, outermost first."""
    parts = symbol.qualname.split(".")[:-1]
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


def _is_test_class(qualname: str, bases: dict[str, tuple[str, ...]], built: set[str]) -> bool:
    """Tell whether pytest collects a class: a TestCase, or named Test… and without a constructor."""
    if _is_test_case(qualname, bases, frozenset()):
        return True
    return qualname.rpartition(".")[2].startswith("Test") and qualname not in built


def _is_test_case(qualname: str, bases: dict[str, tuple[str, ...]], seen: frozenset[str]) -> bool:
    return any(
        base.endswith("TestCase") or (base not in seen and _is_test_case(base, bases, seen | {qualname}))
        for base in bases.get(qualname, ())
    )
