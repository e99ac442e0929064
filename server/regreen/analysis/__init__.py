"""Judgements about test runs: what failed, why, where, and what a change may affect.

Invariant: pure. Nothing here reads files, runs processes or knows LSP; texts are asked for through a function.
"""

from .affected import affected_tests
from .chance import speak_of_chance
from .classify import classify
from .confined import missing_files
from .localize import by_file, localize
from .saved_output import classify_saved, plain

__all__ = [
    "affected_tests",
    "by_file",
    "classify",
    "classify_saved",
    "localize",
    "missing_files",
    "plain",
    "speak_of_chance",
]
