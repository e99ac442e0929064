"""Text to a tree in bounded time, from scratch or from an earlier tree, and the way between bytes and characters."""

from __future__ import annotations

import re
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

from tree_sitter import Node, Tree

from regreen.core.errors import UnreadableSource
from regreen.core.text import Span

from .grammars import get_parser

_WIDE = re.compile(r"[^\x00-\x7f]")
TIME_LIMIT = 2.0  # seconds of the processor; a megabyte of ordinary source takes a third of one


class ByteMap:
    """Goes between code-point offsets of a text and byte offsets of its UTF-8 form."""

    def __init__(self, text: str) -> None:
        self._wide: list[int] = []
        self._extra = [0]  # _extra[n]: bytes that the first n wide characters take beyond one each
        if not text.isascii():
            found = [(match.start(), match[0]) for match in _WIDE.finditer(text)]
            self._wide = [offset for offset, _ in found]
            self._extra += accumulate(_width(char) - 1 for _, char in found)
        self._wide_bytes = [offset + extra for offset, extra in zip(self._wide, self._extra, strict=False)]

    def to_byte(self, offset: int) -> int:
        """Return the byte at which a character begins."""
        return offset + self._extra[bisect_left(self._wide, offset)]

    def to_offset(self, byte: int) -> int:
        """Return the character that begins at a byte; inside of a character, the one after it."""
        if not self._wide:
            return byte
        passed = bisect_left(self._wide_bytes, byte)
        offset = byte - self._extra[passed]
        return max(offset, self._wide[passed - 1] + 1) if passed else offset

    def span(self, node: Node) -> Span:
        """Return a node's range in code points."""
        return Span(self.to_offset(node.start_byte), self.to_offset(node.end_byte))


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text with its tree. Invariant: `tree` was made from `source`, and `source` is `text` in UTF-8."""

    text: str
    language: str
    source: bytes
    tree: Tree
    bytes: ByteMap

    @property
    def root(self) -> Node:
        """Return the root of the tree."""
        return self.tree.root_node

    def text_of(self, node: Node) -> str:
        """Return a node's own text."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")


def parse(text: str, language: str, *, previous: Parsed | None = None, limit: float = TIME_LIMIT) -> Parsed:
    """Parse a text, re-using what an earlier tree of the same language has in common with it.

    Raises:
        UnreadableSource: it took longer than `limit` seconds.
    """
    source = text.encode("utf-8", "surrogatepass")
    old_tree = None if previous is None or previous.language != language else _edited(previous, text)
    tree = parse_source(source, language, old_tree=old_tree, limit=limit)
    return Parsed(text, language, source, tree, ByteMap(text))


def parse_source(source: bytes, language: str, *, old_tree: Tree | None = None, limit: float = TIME_LIMIT) -> Tree:
    """Return the tree of a source in UTF-8, made in bounded time.

    Raises:
        UnreadableSource: it took longer than `limit` seconds.
    """
    view = memoryview(source)
    deadline = time.thread_time() + limit  # Of the processor: on a busy machine the clock says nothing of a text.
    parser = get_parser(language)
    # Only this form of the call can be stopped: parse(bytes) runs to its end and holds the interpreter lock.
    run = partial(
        parser.parse,
        lambda byte, _point: view[byte:],
        progress_callback=lambda _byte, _has_error: deadline < time.thread_time(),
    )
    try:
        return run() if old_tree is None else run(old_tree)
    except ValueError as error:
        raise UnreadableSource(
            f"Its syntax could not be read within {limit:g} seconds.",
            next_step="Split the file or exclude it through .gitignore; Regreen leaves it alone until then.",
        ) from error


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it, parents first, in the order of the text."""
    cursor = node.walk()
    while True:
        if cursor.node is not None:
            yield cursor.node
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def changed_range(before: str, after: str) -> tuple[int, int, int]:
    """Return (start, end in `before`, end in `after`) of the one stretch in which two texts differ."""
    shorter = min(len(before), len(after))
    start = _common(shorter, lambda n: before[:n] == after[:n])
    tail = _common(shorter - start, lambda n: before[len(before) - n :] == after[len(after) - n :])
    return start, len(before) - tail, len(after) - tail


def _common(most: int, same: Callable[[int], bool]) -> int:
    """Return the largest n up to `most` for which `same(n)`; it holds for every smaller one too."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if same(middle) else (low, middle - 1)
    return low


def _edited(previous: Parsed, text: str) -> Tree:
    """Return a copy of the earlier tree, told where the text changed."""
    start, old_end, new_end = changed_range(previous.text, text)
    before = previous.source
    start_byte, old_end_byte = previous.bytes.to_byte(start), previous.bytes.to_byte(old_end)
    inserted = text[start:new_end].encode("utf-8", "surrogatepass")
    after = before[:start_byte] + inserted
    tree = previous.tree.copy()
    tree.edit(
        start_byte,
        old_end_byte,
        len(after),
        _point(before, start_byte),
        _point(before, old_end_byte),
        _point(after, len(after)),
    )
    return tree


def _point(source: bytes, byte: int) -> tuple[int, int]:
    return source.count(b"\n", 0, byte), byte - (source.rfind(b"\n", 0, byte) + 1)


def _width(char: str) -> int:
    return 2 if char < "\u0800" else 3 if char < "\U00010000" else 4
