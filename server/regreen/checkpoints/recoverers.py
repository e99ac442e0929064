"""Brings everything that was interrupted in a workspace to an end: one row for each kind of work that writes in it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from .benches import collect
from .delivery.recover import recover_deliveries
from .in_place import recover_in_place
from .overlay.places import homes
from .recovery import Recoverer, Recovery, Told

_PRIVATE = ("benches", "scratch")  # in the state folder
RECOVERERS: tuple[Recoverer, ...] = (recover_deliveries, recover_in_place)


def recover(root: str, state_dir: str | Path, told: Told = lambda _: None) -> tuple[Recovery, ...]:
    """Finish or take back what was interrupted; `told` hears of each piece before its record is removed.

    What killed processes left beside the workspace goes without a word.

    The caller sees to it that nobody works on the workspace meanwhile.

    Raises:
        CannotRun: a disk is full or fails; call it again when that is over.
    """
    state = Path(state_dir)
    recoveries = tuple(recovery for each in RECOVERERS for recovery in each(root, state, told))
    _collect_all(Path(os.path.realpath(root)), Path(os.path.realpath(state)))
    return recoveries


def _collect_all(root: Path, state: Path) -> None:
    """Remove the private folders of killed processes; a folder that cannot be looked at does not stop a recovery."""
    elsewhere: tuple[Path, ...] = ()
    with contextlib.suppress(OSError):  # No folder for temporary files can be written: then none was.
        elsewhere = tuple(homes(state, root))
    for home in dict.fromkeys((*elsewhere, *(state / name for name in _PRIVATE))):
        with contextlib.suppress(OSError):
            if home.is_dir() and home.lstat().st_uid == os.geteuid():
                collect(home)
                if not home.is_relative_to(state):
                    home.rmdir()
