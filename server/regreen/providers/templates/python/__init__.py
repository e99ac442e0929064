"""The fix templates of Python."""

from . import (
    absent,
    branches,
    calls,
    conditions,
    elements,
    exceptions,
    guards,
    ingredients,
    missing,
    names,
    operands,
    operators,
    patterns,
    sharing,
    spelling,
    statements,
    tables,
    texts,
    unasked,
    values,
    worklists,
)
from .site import Template

_SUBJECTS = (
    spelling, names, calls, guards, exceptions, operators, conditions, values, texts, operands, elements, statements,
    branches, missing, worklists, unasked, sharing, absent, patterns, tables,
    ingredients,
)  # fmt: skip
TABLE: tuple[Template, ...] = tuple(template for subject in _SUBJECTS for template in subject.TEMPLATES)

__all__ = ["TABLE"]
