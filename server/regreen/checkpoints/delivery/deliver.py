"""Writes an accepted patch into the user's files: compare and swap, all of them or none.

Every file is compared first, every new content is on the disk before the first one is swapped in, and the old
file is kept under a second name until the last one is in place.
"""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from regreen.checkpoints.beneath import read_file
from regreen.checkpoints.prepare import Prepared, prepared, stale_base
from regreen.checkpoints.staging import new_name, remove, stage, write_error
from regreen.core.edit import Patch, invert, rebase
from regreen.core.errors import Conflict, RollbackConflict, UnreadableSource
from regreen.core.text import decode

_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EXDEV})


def deliver(root: str, patch: Patch) -> None:
    """Write a patch into the files below `root`, each one swapped in whole; on any error all are as before.

    Raises:
        Conflict: files are not what the patch was made for; names them.
        Refused: a path is hostile, a link, a special file, hard-linked or read-only.
        CannotRun: the disk is full or fails.
    """
    with prepared(root, patch) as files, _staged(files) as swaps:
        done: list[_Swap] = []
        try:
            for swap in swaps:
                _keep_old(swap)
                _check_untouched(swap)
                os.replace(swap.new, swap.file.name, src_dir_fd=swap.file.folder, dst_dir_fd=swap.file.folder)
                done.append(swap)
                _check_old_untouched(swap)
            for swap in swaps:
                os.fsync(swap.file.folder)
        except BaseException as error:
            _put_back(done)
            if isinstance(error, OSError):
                raise write_error(error, swap.file.path) from error
            raise


def take_back(root: str, patch: Patch) -> Patch:
    """Undo a delivered patch, and only it: later changes elsewhere in its files stay. Return what was written.

    Raises:
        Conflict: lines that the patch wrote were changed since; names the files.
    """
    present = {path: text for path in patch.paths if (text := _present(root, path)) is not None}
    try:
        backwards = rebase(invert(patch), present)
    except Conflict as conflict:
        raise Conflict(
            f"{', '.join(conflict.paths)} changed since, in the lines that the repair wrote.",
            next_step="Nothing was overwritten; take the change back by hand.",
            paths=conflict.paths,
        ) from conflict
    deliver(root, backwards)
    return backwards


@dataclass(frozen=True, slots=True)
class _Swap:
    file: Prepared
    new: str  # temporary name of the new content
    old: str  # second name of the old file
    inode: int  # of the new content


@contextmanager
def _staged(files: tuple[Prepared, ...]) -> Iterator[tuple[_Swap, ...]]:
    with ExitStack() as stack:
        swaps = []
        for file in files:
            try:
                new = stage(file, file.after, durable=True)
            except OSError as error:
                raise write_error(error, file.path) from error
            stack.callback(remove, file.folder, new)
            old = new_name()
            stack.callback(remove, file.folder, old)
            swaps.append(_Swap(file, new, old, os.stat(new, dir_fd=file.folder).st_ino))
        try:
            yield tuple(swaps)
        except RollbackConflict:
            stack.pop_all()  # The second names are all that is left of the old files.
            raise


def _keep_old(swap: _Swap) -> None:
    file = swap.file
    try:
        os.link(file.name, swap.old, src_dir_fd=file.folder, dst_dir_fd=file.folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.rename(
            stage(file, file.before.content, durable=True), swap.old, src_dir_fd=file.folder, dst_dir_fd=file.folder
        )


def _check_untouched(swap: _Swap) -> None:
    found = os.stat(swap.file.name, dir_fd=swap.file.folder, follow_symlinks=False)
    if _stamp(found) != _stamp(swap.file.before.stat):
        raise stale_base((swap.file.path,))


def _check_old_untouched(swap: _Swap) -> None:
    """Notice a save into the old file in the moment of the swap."""
    found = os.stat(swap.old, dir_fd=swap.file.folder, follow_symlinks=False)
    if found.st_ino == swap.file.before.stat.st_ino and _stamp(found) != _stamp(swap.file.before.stat):
        raise stale_base((swap.file.path,))


def _stamp(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns


def _put_back(done: list[_Swap]) -> None:
    stuck = tuple(swap for swap in reversed(done) if not _was_put_back(swap))
    if not stuck:
        return
    kept = ", ".join(posixpath.join(posixpath.dirname(swap.file.path), swap.old) for swap in stuck)
    raise RollbackConflict(
        f"{', '.join(swap.file.path for swap in stuck)} could not be put back.",
        next_step=f"The file as it was is kept as {kept}; move it back by hand.",
        paths=tuple(swap.file.path for swap in stuck),
    )


def _was_put_back(swap: _Swap) -> bool:
    folder = swap.file.folder
    try:
        # Whoever saved on top of the new content keeps what they saved.
        if os.stat(swap.file.name, dir_fd=folder, follow_symlinks=False).st_ino == swap.inode:
            os.replace(swap.old, swap.file.name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        return False
    return True


def _present(root: str, path: str) -> str | None:
    try:
        return decode(read_file(root, path).content, path).text
    except (FileNotFoundError, UnreadableSource):
        return None
