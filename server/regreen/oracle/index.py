"""Read and outline files, one after the other, each with what is wrong with it."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from regreen.core.errors import UnreadableSource
from regreen.core.text import decode
from regreen.core.workspace import FileFacts
from regreen.languages import TreeLanguage

from .files import MAX_BYTES, read_bytes

_SETTLED = 2.0  # seconds after which a file's time stamp tells one content from the next


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells cheaply that a file is still the same."""

    modified: int
    size: int
    inode: int


@dataclass(frozen=True, slots=True)
class Request:
    """A file to read. `digest` is what is known already: the same content is not outlined again."""

    path: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Indexed:
    """What became of a request: `facts` is None when the file is as known, or gone."""

    path: str
    facts: FileFacts | None
    stamp: Stamp | None


def stamp_of(root: str, path: str) -> Stamp | None:
    """Return a file's stamp, None when it is gone or too fresh to be told apart from its next content."""
    try:
        status = Path(root, path).stat()
    except OSError:
        return None
    fresh = time.time() - status.st_mtime < _SETTLED
    return None if fresh else Stamp(status.st_mtime_ns, status.st_size, status.st_ino)


def index_files(
    root: str, requests: Sequence[Request], languages: Sequence[TreeLanguage], stop: threading.Event
) -> list[Indexed]:
    """Read and outline files on this thread; ends early, with what is done, when `stop` is set."""
    done = []
    for request in requests:
        if stop.is_set():
            break
        done.append(index_file(root, request, languages))
    return done


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
        return Indexed(path, FileFacts(path, language.name, "", problem=problem), stamp)
    if data is None:
        return Indexed(path, _too_big(path, language), stamp)
    digest = hashlib.sha256(data).hexdigest()
    if digest == request.digest:
        return Indexed(path, None, stamp)
    if b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        problem = f"{path} is binary in spite of its name. Rename it or exclude it through .gitignore."
        return Indexed(path, FileFacts(path, language.name, digest, problem=problem), stamp)
    try:
        facts = language.outline(path, decode(data, path))
    except UnreadableSource as error:
        facts = FileFacts(path, language.name, digest, problem=str(error))
    return Indexed(path, replace(facts, digest=digest), stamp)


def index_buffer_problem(path: str, text: str, language: TreeLanguage) -> FileFacts | None:
    """Return the facts of a buffer that is too big to be indexed, else None."""
    return _too_big(path, language) if MAX_BYTES < len(text) else None


def _too_big(path: str, language: TreeLanguage) -> FileFacts:
    problem = (
        f"{path} is bigger than {MAX_BYTES // 1_000_000} MB and is not indexed. "
        "Split it, or exclude it through .gitignore if it is generated."
    )
    return FileFacts(path, language.name, "", problem=problem)
