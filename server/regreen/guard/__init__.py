"""May this happen? A proposal is untrusted text; only this room makes a patch of it.

Invariant: pure and deterministic. Nothing here reads a file, asks a clock or a model, or widens a policy.
"""

from .blast import check_assertions, check_blast
from .code import check_code
from .envelope import check_inline_tests, check_paths, is_test
from .globs import matches
from .inline import test_spans
from .paths import collision, path_refusal
from .proposal import admit
from .redaction import Redactor
from .refusal import RULES, Refusal, refuse

__all__ = [
    "RULES", "Redactor", "Refusal", "admit", "check_assertions", "check_blast", "check_code", "check_inline_tests",
    "check_paths", "collision", "is_test", "matches", "path_refusal", "refuse", "test_spans",
]  # fmt: skip
