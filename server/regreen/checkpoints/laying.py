"""What every workbench does with files: read one, write a patch, say what went wrong."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regreen.core.edit import Patch
from regreen.core.errors import CannotRun, RollbackConflict, UnreadableSource
from regreen.core.text import SourceText, decode

from .beneath import read_file
from .prepare import Prepared, prepared
from .staging import remove, stage, write_error

ELSEWHERE = "set REGREEN_STATE_DIR to a folder on another disk"

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SECOND = 1_000_000_000  # nanoseconds
_SHOWN = 5


def read_source(tree: str, path: str) -> SourceText:
    """Return a file's text.

    Raises:
        UnreadableSource: it is not there, too large or not text.
        Refused: the path is hostile, or a link or special file stands there.
    """
    try:
        return decode(read_file(tree, path).content, path)
    except OSError as error:
        raise UnreadableSource(
            f"{path} cannot be read: {error.strerror}.",
            next_step="See that the file is there and readable, then run the fix again.",
        ) from error


def lay_patch(tree: str, patch: Patch) -> None:
    """Write the patch's texts below a workbench's folder.

    Raises:
        Conflict: a file is not what the patch was made for; nothing was written.
        Refused: a path is hostile, a link, a special file, hard-linked or read-only; nothing was written.
    """
    with prepared(tree, patch) as files:
        for file in files:
            _replace(file)


def later(now_ns: int, than_ns: int) -> int:
    """Return a time for a file's new text: later than the old one's by a whole second at least.

    Bytecode caches and build tools compare times to the second.
    """
    return max(now_ns, than_ns + _SECOND)


def changed_meanwhile(paths: tuple[str, ...]) -> RollbackConflict:
    """Return the error that names what the person changed while a workbench was open."""
    readable = [os.fsencode(path).decode("utf-8", "replace") for path in paths[:_SHOWN]]
    shown = ", ".join(readable) + (f" and {len(paths) - _SHOWN} more" if _SHOWN < len(paths) else "")
    return RollbackConflict(
        f"{shown} changed in the workspace while the repair ran.",
        next_step="Nothing was overwritten; run the fix again on the present files.",
        paths=paths,
    )


@contextmanager
def explained(place: Path) -> Iterator[None]:
    """Turn what the operating system says into what a person can do.

    Raises:
        CannotRun: a call failed.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            message, next_step = f"The disk that holds {place} is full.", f"Free some space, or {ELSEWHERE}."
        else:
            message = f"{error.filename or place} cannot be used: {error.strerror or error}."
            next_step = f"See that you may write in {place}, or {ELSEWHERE}."
        raise CannotRun(message, next_step=next_step) from error


def _replace(file: Prepared) -> None:
    try:
        staged = stage(file, file.after, durable=False)
        try:
            now_ns = os.stat(staged, dir_fd=file.folder).st_mtime_ns
            mtime_ns = later(now_ns, file.before.stat.st_mtime_ns)
            os.utime(staged, ns=(mtime_ns, mtime_ns), dir_fd=file.folder)
            os.replace(staged, file.name, src_dir_fd=file.folder, dst_dir_fd=file.folder)
        finally:
            remove(file.folder, staged)
    except OSError as error:
        raise write_error(error, file.path) from error
