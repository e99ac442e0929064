"""Writes an accepted patch into the person's files: compare and swap, all of them or none, whatever happens meanwhile.

Before the first file is touched, what is about to happen is on the disk; every new content is whole and on the disk
before the first one is swapped in; the old files stay under second names until the last one is in place. What a killed
process began is finished or taken back by `recover`.
"""

from __future__ import annotations

import logging
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from regreen.checkpoints.prepare import Prepared, prepared
from regreen.checkpoints.staging import write_error
from regreen.core.edit import Patch
from regreen.core.errors import CannotRun, RollbackConflict

from .intent import PREFIX, IntendedFile, Intent, Intents, digest
from .swap import check_displaced, clear, put_back, stage_new, swap_in

_LOG = logging.getLogger(__name__)
_SPARE_BYTES = 1024 * 1024
_ELSEWHERE = "Make room on the disk, or set REGREEN_STATE_DIR to a folder in which you may write."

Pair = tuple[Prepared, IntendedFile]


def deliver(root: str, patch: Patch, state_dir: str | Path | None = None) -> None:
    """Write a patch into the files below `root`, each one swapped in whole; on any error all are as before.

    Without a state folder a kill in the middle is left to the caller, who has another way to restore the tree.

    Raises:
        Conflict: files are not what the patch was made for; names them.
        Refused: a path is hostile, a link, a special file, hard-linked or read-only.
        CannotRun: a disk is full or fails; nothing was changed.
        RollbackConflict: the disk failed while the files were being put back; `recover` goes on with it.
    """
    delivery = Delivery(root, state_dir)
    delivery.settle(delivery.apply(patch))


class Delivery:
    """Delivers into one workspace; the caller sees to it that nobody else does so at the same time."""

    def __init__(self, root: str, state_dir: str | Path | None) -> None:
        self._root = root
        self._intents = None if state_dir is None else Intents(state_dir)

    def apply(self, patch: Patch, *, run_id: str = "", goal: str = "") -> str:
        """Write a patch; return the name under which it is to be settled when its success has been written down.

        `run_id` and `goal` come back from `recover` when this process does not live to settle it.

        Raises:
            Conflict, Refused, CannotRun, RollbackConflict: as `deliver` says.
        """
        with prepared(self._root, patch) as files:
            pairs = tuple((file, _intended(file)) for file in files if file.before.content != file.after)
            if not pairs:
                return ""
            intent = Intent(tuple(intended for _, intended in pairs), run_id, goal)
            self._check_room(pairs)
            self._announce(intent)
            try:
                _write(pairs)
                self._mark_done(intent)
            except BaseException as error:
                self._take_back(intent, pairs)
                if isinstance(error, OSError):
                    raise write_error(error, patch.paths[0]) from error
                raise
            return intent.id if _cleared(pairs) else ""

    def settle(self, name: str) -> None:
        """Forget a delivery. One that cannot be forgotten, or left something behind, is met again by `recover`."""
        if self._intents is None or not name:
            return
        try:
            self._intents.forget(name)
        except OSError as error:
            _LOG.warning("The record of a delivery in %s could not be removed: %s", self._intents.home, error)

    def _check_room(self, pairs: tuple[Pair, ...]) -> None:
        needed = 3 * sum(max(len(file.after), len(intended.old)) for file, intended in pairs) + _SPARE_BYTES
        places: list[int | Path] = [file.folder for file, _ in pairs]
        if self._intents is not None:
            places.append(self._intents.state)
        for place in places:
            free = _free_bytes(place)
            if free is not None and free < needed:
                raise CannotRun(
                    f"A disk has {free // 1024} KB left, and writing the fix safely takes {needed // 1024} KB.",
                    next_step=f"Nothing was touched. {_ELSEWHERE}",
                )

    def _announce(self, intent: Intent) -> None:
        if self._intents is None:
            return
        try:
            self._intents.write(intent)
        except OSError as error:
            raise CannotRun(
                f"Nothing was touched: the state folder {self._intents.home} cannot be written ({error.strerror}).",
                next_step=_ELSEWHERE,
            ) from error

    def _mark_done(self, intent: Intent) -> None:
        if self._intents is not None:
            self._intents.mark_done(intent.id)

    def _take_back(self, intent: Intent, pairs: tuple[Pair, ...]) -> None:
        try:
            for file, intended in reversed(pairs):
                put_back(file.folder, file.name, intended)
            strays = [(file, name) for file, intended in pairs for name in clear(file.folder, intended)]
            _sync(pairs)
            if self._intents is not None and not strays:
                self._intents.forget(intent.id)
        except OSError as error:
            paths = tuple(file.path for file, _ in pairs)
            raise self._stuck(f"{', '.join(paths)} could not be put back: {error.strerror}.", paths) from error
        if strays:
            kept = ", ".join(str(PurePosixPath(file.path).with_name(name)) for file, name in strays)
            paths = tuple(file.path for file, _ in strays)
            raise self._stuck(f"{', '.join(paths)} was saved twice in one moment; the first save is in {kept}.", paths)

    def _stuck(self, message: str, paths: tuple[str, ...]) -> RollbackConflict:
        if self._intents is None:
            next_step = f"Their old texts lie beside them under names that begin with {PREFIX}; move them back by hand."
        else:
            next_step = (
                "Run regreen recover as soon as the disk works; it has what is needed and puts the rest in order."
            )
        return RollbackConflict(message, next_step=next_step, paths=paths)


def _intended(file: Prepared) -> IntendedFile:
    found = file.before.stat
    return IntendedFile(
        path=file.path,
        old=file.before.content,
        new_digest=digest(file.after),
        token=secrets.token_hex(8),
        mode=stat.S_IMODE(found.st_mode),
        owner=(found.st_uid, found.st_gid),
        mtime_ns=found.st_mtime_ns,
    )


def _write(pairs: tuple[Pair, ...]) -> None:
    for file, intended in pairs:
        with _named(file):
            stage_new(file, intended)
    for file, intended in pairs:
        with _named(file):
            swap_in(file.folder, file.name, intended)
    _sync(pairs)
    # Once more for all: who had opened an old file for writing may have written since it was displaced.
    for file, intended in pairs:
        check_displaced(file.folder, intended)


@contextmanager
def _named(file: Prepared) -> Iterator[None]:
    """Let an error of the system name the file by the path that a person knows."""
    try:
        yield
    except OSError as error:
        raise write_error(error, file.path) from error


def _cleared(pairs: tuple[Pair, ...]) -> bool:
    """Remove the old files; what cannot be removed does no harm to the delivery, which is done."""
    try:
        strays = [name for file, intended in pairs for name in clear(file.folder, intended)]
        _sync(pairs)
    except OSError as error:
        _LOG.warning("Temporary files of a delivery could not be removed and are left to `recover`: %s", error)
        return False
    return not strays


def _sync(pairs: tuple[Pair, ...]) -> None:
    """Bring the names to the disk, each folder once."""
    folders = {(found.st_dev, found.st_ino): file.folder for file, _ in pairs for found in [os.fstat(file.folder)]}
    for folder in folders.values():
        os.fsync(folder)


def _free_bytes(place: int | Path) -> int | None:
    """Return how much may be written there; None when the file system does not say."""
    try:
        disk = os.statvfs(place)
    except OSError:  # Whoever writes there next says why it cannot be used.
        return None
    return disk.f_bavail * disk.f_frsize if disk.f_blocks else None
