"""The tables of fix templates, one for each grammar."""

from collections.abc import Mapping
from types import MappingProxyType

from regreen.syntax import Parsed, parse

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


def read(text: str, grammar: str) -> Parsed:
    """Parse a text as the templates want to see it.

    Raises:
        UnreadableSource: it could not be parsed in time.
        KeyError: the grammar is not known.
    """
    return braces.opened(text) if grammar == "rust" else parse(text, grammar)


__all__ = ["TABLES", "Fix", "Site", "Template", "enclosing", "read"]
