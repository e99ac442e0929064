"""What an operator is shown of a file, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from regreen.syntax import Node, Parsed

from .dialects import Dialect


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a file's bytes; `shown` is what a person is shown in its place."""

    start: int
    end: int
    text: str
    shown: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A file with its tree and the names of its grammar."""

    parsed: Parsed
    dialect: Dialect

    def of(self, node: Node | None) -> str:
        """Return a node's text."""
        return "" if node is None else self.parsed.text_of(node)

    def is_a(self, node: Node | None, *roles: str) -> bool:
        """Tell whether a node has one of these roles."""
        return node is not None and any(node.type in self.dialect.roles.get(role, ()) for role in roles)

    def swap(self, node: Node, text: str, shown: str | None = None) -> Change:
        """Put a text in a node's place."""
        return Change(node.start_byte, node.end_byte, text, text if shown is None else shown)

    def cut(self, start: int, end: int) -> Change:
        """Take bytes away."""
        return Change(start, end, "", "")

    def always(self, node: Node) -> Change:
        """Make a condition hold always."""
        return self._settle(node, self.dialect.yes, "True" if self.dialect.name == "python" else "true")

    def never(self, node: Node) -> Change:
        """Make a condition never hold."""
        return self._settle(node, self.dialect.no, "False" if self.dialect.name == "python" else "false")

    def nothing(self, node: Node, shown: str = "") -> Change:
        """Put nothing in a statement's place."""
        return self.swap(node, self.dialect.nothing.format(self.of(node)), shown or _shown_nothing(self.dialect))

    def negated(self, node: Node) -> Change:
        """Turn a condition round."""
        sign = "not " if self.dialect.name == "python" else "!"
        text = self.of(node)
        return self.swap(node, f"{sign}{text}" if node.type in self.dialect.plain else f"{sign}({text})")

    def _settle(self, node: Node, how: str, shown: str) -> Change:
        text = how.format(self.of(node))
        if "{}" in how and _is_operand(node):
            text = f"({text})"
        return self.swap(node, text, shown)


Make = Callable[[Spot, Node], Iterator[Change]]


def operators_of(node: Node) -> list[Node]:
    """Return the operator tokens of an expression: more than one in a chain of comparisons."""
    found = node.children_by_field_name("operators") or node.children_by_field_name("operator")
    return found if found or not node.children else [node.children[0]]


def bare(node: Node | None) -> Node | None:
    """Return an expression without the parentheses around it."""
    while node is not None and node.type == "parenthesized_expression":
        node = next((child for child in node.named_children if "comment" not in child.type), None)
    return node


def around(node: Node) -> Node | None:
    """Return what holds a node, parentheses passed over."""
    parent = node.parent
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    return parent


def enclosing(node: Node, types: tuple[str, ...], until: tuple[str, ...] = ()) -> Node | None:
    """Return the innermost ancestor of one of these types, looked for as far as one of `until`."""
    at = node.parent
    while at is not None and at.type not in types:
        if at.type in until:
            return None
        at = at.parent
    return at


def _is_operand(node: Node) -> bool:
    return node.parent is not None and node.parent.type in ("binary_expression", "unary_expression")


def _shown_nothing(dialect: Dialect) -> str:
    return "" if "{}" in dialect.nothing else dialect.nothing
