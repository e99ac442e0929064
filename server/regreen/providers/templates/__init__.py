"""The table of fix templates."""

from . import (
    calls,
    conditions,
    exceptions,
    guards,
    ingredients,
    names,
    operators,
    sharing,
    spelling,
    statements,
    values,
)
from .site import Fix, Site, Template, enclosing

_SUBJECTS = (
    spelling, names, calls, guards, exceptions, operators, conditions, values, statements, sharing, ingredients,
)  # fmt: skip
TABLE: tuple[Template, ...] = tuple(template for subject in _SUBJECTS for template in subject.TEMPLATES)

__all__ = ["TABLE", "Fix", "Site", "Template", "enclosing"]
