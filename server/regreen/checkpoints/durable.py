"""Files of the state folder that are on the disk when the call returns."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


def write_durably(file: Path, content: bytes, *, staged: str) -> None:
    """Write a private file whole or not at all; `staged` is the name in its folder that it has until then.

    Raises:
        OSError: it is not there, and its temporary name is gone if it could be removed.
    """
    beside = file.with_name(staged)
    try:
        descriptor = os.open(beside, _CREATE, 0o600)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        beside.rename(file)
        sync_folder(file.parent)
    except OSError:
        for name in (beside, file):
            with contextlib.suppress(OSError):
                name.unlink()
        raise


def make_folder_durably(folder: Path, *, below: Path) -> None:
    """Make a private folder somewhere below another one, if need be.

    Raises:
        OSError: it is not there, or may not stay.
    """
    if folder == below or folder.is_dir():
        return
    make_folder_durably(folder.parent, below=below)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def remove_durably(folder: Path, names: tuple[str, ...]) -> None:
    """Remove the files of these names that are there.

    Raises:
        OSError: one may still be there, or come back.
    """
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            (folder / name).unlink()
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk.

    Raises:
        OSError: the disk fails.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
