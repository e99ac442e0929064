"""Mutants: small changes of a file, made over its tree, that its tests should notice; and the report of what they did.

Invariant: pure. It reads a text and makes values; nothing here runs, reads or writes anything, and every mutant of a
text that parses parses too.
"""

from .generate import identified, mutants_of
from .killing import Example, appended, more_of_each, telling
from .operators import OPERATORS, Operator
from .report import report_document

__all__ = [
    "OPERATORS",
    "Example",
    "Operator",
    "appended",
    "identified",
    "more_of_each",
    "mutants_of",
    "report_document",
    "telling",
]
