"""The table of fix templates."""

from . import names, operators, statements, values
from .site import Fix, Site, Template

TABLE: tuple[Template, ...] = (*names.TEMPLATES, *operators.TEMPLATES, *values.TEMPLATES, *statements.TEMPLATES)

__all__ = ["TABLE", "Fix", "Site", "Template"]
