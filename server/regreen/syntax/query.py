"""Run a .scm query that lies beside this file."""

from __future__ import annotations

from functools import cache
from importlib import resources

from tree_sitter import Node, Query, QueryCursor

from .grammars import get_language

Match = tuple[int, dict[str, list[Node]]]


def run_query(node: Node, language: str) -> list[Match]:
    """Return the matches of the language's query below a node: (index of the pattern, captures by name)."""
    return QueryCursor(_query(language)).matches(node)


@cache
def _query(language: str) -> Query:
    text = resources.files(__package__).joinpath("queries", f"{language}.scm").read_text("utf-8")
    return Query(get_language(language), text)
