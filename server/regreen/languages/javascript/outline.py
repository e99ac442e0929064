"""The index of one JavaScript or TypeScript file: its outline, and the tests that are called in it."""

from __future__ import annotations

from regreen.core.errors import UnreadableSource
from regreen.core.text import SourceText
from regreen.core.workspace import FileFacts, TestCase
from regreen.languages.indexing import facts_of, unread
from regreen.syntax import Outline, Parsed, parse


def grammar_of(path: str, language: str) -> str:
    """Return the grammar of a file: TypeScript with JSX has one of its own."""
    return "tsx" if path.endswith(".tsx") else language


def outline_file(path: str, source: SourceText, language: str) -> FileFacts:
    """Index one file; a file that cannot be parsed in time has a problem instead of an outline."""
    try:
        return outline_parsed(path, parse(source.text, grammar_of(path, language)), language)
    except UnreadableSource as error:
        return unread(path, language, source.text, error)


def outline_parsed(path: str, parsed: Parsed, language: str) -> FileFacts:
    """Index one file from its tree. A test's name is relative to the workspace, its project is left open.

    Raises:
        UnreadableSource: the tree was of the wrong grammar and could not be made anew in time.
    """
    if parsed.language != grammar_of(path, language):
        parsed = parse(parsed.text, grammar_of(path, language))
    return facts_of(path, language, parsed, _tests)


def _tests(path: str, found: Outline) -> tuple[TestCase, ...]:
    """Return the tests of a file, named "<file>::<suite> > <test>"."""
    if path.endswith((".d.ts", ".d.mts", ".d.cts")):
        return ()
    return tuple(
        TestCase(f"{path}::{' > '.join(block.titles)}", "", path, block.line, block.span, block.name_span)
        for block in found.blocks
    )
