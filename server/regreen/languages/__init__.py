"""What is true of one language only: how its projects are found, its files indexed, its tests run and its reports read.

Invariant: describes and reads; never runs a program, never touches a file itself (a `Tree` is handed in).
"""

from .globs import is_test_path
from .python_case import Case, Verdict
from .python_explain import PYTHON, Explainer
from .python_paths import SavedPaths
from .registry import REGISTRY, TreeLanguage, language_for, languages

__all__ = [
    "PYTHON",
    "REGISTRY",
    "Case",
    "Explainer",
    "SavedPaths",
    "TreeLanguage",
    "Verdict",
    "is_test_path",
    "language_for",
    "languages",
]
