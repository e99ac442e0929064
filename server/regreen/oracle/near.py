"""What lies near an open document: its likely tests, and the files by which its project is known."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

_TEST_FOLDERS = ("tests", "test", "__tests__", "testing", "spec")
_MOST = 12  # files near one document


def near_files(root: Path, paths: Sequence[str], suffixes: tuple[str, ...]) -> tuple[str, ...]:
    """Return files that are named like these ones and lie beside them or in the usual folders of tests, sorted."""
    found: set[str] = set()
    for path in paths:
        stem = _stem(path)
        named = [each for each in listed_around(root, [path]) if each.endswith(suffixes) and _stem(each) == stem]
        found.update(named[:_MOST])
    return tuple(sorted(found - set(paths)))


def listed_around(root: Path, paths: Sequence[str]) -> tuple[str, ...]:
    """Return the files in the folders above these ones, and in the folders of tests therein, sorted."""
    folders = {folder for path in paths for folder in _above(path)}
    with_tests = folders | {_joined(folder, name) for folder in folders for name in _TEST_FOLDERS}
    return tuple(sorted(file for folder in with_tests for file in _files_in(root, folder)))


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
    yield "."


def _files_in(root: Path, folder: str) -> list[str]:
    try:
        with os.scandir(root / folder) as scan:
            return [_joined(folder, entry.name) for entry in scan if entry.is_file(follow_symlinks=False)]
    except OSError:
        return []  # No such folder; the walk reports what cannot be listed.


def _joined(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder}/{name}"


def _stem(path: str) -> str:
    """Return what the names of a file and its tests have in common: `box` of test_box.py, box_test.go, box.test.ts."""
    stem = path.rpartition("/")[2].partition(".")[0]
    return stem.removeprefix("test_").removesuffix("_test")
