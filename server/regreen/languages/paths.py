"""Where a path of a stack belongs: to the workspace, or to what is installed.

A saved log was written in some other folder, maybe on another machine; what it says of itself, and the files that the
workspace has, tell which of its paths mean which file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

_INSTALLED = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|\.?venv|\.tox|\.nox|\.eggs|__pypackages__|node_modules)/"
    r"|/(?:lib|lib64|Lib)/python\d[\d.]*t?/|/Python\d+/Lib/|^<|^$"
)


def is_installed(path: str, outside: Iterable[str] = ()) -> bool:
    """Tell whether a path is none of the workspace's own code; nor is anything in the folders `outside`."""
    if path.startswith(("/", "<")) or path[1:2] == ":" or path in ("", ".") or _INSTALLED.search(path):
        return True
    return any(path == folder or path.startswith(folder + "/") for folder in outside if folder)


@dataclass(frozen=True)
class SavedPaths:
    """Turns the paths of a saved log into paths of the workspace."""

    roots: tuple[str, ...]  # absolute folders that mean the root, POSIX, without a slash at the end
    known: frozenset[str] = frozenset()  # files of the workspace, relative

    def place(self, path: str) -> tuple[str, bool]:
        """Return the path relative to the root and True, or the path as it is and False."""
        path = path.replace("\\", "/")
        if path.startswith("<") or not path:
            return path, False
        full = (
            path if path.startswith("/") or path[1:2] == ":" else posixpath.normpath(posixpath.join(self._home, path))
        )
        relative = self._relative(full)
        if _INSTALLED.search(relative or full):
            return full, False
        if relative in self.known:
            return relative, True
        by_name = self._by_suffix(relative or full)
        if by_name:
            return by_name, True
        return (relative, True) if relative else (full, False)

    @property
    def _home(self) -> str:
        return self.roots[0] if self.roots else "/"

    def _relative(self, full: str) -> str:
        owners = [root for root in self.roots if full.startswith(root + "/")]
        return full.removeprefix(max(owners, key=len) + "/") if owners else ""

    def _by_suffix(self, path: str) -> str:
        """Return the only known file that the path ends with, or that ends with the path."""
        name = path.rpartition("/")[2]
        near = [known for known in self._by_name.get(name, ()) if _same_end(known, path)]
        return near[0] if len(near) == 1 else ""

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for known in sorted(self.known):
            found.setdefault(known.rpartition("/")[2], []).append(known)
        return found


def inferred_roots(paths: Iterable[str], relative: Iterable[str]) -> tuple[str, ...]:
    """Return the folders that make absolute paths out of relative ones, the most frequent first."""
    counts: dict[str, int] = {}
    wanted = tuple(dict.fromkeys(relative))
    for path in paths:
        for name in wanted:
            if path.endswith("/" + name) and not _INSTALLED.search(path):
                root = path[: -len(name) - 1]
                counts[root] = counts.get(root, 0) + 1
    return tuple(sorted(counts, key=lambda root: (-counts[root], root)))


def _same_end(known: str, path: str) -> bool:
    return f"/{path}".endswith("/" + known) or f"/{known}".endswith("/" + path)
