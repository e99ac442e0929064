"""May this happen? A proposal is untrusted text; only this room makes a patch of it.

Invariant: pure and deterministic. Nothing here reads a file, asks a clock or a model, or widens a policy.
"""

from .blast import check_assertions, check_blast
from .canary import with_canary
from .code import check_code
from .envelope import check_actions, check_inline_tests, check_paths, is_test
from .gate import AREAS, SCOPE, check_gate, scope_question
from .globs import glob_fault, matches
from .inline import test_spans
from .known import secret_values
from .paths import collision, path_refusal
from .proposal import admit
from .redacted import recorded, redacted, shown, unveiled
from .redaction import Redactor
from .refusal import LIFTABLE, RULES, Refusal, refuse

__all__ = [
    "AREAS",
    "LIFTABLE",
    "RULES",
    "SCOPE",
    "Redactor",
    "Refusal",
    "admit",
    "check_actions",
    "check_assertions",
    "check_blast",
    "check_code",
    "check_gate",
    "check_inline_tests",
    "check_paths",
    "collision",
    "glob_fault",
    "is_test",
    "matches",
    "path_refusal",
    "recorded",
    "redacted",
    "refuse",
    "scope_question",
    "secret_values",
    "shown",
    "test_spans",
    "unveiled",
    "with_canary",
]  # fmt: skip
