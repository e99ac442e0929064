"""What became of work that was interrupted: by a kill, a crash, a power cut.

One row of `RECOVERERS` for each kind of work that writes into the person's tree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Ending(StrEnum):
    """How interrupted work was brought to an end."""

    FINISHED = "finished"  # everything was there: it is done
    ROLLED_BACK = "rolled-back"  # it is as if it had never begun
    UNREADABLE = "unreadable"  # its record is damaged: nothing was touched


@dataclass(frozen=True, slots=True)
class KeptCopy:
    """Bytes that found no place in the tree. `path` is relative to the workspace, `kept` is where they are."""

    path: str
    kept: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """One interrupted piece of work, and what was done about it. Invariant: paths sorted."""

    work: str  # in words for a person, e.g. "delivery"
    run_id: str
    goal: str  # what has come true when it is finished; the caller's word
    ending: Ending
    paths: tuple[str, ...]  # that are as they should be
    conflicts: tuple[KeptCopy, ...] = ()  # were changed by somebody since, and left alone; their old bytes are kept
    moved: tuple[KeptCopy, ...] = ()  # are as they should be; what stood there, perhaps the person's, is kept

    @property
    def message(self) -> str:
        """Return what a person should know."""
        left = _told(" Left alone, with the other bytes kept", self.conflicts)
        moved = _told(" Put back, with what stood there kept", self.moved)
        return f"{_MESSAGES[self.ending].format(work=self.work)}{left}{moved}"


# Called with what was found before its record goes: whoever writes it down is never told too late.
Told = Callable[[Recovery], None]
Recoverer = Callable[[str, Path, Told], tuple[Recovery, ...]]

_MESSAGES = {
    Ending.FINISHED: "A {work} was interrupted when all files were in place; it was finished.",
    Ending.ROLLED_BACK: "A {work} was interrupted; it was rolled back.",
    Ending.UNREADABLE: "A {work} was interrupted and its record is damaged; nothing was touched.",
}


def _told(what: str, copies: tuple[KeptCopy, ...]) -> str:
    each = ", ".join(f"{copy.path or 'the record'} ({copy.kept})" for copy in copies)
    return f"{what}: {each}." if copies else ""
