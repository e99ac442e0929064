"""Text to trees: parse, walk, query, outline. The only room that imports tree-sitter.

Trees count in bytes of UTF-8; everybody else counts in code points: `ByteMap` goes both ways.

Invariant: knows no test runner and touches no file; a tree is kept for open documents alone (`DocumentTrees`),
for it takes about thirty times the memory of its text.
"""

from tree_sitter import Node, Tree

from .documents import DocumentTrees
from .grammars import get_language, get_parser, grammar_of
from .outline import outline
from .outlined import Outline
from .parse import ByteMap, Parsed, parse, walk
from .query import prepare_queries, run_captures, run_query
from .references import references
from .skim import parse_definitions

__all__ = [
    "ByteMap",
    "DocumentTrees",
    "Node",
    "Outline",
    "Parsed",
    "Tree",
    "get_language",
    "get_parser",
    "grammar_of",
    "outline",
    "parse",
    "parse_definitions",
    "prepare_queries",
    "references",
    "run_captures",
    "run_query",
    "walk",
]
