"""Whose is a change? Decides for each difference whether it is put back, moved aside first, or left to the person.

What can be told:
- a content that we wrote ourselves is ours, whenever it is found;
- a change at a time when no process of ours ran is the person's: it stays, and is named;
- a loss can be undone without losing anything: what is missing is put back.
What cannot be told is a change made while tests ran: a test may have done it, or the person, or both. It is put back,
because a rollback must hold, and the bytes that stood there are moved to a folder of the store and named. So a person's
edit may have to be fetched from there; it is never gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from .compare import Change, Difference


@dataclass(frozen=True, slots=True)
class Authorship:
    """What is known of who wrote what."""

    wrote: Mapping[str, frozenset[str]] = field(default_factory=dict)  # path -> hashes of the contents that we wrote
    may_be_ours: Callable[[int], bool] = lambda _: True  # whether a process of ours may have run at a time (epoch, ns)
    persons: frozenset[str] = frozenset()  # paths that an editor says the person saved


@dataclass(frozen=True, slots=True)
class Moved:
    """Something unknown that stood in the tree, and where it is now."""

    path: str
    copy: str  # absolute


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that was left in the tree as it is, and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. All sorted by path."""

    put_back: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()
    conflicts: tuple[Conflict, ...] = ()  # the person's own changes
    failed: tuple[Conflict, ...] = ()  # what ought to have been put back and could not be

    @property
    def is_whole(self) -> bool:
        """Tell whether the tree is what it was."""
        return not self.conflicts and not self.failed


class Verdict(Enum):
    """What to do about a difference."""

    PUT_BACK = "put back"
    LEAVE = "leave"


def judge(difference: Difference, authorship: Authorship) -> Verdict:
    """Decide what to do about one difference."""
    if difference.change is Change.MISSING or difference.found is None:
        return Verdict.PUT_BACK
    if difference.oid and difference.oid in authorship.wrote.get(difference.path, frozenset()):
        return Verdict.PUT_BACK
    if difference.path in authorship.persons:
        return Verdict.LEAVE
    times = (difference.found.ctime_ns, *(inner.ctime_ns for inner in difference.inner))
    return Verdict.PUT_BACK if all(authorship.may_be_ours(time) for time in times) else Verdict.LEAVE
