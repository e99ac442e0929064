"""The outline of a Go file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from regreen.core.workspace import Import, Symbol, SymbolKind

from .outlined import Outline
from .parse import Parsed
from .places import Places
from .query import run_query


def outline_go(parsed: Parsed) -> Outline:
    """Read the outline of a parsed Go file."""
    sweep = _Sweep(parsed)
    imports: list[Import] = []
    n_errors = 0
    for _, captures in run_query(parsed.root, parsed.language):
        for kind, nodes in captures.items():
            if kind == "error":
                n_errors += len(nodes)
            elif kind == "import":
                imports += [sweep.imported(node) for node in nodes]
            else:
                sweep.take(kind, nodes[0])
    symbols = tuple(sorted(sweep.symbols, key=lambda symbol: (symbol.name_span, symbol.qualname)))
    imports.sort(key=lambda found: (found.line, found.module))
    return Outline(symbols, tuple(imports), tuple(sorted(sweep.bases)), n_errors)


class _Sweep:
    """Makes symbols of definitions."""

    def __init__(self, parsed: Parsed) -> None:
        self.symbols: list[Symbol] = []
        self.bases: list[tuple[str, tuple[str, ...]]] = []
        self._parsed = parsed
        self._places = Places(parsed)

    def take(self, kind: str, node: Node) -> None:
        """Take a definition."""
        if kind == "class":
            self._type(node)
        elif kind == "variable":
            for name in node.children_by_field_name("name"):
                if name.type == "identifier":
                    self._add(name, node, SymbolKind.VARIABLE, "")
        else:
            self._function(node)

    def imported(self, node: Node) -> Import:
        """Return an import; a dot and a blank are its alias."""
        path, alias = node.child_by_field_name("path"), node.child_by_field_name("name")
        line = self._places.line(node.start_byte)
        return Import(self._text(path).strip('"`'), "", self._text(alias), line)

    def _function(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        if name is None:
            return
        receiver = node.child_by_field_name("receiver")
        owner = self._receiver(receiver) if receiver is not None else ""
        kind = SymbolKind.METHOD if receiver is not None else SymbolKind.FUNCTION
        self._add(name, node, kind, owner, self._parameters(node.child_by_field_name("parameters")))

    def _type(self, node: Node) -> None:
        name, shape = node.child_by_field_name("name"), node.child_by_field_name("type")
        if name is None:
            return
        # A lone type spec is its whole declaration; one in a group is only itself.
        parent = node.parent
        whole = parent if parent is not None and parent.named_child_count == 1 else node
        self._add(name, whole, SymbolKind.CLASS, "")
        if shape is not None:
            self._members(self._text(name), shape)

    def _members(self, owner: str, shape: Node) -> None:
        embedded: list[str] = []
        for member in _members_of(shape):
            names = member.children_by_field_name("name")
            kind = SymbolKind.METHOD if member.type in ("method_elem", "method_spec") else SymbolKind.ATTRIBUTE
            for name in names if member.type != "type_elem" else ():
                self._add(name, member, kind, owner, self._parameters(member.child_by_field_name("parameters")))
            if not names or member.type == "type_elem":
                embedded.append(self._text(member.child_by_field_name("type") or member).lstrip("*"))
        if embedded:
            self.bases.append((owner, tuple(embedded)))

    def _receiver(self, node: Node) -> str:
        """Return the type's name of `(b *Box[T])`."""
        match = re.search(r"(?:^\(|[\s*(])([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\s*\)*\s*,?\s*\)$", self._text(node))
        return match[1] if match else ""

    def _parameters(self, node: Node | None) -> tuple[str, ...]:
        """Return the parameters' names; a variadic one with its dots before it, one without a name as "_"."""
        names: list[str] = []
        for child in node.named_children if node is not None else ():
            dots = "..." if child.type == "variadic_parameter_declaration" else ""
            if child.type in ("parameter_declaration", "variadic_parameter_declaration"):
                named = child.children_by_field_name("name")
                names += [dots + self._text(name) for name in named] or [f"{dots}_"]
        return tuple(names)

    def _add(self, name_node: Node, node: Node, kind: SymbolKind, owner: str, parameters: tuple[str, ...] = ()) -> None:
        name = self._text(name_node)
        self.symbols.append(
            Symbol(
                name=name,
                qualname=f"{owner}.{name}" if owner else name,
                kind=kind,
                span=self._places.span(node),
                name_span=self._places.span(name_node),
                line=self._places.line(name_node.start_byte),
                end_line=self._places.line(node.end_byte),
                parameters=parameters,
            )
        )

    def _text(self, node: Node | None) -> str:
        return "" if node is None else self._parsed.text_of(node)


def _members_of(shape: Node) -> Iterator[Node]:
    """Yield the fields of a struct and the methods and embedded types of an interface."""
    if shape.type == "struct_type":
        for fields in shape.named_children:
            yield from (child for child in fields.named_children if child.type == "field_declaration")
    elif shape.type == "interface_type":
        yield from (
            child for child in shape.named_children if child.type in ("method_elem", "method_spec", "type_elem")
        )
