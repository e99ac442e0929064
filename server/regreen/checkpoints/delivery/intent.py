"""What a delivery is about to do, on the disk before it does it: enough to take it back, or to say that it was done.

`<state>/deliveries/<id>.json` stands from before the first file is touched; it becomes `<id>.done` when every file is
new, and goes when whoever asked for the delivery has written down that it happened.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from regreen.checkpoints.durable import make_folder_durably, remove_durably, sync_folder, write_durably
from regreen.core.errors import CannotRun

_LOG = logging.getLogger(__name__)

VERSION = 1
PREFIX = ".regreen-"
_OPEN, _DONE, _TORN = ".json", ".done", ".tmp"


@dataclass(frozen=True, slots=True)
class IntendedFile:
    """One file: what it was, what it becomes, and the names that lie beside it meanwhile."""

    path: str
    old: bytes
    new_digest: str
    token: str  # in every temporary name of this file
    mode: int
    owner: tuple[int, int]
    mtime_ns: int

    @property
    def growing(self) -> str:
        """Return the temporary name of a content that is still being written: always ours."""
        return f"{PREFIX}{self.token}.new.tmp"

    @property
    def staged(self) -> str:
        """Return the temporary name of the whole new content; of the old file, once the two have been exchanged."""
        return f"{PREFIX}{self.token}.tmp"

    @property
    def second(self) -> str:
        """Return the second name of the old file, where names cannot be exchanged."""
        return f"{PREFIX}{self.token}.old.tmp"

    @property
    def old_digest(self) -> str:
        """Return the digest of the old content."""
        return digest(self.old)


@dataclass(frozen=True, slots=True)
class Intent:
    """One delivery. `run_id` and `goal` are the caller's: whose it is, and what has come true when it is done."""

    files: tuple[IntendedFile, ...]
    run_id: str = ""
    goal: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(frozen=True, slots=True)
class Found:
    """An intent that lies in the state folder. `intent` is None when its bytes are damaged."""

    id: str
    done: bool
    intent: Intent | None


class Intents:
    """The intents of one workspace, in its state folder. Every call is on the disk when it returns."""

    def __init__(self, state_dir: str | Path) -> None:
        self.state = Path(state_dir)
        self._home = self.state / "deliveries"

    @property
    def home(self) -> Path:
        """Return the folder in which they lie."""
        return self._home

    def write(self, intent: Intent) -> None:
        """Write an intent down.

        Raises:
            OSError: it is not on the disk; nothing of it is left that could be taken for one.
        """
        make_folder_durably(self._home, below=self.state)
        write_durably(self._home / f"{intent.id}{_OPEN}", _to_bytes(intent), staged=f"{intent.id}{_TORN}")

    def mark_done(self, intent_id: str) -> None:
        """Note that every file is new, and on the disk.

        Raises:
            OSError: it was not noted.
        """
        (self._home / f"{intent_id}{_OPEN}").rename(self._home / f"{intent_id}{_DONE}")
        try:
            sync_folder(self._home)
        except OSError as error:
            # Should the note be lost with the power, the files speak for themselves: all of them are new.
            _LOG.warning("The end of a delivery may not be noted in %s: %s", self._home, error)

    def forget(self, intent_id: str) -> None:
        """Remove an intent, in whatever state it is.

        Raises:
            OSError: it may come back.
        """
        remove_durably(self._home, (f"{intent_id}{_TORN}", f"{intent_id}{_OPEN}", f"{intent_id}{_DONE}"))

    def found(self) -> tuple[Found, ...]:
        """Return what lies there, sorted; remove intents that were still being written: nothing had begun.

        Raises:
            CannotRun: a newer version wrote one.
        """
        try:
            names = sorted(entry.name for entry in self._home.iterdir())
        except FileNotFoundError:
            return ()
        torn = tuple(name for name in names if name.endswith(_TORN))
        if torn:
            remove_durably(self._home, torn)
        return tuple(self._read(name) for name in names if name.endswith((_OPEN, _DONE)))

    def _read(self, name: str) -> Found:
        intent_id, ending = os.path.splitext(name)  # noqa: PTH122 - a name, no path
        return Found(intent_id, ending == _DONE, _from_bytes((self._home / name).read_bytes(), intent_id))


def digest(content: bytes) -> str:
    """Return the digest by which contents are told apart."""
    return hashlib.sha256(content).hexdigest()


def _to_bytes(intent: Intent) -> bytes:
    files = [
        {
            "path": file.path,
            "old": base64.b64encode(file.old).decode("ascii"),
            "old_sha256": file.old_digest,
            "new_sha256": file.new_digest,
            "token": file.token,
            "mode": file.mode,
            "owner": list(file.owner),
            "mtime_ns": file.mtime_ns,
        }
        for file in intent.files
    ]
    document = {"version": VERSION, "run_id": intent.run_id, "goal": intent.goal, "files": files}
    return json.dumps(document).encode("ascii")


def _from_bytes(content: bytes, intent_id: str) -> Intent | None:
    try:
        document = json.loads(content)
        if VERSION < document["version"]:
            raise CannotRun(
                "A newer version of Regreen was interrupted while it wrote into this workspace.",
                next_step="Start that version once, or upgrade; it finishes what it began.",
            )
        files = tuple(_file(row) for row in document["files"])
        return Intent(files, str(document["run_id"]), str(document["goal"]), intent_id)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _file(row: dict[str, object]) -> IntendedFile:
    old = base64.b64decode(str(row["old"]), validate=True)
    if digest(old) != row["old_sha256"]:
        raise ValueError("the old content is damaged")
    uid, gid = _numbers(row["owner"])
    mode, mtime_ns = _numbers([row["mode"], row["mtime_ns"]])
    path, new, token = (str(row[name]) for name in ("path", "new_sha256", "token"))
    return IntendedFile(path, old, new, token, mode, (uid, gid), mtime_ns)


def _numbers(values: object) -> list[int]:
    if not isinstance(values, list) or not all(isinstance(value, int) for value in values):
        raise ValueError("not numbers")
    return values
