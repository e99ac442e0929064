"""The index on the disk, so that the next start reads what has not changed instead of parsing it.

A file of portions, each with its length and its hash. A portion that is not whole is left out, and a file of another
version as well: what is missing is indexed anew. What is believed of a file is decided by its stamp and its content,
never by this store. Invariant: lies in the state folder, is replaced whole, and is never in the way: what goes wrong
here costs time, not truth.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from .index import Stamp
from .packed import FORMAT, PackedFacts, from_row, to_row

MAX_BYTES = 512_000_000  # of the file; a workspace of some million symbols
_NAME = "index.bin"
_PROJECTS = "projects.bin"
_MAGIC = b"regreen index\n"
_PORTION = 64  # files in one portion: packing it holds the interpreter lock, which must not be for long
_HASH = 16
_GRAMMARS = ("tree-sitter", "tree-sitter-go", "tree-sitter-javascript", "tree-sitter-python", "tree-sitter-rust",
             "tree-sitter-typescript")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """What was known of a file when it was indexed; without a stamp its content has to be looked at."""

    facts: PackedFacts
    stamp: Stamp | None


class IndexStore:
    """Reads and writes the index of one workspace in a folder."""

    def __init__(self, folder: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def load(self) -> Iterator[Stored]:
        """Yield what was stored by this very Regreen, until the first byte that is not as it was written."""
        try:
            with open(self._folder / _NAME, "rb") as file:
                if file.read(len(_MAGIC) + _HASH) == _MAGIC + _identity():
                    yield from _read(file)
        except OSError:
            return  # Not there, or not readable: everything is indexed anew.

    def load_projects(self) -> tuple[Any, ...]:
        """Return the rows that `save_projects` stored, none when there are none of this very Regreen."""
        try:
            content = (self._folder / _PROJECTS).read_bytes()
        except OSError:
            return ()
        head, content = content[: len(_MAGIC) + 2 * _HASH], content[len(_MAGIC) + 2 * _HASH :]
        if head != _MAGIC + _identity() + _hash(content):
            return ()
        rows: tuple[Any, ...] = marshal.loads(content)
        return rows

    def save_projects(self, rows: tuple[Any, ...]) -> bool:
        """Replace the stored rows; False when they cannot be written."""
        content = marshal.dumps(rows, FORMAT)
        return self._replace(_PROJECTS, lambda file: bool(file.write(_MAGIC + _identity() + _hash(content) + content)))

    def save(self, facts: Mapping[str, PackedFacts], stamps: Mapping[str, Stamp | None]) -> bool:
        """Replace what is stored; False, with the old one gone, when it does not fit or cannot be written."""
        return self._replace(_NAME, lambda file: _write(file, facts, stamps, self._max_bytes))

    def _replace(self, name: str, write: Callable[[BinaryIO], bool]) -> bool:
        staged = self._folder / f".{name}.{secrets.token_hex(6)}"
        try:
            descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file:
                fits = write(file)
            staged.replace(self._folder / name) if fits else self._remove(staged.name, name)
        except OSError:
            self._remove(staged.name)
            return False
        return fits

    def _remove(self, *names: str) -> None:
        for name in names:
            with contextlib.suppress(OSError):
                (self._folder / name).unlink()


def _write(
    file: BinaryIO, facts: Mapping[str, PackedFacts], stamps: Mapping[str, Stamp | None], max_bytes: int
) -> bool:
    file.write(_MAGIC + _identity())
    paths = sorted(facts)
    for at in range(0, len(paths), _PORTION):
        rows = [(_row_of(stamps.get(path)), to_row(facts[path])) for path in paths[at : at + _PORTION]]
        content = marshal.dumps(rows, FORMAT)
        file.write(len(content).to_bytes(4, "big") + _hash(content) + content)
        if max_bytes < file.tell():
            return False
    return True


def _read(file: BinaryIO) -> Iterator[Stored]:
    while head := file.read(4 + _HASH):
        content = file.read(int.from_bytes(head[:4], "big"))
        if _hash(content) != head[4:]:
            return  # Cut off, or not what was written.
        for stamp, row in _rows(content):
            yield Stored(from_row(row), None if stamp is None else Stamp(*stamp))


def _rows(content: bytes) -> Iterable[tuple[tuple[int, ...] | None, tuple[object, ...]]]:
    rows: list[tuple[tuple[int, ...] | None, tuple[object, ...]]] = marshal.loads(content)
    return rows


def _row_of(stamp: Stamp | None) -> tuple[int, ...] | None:
    return None if stamp is None else stamp.row


def _hash(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_HASH).digest()


@cache
def _identity() -> bytes:
    """Return a hash of all that decides what the index says of a file: our own sources and the grammars."""
    home = Path(__file__).parents[1]
    digest = hashlib.blake2b(digest_size=_HASH)
    for name in _GRAMMARS:
        digest.update(f"{name} {version(name)}\n".encode())
    for room in ("core", "syntax", "languages", "oracle"):
        for file in sorted((home / room).rglob("*")):
            if file.suffix in (".py", ".scm"):
                digest.update(hashlib.blake2b(file.read_bytes()).digest())
    return digest.digest()
