"""The index of one Go file: its outline, and the tests that go test would run from it."""

from __future__ import annotations

import posixpath
import re

from regreen.core.errors import UnreadableSource
from regreen.core.text import SourceText
from regreen.core.workspace import FileFacts, Symbol, SymbolKind, TestCase
from regreen.languages.indexing import facts_of, unread
from regreen.syntax import Outline, Parsed, parse_definitions

# As the testing package names them: what follows the word does not begin with a small letter.
TEST_NAME = re.compile(r"(?:Test|Fuzz|Example)(?:$|[^a-z])")


def outline_file(path: str, source: SourceText) -> FileFacts:
    """Index one file; a file that cannot be parsed in time has a problem instead of an outline."""
    try:
        return outline_parsed(path, parse_definitions(source.text, "go"))
    except UnreadableSource as error:
        return unread(path, "go", source.text, error)


def outline_parsed(path: str, parsed: Parsed) -> FileFacts:
    """Index one file from its tree. A test's place is its package's folder; its project is left open."""
    return facts_of(path, "go", parsed, find_tests)


def find_tests(path: str, found: Outline) -> tuple[TestCase, ...]:
    """Return the tests of a file: test functions, fuzz targets and examples."""
    if not path.endswith("_test.go"):
        return ()
    place = posixpath.dirname(path) or "."
    return tuple(
        TestCase(f"{place}::{symbol.name}", "", path, symbol.line, symbol.span, symbol.name_span)
        for symbol in found.symbols
        if _is_test(symbol)
    )


def _is_test(symbol: Symbol) -> bool:
    if symbol.kind is not SymbolKind.FUNCTION or not TEST_NAME.match(symbol.name) or symbol.name == "TestMain":
        return False
    return len(symbol.parameters) == (0 if symbol.name.startswith("Example") else 1)
