"""Arguments: the wrong way round, one too many, one too few."""

from __future__ import annotations

from collections.abc import Iterator

from regreen.core.workspace import SymbolKind
from regreen.providers.templates.site import Fix, Site, Template, drop_argument, swapped_neighbours
from regreen.syntax import Node

from .grammar import Grammar, facts_of, grammar_for, names_in_scope

_MOST = 8
_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.METHOD)
_OWNERS = ("self", "&self", "&mut self", "mut self")
_NAMED_SO = 0.35  # both are called what the parameters in these places are called
_NAMED_OTHERWISE = 1.6  # one of them is called what the other one's parameter is called


def swapped_arguments(site: Site, node: Node) -> Iterator[Fix]:
    """Neighbouring arguments the wrong way round."""
    values = [child for child in node.named_children if child.type != "comment"]
    names = _parameters(site, node, len(values))
    yield from swapped_neighbours(
        site, values, lambda at, one, two: _likely((one, two), names[at : at + 2]) if names else 1.0
    )


def add_argument(site: Site, node: Node) -> Iterator[Fix]:
    """An argument too few."""
    grammar = grammar_for(site)
    values = [site.of(child) for child in node.named_children]
    names = [name for name in names_in_scope(site, grammar, node) if name not in values]
    for rank, name in enumerate(names[:_MOST]):
        new = ", ".join([*values, name])
        yield Fix((site.replace(node, f"({new})"),), f"the argument `{name}` is missing", 0.9**rank)


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    return (
        Template("swapped arguments", (grammar.arguments,), 0.6, swapped_arguments),
        Template("argument too many", (grammar.arguments,), 0.2, drop_argument),
        Template("argument too few", (grammar.arguments,), 0.25, add_argument),
    )


def _likely(pair: tuple[str, str], names: tuple[str, ...]) -> float:
    if pair == names:
        return _NAMED_SO
    return _NAMED_OTHERWISE if pair[0] == names[1] or pair[1] == names[0] else 1.0


def _parameters(site: Site, node: Node, n_values: int) -> tuple[str, ...]:
    """Return what the parameters of the called function are called; () where more than one may be meant."""
    called = node.parent.child_by_field_name("function") if node.parent is not None else None
    name = site.of(called).rpartition(".")[2].rpartition("::")[2]
    found = {
        tuple(parameter for parameter in symbol.parameters if parameter not in _OWNERS)
        for facts in facts_of(site)
        for symbol in facts.symbols
        if symbol.kind in _CALLABLE and symbol.name == name
    }
    return next(iter(found)) if len(found) == 1 and all(len(names) == n_values for names in found) else ()
