"""What a test that passes makes of a function before and after a change: told apart by answers and by lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from regreen.core.edit import FileEdit


@dataclass(frozen=True, slots=True)
class Heard:
    """What the functions in question did in one test."""

    said: str  # another text when one of their answers is another one
    lines: frozenset[int]  # of their file that were run


def changed(before: Mapping[str, Heard], after: Mapping[str, Heard], file: FileEdit) -> tuple[str, ...]:
    """Return the tests in which the functions answer otherwise after an edit, or take another way through its file."""
    there = _moved(file)
    return tuple(
        test for test, heard in sorted(before.items()) if test in after and _differs(heard, after[test], there)
    )


def _differs(before: Heard, after: Heard, there: Mapping[int, int]) -> bool:
    if before.said != after.said:
        return True
    kept = frozenset(there.values())
    return {there[line] for line in before.lines if line in there} != after.lines & kept


def _moved(file: FileEdit) -> Mapping[int, int]:
    """Return where each line that an edit leaves alone stands afterwards."""
    n_lines = file.base.count("\n") + 1
    grown = [0] * (n_lines + 2)
    edited: set[int] = set()
    for first, last, more in _spans(file):
        edited.update(range(first, last + 1))
        grown[min(last + 1, n_lines + 1)] += more
    shifts = list(accumulate(grown))
    return {line: line + shifts[line] for line in range(1, n_lines + 1) if line not in edited}


def _spans(file: FileEdit) -> Iterator[tuple[int, int, int]]:
    """Yield the first and the last line of each edit, and by how many lines it grows."""
    for edit in file.edits:
        first = file.base.count("\n", 0, edit.start) + 1
        n_before = file.base.count("\n", edit.start, edit.end)
        yield first, first + n_before, edit.text.count("\n") - n_before
