"""What an editor or a shell asks of a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch
from regreen.core.testing import TestId


@dataclass(frozen=True, slots=True)
class TestRequest:
    """Run these tests, or the tests of these files or folders (relative to the root), or (both empty) everything."""

    tests: tuple[TestId, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FixRequest:
    """Repair these tests, or the red test at a place, or (neither given) the first red one.

    `generation` is the model's that the offer was made for; a file of the repair that changed since makes it stale.
    """

    tests: tuple[TestId, ...] = ()
    path: str = ""
    line: int = 0  # 1-based
    generation: int | None = None
    dry_run: bool = False
    max_attempts: int | None = None
    allow_tests: bool = False
    lifted: frozenset[str] = frozenset()  # names of rules that the person lifts for this run
    choice: int = 0  # with a number, take this answer to the question of `asked` instead of looking for a fix
    asked: str = ""  # the run that asked; "": the last one that did
    replay: str = ""  # a folder of recordings that answers instead of any provider


@dataclass(frozen=True, slots=True)
class MutateRequest:
    """Mutate these files and folders (relative to the root; none: everything), of them one function, or new lines."""

    paths: tuple[str, ...] = ()
    function: str = ""  # its qualified name, or that of a class; "": all
    since: str = ""  # a revision: only lines that are new or another since; "": all
    seconds: float = 0.0  # after which no further mutant is begun; 0: as long as it takes


def _nothing_to_settle() -> None:
    """Do nothing: what an editor applied is the editor's."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """Whether a patch reached the person's files or buffers, and if not, why and what to do."""

    applied: bool
    reason: str = ""
    settle: Callable[[], None] = _nothing_to_settle  # to be called when its success has been written down


Deliver = Callable[[Cancellation, Patch, str], Delivered]


def keep_back(cancel: Cancellation, patch: Patch, label: str) -> Delivered:
    """Deliver nothing: a dry run."""
    del cancel, patch, label
    return Delivered(applied=False, reason="Dry run: nothing was changed.")


AskSecret = Callable[[Cancellation, str], str | None]
"""Asks for a provider's API key at its use. Whoever gets it keeps it no longer than the call that needs it."""
