"""Trees of open documents, re-parsed from the one stretch that changed."""

from __future__ import annotations

from .parse import TIME_LIMIT, Parsed, parse


class DocumentTrees:
    """Keeps one tree for each open document. For one thread only."""

    def __init__(self, *, limit: float = TIME_LIMIT) -> None:
        self._limit = limit
        self._open: dict[str, Parsed] = {}

    def update(self, path: str, text: str, language: str) -> Parsed:
        """Return the tree of a document's present text.

        Raises:
            UnreadableSource: it could not be parsed in time; the document's earlier tree is dropped.
        """
        previous = self._open.pop(path, None)
        if previous is not None and (previous.text, previous.language) == (text, language):
            parsed = previous
        else:
            parsed = parse(text, language, previous=previous, limit=self._limit)
        self._open[path] = parsed
        return parsed

    def close(self, path: str) -> None:
        """Drop a document's tree, if there is one."""
        self._open.pop(path, None)

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the documents that have a tree, sorted."""
        return tuple(sorted(self._open))
