"""Variables that are meant to change, and that nothing changes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.providers.templates.site import Fix, Site, Template
from regreen.syntax import Node, walk

from .changes import after, begun, is_changed, statements_in
from .grammar import Grammar, binds, function_of, grammar_for
from .operators import condition_of

_MOST_NAMES = 3
_MOST_PLACES = 4
_MOST_VALUES = 5
_GROWING = ("+= 1", "*= 2", "-= 1", "/= 2")
_FALLING = 0.88
_UNSURE = 0.3  # of a language in which nothing tells that a variable was meant to change
# How a variable is declared that is to change, where the language tells.
_CHANGING = {"javascript": r"\blet\s+{0}\b", "rust": r"\bmut\s+{0}\b"}


def never_changes(site: Site, node: Node) -> Iterator[Fix]:
    """A variable that was declared as one that changes, is used in a loop, and never changes."""
    grammar = grammar_for(site)
    scope, body = function_of(grammar, node), node.child_by_field_name("body")
    if scope is None or body is None:
        return
    whole, inside = site.of(scope), site.of(body)
    bound_here = {name for name, _ in begun(site, body, plain=False)}
    names = [
        (name, value)
        for name, value in dict(begun(site, scope, plain=False)).items()
        if name not in bound_here and re.search(rf"\b{re.escape(name)}\b", inside) and not _changes(whole, name)
    ]
    meant = [(name, value) for name, value in names if _is_meant(grammar, whole, name)]
    for name, _ in names:
        yield from _not_remembered(site, grammar, body, name)
    sure = 1.0 if grammar.name in _CHANGING else _UNSURE
    for rank, (name, value) in enumerate(meant[:_MOST_NAMES]):
        places = statements_in(grammar, body)[-_MOST_PLACES:]
        for turn, change in enumerate(_ways(site, grammar, node, name, value)):
            for place, statement in enumerate(reversed(places)):
                text = f"{name} {change}{grammar.end}"
                factor = sure * 0.8**rank * _FALLING**turn * 0.8**place
                yield Fix((after(site, statement, text),), f"`{text}` is missing in the loop", factor)


def _not_remembered(site: Site, grammar: Grammar, body: Node, name: str) -> Iterator[Fix]:
    """A value that is compared with the best, or the last, one so far and does not take its place."""
    for item in walk(body):
        condition, branch = condition_of(item), item.child_by_field_name("consequence")
        if condition is None or branch is None:
            continue
        places = statements_in(grammar, branch)
        for asked in walk(condition):
            sides = [site.of(asked.child_by_field_name(field)) for field in ("left", "right")]
            if asked.type == "binary_expression" and name in sides and places:
                other = sides[1 - sides.index(name)]
                text = f"{name} = {other}{grammar.end}"
                if re.search(r"[A-Za-z_]", other):
                    yield Fix((after(site, places[-1], text),), f"`{text}` is missing: `{other}` is not remembered")


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    return (Template("never changes", grammar.loops, 0.5, never_changes),)


def _is_meant(grammar: Grammar, whole: str, name: str) -> bool:
    pattern = _CHANGING.get(grammar.name)
    return pattern is None or re.search(pattern.format(re.escape(name)), whole) is not None


def _changes(whole: str, name: str) -> bool:
    """Tell whether anything changes a variable: an assignment, a method of its own, or who borrows it for that."""
    plain = re.escape(name)
    rest = re.sub(rf"\b(?:let|var)\s+(?:mut\s+)?{plain}\b[^=;\n]*=", "", whole)
    other = rf"\b{plain}(?:\.\w+\(|\[[^\]]*\]\s*\W?=(?!=))|&mut {plain}\b"
    return is_changed(rest, name) or re.search(other, rest) is not None


def _ways(site: Site, grammar: Grammar, loop: Node, name: str, value: str) -> list[str]:
    """Return how a variable may change: as a number does, or to what the loop knows."""
    known = dict.fromkeys(
        site.of(item)
        for item in walk(loop)
        if item.type == "identifier" and binds(grammar, item) and site.of(item) != name
    )
    taken = [f"= {other}" for other in list(known)[:_MOST_VALUES] if other != "_"]
    is_number = re.fullmatch(r"-?\d+", value) is not None
    is_other = re.fullmatch(r"nil|null|undefined|None|true|false|\[\]|\".*\"|''", value) is not None
    if is_number:
        added = [f"+= {other}" for other in list(known)[:_MOST_VALUES] if other != "_"]
        return [_GROWING[0], *added, *taken, *_GROWING[1:]]
    return [*taken, *(["= true"] if value == "false" else [])] if is_other else [*_GROWING, *taken]
