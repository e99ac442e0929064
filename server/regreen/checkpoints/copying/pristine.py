"""The second store: every file's content as it was, in one file that no test knows of."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from regreen.core.errors import CannotRun

from .clone import CHUNK


@dataclass(frozen=True, slots=True)
class Blob:
    """Where a content lies in the store, and its hash."""

    offset: int
    size: int
    digest: str  # sha256


class Pristine:
    """Appends contents and gives them back. Opened by the one workbench that owns it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb+", buffering=0)
        self._end = 0

    def __enter__(self) -> Pristine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def keep(self, path: Path) -> Blob:
        """Append the content of a file."""
        digest = hashlib.sha256()
        start = self._end
        with path.open("rb", buffering=0) as reader:
            while chunk := reader.read(CHUNK):
                digest.update(chunk)
                self._append(chunk)
        return Blob(start, self._end - start, digest.hexdigest())

    def restore(self, blob: Blob, path: Path) -> None:
        """Write a content to a new file.

        Raises:
            CannotRun: the store itself was damaged.
        """
        digest = hashlib.sha256()
        with path.open("xb", buffering=0) as writer:
            for chunk in self._chunks(blob):
                digest.update(chunk)
                view = memoryview(chunk)
                while view:
                    view = view[writer.write(view) :]
        if digest.hexdigest() != blob.digest:
            raise CannotRun(
                f"The saved content of {path.name} was damaged.",
                next_step="Run the fix again; your own files were not touched.",
            )

    def _append(self, chunk: bytes) -> None:
        view = memoryview(chunk)
        while view:
            n_written = os.pwrite(self._file.fileno(), view, self._end)
            self._end += n_written
            view = view[n_written:]

    def _chunks(self, blob: Blob) -> Iterator[bytes]:
        at, end = blob.offset, blob.offset + blob.size
        while at < end:
            chunk = os.pread(self._file.fileno(), min(CHUNK, end - at), at)
            if not chunk:
                return
            at += len(chunk)
            yield chunk


def digest_of(path: Path) -> str:
    """Return the sha256 of a regular file's bytes, or "" when it is none."""
    try:
        with open(
            path, "rb", buffering=0, opener=lambda name, _: os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        ) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
