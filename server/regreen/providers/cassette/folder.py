"""A cassette on the disk: a folder with one JSON file for each request, named by its key, and one about the run.

Private to the person (folders 0700, files 0600). A file is written beside its place, synced, and then takes it: a
crash leaves the old one or the new one, never a torn one.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ValidationError

from regreen.core.errors import CannotRun, UsageError
from regreen.providers.models.faults import FaultKind
from regreen.providers.models.values import Stop

from .answers import AnswerRecord, Record
from .asked import key_of

VERSION = 1
MANIFEST = "cassette.json"
_NAMED = re.compile(r"[0-9a-f]{64}\.json")


class MemberRecord(Record):
    """Who could be asked, in the order in which they are."""

    name: str
    kind: Literal["engine", "model", "reviewer"]
    model: str = ""
    context: int = 0  # tokens that fit; what a request is fitted to


class Manifest(Record):
    """What a cassette tells of its run. `patch` is the diff that was proved, "" when none was."""

    version: int = VERSION
    regreen: str
    run_id: str
    trace_id: str
    started: float
    journal: str  # where the run's test results stand, in the state folder
    members: tuple[MemberRecord, ...]
    state: str = ""  # what models were told of the running system
    memory: tuple[str, ...] = ()  # and of earlier repairs
    max_attempts: int = 3
    allow_tests: bool = False
    lifted: tuple[str, ...] = ()  # rules of the guard
    tests: tuple[str, ...] = ()
    outcome: str = ""  # "" as long as it has not ended
    patch: str = ""


class UsageRecord(Record):
    """Tokens, as the service counted them."""

    sent: int
    cached: int
    received: int


class ReplyRecord(Record):
    """What came back once: a model's reply, an engine's answer, or why there was none."""

    provider: str
    n: int  # of the run's replies, from 1
    attempt: int
    seconds: float
    text: str | None = None
    reasoning: str = ""
    usage: UsageRecord | None = None
    stop: Stop | Literal[""] = ""
    answer: AnswerRecord | None = None
    fault: FaultKind | Literal[""] = ""
    message: str = ""  # of the fault
    field: str = ""  # of the request, which the service does not take


class Recorded(Record):
    """One request and what came back, each time that it was made in the run."""

    version: int = VERSION
    key: str
    kind: Literal["engine", "model"]
    run_id: str
    request: dict[str, Any]
    replies: tuple[ReplyRecord, ...]


@dataclass(frozen=True, slots=True)
class Cassette:
    """Everything that was recorded, oldest run first."""

    place: str
    manifests: tuple[Manifest, ...]
    recorded: tuple[Recorded, ...]

    @property
    def members(self) -> tuple[MemberRecord, ...]:
        """Return who could be asked, each one once."""
        return tuple(dict.fromkeys(member for each in self.manifests for member in each.members))


def write_record(folder: Path, name: str, record: Record) -> None:
    """Write a file, whole or not at all; it is on the disk when this returns.

    Raises:
        OSError: the disk is full or fails.
    """
    make_private(folder)
    staged = folder / f".{secrets.token_hex(6)}.tmp"
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb") as writer:
            writer.write(json.dumps(record.model_dump(mode="json"), indent=1).encode("ascii") + b"\n")
            writer.flush()
            os.fsync(writer.fileno())
        staged.replace(folder / name)
    except OSError:
        staged.unlink(missing_ok=True)
        raise
    _sync(folder)


def make_private(folder: Path) -> None:
    """Make a folder and its parents for us alone."""
    if not folder.is_dir():
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def read_cassette(folder: Path) -> Cassette:
    """Read a cassette, or a folder of cassettes.

    Raises:
        UsageError: there is none.
        CannotRun: a file is damaged, or a newer version wrote it.
    """
    folders = [each for each in (folder, *_below(folder)) if (each / MANIFEST).is_file()]
    if not folders:
        raise UsageError(
            f"There is no recording in {folder}.",
            next_step="Name the folder that regreen history --json shows as the run's recording.",
        )
    manifests = tuple(_read(each / MANIFEST, Manifest) for each in folders)
    recorded = tuple(
        _read_recorded(file) for each in folders for file in sorted(each.iterdir()) if _NAMED.fullmatch(file.name)
    )
    return Cassette(str(folder), manifests, recorded)


def _below(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(each for each in folder.iterdir() if each.is_dir() and not each.is_symlink())


def _read_recorded(file: Path) -> Recorded:
    recorded = _read(file, Recorded)
    if not key_of(recorded.request) == recorded.key == file.stem:
        raise _damaged(file, "its request is another one than its name says")
    return recorded


_Form = TypeVar("_Form", Manifest, Recorded)


def _read(file: Path, form: type[_Form]) -> _Form:
    try:
        found = form.model_validate(json.loads(file.read_bytes()))
    except ValidationError as error:
        raise _damaged(file, error.errors(include_url=False, include_input=False)[0]["msg"]) from error
    except (ValueError, RecursionError) as error:
        raise _damaged(file, "it is no JSON") from error
    except OSError as error:
        raise _damaged(file, error.strerror or str(error)) from error
    if VERSION < found.version:
        raise _damaged(file, f"a newer version of Regreen wrote it (version {found.version})")
    return found


def _damaged(file: Path, why: str) -> CannotRun:
    return CannotRun(
        f"The recording {file} cannot be read: {why}.",
        next_step="Copy it again from where it was made, or make a new one by running without --replay.",
    )


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
