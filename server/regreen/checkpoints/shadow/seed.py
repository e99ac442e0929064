"""Contents that the person's repository has already: its packs get a second name in the store, none is written twice.

A pack is never changed in place, neither by git there nor by git here, so a hard link is as good as a copy and survives
whatever the person's repository is cleaned of. Files are hashed as they lie on the disk: whether the repository
converts line ends or runs filters does not matter.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def seed(root: Path, packs: Path) -> None:
    """Link the packs of the repository that holds `root` into a store; without a repository nothing happens."""
    repository = _repository_of(root)
    if repository is None or not _is_plain(repository):
        return
    theirs = repository / "objects" / "pack"
    if not theirs.is_dir():
        return
    for index in sorted(theirs.glob("pack-*.idx")):
        _link_pack(index, packs)


def _link_pack(index: Path, packs: Path) -> None:
    pack = index.with_suffix(".pack")
    if pack.is_symlink() or index.is_symlink() or not pack.is_file():
        return
    # Another file system, or a repository of somebody else: then contents are written anew.
    with contextlib.suppress(OSError):
        os.link(pack, packs / pack.name)
        os.link(index, packs / index.name)


def _repository_of(root: Path) -> Path | None:
    for folder in (root, *root.parents):
        found = folder / ".git"
        if found.is_dir():
            return found
        if found.is_file():
            return _behind(found)
    return None


def _behind(file: Path) -> Path | None:
    """Follow the `.git` file of a linked worktree or a submodule."""
    try:
        line = file.read_text("utf-8", "surrogateescape").strip()
        folder = Path(os.path.normpath(file.parent / line.removeprefix("gitdir:").strip()))
        common = folder / "commondir"
        if common.is_file():
            return Path(os.path.normpath(folder / common.read_text("utf-8", "surrogateescape").strip()))
    except OSError:
        return None
    return folder if line.startswith("gitdir:") else None


def _is_plain(repository: Path) -> bool:
    """Tell whether its objects have hashes of our kind."""
    try:
        return "objectformat" not in (repository / "config").read_text("utf-8", "replace").casefold()
    except OSError:
        return False
