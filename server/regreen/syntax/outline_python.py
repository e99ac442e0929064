"""The outline of a Python file."""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node

from regreen.core.text import LineIndex
from regreen.core.workspace import Import, Symbol, SymbolKind

from .outlined import Outline
from .parse import Parsed
from .query import Match, run_query

_DEFINITIONS = ("function", "class")
_SINGLE = frozenset({"reference", "error"})  # captures that need no order
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
    matches = run_query(parsed.root, parsed.language)
    lines = LineIndex(parsed.text)
    sweep = _Sweep(parsed, lines)
    imports: list[Import] = []
    for _, captures in sorted((match for match in matches if _SINGLE.isdisjoint(match[1])), key=_start):
        if "import" in captures:
            imports += _plain_imports(parsed, lines, captures["import"][0])
        elif "from" in captures:
            imports += _from_imports(parsed, lines, captures["from"][0])
        else:
            sweep.take(captures)
    references = {parsed.text_of(node) for _, captures in matches for node in captures.get("reference", ())}
    n_errors = sum("error" in captures for _, captures in matches)
    symbols = tuple(sorted(sweep.symbols, key=lambda symbol: (symbol.name_span, symbol.qualname)))
    return Outline(symbols, tuple(imports), tuple(sorted(references)), tuple(sweep.bases), n_errors)


class _Sweep:
    """Goes through definitions and assignments in the order of the text, knowing which definitions are open."""

    def __init__(self, parsed: Parsed, lines: LineIndex) -> None:
        self.symbols: list[Symbol] = []
        self.bases: list[tuple[str, tuple[str, ...]]] = []
        self._parsed = parsed
        self._lines = lines
        self._open = [_Scope("", False, len(parsed.source) + 1)]

    def take(self, captures: dict[str, list[Node]]) -> None:
        """Take the next definition or assignment."""
        kind = next(name for name in (*_DEFINITIONS, "assignment") if name in captures)
        node = captures[kind][0]
        while self._open[-1].end <= node.start_byte:
            self._open.pop()
        if kind == "assignment":
            for target in _targets(captures["target"][0]):
                self._assign(target, node)
        else:
            self._define(kind, node, captures)

    def _define(self, kind: str, node: Node, captures: dict[str, list[Node]]) -> None:
        name_node = captures["name"][0]
        scope = self._open[-1]
        parameters: tuple[str, ...] = ()
        if kind == "class":
            symbol_kind = SymbolKind.CLASS
        else:
            symbol_kind = SymbolKind.METHOD if scope.is_class else SymbolKind.FUNCTION
            parameters = self._parameters(captures["parameters"][0])
        symbol = self._symbol(name_node, _decorated(node), symbol_kind, scope, parameters)
        self.symbols.append(symbol)
        if kind == "class" and "bases" in captures:
            bases = [
                child for child in captures["bases"][0].named_children if child.type in ("identifier", "attribute")
            ]
            self.bases.append((symbol.qualname, tuple(self._parsed.text_of(base) for base in bases)))
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
        span, name_span = self._parsed.bytes.span(node), self._parsed.bytes.span(name_node)
        return Symbol(
            name=name,
            qualname=f"{scope.qualname}.{name}" if scope.qualname else name,
            kind=kind,
            span=span,
            name_span=name_span,
            line=self._lines.position(name_span.start).line + 1,
            end_line=self._lines.position(span.end).line + 1,
            parameters=parameters,
        )

    def _parameters(self, node: Node) -> tuple[str, ...]:
        """Return the parameters' names, with their stars, without defaults and types."""
        named = ((child, _PARAMETERS.get(child.type)) for child in node.named_children)
        return tuple(stars + self._parameter_name(child) for child, stars in named if stars is not None)

    def _parameter_name(self, node: Node) -> str:
        name = node.child_by_field_name("name") or node
        if name.type == "typed_parameter":
            name = name.named_children[0]
        text = self._parsed.text_of(name)
        return text.lstrip("*") if node.type.endswith("splat_pattern") else text


def _start(match: Match) -> tuple[int, int, int]:
    """Sort by the start of the whole match; an outer one before an inner one."""
    captures = match[1]
    nodes = [node for name, found in captures.items() if name not in ("name", "target") for node in found[:1]]
    first = min(nodes, key=lambda node: node.start_byte)
    return first.start_byte, -first.end_byte, match[0]


def _decorated(node: Node) -> Node:
    parent = node.parent
    return parent if parent is not None and parent.type == "decorated_definition" else node


def _targets(node: Node) -> list[Node]:
    """Return the single targets of `a`, `a, b` and `[a, b]`."""
    if node.type not in ("pattern_list", "tuple_pattern", "list_pattern"):
        return [node]
    return [target for child in node.named_children for target in _targets(child)]


def _plain_imports(parsed: Parsed, lines: LineIndex, node: Node) -> list[Import]:
    line = _line(parsed, lines, node)
    named = [_name_and_alias(parsed, child) for child in node.children_by_field_name("name")]
    return [Import(module, "", alias, line) for module, alias in named]


def _from_imports(parsed: Parsed, lines: LineIndex, node: Node) -> list[Import]:
    module_node = node.child_by_field_name("module_name")
    module = "__future__" if module_node is None else "".join(parsed.text_of(module_node).split())
    imports = []
    for child in node.children_by_field_name("name"):
        name, alias = _name_and_alias(parsed, child)
        imports.append(Import(module, name, alias, _line(parsed, lines, child)))
    starred = any(child.type == "wildcard_import" for child in node.named_children)
    return imports + ([Import(module, "*", "", _line(parsed, lines, node))] if starred else [])


def _name_and_alias(parsed: Parsed, node: Node) -> tuple[str, str]:
    if node.type != "aliased_import":
        return parsed.text_of(node), ""
    name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
    return (
        "" if name is None else parsed.text_of(name),
        "" if alias is None else parsed.text_of(alias),
    )


def _line(parsed: Parsed, lines: LineIndex, node: Node) -> int:
    """Return a node's 1-based line; tree-sitter itself does not count a lone carriage return."""
    return lines.position(parsed.bytes.to_offset(node.start_byte)).line + 1
