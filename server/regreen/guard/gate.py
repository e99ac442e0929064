"""The input gate: what a person is asked before anything is tried.

It stands behind the two runs that show the failure (complete: red twice in the same way, in a sane environment; to be
verified: by a test that runs) and before the first attempt. What it holds back is a question, never an error.

An area asks where a wrong fix does harm that undoing its edit does not undo (data that was migrated, a secret that
leaked, a cipher that anyone can break, a deployment), or where the code decides who may do what, or who pays. A folder
called `auth` alone does not ask: most bugs in it are ordinary ones, and a fix is one edit that is shown and undone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from regreen.core.failure import Failure
from regreen.core.policy import Policy
from regreen.core.repair import Inquiry, Way
from regreen.core.workspace import WorkspaceModel

from .globs import first_match

SCOPE = "security-scope"
_CALLED = re.compile(r"(\w+)!?\s*\(")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Area:
    """Code that is asked about: words of paths, and deeds (if any), of which one must be met as well."""

    name: str
    places: frozenset[str]
    deeds: frozenset[str] = frozenset()  # of the file's own name, or of the function's


AREAS: tuple[Area, ...] = (
    Area("migrations of data", frozenset({"migration", "migrations", "alembic"})),
    Area("cryptography", frozenset({"crypto", "crypt", "cryptography", "cipher", "encryption", "signing"})),
    Area("secrets", frozenset({"secrets", "vault", "keyring", "keystore", "credentials"})),
    Area("deployment", frozenset({"deploy", "deployment", "terraform", "ansible", "helm", "ci"})),
    Area(
        "authentication",
        frozenset({"auth", "authentication", "authorization", "oauth", "sso", "login", "iam", "rbac", "acl"}),
        frozenset({
            "access", "allow", "allowed", "authenticate", "authorize", "check", "credential", "decode", "grant",
            "jwt", "login", "logout", "may", "password", "passwords", "permission", "permissions", "role", "session",
            "sign", "token", "tokens", "valid", "validate", "verify",
        }),
    ),
    Area(
        "payments",
        frozenset({"payment", "payments", "checkout", "payout", "payouts", "wallet"}),
        frozenset({"authorize", "capture", "charge", "credit", "debit", "pay", "payment", "payout", "refund", "settle",
                   "transfer", "withdraw"}),
    ),
)  # fmt: skip


def check_gate(policy: Policy, failure: Failure, model: WorkspaceModel) -> Inquiry | None:
    """Return what a person is to be asked before a repair of this failure; None when it may begin."""
    for path, line in () if SCOPE in policy.lifted else _culprits(failure, model):
        area = area_of(policy, model, path, (line,))
        if area is not None:
            return scope_question(failure, f"This repair would touch {area} ({path}:{line}). Go on?")
    return None


def scope_question(failure: Failure, text: str) -> Inquiry:
    """Build the question whether code of such an area may be touched."""
    evidence = (
        f"{failure.kind.code} {failure.kind.label}: {failure.message}",
        "A wrong fix here can do harm that undoing its edit does not undo.",
    )
    ways = (Way("Go On for This Run", lifts=SCOPE), Way("Leave It to Me"))
    return Inquiry(SCOPE, text, evidence, ways)


def _culprits(failure: Failure, model: WorkspaceModel) -> tuple[tuple[str, int], ...]:
    """Return where the failure leads: its own place, and the functions that a test calls on the line that fails."""
    called = frozenset(_CALLED.findall(failure.code)) if model.tests_in(failure.path) else frozenset()
    files = (each for each in model.files.values() if called and not each.tests)
    found = ((each.path, symbol.line) for each in files for symbol in each.symbols if symbol.name in called)
    own = ((failure.path, failure.line),) if failure.path else ()
    return (*own, *sorted(found))


def area_of(policy: Policy, model: WorkspaceModel, path: str, lines: Iterable[int]) -> str | None:
    """Return which area some lines of a file belong to; None when they are ordinary code."""
    if (glob := first_match(policy.sensitive, path, ignore_case=True)) is not None:
        return f"what the configuration calls sensitive, {glob}"
    folder, _, file = path.rpartition("/")
    stem = _words(file.partition(".")[0])
    places = _words(folder) | stem
    deeds = stem | _words(" ".join(_functions_at(model, path, lines)))
    found = (area for area in AREAS if area.places & places and (not area.deeds or area.deeds & deeds))
    return next((area.name for area in found), None)


def _functions_at(model: WorkspaceModel, path: str, lines: Iterable[int]) -> list[str]:
    facts = model.files.get(path)
    wanted = tuple(lines)
    symbols = () if facts is None else facts.symbols
    return [each.qualname for each in symbols if any(each.line <= line <= each.end_line for line in wanted)]


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text))
