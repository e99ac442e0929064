"""Classified failures: the closed taxonomy, its codes, and what a failure carries."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import Enum, StrEnum

from .testing import Frame, TestId


class Strategy(StrEnum):
    """What fits a kind of failure."""

    TEMPLATE = "template"  # the embedded search engine is likely to know it
    MODEL = "model"  # needs understanding; the search engine is still tried first
    ENVIRONMENT = "environment"  # a preparation step cures it, never a code edit
    ASK = "ask"  # a person decides
    RERUN = "rerun"  # run again before believing it


class FailureKind(Enum):
    """The closed list of kinds: (code, name, strategy). Codes are stable names."""

    SYNTAX = ("RG101", "syntax", Strategy.TEMPLATE)
    IMPORT_UNRESOLVED = ("RG102", "import-unresolved", Strategy.TEMPLATE)
    DEPENDENCY_MISSING = ("RG103", "dependency-missing", Strategy.ENVIRONMENT)
    NAME_UNDEFINED = ("RG104", "name-undefined", Strategy.TEMPLATE)
    MEMBER_MISSING = ("RG105", "member-missing", Strategy.TEMPLATE)
    CALL_ARITY = ("RG106", "call-arity", Strategy.TEMPLATE)
    TYPE_MISMATCH = ("RG107", "type-mismatch", Strategy.MODEL)
    BORROW_CHECK = ("RG108", "borrow-check", Strategy.MODEL)
    COMPILE_RULE = ("RG109", "compile-rule", Strategy.TEMPLATE)
    NULL_DEREF = ("RG201", "null-deref", Strategy.TEMPLATE)
    INDEX_KEY = ("RG202", "index-key", Strategy.TEMPLATE)
    INVALID_VALUE = ("RG203", "invalid-value", Strategy.MODEL)
    UNHANDLED_ERROR = ("RG204", "unhandled-error", Strategy.MODEL)
    ASSERTION = ("RG301", "assertion", Strategy.MODEL)
    SNAPSHOT = ("RG302", "snapshot", Strategy.ASK)
    TIMEOUT = ("RG401", "timeout", Strategy.RERUN)
    RESOURCE_EXHAUSTED = ("RG402", "resource-exhausted", Strategy.MODEL)
    PROCESS_CRASH = ("RG403", "process-crash", Strategy.MODEL)
    CONCURRENCY = ("RG404", "concurrency", Strategy.MODEL)
    TEST_SETUP = ("RG501", "test-setup", Strategy.MODEL)
    RUNNER_CONFIG = ("RG502", "runner-config", Strategy.ASK)
    ENVIRONMENT = ("RG601", "environment", Strategy.ENVIRONMENT)
    FLAKY = ("RG701", "flaky", Strategy.RERUN)
    WEAK_TEST = ("RG702", "weak-test", Strategy.ASK)
    UNKNOWN = ("RG000", "unknown", Strategy.MODEL)

    def __init__(self, code: str, label: str, strategy: Strategy) -> None:
        self.code = code
        self.label = label
        self.strategy = strategy

    @property
    def editable(self) -> bool:
        """Tell whether editing the code may be the cure."""
        return self.strategy in (Strategy.TEMPLATE, Strategy.MODEL) or self is FailureKind.TIMEOUT


class AgentCode(Enum):
    """What the agent itself reports: (code, name). Not test failures."""

    RATE_LIMITED = ("RG801", "rate-limited")
    QUOTA_EXHAUSTED = ("RG802", "quota-exhausted")
    PROVIDER_ERROR = ("RG803", "provider-error")
    GUARDRAIL_DENIED = ("RG811", "guardrail-denied")
    BLAST_RADIUS = ("RG812", "blast-radius")
    ROLLED_BACK = ("RG813", "rolled-back")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Failure:
    """One classified failure. `path` and `line` are the culprit in user code, else the test, else the file."""

    kind: FailureKind
    test: TestId
    path: str  # relative to the root; "" when no file is to blame
    line: int  # 1-based; 0 when unknown
    message: str  # one line
    slots: tuple[tuple[str, str], ...] = ()  # sorted by name: symbol, expected, actual, missing, suggest …
    frames: tuple[Frame, ...] = ()  # outermost first
    test_path: str = ""
    test_line: int = 0  # the definition's
    code: str = ""  # the source line at `path`:`line`
    text: str = ""  # the runner's own rendering
    advice: str = ""  # what a person can do next, in one sentence

    def slot(self, name: str) -> str:
        """Return a slot, or ""."""
        return next((value for key, value in self.slots if key == name), "")

    @property
    def of_build(self) -> bool:
        """Tell whether it kept tests from being built or loaded, as a language server of its language shows as well."""
        return "::" not in self.test.name and self.kind in _OF_BUILD

    @property
    def fingerprint(self) -> str:
        """Return a short hash of what failed and how: the same in any folder, on any run."""
        return fingerprint(self)


_OF_BUILD = frozenset(
    {
        FailureKind.SYNTAX,
        FailureKind.IMPORT_UNRESOLVED,
        FailureKind.NAME_UNDEFINED,
        FailureKind.MEMBER_MISSING,
        FailureKind.CALL_ARITY,
        FailureKind.TYPE_MISMATCH,
        FailureKind.BORROW_CHECK,
        FailureKind.COMPILE_RULE,
    }
)
_VOLATILE = re.compile(r"0x[0-9a-fA-F]+|\b\d+\.\d+s\b|(?:/[\w.+-]+){2,}/?")


def fingerprint(failure: Failure) -> str:
    """Hash what identifies a failure (16 hex digits): kind, test, culprit file, message without addresses and paths."""
    message = _VOLATILE.sub("·", failure.message)
    parts = (failure.kind.code, failure.test.project, failure.test.name, failure.path, message)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
