"""A small JSON document that all processes of a person share: read and written under a lock, whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regreen.core.errors import CannotRun


@dataclass(frozen=True, slots=True)
class Kept:
    """One document, in a folder that is private to the person."""

    folder: Path
    name: str

    @property
    def path(self) -> Path:
        """Return where it lies."""
        return self.folder / self.name

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep all others from reading and writing it.

        Raises:
            CannotRun: the folder cannot be written, or the disk is full.
        """
        lock = self.folder / f".{self.name}.lock"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise self._unusable("written", lock, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def read(self) -> Any:
        """Return the document, None when there is none.

        Raises:
            ValueError: it is no JSON.
            CannotRun: it cannot be read.
        """
        try:
            found = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except RecursionError as error:
            raise ValueError("it is nested too deeply") from error
        except OSError as error:
            raise self._unusable("read", self.path, error) from error
        if found is None:
            raise ValueError("it is null")
        return found

    def write(self, document: object) -> None:
        """Put another document in its place; it is on the disk when this returns.

        Raises:
            CannotRun: the disk is full or fails; the old one stays.
        """
        staged = self.folder / f".{secrets.token_hex(6)}.tmp"
        try:
            descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(descriptor, "w", encoding="utf-8") as writer:
                json.dump(document, writer, indent=1, sort_keys=True)
                writer.flush()
                os.fsync(writer.fileno())
            staged.replace(self.path)
        except OSError as error:
            with contextlib.suppress(OSError):
                staged.unlink(missing_ok=True)
            raise self._unusable("written", self.path, error) from error

    def _unusable(self, done: str, path: Path, error: OSError) -> CannotRun:
        return CannotRun(
            f"{path} cannot be {done}: {error.strerror or error}.",
            next_step="Make room on the disk, or set REGREEN_STATE_DIR to a folder in which you may write.",
        )
