"""Glob patterns of manifests, applied to relative POSIX paths."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache


def glob_matches(path: str, pattern: str) -> bool:
    """Tell whether a path matches a pattern in which * stays within a folder and ** does not."""
    return _glob(pattern.removeprefix("./").rstrip("/")).fullmatch(path) is not None


def is_test_path(path: str, patterns: tuple[str, ...]) -> bool:
    """Tell whether a file's name (or its path, for a pattern with a slash) says that it holds tests."""
    name = path.rpartition("/")[2]
    return any(fnmatchcase(f"/{path}", f"*/{each}") if "/" in each else fnmatchcase(name, each) for each in patterns)


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*\*/?|\*|\?)", pattern)
    forms = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(forms.get(piece, re.escape(piece)) for piece in pieces))
