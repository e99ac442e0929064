"""The outline of a Python file."""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node

from regreen.core.workspace import Import, Symbol, SymbolKind

from .outlined import Outline
from .parse import Parsed
from .places import Places
from .query import run_captures

_PARAMETERS = {
    "identifier": "",
    "typed_parameter": "",
    "default_parameter": "",
    "typed_default_parameter": "",
    "list_splat_pattern": "*",
    "dictionary_splat_pattern": "**",
}


@dataclass(slots=True)
class _Scope:
    """A definition that is open while the text is swept from its start to its end."""

    qualname: str
    is_class: bool
    end: int
    seen: set[str] = field(default_factory=set)  # variables and attributes that have their symbol


def outline_python(parsed: Parsed) -> Outline:
    """Read the outline of a parsed Python file."""
    captures = run_captures(parsed.root, parsed.language)
    errors = captures.pop("error", [])
    places = Places(parsed)
    sweep = _Sweep(parsed, places)
    imports: list[Import] = []
    found = [(node.start_byte, -node.end_byte, kind, node) for kind, nodes in captures.items() for node in nodes]
    for _, _, kind, node in sorted(found, key=lambda each: each[:3]):
        if kind == "import":
            imports += _plain_imports(parsed, places, node)
        elif kind == "from":
            imports += _from_imports(parsed, places, node)
        else:
            sweep.take(kind, node)
    symbols = tuple(sorted(sweep.symbols, key=lambda symbol: (symbol.name_span, symbol.qualname)))
    return Outline(symbols, tuple(imports), tuple(sweep.bases), len(errors))


class _Sweep:
    """Goes through definitions and assignments in the order of the text, knowing which definitions are open."""

    def __init__(self, parsed: Parsed, places: Places) -> None:
        self.symbols: list[Symbol] = []
        self.bases: list[tuple[str, tuple[str, ...]]] = []
        self._parsed = parsed
        self._places = places
        self._open = [_Scope("", False, len(parsed.source) + 1)]

    def take(self, kind: str, node: Node) -> None:
        """Take the next definition or assignment."""
        while self._open[-1].end <= node.start_byte:
            self._open.pop()
        if kind != "assignment":
            self._define(kind, node)
            return
        left = node.child_by_field_name("left")
        for target in _targets(left) if left is not None else ():
            self._assign(target, node)

    def _define(self, kind: str, node: Node) -> None:
        name_node = node.child_by_field_name("name")
        if name_node is None:
            return
        scope = self._open[-1]
        parameters: tuple[str, ...] = ()
        if kind == "class":
            symbol_kind = SymbolKind.CLASS
        else:
            symbol_kind = SymbolKind.METHOD if scope.is_class else SymbolKind.FUNCTION
            parameters = self._parameters(node.child_by_field_name("parameters"))
        symbol = self._symbol(name_node, _decorated(node), symbol_kind, scope, parameters)
        self.symbols.append(symbol)
        bases = node.child_by_field_name("superclasses")
        if bases is not None:
            named = [child for child in bases.named_children if child.type in ("identifier", "attribute")]
            self.bases.append((symbol.qualname, tuple(self._parsed.text_of(base) for base in named)))
        self._open.append(_Scope(symbol.qualname, kind == "class", node.end_byte))

    def _assign(self, target: Node, node: Node) -> None:
        scope = self._open[-1]
        if target.type == "attribute":
            self._assign_self(target, node)
        elif target.type == "identifier" and (scope.is_class or not scope.qualname):
            kind = SymbolKind.ATTRIBUTE if scope.is_class else SymbolKind.VARIABLE
            self._once(target, node, kind, scope)

    def _assign_self(self, target: Node, node: Node) -> None:
        """Take `self.x = …`: an attribute of the class that the method belongs to."""
        receiver, name = target.child_by_field_name("object"), target.child_by_field_name("attribute")
        owner = next((scope for scope in reversed(self._open) if scope.is_class), None)
        if receiver is None or name is None or owner is None or self._open[-1].is_class:
            return
        if self._parsed.text_of(receiver) in ("self", "cls"):
            self._once(name, node, SymbolKind.ATTRIBUTE, owner)

    def _once(self, name_node: Node, node: Node, kind: SymbolKind, scope: _Scope) -> None:
        name = self._parsed.text_of(name_node)
        if name not in scope.seen:
            scope.seen.add(name)
            self.symbols.append(self._symbol(name_node, node, kind, scope, ()))

    def _symbol(
        self, name_node: Node, node: Node, kind: SymbolKind, scope: _Scope, parameters: tuple[str, ...]
    ) -> Symbol:
        name = self._parsed.text_of(name_node)
        return Symbol(
            name=name,
            qualname=f"{scope.qualname}.{name}" if scope.qualname else name,
            kind=kind,
            span=self._places.span(node),
            name_span=self._places.span(name_node),
            line=self._places.line(name_node.start_byte),
            end_line=self._places.line(node.end_byte),
            parameters=parameters,
        )

    def _parameters(self, node: Node | None) -> tuple[str, ...]:
        """Return the parameters' names, with their stars, without defaults and types."""
        if node is None:
            return ()
        named = ((child, _PARAMETERS.get(child.type)) for child in node.named_children)
        return tuple(stars + self._parameter_name(child) for child, stars in named if stars is not None)

    def _parameter_name(self, node: Node) -> str:
        name = node.child_by_field_name("name") or node
        if name.type == "typed_parameter":
            name = name.named_children[0]
        text = self._parsed.text_of(name)
        return text.lstrip("*") if node.type.endswith("splat_pattern") else text


def _decorated(node: Node) -> Node:
    parent = node.parent
    return parent if parent is not None and parent.type == "decorated_definition" else node


def _targets(node: Node) -> list[Node]:
    """Return the single targets of `a`, `a, b` and `[a, b]`."""
    if node.type not in ("pattern_list", "tuple_pattern", "list_pattern"):
        return [node]
    return [target for child in node.named_children for target in _targets(child)]


def _plain_imports(parsed: Parsed, places: Places, node: Node) -> list[Import]:
    line = places.line(node.start_byte)
    named = [_name_and_alias(parsed, child) for child in node.children_by_field_name("name")]
    return [Import(module, "", alias, line) for module, alias in named]


def _from_imports(parsed: Parsed, places: Places, node: Node) -> list[Import]:
    module_node = node.child_by_field_name("module_name")
    module = "__future__" if module_node is None else "".join(parsed.text_of(module_node).split())
    imports = []
    for child in node.children_by_field_name("name"):
        name, alias = _name_and_alias(parsed, child)
        imports.append(Import(module, name, alias, places.line(child.start_byte)))
    starred = any(child.type == "wildcard_import" for child in node.named_children)
    return imports + ([Import(module, "*", "", places.line(node.start_byte))] if starred else [])


def _name_and_alias(parsed: Parsed, node: Node) -> tuple[str, str]:
    if node.type != "aliased_import":
        return parsed.text_of(node), ""
    name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
    return (
        "" if name is None else parsed.text_of(name),
        "" if alias is None else parsed.text_of(alias),
    )
