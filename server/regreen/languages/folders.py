"""Relative POSIX paths of folders: "." is the root."""

from __future__ import annotations

import posixpath


def join(folder: str, name: str) -> str:
    """Join a folder and a path in it; the path may lead upwards."""
    return posixpath.normpath(posixpath.join(folder, name))


def parent(path: str) -> str:
    """Return the folder that holds a path; "." for the topmost ones."""
    return path.rpartition("/")[0] or "."


def folders_above(folder: str) -> tuple[str, ...]:
    """Return a folder and all above it, innermost first, the root last."""
    found = [folder]
    while found[-1] != ".":
        found.append(parent(found[-1]))
    return tuple(found)


def inside(path: str, folder: str) -> bool:
    """Tell whether a path is a folder or lies below it."""
    return folder in (".", path) or path.startswith(folder + "/")


def below(path: str, folder: str) -> str:
    """Return a path as it is seen from a folder that holds it; upwards when it does not."""
    if path.startswith(f"{folder}/"):  # Almost always; relpath() takes twenty times as long.
        return path[len(folder) + 1 :]
    if folder == "." and not path.startswith("."):
        return path
    return posixpath.relpath(path, folder)
