"""Run a .scm query that lies beside this file."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources

from tree_sitter import Node, Query, QueryCursor

from .grammars import get_language

Match = tuple[int, dict[str, list[Node]]]

# Asked only of a tree that has errors: the second pattern fits every node, so that it makes any query slow.
_ERRORS = "(ERROR) @error (MISSING) @error"

# How deep below the root what is asked for may begin, where it is never deeper: the rest is then not looked at.
_DEPTHS = {"go": 3}


def run_query(node: Node, language: str) -> list[Match]:
    """Return the matches of the language's query below a node: (index of the pattern, captures by name).

    Nodes of errors are captured as "error", whatever the query says.
    """
    cursor = QueryCursor(_query(language))
    if language in _DEPTHS:
        cursor.set_max_start_depth(_DEPTHS[language])
    matches = cursor.matches(node)
    if not node.has_error:
        return matches
    return matches + QueryCursor(_error_query(language)).matches(node)


def run_captures(node: Node, language: str) -> dict[str, list[Node]]:
    """Return the nodes that the language's query captures below a node, by name, and the errors as "error"."""
    captures = QueryCursor(_query(language)).captures(node)
    if node.has_error:
        captures["error"] = QueryCursor(_error_query(language)).captures(node).get("error", [])
    return captures


def prepare_queries(languages: Iterable[str]) -> None:
    """Load grammars and their queries ahead of their first use, which takes as long as an edit."""
    for language in languages:
        _query(language)


@cache
def _query(language: str) -> Query:
    text = resources.files(__package__).joinpath("queries", f"{language}.scm").read_text("utf-8")
    return Query(get_language(language), text)


@cache
def _error_query(language: str) -> Query:
    return Query(get_language(language), _ERRORS)
