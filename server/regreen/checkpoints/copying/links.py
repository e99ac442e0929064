"""Where a link of the workspace points in the copy: to the same thing, but never back into the original."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path


def retarget(path: str, target: str, root: Path, spelled: Path, copy: Path) -> str:
    """Return the target that the link `path` has in the copy.

    A relative link that stays inside is kept as it is. One that leads back into the workspace by any other way
    (`root` is its real path, `spelled` how it was given) is pointed into the copy. One that leads outside goes on
    leading there.
    """
    folder = posixpath.dirname(path)
    if not posixpath.isabs(target) and _stays_inside(folder, target):
        return target
    absolute = posixpath.join(str(root), folder, target)
    inside = _below(absolute, spelled) or _below(absolute, root) or _below(os.path.realpath(root / path), root)
    return absolute if inside is None else posixpath.join(str(copy), inside)


def _stays_inside(folder: str, target: str) -> bool:
    depth = 0 if folder in ("", ".") else folder.count("/") + 1
    for part in target.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            return False
    return True


def _below(absolute: str, root: Path) -> str | None:
    plain = posixpath.normpath(absolute)
    if plain == str(root):
        return "."
    prefix = str(root).rstrip("/") + "/"
    return plain[len(prefix) :] if plain.startswith(prefix) else None
