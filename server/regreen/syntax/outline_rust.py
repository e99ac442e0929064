"""The outline of a Rust file: definitions with the attributes before them, and what it imports.

Modules, `impl` blocks and functions are scopes: a test in `mod tests` is called "tests.it_works".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from regreen.core.workspace import Import, Symbol, SymbolKind

from .outlined import Outline
from .parse import Parsed
from .places import Places
from .query import run_query

# A test that a macro wraps, such as proptest's, is no definition of the grammar.
_WRAPPED = re.compile(
    rb"#\[(?:\w+::)*test\b[^\]\n]*\]\s*(?:#\[[^\]\n]*\]\s*)*(?:pub\s+)?(?:async\s+)?fn\s+(?P<name>\w+)"
)
_BLANK = re.compile(rb"(?:\s|//[^\n]*\n|/\*.*?\*/|#!?\[[^\n]*\]\n)*", re.DOTALL)
_KINDS = {
    "class": SymbolKind.CLASS,
    "variable": SymbolKind.VARIABLE,
    "member": SymbolKind.ATTRIBUTE,
    "macro": SymbolKind.FUNCTION,
}


def outline_rust(parsed: Parsed) -> Outline:
    """Read the outline of a parsed Rust file."""
    sweep = _Sweep(parsed)
    found: list[tuple[int, int, str, Node]] = []
    n_errors = 0
    for _, captures in run_query(parsed.root, parsed.language):
        for kind, nodes in captures.items():
            if kind == "error":
                n_errors += len(nodes)
            else:
                found += [(node.start_byte, -node.end_byte, kind, node) for node in nodes]
    for _, _, kind, node in sorted(found, key=lambda each: each[:3]):
        sweep.take(kind, node)
    sweep.take_wrapped()
    symbols = tuple(sorted(sweep.symbols, key=lambda symbol: (symbol.name_span, symbol.qualname)))
    return Outline(
        symbols,
        tuple(sweep.imports),
        tuple(sorted(sweep.bases)),
        n_errors,
        tuple(sorted(sweep.attributes)),
    )


@dataclass(frozen=True, slots=True)
class _Scope:
    """A module, a block of methods or a function, with the bytes that it takes."""

    qualname: str
    start: int
    end: int
    methods: bool = False


class _Sweep:
    """Goes through definitions in the order of the text, knowing which scopes are open."""

    def __init__(self, parsed: Parsed) -> None:
        self.symbols: list[Symbol] = []
        self.imports: list[Import] = []
        self.bases: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[int, tuple[str, ...]]] = []
        self._parsed = parsed
        self._places = Places(parsed)
        self._open = [_Scope("", 0, len(parsed.source) + 1)]
        self._modules = [self._open[0]]
        self._named: set[int] = set()  # bytes at which a function's name is known to begin
        self._pending: list[Node] = []  # attributes whose definition has not come yet

    def take(self, kind: str, node: Node) -> None:
        """Take the next definition, scope, import or attribute."""
        while self._open[-1].end <= node.start_byte:
            self._open.pop()
        if kind == "attribute":
            self._pending.append(node)
        elif kind == "import":
            self.imports += self._imported(node)
        elif kind == "scope":
            self._scope(node)
        else:
            self._define(kind, node)

    def take_wrapped(self) -> None:
        """Take the tests that stand inside of macros."""
        for match in _WRAPPED.finditer(self._parsed.source):
            if match.start("name") in self._named:
                continue
            node = self._parsed.root.named_descendant_for_byte_range(match.start("name"), match.end("name"))
            if node is None or node.type != "identifier":
                continue
            owner = [scope for scope in self._modules if scope.start <= node.start_byte < scope.end][-1]
            symbol = self._symbol(node, node, SymbolKind.FUNCTION, owner.qualname, (), _body_after(node))
            self.symbols.append(symbol)
            self.attributes.append((symbol.name_span.start, ("test",)))

    def _scope(self, node: Node) -> None:
        attributes = self._take_attributes(node)
        if node.type == "impl_item":
            owner = _bare(self._text(node.child_by_field_name("type")))
            trait = node.child_by_field_name("trait")
            qualname = self._qualified(owner)
            if trait is not None:
                self.bases.append((qualname, (_bare(self._text(trait)),)))
            self._open.append(_Scope(qualname, node.start_byte, node.end_byte, methods=True))
            return
        name = self._text(node.child_by_field_name("name"))
        line = self._line(node)
        if node.child_by_field_name("body") is None:
            path = next((each for each in attributes if each.startswith("path")), "")
            self.imports.append(Import(f"self::{name}", "", path.partition('"')[2].rstrip('"'), line))
            return
        scope = _Scope(self._qualified(name), node.start_byte, node.end_byte)
        self._open.append(scope)
        self._modules.append(scope)

    def _define(self, kind: str, node: Node) -> None:
        name_node = node.child_by_field_name("name")
        if name_node is None:
            return
        start = self._pending[0] if self._pending else node
        attributes = self._take_attributes(node)
        holder = self._open[-1]
        symbol_kind = _KINDS.get(kind) or (SymbolKind.METHOD if holder.methods else SymbolKind.FUNCTION)
        parameters = self._parameters(node.child_by_field_name("parameters")) if kind == "function" else ()
        symbol = self._symbol(name_node, start if attributes else node, symbol_kind, holder.qualname, parameters, node)
        self.symbols.append(symbol)
        if attributes:
            self.attributes.append((symbol.name_span.start, attributes))
        if kind == "function":
            self._named.add(name_node.start_byte)
        if kind in ("function", "class"):
            self._open.append(_Scope(symbol.qualname, node.start_byte, node.end_byte, node.type == "trait_item"))

    def _take_attributes(self, node: Node) -> tuple[str, ...]:
        """Return the attributes right before a node, without their brackets; others belong to nothing that counts."""
        pending, self._pending = self._pending, []
        if not pending:
            return ()
        between = self._parsed.source[pending[-1].end_byte : node.start_byte]
        if not _BLANK.fullmatch(between):
            return ()
        return tuple(self._text(each).removeprefix("#[").removesuffix("]").strip() for each in pending)

    def _qualified(self, name: str) -> str:
        scope = self._open[-1].qualname
        return f"{scope}.{name}" if scope else name

    def _parameters(self, node: Node | None) -> tuple[str, ...]:
        names: list[str] = []
        for child in node.named_children if node is not None else ():
            if child.type == "self_parameter":
                names.append("self")
            elif child.type == "parameter":
                names.append(self._text(child.child_by_field_name("pattern")).removeprefix("mut "))
        return tuple(names)

    def _symbol(
        self, name_node: Node, first: Node, kind: SymbolKind, scope: str, parameters: tuple[str, ...], last: Node
    ) -> Symbol:
        name = self._text(name_node).removeprefix("r#")
        return Symbol(
            name=name,
            qualname=f"{scope}.{name}" if scope else name,
            kind=kind,
            span=self._places.span(first, last),
            name_span=self._places.span(name_node),
            line=self._places.line(name_node.start_byte),
            end_line=self._places.line(last.end_byte),
            parameters=parameters,
        )

    def _imported(self, node: Node) -> Iterator[Import]:
        line = self._line(node)
        argument = node.child_by_field_name("argument")
        if argument is None:
            alias = self._text(node.child_by_field_name("alias"))
            yield Import(self._text(node.child_by_field_name("name")), "", alias, line)
            return
        for path, alias in self._paths(argument, ""):
            module, _, name = path.rpartition("::")
            yield Import(module or name, name if module else "", alias, line)

    def _paths(self, node: Node, prefix: str, depth: int = 0) -> Iterator[tuple[str, str]]:
        """Yield each path of a `use`, with its alias."""
        if 50 < depth:
            return
        if node.type == "use_list":
            for child in node.named_children:
                yield from self._paths(child, prefix, depth + 1)
        elif node.type == "scoped_use_list":
            path, inner = node.child_by_field_name("path"), node.child_by_field_name("list")
            joined = _join(prefix, self._text(path))
            if inner is not None:
                yield from self._paths(inner, joined, depth + 1)
        elif node.type == "use_as_clause":
            yield (
                _join(prefix, self._text(node.child_by_field_name("path"))),
                self._text(node.child_by_field_name("alias")),
            )
        elif node.type in ("use_wildcard", "identifier", "scoped_identifier", "crate", "self", "super"):
            yield _join(prefix, self._text(node)), ""

    def _line(self, node: Node) -> int:
        return self._places.line(node.start_byte)

    def _text(self, node: Node | None) -> str:
        return "" if node is None else self._parsed.text_of(node)


def _body_after(node: Node) -> Node:
    """Return the block that follows a name among a macro's tokens; the name itself when there is none."""
    following = node.next_sibling
    while following is not None and following.type != "identifier":
        if following.type == "token_tree" and following.child_count and following.children[0].type == "{":
            return following
        following = following.next_sibling
    return node


def _join(prefix: str, path: str) -> str:
    plain = "".join(path.split())
    return f"{prefix}::{plain}" if prefix and plain else prefix or plain


def _bare(name: str) -> str:
    """Return the last name of a type, without its parameters: `Stack` of `&a::Stack<T>`."""
    return name.partition("<")[0].strip("&* ").rpartition("::")[2].strip() or name
