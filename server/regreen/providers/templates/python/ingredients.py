"""Expressions that stand elsewhere: an attribute beside this one, a value that the same function or file computes."""

from __future__ import annotations

import builtins
import difflib
import re
from collections.abc import Iterator

from regreen.core.workspace import Symbol, SymbolKind
from regreen.syntax import Node, walk

from .site import Fix, Site, Template, enclosing, function_of, is_called, is_value, names_in_scope

_VALUES = ("attribute", "call", "subscript", "binary_operator")
_MOST = 10  # ingredients that are tried in one place
_LONGEST = 60  # bytes of one
_WORD = re.compile(r"[A-Za-z_]\w*")


def sibling_attribute(site: Site, node: Node) -> Iterator[Fix]:
    """An attribute for another of the same object, or for one that is nearly spelt like it."""
    owner, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
    if owner is None or name is None:
        return
    old = site.of(name)
    n_given = _n_given(node)
    beside = _siblings(site, node, site.of(owner), n_given)[:_MOST]
    alike = difflib.get_close_matches(old, _attributes(site), 4, 0.6)
    for rank, new in enumerate(dict.fromkeys((*beside, *alike))):
        if new != old:
            yield Fix((site.replace(name, new),), f"`{site.of(node)}` should be `{site.of(owner)}.{new}`", 0.93**rank)


def _attributes(site: Site) -> tuple[str, ...]:
    """Return the names of attributes and methods of the workspace's classes, sorted."""
    known = site.memo.get("attributes")
    if not isinstance(known, tuple):
        kinds = (SymbolKind.ATTRIBUTE, SymbolKind.METHOD)
        files = site.model.files.values()
        found = {symbol.name for facts in files for symbol in facts.symbols if symbol.kind in kinds}
        known = site.memo["attributes"] = tuple(sorted(name for name in found if not name.startswith("__")))
    return known


def local_value(site: Site, node: Node) -> Iterator[Fix]:
    """A computed value where a variable of the function is meant."""
    scope = function_of(node)
    if scope is None or not is_value(node):
        return
    locals_ = [name for name in _bound_in(site, scope) if name not in ("self", "cls")]
    for rank, name in enumerate(reversed(locals_[-_MOST:])):
        yield Fix((site.replace(node, name),), f"`{site.of(node)}` should be `{name}`", 0.95**rank)


def expression(site: Site, node: Node) -> Iterator[Fix]:
    """An expression for another one of the function or the file, whose names are known here."""
    scope = function_of(node)
    if scope is None or not is_value(node):
        return
    old, words = site.of(node), frozenset(_WORD.findall(site.of(node)))
    ranked: dict[str, float] = {}
    for text, (known, homes) in _expressions_known(site, node, scope).items():
        if text != old:
            near = 1.0 if scope.id in homes else 0.8
            likeness = 1.0 if text.startswith(old) else 0.8 if _kin(known, words) else 0.5
            ranked[text] = near * likeness
    best = sorted(ranked, key=lambda text: (-ranked[text], len(text), text))
    for text in best[:_MOST]:
        yield Fix((site.replace(node, text),), f"`{old}` should be `{text}`", ranked[text])


def _expressions_known(site: Site, node: Node, scope: Node) -> dict[str, tuple[frozenset[str], frozenset[int]]]:
    """Return the file's expressions that can stand in a function, each with its words and where it is written."""
    key = ("expressions of", scope.id)
    known = site.memo.get(key)
    if not isinstance(known, dict):
        names = frozenset(names_in_scope(site, node))
        known = site.memo[key] = {
            text: (words, homes) for text, (read, words, homes) in _expressions(site).items() if read <= names
        }
    return known


def _expressions(site: Site) -> dict[str, tuple[frozenset[str], frozenset[str], frozenset[int]]]:
    """Return the file's expressions: which names each reads (what is built in apart), its words, its functions."""
    found = site.memo.get("expressions")
    if not isinstance(found, dict):
        homes: dict[str, set[int]] = {}
        read: dict[str, frozenset[str]] = {}
        for item in walk(site.parsed.root):
            if item.type not in _VALUES or _LONGEST < item.end_byte - item.start_byte:
                continue
            text = site.of(item)
            if "\n" in text or is_called(item):
                continue
            if text not in read:
                read[text] = _read_by(site, item)
            scope = function_of(item)
            homes.setdefault(text, set()).add(0 if scope is None else scope.id)
        found = site.memo["expressions"] = {
            text: (
                frozenset(name for name in names if not hasattr(builtins, name)),
                frozenset(_WORD.findall(text)),
                frozenset(homes[text]),
            )
            for text, names in read.items()
            if names
        }
    return found


def _read_by(site: Site, item: Node) -> frozenset[str]:
    words = [word for word in walk(item) if word.type == "identifier" and not _is_member(word)]
    return frozenset(site.of(word) for word in words if word.parent is None or word.parent.type != "keyword_argument")


def _is_member(word: Node) -> bool:
    """Tell whether a word is the name of an attribute."""
    parent = word.parent
    return parent is not None and parent.type == "attribute" and parent.child_by_field_name("attribute") == word


def _kin(first: frozenset[str], second: frozenset[str]) -> bool:
    """Tell whether two expressions use mostly the same words."""
    return len(first | second) <= 2 * len(first & second)


def _members(site: Site) -> dict[tuple[str, bool], dict[str, None]]:
    """Return (object, whether it is called) -> the attributes that the file reads of it."""
    known = site.memo.get("members")
    if isinstance(known, dict):
        return known
    found: dict[tuple[str, bool], dict[str, None]] = {}
    for item in walk(site.parsed.root):
        if item.type == "attribute":
            key = (site.of(item.child_by_field_name("object")), is_called(item))
            found.setdefault(key, {}).setdefault(site.of(item.child_by_field_name("attribute")))
    site.memo["members"] = found
    return found


def _n_given(node: Node) -> int | None:
    """Return how many arguments an attribute is called with; None where it is not called."""
    parent = node.parent
    arguments = parent.child_by_field_name("arguments") if parent is not None and is_called(node) else None
    return None if arguments is None else len([one for one in arguments.named_children if one.type != "comment"])


def _siblings(site: Site, node: Node, owner: str, n_given: int | None) -> list[str]:
    found = dict(_members(site).get((owner, n_given is not None), {}))
    scope = enclosing(node, "class_definition")
    facts = site.model.files.get(site.path)
    if scope is None or owner not in ("self", "cls") or facts is None:
        return list(found)
    start = f"{site.of(scope.child_by_field_name('name'))}."
    for symbol in facts.symbols:
        wanted = n_given is None or (symbol.kind is SymbolKind.METHOD and _takes(symbol, n_given))
        if symbol.qualname.startswith(start) and wanted and not symbol.name.startswith("__"):
            found.setdefault(symbol.name)
    return list(found)


def _takes(method: Symbol, n_given: int) -> bool:
    """Tell whether a method has room for so many arguments."""
    return n_given < len(method.parameters) or any(name.startswith("*") for name in method.parameters)


def _bound_in(site: Site, scope: Node) -> list[str]:
    body = scope.child_by_field_name("body")
    inside = names_in_scope(site, body) if body is not None else ()
    text = site.of(scope)
    return [name for name in inside if re.search(rf"\b{re.escape(name)}\b(?!\()", text)]


TEMPLATES = (
    Template("attribute beside", ("attribute",), 0.42, sibling_attribute),
    Template("local value", ("attribute", "call", "subscript"), 0.28, local_value),
    Template(
        "ingredient", ("attribute", "call", "subscript", "binary_operator", "comparison_operator"), 0.3, expression
    ),
    Template("ingredient for a name", ("identifier", "integer"), 0.16, expression),
)
