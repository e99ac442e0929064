"""Grammars by name, out of the official wheels: the parsers are inside, nothing is downloaded."""

from __future__ import annotations

import importlib
from functools import cache

from tree_sitter import Language, Parser

# language -> (module of its wheel, function that hands out the grammar)
_WHEELS = {
    "go": ("tree_sitter_go", "language"),
    "javascript": ("tree_sitter_javascript", "language"),  # JSX included
    "python": ("tree_sitter_python", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
}

# How a file's name ends -> its grammar.
_ENDINGS = {
    ".cjs": "javascript", ".cts": "typescript", ".go": "go", ".js": "javascript", ".jsx": "javascript",
    ".mjs": "javascript", ".mts": "typescript", ".py": "python", ".pyi": "python", ".pyw": "python", ".rs": "rust",
    ".ts": "typescript", ".tsx": "tsx",
}  # fmt: skip


def grammar_of(path: str) -> str:
    """Return the name of the grammar that a file is read with, or ""."""
    return _ENDINGS.get(path[path.rfind(".") :].lower(), "")


@cache
def get_language(name: str) -> Language:
    """Return the grammar of a language.

    Raises:
        KeyError: there is no such language in the table.
    """
    module, function = _WHEELS[name]
    return Language(getattr(importlib.import_module(module), function)())


def get_parser(name: str) -> Parser:
    """Return a fresh parser of a language; a parser must not be shared between threads."""
    return Parser(get_language(name))
