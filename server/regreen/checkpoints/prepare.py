"""The first half of every write: all files of a patch are opened, read and compared before one is touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from regreen.core.edit import FileEdit, Patch
from regreen.core.errors import CannotRun, Conflict, UnreadableSource
from regreen.core.text import SourceText, decode
from regreen.guard import collision

from .beneath import FileState, check_writable, folder_of, read_in, refused


@dataclass(frozen=True, slots=True)
class Prepared:
    """One file of a patch, found to hold the patch's base text."""

    path: str
    folder: int  # descriptor, open as long as the context
    name: str
    before: FileState
    after: bytes


@contextmanager
def prepared(root: str, patch: Patch) -> Iterator[tuple[Prepared, ...]]:
    """Open and check every file of a patch; the folders stay open inside of the context.

    Raises:
        Conflict: files are gone or hold another text than the patch's base; names them.
        Refused: a path is hostile, a link, a special file, hard-linked or read-only.
        UnreadableSource: the new text has a character that the file's encoding lacks.
        CannotRun: a file cannot be read.
    """
    refusal = collision(patch.paths)
    if refusal is not None:
        raise refused(refusal)
    with ExitStack() as stack:
        files = [_prepare(stack, root, file) for file in patch.files]
        stale = tuple(edit.path for edit, file in zip(patch.files, files, strict=True) if file is None)
        if stale:
            raise stale_base(stale)
        yield tuple(file for file in files if file is not None)


def stale_base(paths: tuple[str, ...]) -> Conflict:
    """Return the error that names files which are not what a patch was made for."""
    return Conflict(
        f"{', '.join(paths)} changed since the patch was made.",
        next_step="Nothing was overwritten; run the fix again on the present text.",
        paths=paths,
    )


def _prepare(stack: ExitStack, root: str, edit: FileEdit) -> Prepared | None:
    try:
        folder, name = stack.enter_context(folder_of(root, edit.path))
        before = read_in(folder, name, edit.path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotRun(
            f"{edit.path} could not be read: {error.strerror}.",
            next_step="Nothing was changed; see that the file and its folder can be read, then run the fix again.",
        ) from error
    check_writable(before.stat, edit.path)
    source = _decoded(before.content, edit.path)
    if source is None or source.text != edit.base:
        return None
    return Prepared(edit.path, folder, name, before, source.encode(edit.after))


def _decoded(content: bytes, path: str) -> SourceText | None:
    try:
        return decode(content, path)
    except UnreadableSource:  # The base was text, so these bytes are not the base.
        return None
