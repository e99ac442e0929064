"""What the index keeps of a file, whatever its language."""

from __future__ import annotations

from collections.abc import Callable

from regreen.core.errors import UnreadableSource
from regreen.core.workspace import FileFacts, TestCase
from regreen.syntax import Outline, Parsed, outline

from .digest import digest_of

FindTests = Callable[[str, Outline], tuple[TestCase, ...]]


def facts_of(path: str, language: str, parsed: Parsed, find_tests: FindTests) -> FileFacts:
    """Index one file from its tree; `find_tests` names the tests among its symbols."""
    found = outline(parsed)
    return FileFacts(
        path=path,
        language=language,
        digest=digest_of(parsed.text),
        symbols=found.symbols,
        imports=found.imports,
        tests=find_tests(path, found),
        n_errors=found.n_errors,
    )


def unread(path: str, language: str, text: str, problem: UnreadableSource) -> FileFacts:
    """Return what is known of a file that could not be parsed in time."""
    return FileFacts(path, language, digest_of(text), problem=f"{path}: {problem}")
