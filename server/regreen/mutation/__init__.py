"""Mutants: small changes of a file, made over its tree, that its tests should notice; and the report of what they did.

Invariant: pure. It reads a text and makes values; nothing here runs, reads or writes anything, and every mutant of a
text that parses parses too.
"""

from .generate import identified, mutants_of
from .killing import Example, appended, more_of_each, telling
from .killing_near import near
from .killing_pen import Answer, Draft, Fact, How, Pen, Reach, Sheet, Words, told_answers, told_calls
from .killing_pens import PENS
from .killing_swaps import further, swapped
from .operators import OPERATORS, Operator
from .report import report_document

__all__ = [
    "OPERATORS",
    "PENS",
    "Answer",
    "Draft",
    "Example",
    "Fact",
    "How",
    "Operator",
    "Pen",
    "Reach",
    "Sheet",
    "Words",
    "appended",
    "further",
    "identified",
    "more_of_each",
    "mutants_of",
    "near",
    "report_document",
    "swapped",
    "telling",
    "told_answers",
    "told_calls",
]
