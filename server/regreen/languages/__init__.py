"""What is true of one language only: how its projects are found, its files indexed, its tests run and its reports read.

Invariant: describes and reads; never runs a program, never touches a file itself (a `Tree` is handed in).
"""

from .case import Case, Verdict, deepest_inside
from .explain import Explainer, SavedLog
from .globs import is_test_path
from .guess import guess_runner
from .paths import SavedPaths
from .python import named_tests
from .registry import (
    REGISTRY,
    TreeLanguage,
    explainer_for,
    language_for,
    language_of_runner,
    languages,
    runner_names,
)
from .rust import name_in as placed_name

__all__ = [
    "REGISTRY",
    "Case",
    "Explainer",
    "SavedLog",
    "SavedPaths",
    "TreeLanguage",
    "Verdict",
    "deepest_inside",
    "explainer_for",
    "guess_runner",
    "is_test_path",
    "language_for",
    "language_of_runner",
    "languages",
    "named_tests",
    "placed_name",
    "runner_names",
]
