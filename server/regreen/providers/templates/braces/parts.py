"""Parts of a list or text: an element where another value stands, a stretch, the first one of a recursion."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.providers.templates.site import Fix, Site, Template
from regreen.syntax import Node, walk

from .grammar import Grammar, binds, function_of, grammar_for, is_value

_MOST = 3
_AS_LIST = r"\b{0}(?:\[|\.(?:len|length|at|iter|chars|charAt|slice)\b)|len\({0}\)|range {0}\b"
_STRETCHES = {
    "go": ("{0}[{1}:]", "{0}[:{1}]"),
    "javascript": ("{0}.slice({1})", "{0}.slice(0, {1})"),
    "rust": ("{0}[{1}..]", "{0}[..{1}]"),
}
_PLACES = {
    "go": ("{0} % len({1})", "{0} / 2", "2 * {0}"),
    "javascript": ("{0} % {1}.length", "{0} / 2", "2 * {0}", "Math.floor({0} / 2)"),
    "rust": ("{0} % {1}.len()", "{0} / 2", "2 * {0}"),
}
_REST = re.compile(r"\w+\((\w+)(?:\[1:\]|\.slice\(1\)|\.substring\(1\))\)")


def element(site: Site, node: Node) -> Iterator[Fix]:
    """A value where an element is meant."""
    grammar = grammar_for(site)
    scope = function_of(grammar, node)
    if scope is None or not is_value(grammar, node) or _is_within(node, grammar.index):
        return
    old = site.of(node)
    lists, counts = _lists(site, grammar, scope), _counts(site, grammar, scope)
    for rank, name in enumerate(lists[:_MOST]):
        for turn, index in enumerate([*counts[:_MOST], "0", "1"]):
            new = f"{name}[{index}]"
            if old not in (name, index):
                yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.85**rank * 0.85**turn)


def other_index(site: Site, node: Node) -> Iterator[Fix]:
    """An element at half, or twice, its place, or one that is counted from the start again behind the end."""
    grammar = grammar_for(site)
    owner, index = next(iter(node.named_children), None), node.named_children[-1] if node.named_children else None
    if owner is None or index is None or index == owner or index.type not in ("identifier", "binary_expression"):
        return
    name, old = site.of(owner), site.of(index)
    plain = old if index.type == "identifier" else f"({old})"
    for rank, way in enumerate(_PLACES[grammar.name]):
        new = way.format(plain, name)
        yield Fix((site.replace(index, new),), f"`{name}[{old}]` should be `{name}[{new}]`", 0.85**rank)


def stretch(site: Site, node: Node) -> Iterator[Fix]:
    """A whole list or text where a stretch of it is meant."""
    grammar = grammar_for(site)
    scope, parent = function_of(grammar, node), node.parent
    if scope is None or parent is None or not is_value(grammar, node) or parent.type == grammar.member_of:
        return
    name = site.of(node)
    counts = [count for count in _counts(site, grammar, scope) if count != name]
    if name not in _lists(site, grammar, scope) and parent.type != grammar.arguments:
        return
    for rank, count in enumerate(counts[:_MOST]):
        for turn, way in enumerate(_STRETCHES[grammar.name]):
            new = way.format(name, count)
            yield Fix((site.replace(node, new),), f"`{name}` should be `{new}`", 0.85**rank * 0.8**turn)


def first_forgotten(site: Site, node: Node) -> Iterator[Fix]:
    """A recursion over the rest of a list that forgets its first element."""
    scope = function_of(grammar_for(site), node)
    found = _REST.fullmatch(site.of(node))
    called = site.of(node.child_by_field_name("function"))
    if scope is None or found is None or called not in (site.of(scope.child_by_field_name("name")), ""):
        return
    for rank, operator in enumerate(("+", "*")):
        text = f"{found[1]}[0] {operator} "
        yield Fix((site.insert(node, text),), f"`{found[1]}[0]` is forgotten", 0.6**rank)


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    return (
        Template("element", ("identifier", *grammar.integers), 0.15, element),
        Template("other index", (grammar.index,), 0.25, other_index),
        Template("stretch", ("identifier",), 0.2, stretch),
        Template("first forgotten", ("call_expression",), 0.5, first_forgotten),
    )


def _is_within(node: Node, kind: str) -> bool:
    return node.parent is not None and node.parent.type == kind


def _lists(site: Site, grammar: Grammar, scope: Node) -> list[str]:
    text = site.of(scope)
    return [name for name in _names(site, grammar, scope) if re.search(_AS_LIST.format(re.escape(name)), text)]


def _counts(site: Site, grammar: Grammar, scope: Node) -> list[str]:
    """Return the variables of a function that count, or stand in brackets already."""
    text = site.of(scope)
    steps = r"\b{0}(?:\+\+|--|\s*[-+]=)|\[{0}\]|\bfor {0} in\b|\b{0}\s*:?=\s*\d+\b"
    return [name for name in _names(site, grammar, scope) if re.search(steps.format(re.escape(name)), text)]


def _names(site: Site, grammar: Grammar, scope: Node) -> list[str]:
    key = ("names of a function", scope.start_byte)
    if key not in site.memo:
        bound = (site.of(item) for item in walk(scope) if item.type == "identifier" and binds(grammar, item))
        site.memo[key] = list(dict.fromkeys(name for name in bound if name != "_"))
    found = site.memo[key]
    return found if isinstance(found, list) else []
