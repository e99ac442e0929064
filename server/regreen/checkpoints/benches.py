"""Private folders for workbenches: each with a lock that its process holds, collected when the process is gone."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .locks import boot_id
from .removal import remove_tree as remove_tree

_LOG = logging.getLogger(__name__)


@contextmanager
def claim(home: Path) -> Iterator[Path]:
    """Make a private folder below `home`, hold its lock, and remove it in the end, whatever it holds."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    collect(home)
    name = secrets.token_hex(6)
    with _locked(home / f"{name}.lock") as lock:
        os.write(lock, json.dumps({"pid": os.getpid(), "boot": boot_id()}).encode())
        bench = home / name
        try:
            bench.mkdir(mode=0o700)
            yield bench
        finally:
            _dispose(home, name)


def collect(home: Path) -> tuple[str, ...]:
    """Remove the folders whose process is gone; return their names."""
    names = sorted({entry.name.removesuffix(".lock") for entry in home.iterdir()})
    return tuple(name for name in names if _collect_one(home, name))


def _collect_one(home: Path, name: str) -> bool:
    lock = home / f"{name}.lock"
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        _LOG.warning("%s cannot be looked at: %s", lock, error)
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # Somebody works there.
        return False
    else:
        _dispose(home, name)
        return True
    finally:
        os.close(descriptor)


def _dispose(home: Path, name: str) -> None:
    """Remove a folder, then its lock; what cannot be removed keeps the lock file and is collected another time."""
    try:
        if os.path.lexists(home / name):
            remove_tree(home / name)
        with contextlib.suppress(FileNotFoundError):
            (home / f"{name}.lock").unlink()
    except OSError as error:
        _LOG.warning("%s could not be removed and is tried again next time: %s", home / name, error)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # Between open and flock a collector may have removed the file: then this lock is nobody's.
            if _is_at(descriptor, path):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False
