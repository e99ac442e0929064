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
__all__ = ["TABLES", "Fix", "Site", "Template", "enclosing"]
