"""The index of one Rust file: its outline, and the tests that cargo would run from it."""

from __future__ import annotations

import re

from regreen.core.errors import UnreadableSource
from regreen.core.text import SourceText
from regreen.core.workspace import FileFacts, Project, SymbolKind, TestCase
from regreen.languages.indexing import facts_of, unread
from regreen.syntax import Outline, Parsed, parse_definitions

# Attributes that make a test of a function: the built-in one, and those of runtimes and libraries.
_TEST = re.compile(
    r"^(?:\w+\s*::\s*)*(?:test|rstest|quickcheck|proptest|test_case|test_matrix|wasm_bindgen_test|parameterized)\b"
    r"(?!\s*::)|^cfg_attr\(.*\btest\b\s*\)$",
    re.DOTALL,
)


def outline_file(path: str, source: SourceText) -> FileFacts:
    """Index one file; a file that cannot be parsed in time has a problem instead of an outline."""
    try:
        return outline_parsed(path, parse_definitions(source.text, "rust"))
    except UnreadableSource as error:
        return unread(path, "rust", source.text, error)


def outline_parsed(path: str, parsed: Parsed) -> FileFacts:
    """Index one file from its tree. A test's place is its file: which target it belongs to is the project's matter."""
    return facts_of(path, "rust", parsed, find_tests)


def find_tests(path: str, found: Outline) -> tuple[TestCase, ...]:
    """Return the tests among a file's symbols: functions with an attribute of a test."""
    marked = {start for start, attributes in found.attributes if any(map(_TEST.match, attributes))}
    return tuple(
        TestCase(f"{path}::{symbol.qualname.replace('.', '::')}", "", path, symbol.line, symbol.span, symbol.name_span)
        for symbol in found.symbols
        if symbol.name_span.start in marked and symbol.kind is SymbolKind.FUNCTION
    )


def name_in(project: Project, path: str, name: str) -> str:
    """Return a test's name in its project: the target's root file, the modules that the file stands for, the rest.

    Empty when no target of the project takes the file in.
    """
    places = dict(project.places)
    holder = path
    while holder not in places and holder:
        holder = holder.rpartition("/")[0]
    root = places.get(holder or ".")
    if root is None:
        return ""
    prefix = "" if project.cwd == "." else f"{project.cwd}/"
    modules = _modules(path, root)
    return "::".join((root.removeprefix(prefix), *modules, name.partition("::")[2]))


def _modules(path: str, root: str) -> tuple[str, ...]:
    """Return the modules that lead from a target's root file to a file, by the usual places of modules."""
    if path == root:
        return ()
    home = root.rpartition("/")[0]
    inner = path.removeprefix(f"{home}/") if home else path
    segments = inner.removesuffix(".rs").split("/")
    return tuple(segments[:-1] if segments[-1] == "mod" else segments)
