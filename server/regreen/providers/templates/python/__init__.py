"""The fix templates of Python."""

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
from .site import Template

_SUBJECTS = (
    spelling, names, calls, guards, exceptions, operators, conditions, values, statements, sharing, ingredients,
)  # fmt: skip
TABLE: tuple[Template, ...] = tuple(template for subject in _SUBJECTS for template in subject.TEMPLATES)

__all__ = ["TABLE"]
