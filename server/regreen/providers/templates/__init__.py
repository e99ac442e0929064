"""The tables of fix templates, one for each grammar."""

from collections.abc import Mapping
from types import MappingProxyType

from . import braces, python
from .site import Fix, Site, Template, enclosing

TABLES: Mapping[str, tuple[Template, ...]] = MappingProxyType(
    {
        **braces.TABLES,
        "python": python.TABLE,
        "tsx": braces.TABLES["javascript"],
        "typescript": braces.TABLES["javascript"],
    }
)
_GRAMMARS = MappingProxyType(
    {
        ".py": "python", ".pyi": "python", ".go": "go", ".rs": "rust", ".ts": "typescript", ".mts": "typescript",
        ".cts": "typescript", ".tsx": "tsx", ".js": "javascript", ".jsx": "javascript", ".mjs": "javascript",
        ".cjs": "javascript",
    }
)  # fmt: skip


def grammar_of(path: str) -> str:
    """Return the name of the grammar that a file is read with, or ""."""
    return _GRAMMARS.get(path[path.rfind(".") :], "")


__all__ = ["TABLES", "Fix", "Site", "Template", "enclosing", "grammar_of"]
