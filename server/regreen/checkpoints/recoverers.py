"""Brings everything that was interrupted in a workspace to an end: one row for each kind of work."""

from __future__ import annotations

from pathlib import Path

from .delivery.recover import recover_deliveries
from .in_place import recover_in_place
from .recovery import Recoverer, Recovery, Told

RECOVERERS: tuple[Recoverer, ...] = (recover_deliveries, recover_in_place)


def recover(root: str, state_dir: str | Path, told: Told = lambda _: None) -> tuple[Recovery, ...]:
    """Finish or take back what was interrupted; `told` hears of each piece before its record is removed.

    The caller sees to it that nobody works on the workspace meanwhile.

    Raises:
        CannotRun: a disk is full or fails; call it again when that is over.
    """
    return tuple(recovery for each in RECOVERERS for recovery in each(root, Path(state_dir), told))
