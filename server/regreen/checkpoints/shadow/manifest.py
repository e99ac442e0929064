"""What a checkpoint knows of each path, and its file on the disk: the last thing that a save writes."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import astuple, dataclass
from enum import StrEnum
from pathlib import Path

from regreen.checkpoints.copying.left_out import LeftOut
from regreen.checkpoints.durable import write_durably
from regreen.core.errors import CannotRun

VERSION = 1


class Kind(StrEnum):
    """What stands at a path."""

    FOLDER = "d"
    FILE = "f"
    LINK = "l"
    PIPE = "p"
    OTHER = "o"  # a socket or a device: seen, never saved


@dataclass(frozen=True, slots=True)
class Entry:
    """One path, relative and POSIX; "" is the root itself. Bytes that are not UTF-8 stand as lone surrogates."""

    path: str
    kind: Kind
    mode: int  # all twelve bits
    uid: int
    gid: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    oid: str = ""  # of a file's content
    target: str = ""  # of a link
    pin: str = ""  # of a file that was not read: the name of a hard link to it

    @property
    def stamp(self) -> tuple[int, int, int, int]:
        """Return what changes whenever the content does."""
        return self.inode, self.size, self.mtime_ns, self.ctime_ns


@dataclass(frozen=True, slots=True)
class Manifest:
    """A whole checkpoint. Invariant: entries list a folder before its contents, names sorted."""

    id: str
    root: str
    started_ns: int
    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]


def entry_of(path: str, state: os.stat_result, *, target: str = "") -> Entry:
    """Return the entry of a path as it is found."""
    kind = _KINDS.get(stat.S_IFMT(state.st_mode), Kind.OTHER)
    size = state.st_size if kind is Kind.FILE else 0
    mode = stat.S_IMODE(state.st_mode)
    return Entry(
        path,
        kind,
        mode,
        state.st_uid,
        state.st_gid,
        state.st_ino,
        size,
        state.st_mtime_ns,
        state.st_ctime_ns,
        "",
        target,
    )


def write(manifest: Manifest, file: Path) -> None:
    """Write a manifest, whole or not at all.

    Raises:
        OSError: it is not there.
    """
    document = {
        "version": VERSION,
        "id": manifest.id,
        "root": manifest.root,
        "started_ns": manifest.started_ns,
        "entries": [_row(entry) for entry in manifest.entries],
        "left_out": [astuple(one) for one in manifest.left_out],
    }
    content = json.dumps(document, separators=(",", ":")).encode("ascii")
    write_durably(file, content, staged=f"{file.name}.tmp")


def read(file: Path) -> Manifest:
    """Read a manifest.

    Raises:
        CannotRun: it is not there, damaged, or of a newer version.
    """
    try:
        document = json.loads(file.read_bytes())
        if document["version"] != VERSION:
            raise CannotRun(
                f"The checkpoint {file.stem} was made by another version of Regreen.",
                next_step="Use the version that made it to restore it.",
            )
        entries = tuple(Entry(row[0], Kind(row[1]), *row[2:]) for row in document["entries"])
        left_out = tuple(LeftOut(*row) for row in document["left_out"])
        return Manifest(document["id"], document["root"], document["started_ns"], entries, left_out)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CannotRun(
            f"The checkpoint {file.stem} cannot be read: {error}.",
            next_step="See that the state folder is whole; your own files were not touched.",
        ) from error


def _row(entry: Entry) -> tuple[object, ...]:
    return (
        entry.path, entry.kind, entry.mode, entry.uid, entry.gid, entry.inode, entry.size, entry.mtime_ns,
        entry.ctime_ns, entry.oid, entry.target, entry.pin,
    )  # fmt: skip


_KINDS = {
    stat.S_IFDIR: Kind.FOLDER,
    stat.S_IFREG: Kind.FILE,
    stat.S_IFLNK: Kind.LINK,
    stat.S_IFIFO: Kind.PIPE,
}
