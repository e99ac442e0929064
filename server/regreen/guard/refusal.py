"""What the guard answers when it says no, and the closed list of its rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_PATH = "Propose an edit of an existing file by its plain path below the workspace, with / between folders."
_OTHER = "Repair the cause in the product code instead."
_TESTS = "Repair the product code; a person who finds the test wrong says so."

# What a person may lift for one run. What a cheat would need, and what only the disk shows, is never lifted.
LIFTABLE = frozenset(
    {
        "action-delete", "blast-files", "blast-lines", "code-eval", "code-exit", "code-network", "code-process",
        "code-silence", "code-swallow", "path-outside", "path-protected", "protected-test", "security-scope",
    }
)  # fmt: skip
_NEXT_STEPS = {
    "path-empty": _PATH,
    "path-too-long": _PATH,
    "path-encoding": _PATH,
    "path-control": _PATH,
    "path-invisible": _PATH,
    "path-backslash": _PATH,
    "path-colon": _PATH,
    "path-absolute": _PATH,
    "path-home": _PATH,
    "path-dots": _PATH,
    "path-git": _PATH,
    "path-trailing": _PATH,
    "path-reserved": _PATH,
    "path-collision": "Name each file once, and never two files that differ in case or accents only.",
    "path-unknown": "Edit a file that was part of the request; nothing is created.",
    "path-outside": "Stay below the paths that the policy allows.",
    "path-sacred": "Leave what holds secrets, limits Regreen or starts programs to a person.",
    "action-edit": "Only a person edits here: `actions` of the configuration does not list `edit`.",
    "action-delete": "Leave something in the file, or let a person delete it.",
    "path-protected": "Leave tests' configuration, build, CI and editor files to a person.",
    "protected-test": _TESTS,
    "security-scope": "Repair ordinary code, or let a person look at this first.",
    "path-symlink": "Name the file that the link points to.",
    "path-special": "Edit regular files only.",
    "path-hard-link": "Break the hard link first: an edit would change its other names, too.",
    "path-read-only": "Make the file and its folder writable, then run the fix again.",
    "file-too-large": "Edit a smaller file; a file of more than 1 MB is left to a person.",
    "blast-files": "Propose a smaller patch, of fewer files.",
    "blast-lines": "Propose a smaller patch, of fewer lines.",
    "edit-invalid": "Give edits that are sorted, apart from each other and inside the file.",
    "empty": "Propose a patch that changes something.",
    "base-changed": "Make the patch for the text that was in the request.",
    "tried-before": "Propose something that the earlier attempts did not try.",
    "assertion-removed": "Keep every assertion of the test; repair the product code.",
    "test-removed": "Keep every test; repair the product code.",
    "code-exit": _OTHER,
    "code-test-aware": _OTHER,
    "code-skip": _OTHER,
    "code-swallow": "Handle the error by its own type, and do something about it.",
    "code-equal-always": _OTHER,
    "code-eval": _OTHER,
    "code-process": _OTHER,
    "code-network": _OTHER,
    "code-patching": _OTHER,
    "code-answer": "Compute the answer for every input, not for those that the test names.",
    "invented-symbol": "Use a name that the files, the standard library or a declared dependency has.",
    "code-silence": "Correct what the check complains of instead.",
    "code-unreadable": "Propose code that parses.",
}


def _whether_lifted(rule: str) -> str:
    if rule in LIFTABLE:
        return f"A person can allow it for one run: regreen fix --allow {rule}, or the light bulb."
    return f"Nothing lifts this rule ({rule})."


# name -> what to do next. Names are stable: docs/guardrails.md lists them, a test compares the two.
RULES: Mapping[str, str] = MappingProxyType(
    {rule: f"{step} {_whether_lifted(rule)}" for rule, step in _NEXT_STEPS.items()}
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule says no. Invariant: `rule` is a key of RULES."""

    rule: str
    message: str  # one sentence for a person
    next_step: str
    path: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}"


def refuse(rule: str, message: str, path: str = "") -> Refusal:
    """Build the refusal of a rule; its next step comes from the table."""
    return Refusal(rule, message, RULES[rule], path)
