"""Where an overlay can stand, and where its upper layer can lie, judged by what is mounted before anything is tried."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

# File systems whose times of change come from this kernel's own clock: a person's saves are noticed by them.
_LOCAL = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "bcachefs", "tmpfs", "overlay", "jfs", "reiserfs", "ramfs"}
)
_ESCAPED = re.compile(rb"\\([0-7]{3})")
_OPEN_TO_ALL = Path("/var/tmp")


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of the table of mounts."""

    where: str
    kind: str


def mounts(table: bytes) -> tuple[Mount, ...]:
    """Read a table in the format of /proc/self/mountinfo."""
    found = []
    for line in table.splitlines():
        head, _, tail = line.partition(b" - ")
        fields, kinds = head.split(b" "), tail.split(b" ")
        if 4 < len(fields) and tail:
            found.append(Mount(os.fsdecode(_unescaped(fields[4])), kinds[0].decode()))
    return tuple(found)


def unsuitable(root: str, table: tuple[Mount, ...]) -> str | None:
    """Say in a sentence why no overlay can stand over a folder (a real path), or return None."""
    if root == "/":
        return "The workspace is the whole file system, which cannot be covered by an overlay."
    below = sorted(mount.where for mount in table if mount.where.startswith(root + "/"))
    if below:
        return (
            f"Other file systems are mounted inside of the workspace ({', '.join(below[:3])}), which an overlay hides."
        )
    kind = kind_of(root, table)
    if kind not in _LOCAL:
        return (
            f"The workspace lies on a file system of kind {kind or 'unknown'}, on which saves cannot be told for sure."
        )
    return None


def kind_of(path: str, table: tuple[Mount, ...]) -> str:
    """Return the kind of the file system that holds a real path, "" when the table does not say."""
    holding = [mount for mount in table if mount.where == "/" or f"{path}/".startswith(mount.where + "/")]
    # Of two mounts at one place the later one is seen.
    return max(enumerate(holding), key=lambda pair: (len(pair[1].where), pair[0]))[1].kind if holding else ""


def homes(state: Path, root: Path) -> tuple[Path, ...]:
    """Return the folders in which the upper layer may lie, best first: never inside of the workspace itself."""
    name = f"regreen-{os.geteuid()}-{sha256(os.fsencode(state)).hexdigest()[:16]}"
    tried = [state / "benches"]
    tried += [Path(os.path.realpath(folder)) / name for folder in (_OPEN_TO_ALL, tempfile.gettempdir())]
    return tuple(home for home in dict.fromkeys(tried) if not home.is_relative_to(root))


def make_private(home: Path, state: Path) -> None:
    """Make a folder for upper layers; one in a place that is open to all must be ours, and ours alone.

    Raises:
        OSError: it cannot be made, or somebody else made it.
    """
    if home.is_relative_to(state):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    home.mkdir(mode=0o700, exist_ok=True)
    found = home.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(1, "it belongs to somebody else", str(home))


def _unescaped(field: bytes) -> bytes:
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 8)]), field)
