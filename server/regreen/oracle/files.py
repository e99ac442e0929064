"""The workspace's files: a pruned walk, and reading with limits."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from regreen.core.errors import UnreadableSource
from regreen.core.text import decode

from .ignore import IgnoreRules
from .there import is_file

MAX_BYTES = 2_000_000  # of one file; more is not source that somebody edits


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk found. Invariant: both sorted."""

    files: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilesTree:
    """Read-only view of a workspace (`core.ports.Tree`). Unsaved buffers are the truth."""

    root: str
    files: tuple[str, ...]
    environment: Mapping[str, str]
    buffers: Mapping[str, str] = field(default_factory=dict)

    def read(self, path: str) -> str | None:
        """Return a file's text; None when it is not there, not text, or too big."""
        if path in self.buffers:
            return self.buffers[path]
        try:
            data = read_bytes(Path(self.root, path))
            return None if data is None else decode(data, path).text
        except (OSError, UnreadableSource):
            return None  # The port says so: what cannot be read is no evidence.

    def is_executable(self, path: str) -> bool:
        """Tell whether a path (relative, or absolute) is an executable file."""
        full = Path(self.root, path)
        return is_file(full) and os.access(full, os.X_OK)

    def search_path(self, program: str) -> str:
        """Return the absolute path of a program on PATH, or ""."""
        return shutil.which(program, path=self.environment.get("PATH", "")) or ""


def walk_files(
    root: Path, rules: IgnoreRules, folder: str = ".", *, meanwhile: Callable[[], None] | None = None
) -> Walked:
    """List the files below a folder that count. What cannot be listed is a problem, not an error.

    `meanwhile` is called for each folder.
    """
    files: list[str] = []
    problems: list[str] = []
    for _, found in walk_folders(root, rules, folder, problems):
        files += found
        if meanwhile is not None:
            meanwhile()
    return Walked(tuple(sorted(files)), tuple(sorted(problems)))


def walk_folders(root: Path, rules: IgnoreRules, folder: str, problems: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the folders that count, each with its files that count; symlinks to folders are not followed."""
    pending = [folder]
    real_root = os.path.realpath(root)
    while pending:
        current = pending.pop()
        try:
            with os.scandir(f"{root}/{current}") as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            problems.append(_unlisted(root, current, error))
            continue
        if rules.skips_folder(current, frozenset(entry.name for entry in entries)):
            continue
        prefix = "" if current == "." else f"{current}/"
        folders = [prefix + entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        files = [prefix + entry.name for entry in entries if _is_own_file(entry, real_root)]
        pending += reversed(folders)
        yield current, [path for path in files if not rules.skips_file(path)]


def read_bytes(path: Path) -> bytes | None:
    """Return a file's bytes, None when it is bigger than the limit.

    Raises:
        OSError: it is not there, not readable, or no file; a pipe is not waited for.
    """
    with open(path, "rb", opener=_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no file", str(path))
        data = file.read(MAX_BYTES + 1)
    return None if MAX_BYTES < len(data) else data


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _is_own_file(entry: os.DirEntry[str], real_root: str) -> bool:
    """Tell whether an entry is a regular file; a link to a file of the workspace would count it twice."""
    if not entry.is_symlink():
        return entry.is_file(follow_symlinks=False)
    target = Path(os.path.realpath(entry.path))
    return is_file(target) and not target.is_relative_to(real_root)


def _unlisted(root: Path, folder: str, error: OSError) -> str:
    if folder == ".":
        return f"The workspace folder {root} cannot be read ({error.strerror}). Restore it or open another folder."
    return f"The folder {folder} cannot be read ({error.strerror}). Correct its permissions or ignore it."
