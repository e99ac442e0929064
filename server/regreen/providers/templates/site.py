"""What a template is and what it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from regreen.core.edit import TextEdit
from regreen.core.failure import Failure, FailureKind
from regreen.core.workspace import WorkspaceModel
from regreen.syntax import Node, Parsed


@dataclass(frozen=True, slots=True)
class Fix:
    """One way to change a file, and why, in words for a person."""

    edits: tuple[TextEdit, ...]
    hypothesis: str
    factor: float = 1.0  # how likely this one is among the fixes of its template


@dataclass(frozen=True)
class Site:
    """A file under suspicion, with everything that a template may want to know."""

    path: str
    parsed: Parsed
    failure: Failure
    model: WorkspaceModel
    lines: frozenset[int]  # 1-based lines under suspicion
    sources: Mapping[str, str] = field(default_factory=dict)  # path -> text of the workspace's files
    memo: dict[object, object] = field(default_factory=dict, compare=False, repr=False)  # what was worked out already

    @property
    def text(self) -> str:
        """Return the file's text."""
        return self.parsed.text

    def of(self, node: Node | None) -> str:
        """Return a node's text."""
        return "" if node is None else self.parsed.text_of(node)

    def replace(self, node: Node, text: str) -> TextEdit:
        """Replace a node."""
        span = self.parsed.bytes.span(node)
        return TextEdit(span.start, span.end, text)

    def insert(self, node: Node, text: str, *, after: bool = False) -> TextEdit:
        """Insert before or after a node."""
        span = self.parsed.bytes.span(node)
        at = span.end if after else span.start
        return TextEdit(at, at, text)

    def line_start(self, node: Node) -> int:
        """Return the offset at which a node's line begins."""
        start = self.parsed.bytes.span(node).start
        return self.text.rfind("\n", 0, start) + 1

    def indent(self, node: Node) -> str:
        """Return the white space before a node's line."""
        start = self.line_start(node)
        line = self.text[start : self.parsed.bytes.span(node).end]
        return line[: len(line) - len(line.lstrip(" \t"))]

    @property
    def newline(self) -> str:
        """Return the file's line end."""
        return "\r\n" if "\r\n" in self.text else "\n"


Make = Callable[[Site, Node], Iterator[Fix]]


@dataclass(frozen=True, slots=True)
class Template:
    """A row of the table: tried at every node of these types (none: once, at the root) for these kinds (none: all)."""

    name: str
    nodes: tuple[str, ...]
    prior: float
    make: Make
    kinds: frozenset[FailureKind] = frozenset()
    most: float = 1.0  # Invariant: no factor of its fixes is larger


def enclosing(node: Node, *types: str) -> Node | None:
    """Return the innermost ancestor of one of these types."""
    at = node.parent
    while at is not None and at.type not in types:
        at = at.parent
    return at


def _equally(_at: int, _one: str, _two: str) -> float:
    return 1.0


def swapped_neighbours(
    site: Site, values: Sequence[Node], likely: Callable[[int, str, str], float] = _equally
) -> Iterator[Fix]:
    """Exchange each of these with the next one, where they are not alike; `likely` gives a factor from both."""
    for at, (first, second) in enumerate(pairwise(values)):
        one, two = site.of(first), site.of(second)
        if one != two:
            edits = (site.replace(first, two), site.replace(second, one))
            yield Fix(edits, f"`{one}` and `{two}` are the wrong way round", likely(at, one, two))


def drop_argument(site: Site, node: Node) -> Iterator[Fix]:
    """An argument too many."""
    values = node.named_children
    for index, value in enumerate(values):
        others = ", ".join(site.of(other) for n, other in enumerate(values) if n != index)
        yield Fix((site.replace(node, f"({others})"),), f"the argument `{site.of(value)}` is one too many")
