"""What a line's own text says of the fault: how much in it can be wrong, what it shares with the test, how new it is.

It tells apart what the same tests run, which the spectrum cannot. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from regreen.core.failure import Failure
from regreen.core.workspace import TestCase, WorkspaceModel

# Shares of a line's suspicion that depend on each kind of evidence. They order lines that tests cannot tell apart, so
# together they stay below what one more passing test makes in the spectrum (a factor of 0.7 for the first one).
_BUSY = 0.2
_SHARED = 0.1
_RECENT = 0.15
_EMPTY = 0.5  # a line without anything that an edit could change
_ENOUGH = 10  # names, values and operators of a line that is as busy as can be
_MANY = 3  # words shared with the failing test, after which more say nothing
_PIECE = re.compile(r""""[^"]*"|'[^']*'|[A-Za-z_]\w*|\d[\w.]*|[-+*/%<>=!&|^~]=?=?|[\[.(]""")
_WORD = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{3,}")
_REMARKS = ("#", "//", "/*", "*", '"""', "'''")
_FIXED = frozenset({
    "and", "as", "async", "await", "class", "const", "def", "elif", "else", "except", "export", "false", "fn",
    "for", "from", "func", "function", "if", "import", "in", "is", "let", "mut", "nil", "none", "not", "null",
    "or", "pass", "pub", "raise", "return", "self", "static", "struct", "this", "true", "try", "var", "while",
    "with",
})  # fmt: skip


@dataclass(slots=True)
class Lines:
    """Weighs lines by their text. `words` are those of the failing test, `recent` the lines edited lately."""

    sources: Mapping[str, str]
    words: frozenset[str]
    recent: Mapping[str, frozenset[int]]
    _texts: dict[str, list[str]] = field(default_factory=dict)

    def weight(self, path: str, line: int) -> float:
        """Return what to multiply a line's suspicion with: at most 1, and 1 for all lines of a text nobody knows."""
        text = self._text(path, line)
        if text is None:
            return 1.0
        busy = min(1.0, _n_pieces(text) / _ENOUGH)
        if not busy:
            return _EMPTY
        shared = min(_MANY, len(words_of(text) & self.words)) / _MANY
        return (
            (1 - _BUSY * (1 - busy))
            * (1 - _SHARED * (1 - shared))
            * (1 if self._is_recent(path, line) else 1 - _RECENT)
        )

    def shares(self, path: str, line: int) -> bool:
        """Tell whether a line has a word of the failing test."""
        return not self.words.isdisjoint(words_of(self._text(path, line) or ""))

    def _text(self, path: str, line: int) -> str | None:
        if path not in self._texts:
            self._texts[path] = self.sources.get(path, "").splitlines()
        texts = self._texts[path]
        return texts[line - 1] if 0 < line <= len(texts) else None

    def _is_recent(self, path: str, line: int) -> bool:
        return line in self.recent.get(path, ())


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text, those within names too: "bulkPrice" and "bulk_price" have the same two."""
    return frozenset(word.lower() for word in _WORD.findall(text))


def failing_cases(failure: Failure, model: WorkspaceModel) -> tuple[TestCase, ...]:
    """Return the definition of the failing test; empty when the index does not know it."""
    names = {failure.test.name, failure.test.definition.name}
    return tuple(case for case in model.tests_in(failure.test_path) if case.name in names)


def _n_pieces(text: str) -> int:
    """Count the names, values and operators of a line."""
    if text.lstrip().startswith(_REMARKS):
        return 0
    return sum(piece.lower() not in _FIXED for piece in _PIECE.findall(text))
