"""What is true of one language only: how its projects are found, its files indexed, its tests run and its reports read.

Invariant: describes and reads; never runs a program, never touches a file itself (a `Tree` is handed in).
"""

from .batching import Batching, Lines, Order
from .case import Case, Verdict, deepest_inside
from .events import report_event
from .explain import Explainer, SavedLog
from .globs import is_test_path
from .go.gates import narrowed as narrowed_gate
from .guess import guess_runner
from .paths import SavedPaths
from .python import distribution as installed_as
from .python import is_standard as is_standard_module
from .python import named_tests
from .registry import (
    REGISTRY,
    TreeLanguage,
    batching_for,
    explainer_for,
    language_for,
    language_of_runner,
    languages,
    mutation_for,
    runner_names,
)
from .rust import name_in as placed_name
from .switched import UNENDED, Switched, Variant, switch_text

__all__ = [
    "REGISTRY",
    "UNENDED",
    "Batching",
    "Case",
    "Explainer",
    "Lines",
    "Order",
    "SavedLog",
    "SavedPaths",
    "Switched",
    "TreeLanguage",
    "Variant",
    "Verdict",
    "batching_for",
    "deepest_inside",
    "explainer_for",
    "guess_runner",
    "installed_as",
    "is_standard_module",
    "is_test_path",
    "language_for",
    "language_of_runner",
    "languages",
    "mutation_for",
    "named_tests",
    "narrowed_gate",
    "placed_name",
    "report_event",
    "runner_names",
    "switch_text",
]
