"""Finishes or takes back deliveries that were interrupted: afterwards all files are new, or all are old.

A file that is neither is the person's: it stays, and its old bytes are kept in the state folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from regreen.checkpoints.beneath import folder_of, read_in
from regreen.checkpoints.durable import make_folder_durably, write_durably
from regreen.checkpoints.recovery import Ending, KeptCopy, Recovery, Told
from regreen.core.errors import CannotRun, Refused

from .intent import Found, IntendedFile, Intent, Intents
from .swap import Present, clear, present, put_back

_WORK = "delivery"


def recover_deliveries(root: str, state_dir: Path, told: Told) -> tuple[Recovery, ...]:
    """Bring every interrupted delivery to an end; `told` hears of each before its record is removed.

    It may be interrupted itself, and called again.

    Raises:
        CannotRun: a disk is full or fails, or a newer version was interrupted; call it again when that is over.
    """
    intents = Intents(state_dir)
    try:
        return tuple(_recover(root, intents, found, told) for found in intents.found())
    except OSError as error:
        raise CannotRun(
            f"An interrupted delivery cannot be taken back yet: {error.filename or root}: {error.strerror}.",
            next_step="See that the workspace and the state folder can be written, then run regreen recover.",
        ) from error


@dataclass(frozen=True, slots=True)
class _Place:
    """A file of an intent, with its open folder; None when that cannot be reached."""

    file: IntendedFile
    folder: int | None
    name: str = ""

    @property
    def present(self) -> Present:
        return Present.GONE if self.folder is None else present(self.folder, self.name, self.file)


def _recover(root: str, intents: Intents, found: Found, told: Told) -> Recovery:
    if found.intent is None:
        return _put_aside(intents, found, told)
    with _opened(root, found.intent) as places:
        if _is_finished(found, places):
            ending = Ending.FINISHED
            _sync(places)
            if not found.done:
                intents.mark_done(found.id)
            theirs = []
        else:
            ending = Ending.ROLLED_BACK
            for place in reversed(places):
                if place.folder is not None:
                    put_back(place.folder, place.name, place.file)
            theirs = [place.file for place in places if place.present in (Present.OTHER, Present.GONE)]
        conflicts = [_keep(intents, found, file.path, file.old) for file in theirs]
        conflicts += [copy for place in places for copy in _cleared(intents, found, place)]
        _sync(places)
    left = {file.path for file in theirs}
    paths = tuple(sorted(file.path for file in found.intent.files if file.path not in left))
    recovery = Recovery(_WORK, found.intent.run_id, found.intent.goal, ending, paths, tuple(conflicts))
    told(recovery)
    intents.forget(found.id)
    return recovery


def _is_finished(found: Found, places: tuple[_Place, ...]) -> bool:
    states = {place.present for place in places}
    return states == {Present.NEW} or (found.done and states != {Present.OLD})


@contextmanager
def _opened(root: str, intent: Intent) -> Iterator[tuple[_Place, ...]]:
    with ExitStack() as stack:
        yield tuple(_place(stack, root, file) for file in intent.files)


def _place(stack: ExitStack, root: str, file: IntendedFile) -> _Place:
    try:
        return _Place(file, *stack.enter_context(folder_of(root, file.path)))
    except (FileNotFoundError, Refused):  # The folder is gone, or a link has taken its place: the person's doing.
        return _Place(file, None)


def _cleared(intents: Intents, found: Found, place: _Place) -> Iterator[KeptCopy]:
    """Clear the temporary names; bytes in them that somebody else wrote are moved out of the tree."""
    if place.folder is None:
        return
    for name in clear(place.folder, place.file):
        stray = read_in(place.folder, name, place.file.path).content
        yield _keep(intents, found, f"{place.file.path}.saved", stray)
        os.unlink(name, dir_fd=place.folder)


def _keep(intents: Intents, found: Found, path: str, content: bytes) -> KeptCopy:
    target = intents.state / "kept" / found.id / path
    make_folder_durably(target.parent, below=intents.state)
    write_durably(target, content, staged=f"{target.name}.tmp")
    return KeptCopy(path, str(target))


def _put_aside(intents: Intents, found: Found, told: Told) -> Recovery:
    name = f"{found.id}{'.done' if found.done else '.json'}"
    copy = _keep(intents, found, "record.json", (intents.home / name).read_bytes())
    recovery = Recovery(_WORK, "", "", Ending.UNREADABLE, (), (KeptCopy("", copy.kept),))
    told(recovery)
    intents.forget(found.id)
    return recovery


def _sync(places: tuple[_Place, ...]) -> None:
    for place in places:
        if place.folder is not None:
            os.fsync(place.folder)
