"""Where the nodes of one tree lie, as the model says it: spans in code points, lines from 1."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from tree_sitter import Node

from regreen.core.text import Span

from .parse import Parsed


class Places:
    """Finds spans and lines from bytes; lines end as in `core.text`, which tree-sitter's own rows do not."""

    def __init__(self, parsed: Parsed) -> None:
        self._bytes = parsed.bytes
        lines = parsed.source.splitlines(keepends=True)
        self._starts = list(accumulate(map(len, lines), initial=0))
        if lines and not lines[-1].endswith((b"\n", b"\r")):
            self._starts.pop()  # The last line has no end: none begins behind it.

    def line(self, byte: int) -> int:
        """Return the 1-based line that holds a byte; for the end of the text its last line."""
        return bisect_right(self._starts, byte)

    def span(self, first: Node, last: Node | None = None) -> Span:
        """Return the range of a node, or from the start of one to the end of another, in code points."""
        end = first if last is None else last
        return Span(self._bytes.to_offset(first.start_byte), self._bytes.to_offset(end.end_byte))
