"""Read and outline files, one after the other, each with what is wrong with it."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from regreen.core.errors import UnreadableSource
from regreen.core.text import decode
from regreen.core.workspace import FileFacts
from regreen.languages import TreeLanguage

from .files import MAX_BYTES, read_bytes
from .packed import PackedFacts, pack

_SETTLED = 2.0  # seconds after which a file's time stamp tells one content from the next


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells cheaply that a file is still the same."""

    modified: int
    size: int
    inode: int
    changed: int  # also when somebody set the time stamp back

    @property
    def row(self) -> tuple[int, int, int, int]:
        """Return the values that make a stamp again."""
        return self.modified, self.size, self.inode, self.changed


@dataclass(frozen=True, slots=True)
class Request:
    """A file to read. `digest` is what is known already: the same content is not outlined again."""

    path: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Indexed:
    """What became of a request: `facts` is None when the file is as known, or gone."""

    path: str
    facts: PackedFacts | None
    stamp: Stamp | None


def stamp_of(root: str, path: str) -> Stamp | None:
    """Return a file's stamp, None when it is gone or too fresh to be told apart from its next content."""
    try:
        status = os.stat(f"{root}/{path}")  # noqa: PTH116 - a Path would take longer than the look itself
    except OSError:
        return None
    fresh = time.time() - max(status.st_mtime, status.st_ctime) < _SETTLED
    return None if fresh else Stamp(status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns)


def index_files(
    root: str, requests: Sequence[Request], languages: Sequence[TreeLanguage], stop: threading.Event
) -> Iterator[Indexed]:
    """Read and outline files on this thread, one after the other; ends early when `stop` is set."""
    for request in requests:
        if stop.is_set():
            return
        yield index_file(root, request, languages)


def index_file(root: str, request: Request, languages: Sequence[TreeLanguage]) -> Indexed:
    """Read and outline one file. What is wrong with the file becomes its problem."""
    path = request.path
    language = next(each for each in languages if path.endswith(each.suffixes))
    stamp = stamp_of(root, path)
    try:
        data = read_bytes(Path(root, path))
    except FileNotFoundError:
        return Indexed(path, None, None)
    except OSError as error:
        problem = f"{path} cannot be read ({error.strerror}). Correct its permissions or exclude it through .gitignore."
        return Indexed(path, pack(FileFacts(path, language.name, "", problem=problem)), stamp)
    if data is None:
        return Indexed(path, pack(_too_big(path, language)), stamp)
    digest = hashlib.sha256(data).hexdigest()
    if digest == request.digest:
        return Indexed(path, None, stamp)
    return Indexed(path, pack(replace(_outlined(path, data, language), digest=digest)), stamp)


def _outlined(path: str, data: bytes, language: TreeLanguage) -> FileFacts:
    if b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        problem = f"{path} is binary in spite of its name. Rename it or exclude it through .gitignore."
        return FileFacts(path, language.name, "", problem=problem)
    try:
        return language.outline(path, decode(data, path))
    except UnreadableSource as error:
        return FileFacts(path, language.name, "", problem=str(error))


def buffer_digest(text: str) -> str:
    """Return the digest that the facts of an open document carry."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def index_buffer_problem(path: str, text: str, language: TreeLanguage) -> FileFacts | None:
    """Return the facts of a buffer that is too big to be indexed, else None."""
    return _too_big(path, language) if MAX_BYTES < len(text) else None


def _too_big(path: str, language: TreeLanguage) -> FileFacts:
    problem = (
        f"{path} is bigger than {MAX_BYTES // 1_000_000} MB and is not indexed. "
        "Split it, or exclude it through .gitignore if it is generated."
    )
    return FileFacts(path, language.name, "", problem=problem)
