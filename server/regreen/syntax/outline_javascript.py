"""The outline of a JavaScript or TypeScript file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from regreen.core.workspace import Import, Symbol, SymbolKind

from .blocks_javascript import test_blocks
from .outlined import Outline
from .parse import Parsed
from .places import Places
from .query import run_query

_FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function"})
_REST = "rest_pattern"


def outline_javascript(parsed: Parsed) -> Outline:
    """Read the outline of a parsed file in any of the grammars of JavaScript and TypeScript."""
    sweep = _Sweep(parsed)
    imports: list[Import] = []
    definitions: dict[tuple[int, int], tuple[str, Node]] = {}
    n_errors = 0
    for _, captures in run_query(parsed.root, parsed.language):
        for kind, nodes in captures.items():
            if kind == "error":
                n_errors += len(nodes)
            elif kind in ("import", "require"):
                imports += [found for node in nodes for found in sweep.imported(node)]
            else:
                definitions.update({(node.start_byte, -node.end_byte): (kind, node) for node in nodes})
    for place in sorted(definitions):
        sweep.take(*definitions[place])
    imports.sort(key=lambda found: (found.line, found.module, found.name))
    return Outline(
        symbols=tuple(sorted(sweep.symbols, key=lambda symbol: (symbol.name_span, symbol.qualname))),
        imports=tuple(imports),
        bases=tuple(sweep.bases),
        n_errors=n_errors,
        blocks=test_blocks(parsed, sweep.places),
    )


class _Sweep:
    """Makes symbols of definitions in the order of the text, knowing which of them are open."""

    def __init__(self, parsed: Parsed) -> None:
        self.symbols: list[Symbol] = []
        self.bases: list[tuple[str, tuple[str, ...]]] = []
        self._parsed = parsed
        self.places = Places(parsed)
        self._open: list[tuple[int, str]] = []  # where a definition ends, and its qualified name

    def take(self, kind: str, node: Node) -> None:
        """Take the next definition."""
        while self._open and self._open[-1][0] <= node.start_byte:
            self._open.pop()
        if kind == "variable":
            self._variable(node)
        elif kind == "assigned":
            self._assigned(node)
        else:
            self._declared(kind, node)

    def imported(self, node: Node) -> list[Import]:
        """Return what a statement or a call of `require` imports."""
        line = self._line(node)
        source = node.child_by_field_name("source")
        if node.type == "call_expression":
            function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
            if function is None or arguments is None or self._text(function) not in ("require", "import"):
                return []
            return _required(self, node, _unquoted(self._text(arguments.named_children[0])), line)
        if source is None:
            return []
        module = _unquoted(self._text(source))
        names = [child for child in _below(node) if child.type in ("import_specifier", "export_specifier")]
        found = [
            Import(
                module,
                self._text(each.child_by_field_name("name")),
                self._text(each.child_by_field_name("alias")),
                line,
            )
            for each in names
        ]
        clause = next((child for child in node.named_children if child.type == "import_clause"), None)
        for child in clause.named_children if clause is not None else ():
            if child.type == "identifier":
                found.append(Import(module, "default", self._text(child), line))
            elif child.type == "namespace_import":
                found.append(Import(module, "*", self._text(child.named_children[-1]), line))
        return found or [Import(module, "", "", line)]

    def _declared(self, kind: str, node: Node) -> None:
        name = node.child_by_field_name("name") or node.child_by_field_name("property")
        if name is None or name.type in ("object_pattern", "array_pattern"):
            return
        symbol_kind = {
            "class": SymbolKind.CLASS,
            "method": SymbolKind.METHOD,
            "field": SymbolKind.ATTRIBUTE,
        }.get(kind, SymbolKind.FUNCTION)
        if kind in ("method", "field") and not self._open:
            return  # Of an object or a type without a name.
        qualname = self._add(name, node, symbol_kind, self._owner, node.child_by_field_name("parameters"))
        self._open.append((node.end_byte, qualname))
        if kind == "class":
            self._bases(qualname, node)

    def _variable(self, node: Node) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or name.type != "identifier":
            return
        self._valued(name, value, node, self._owner)

    def _assigned(self, node: Node) -> None:
        """Take `exports.f = …` and `Box.prototype.open = …`."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        name = left.child_by_field_name("property") if left is not None else None
        holder = self._text(left.child_by_field_name("object")) if left is not None else ""
        if name is None or holder == "this":
            return
        owner = holder.removesuffix(".prototype") if holder.endswith(".prototype") else ""
        self._valued(name, right, node, owner or self._owner)

    def _valued(self, name: Node, value: Node | None, node: Node, owner: str) -> None:
        kind, parameters = SymbolKind.VARIABLE, None
        if value is not None and value.type in _FUNCTIONS:
            kind = SymbolKind.METHOD if owner and owner != self._owner else SymbolKind.FUNCTION
            parameters = value.child_by_field_name("parameters") or value.child_by_field_name("parameter")
        elif value is not None and value.type == "class":
            kind = SymbolKind.CLASS
        qualname = self._add(name, node, kind, owner, parameters)
        if kind is not SymbolKind.VARIABLE:
            self._open.append((node.end_byte, qualname))
        if kind is SymbolKind.CLASS and value is not None:
            self._bases(qualname, value)

    @property
    def _owner(self) -> str:
        return self._open[-1][1] if self._open else ""

    def _bases(self, qualname: str, node: Node) -> None:
        heritage = next((child for child in node.named_children if child.type.endswith(("heritage", "_clause"))), None)
        if heritage is not None:
            words = re.findall(r"[\w$.]+", self._text(heritage))
            self.bases.append((qualname, tuple(word for word in words if word not in ("extends", "implements"))))

    def _add(self, name_node: Node, node: Node, kind: SymbolKind, owner: str, parameters: Node | None) -> str:
        name = _unquoted(self._text(name_node))
        whole = _whole(node)
        qualname = f"{owner}.{name}" if owner else name
        self.symbols.append(
            Symbol(
                name=name,
                qualname=qualname,
                kind=kind,
                span=self.places.span(whole),
                name_span=self.places.span(name_node),
                line=self.places.line(name_node.start_byte),
                end_line=self.places.line(whole.end_byte),
                parameters=self._parameters(parameters),
            )
        )
        return qualname

    def _parameters(self, node: Node | None) -> tuple[str, ...]:
        """Return the parameters' names, a rest parameter with its dots, a pattern as "_"."""
        if node is None:
            return ()
        if node.type == "identifier":
            return (self._text(node),)
        return tuple(self._parameter(child) for child in node.named_children if child.type != "comment")

    def _parameter(self, node: Node) -> str:
        inner = node.child_by_field_name("pattern") or node.child_by_field_name("left") or node
        if inner.type == _REST:
            return "..." + (self._text(inner.named_children[0]) if inner.named_children else "_")
        return self._text(inner) if inner.type in ("identifier", "this") else "_"

    def _line(self, node: Node) -> int:
        return self.places.line(node.start_byte)

    def _text(self, node: Node | None) -> str:
        return "" if node is None else self._parsed.text_of(node)


def _required(sweep: _Sweep, node: Node, module: str, line: int) -> list[Import]:
    """Return what `const a = require("m")` and `const { a: b } = require("m")` bind."""
    parent = node.parent
    name = parent.child_by_field_name("name") if parent is not None and parent.type == "variable_declarator" else None
    if name is None:
        return [Import(module, "", "", line)]
    if name.type == "identifier":
        return [Import(module, "*", sweep._text(name), line)]
    found = []
    for child in name.named_children:
        if child.type == "shorthand_property_identifier_pattern":
            found.append(Import(module, sweep._text(child), "", line))
        elif child.type == "pair_pattern":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            found.append(Import(module, sweep._text(key), sweep._text(value), line))
    return found or [Import(module, "", "", line)]


def _below(node: Node) -> Iterator[Node]:
    for child in node.named_children:
        if child.type in ("import_clause", "named_imports", "export_clause"):
            yield from _below(child)
        else:
            yield child


def _whole(node: Node) -> Node:
    """Return the statement that a definition is, `export` and `const` included."""
    parent = node.parent
    if parent is not None and parent.type in ("lexical_declaration", "variable_declaration"):
        if parent.named_child_count != 1:
            return node
        node, parent = parent, parent.parent
    if parent is not None and parent.type in ("export_statement", "expression_statement", "ambient_declaration"):
        return parent
    return node


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] in "\"'`" and text[0] == text[-1] else text
