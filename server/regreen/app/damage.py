"""What of a workspace's history cannot be read any more: told, never passed over in silence."""

from __future__ import annotations

from regreen.core.trace import RunId
from regreen.journal import FileJournal, state_dir_for


def damaged_records(root: str) -> tuple[str, ...]:
    """Say which records of repairs cannot be read, and why; torn ones are left by a crash in the middle of a line.

    Raises:
        CannotRun: the state folder cannot be used.
    """
    return tuple(map(str, FileJournal(state_dir_for(root)).problems_of_repairs()))


def refuse_if_damaged(root: str, run_id: RunId) -> None:
    """Say of a run that is not listed whether it was once.

    Raises:
        CannotRun: its record is damaged, or of a newer version.
    """
    FileJournal(state_dir_for(root)).report(run_id)
