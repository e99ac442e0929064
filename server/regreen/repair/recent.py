"""Which lines were edited lately: since the last commit, or by it where nothing was edited since."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher

Before = Callable[[str], tuple[str, ...]]
_MOST = 60  # files; suspicious lines in more than that say little, and each one is asked about on its own


class RecentLines(Mapping[str, frozenset[int]]):
    """path -> lines (1-based), found when asked for. `before` returns a file's earlier texts, newest first."""

    def __init__(self, sources: Mapping[str, str], before: Before) -> None:
        self._sources, self._before = sources, before
        self._known: dict[str, frozenset[int]] = {}

    def __getitem__(self, path: str) -> frozenset[int]:
        if path not in self._known:
            text = self._sources[path]
            if _MOST <= len(self._known):
                return frozenset()
            self._known[path] = next(filter(None, (edited(old, text) for old in self._before(path))), frozenset())
        return self._known[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


def edited(old: str, new: str) -> frozenset[int]:
    """Return the lines of the new text that the old one has not, and those beside what was taken out."""
    lines = new.splitlines()
    found: set[int] = set()
    for what, _, _, first, last in SequenceMatcher(None, old.splitlines(), lines, autojunk=False).get_opcodes():
        if what == "delete":
            found |= {first, first + 1}
        elif what != "equal":
            found |= set(range(first + 1, last + 1))
    return frozenset(line for line in found if 0 < line <= len(lines))
