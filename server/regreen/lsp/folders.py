"""Workspace folders: each has a session of its own; a file belongs to the innermost one around it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

from regreen.core.errors import UsageError
from regreen.core.failure import Failure
from regreen.core.mutation import Judged
from regreen.core.testing import TestId
from regreen.core.workspace import TestCase

from .engine import Engine
from .progress import Token, WorkDone
from .protocol import StatusParams, TestState
from .uris import to_path, to_uri

_OPEN_FOLDER = "Open the folder that holds your code and its tests (File > Open Folder), then try again."


@dataclass(slots=True)
class Explored:
    """What a test explorer was last told of a folder."""

    sent: dict[str, tuple[TestCase, ...]] | None = None  # by path; None: everything is to be sent anew
    due: bool = False  # it is asked for, and begins soon
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    job: tuple[str, str] = ("", "")  # id and title of the last one that began
    run: str = ""  # the run of tests that it is told of now
    results: dict[TestId, Failure | None] = field(default_factory=dict)  # of that run
    waiting: list[TestState] = field(default_factory=list)  # to be told soon


@dataclass(slots=True)
class Folder:
    """A workspace folder and what the editor was last told of it. Loop thread only, except for `session`."""

    root: str  # absolute, as the client spells it
    uri: str
    session: Engine
    shown: dict[str, tuple[Failure | Judged, ...] | None] = field(default_factory=dict)  # by path; None: publish anew
    covered: set[tuple[str, int]] = field(default_factory=set)  # 1-based lines with an error of another server
    publishing: bool = False  # it is asked for, and begins soon
    publish_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    stale: bool = False  # something changed since the publishing began
    n_ended: int = 0  # tests of the running job
    told_at: float = 0.0  # when that number was told last
    lens_due: bool = False
    display: WorkDone | None = None  # of the running job
    token: Token | None = None  # the client's, of the request that began the running job
    step: str = ""  # what it is doing
    status: StatusParams | None = None  # as it was last told
    repairing: tuple[TestId, ...] = ()  # the tests that the running job repairs
    problem: str = ""  # what went wrong although nobody asked for it; until a job begins
    indexing: tuple[int, int] | None = None  # files that are read, of how many
    index_display: WorkDone | None = None  # of the index
    explorer: Explored = field(default_factory=Explored)
    saved: set[str] = field(default_factory=set)  # files whose tests wait to be run
    closed: bool = False

    def absolute(self, path: str) -> str:
        """Return the absolute path of a file of this folder."""
        return str(PurePath(self.root, path))

    def uri_of(self, path: str) -> str:
        """Return the URI of a file of this folder."""
        return to_uri(self.absolute(path))


class Folders:
    """All open folders."""

    def __init__(self) -> None:
        self._folders: dict[str, Folder] = {}

    def __iter__(self) -> Iterator[Folder]:
        return iter([self._folders[root] for root in sorted(self._folders)])

    def __len__(self) -> int:
        return len(self._folders)

    def add(self, folder: Folder) -> None:
        """Take a folder in."""
        self._folders[folder.root] = folder

    def remove(self, root: str) -> Folder | None:
        """Take a folder out."""
        return self._folders.pop(root, None)

    def has(self, root: str) -> bool:
        """Tell whether a folder is open."""
        return root in self._folders

    def find(self, path: str | None) -> tuple[Folder, str] | None:
        """Return the innermost folder of an absolute path, and the path in it."""
        if path is None:
            return None
        place = PurePath(path)
        for parent in (place, *place.parents):
            folder = self._folders.get(str(parent))
            if folder is not None:
                return folder, place.relative_to(parent).as_posix()
        return None

    def locate(self, uri: str) -> tuple[Folder, str]:
        """Return the folder of a file and the path in it.

        Raises:
            UsageError: it is in none.
        """
        found = self.find(to_path(uri))
        if found is None:
            raise UsageError(f"{to_path(uri) or uri} is outside of every open folder.", next_step=_OPEN_FOLDER)
        return found

    def choose(self, uri: str) -> Folder:
        """Return the folder that a message means: the one of `uri`, else the only one.

        Raises:
            UsageError: there is none, or several.
        """
        if uri:
            return self.locate(uri)[0]
        if len(self) == 1:
            return next(iter(self))
        if not self._folders:
            raise UsageError("No folder is open.", next_step=_OPEN_FOLDER)
        raise UsageError("Several folders are open.", next_step="Name one of them in “uri”.")
