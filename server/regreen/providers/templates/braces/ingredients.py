"""Expressions and conditions that stand elsewhere in the function or the file, and operands that were left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.providers.templates.site import Fix, Site, Template
from regreen.syntax import Node, walk

from .grammar import Grammar, binds, function_of, grammar_for, is_value, names_in_scope
from .operators import condition_of

_MOST = 10  # ingredients that are tried in one place
_LONGEST = 60
_UNUSED = 2.5  # an operand that is bound and never read
_NAMING = ("identifier", "shorthand_property_identifier_pattern")
_FREE = re.compile(r"(?<![.\w])[A-Za-z_]\w*")  # names, but for those behind a dot
_WORD = re.compile(r"[A-Za-z_]\w*")
_BOUNDS = ("'a'", "'z'", "'A'", "'Z'", "'0'", "'9'", "'1'", "' '")  # where ranges of characters begin and end
_COMPARING = frozenset({"<", "<=", ">", ">=", "==", "!=", "===", "!=="})
_CHARACTERS = ("rune_literal", "char_literal")
_CALLING = ("call_expression", "new_expression", "macro_invocation")


def expression(site: Site, node: Node) -> Iterator[Fix]:
    """An expression for another one of the function or the file, whose names are known here."""
    grammar = grammar_for(site)
    scope = function_of(grammar, node)
    if scope is None or not is_value(grammar, node):
        return
    old, known = site.of(node), set(names_in_scope(site, grammar, node))
    ranked: dict[str, float] = {}
    for item in walk(site.parsed.root):
        text = site.of(item)
        if (
            item.type not in _expressions(grammar)
            or text == old
            or not _fits(site, grammar, text, known)
            or _is_called(item)
        ):
            continue
        near = 1.0 if function_of(grammar, item) == scope else 0.7
        likeness = 1.0 if text.startswith(old) or old.startswith(text) else 0.8 if _kin(text, old) else 0.5
        ranked[text] = max(ranked.get(text, 0.0), near * likeness)
    best = sorted(ranked, key=lambda text: (-ranked[text], len(text), text))
    for text in best[:_MOST]:
        yield Fix((site.replace(node, text),), f"`{old}` should be `{text}`", ranked[text])


def local_value(site: Site, node: Node) -> Iterator[Fix]:
    """A computed value where a variable of the function is meant."""
    grammar = grammar_for(site)
    scope = function_of(grammar, node)
    if scope is None or not is_value(grammar, node):
        return
    for rank, name in enumerate(_own_names(site, grammar, scope)[:_MOST]):
        yield Fix((site.replace(node, name),), f"`{site.of(node)}` should be `{name}`", 0.93**rank)


def operand_missing(site: Site, node: Node) -> Iterator[Fix]:
    """An operand that was left out: another variable of the function that counts too."""
    grammar = grammar_for(site)
    scope, parent = function_of(grammar, node), node.parent
    if scope is None or parent is None or not is_value(grammar, node) or _asks(site, parent):
        return
    old = site.of(node)
    known = _own_names(site, grammar, scope)
    unread = known[0] if known and _is_unread(site, scope, known[0]) else ""
    for rank, name in enumerate([name for name in known if name != old][:5]):
        sure = _UNUSED if name == unread else 1.0
        for turn, operator in enumerate(("+", "-", "*", "%")):
            new = f"{old} {operator} {name}"
            fix = site.replace(node, f"({new})" if parent.type == "binary_expression" else new)
            yield Fix((fix,), f"`{old}` should be `{new}`", sure * 0.85**rank * 0.7**turn)
        if parent.type != "binary_expression":
            new = f"{name} - {old}"
            yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.5 * 0.85**rank)


def other_condition(site: Site, node: Node) -> Iterator[Fix]:
    """A condition that forgets what another one of the file asks, or two variables in the same place."""
    grammar = grammar_for(site)
    condition, scope = condition_of(node), function_of(grammar, node)
    if condition is None or scope is None or condition.type == "let_condition":
        return
    old, known = site.of(condition), set(names_in_scope(site, grammar, condition))
    certain = _certain(site, node)
    asked: dict[str, float] = {}
    for item in walk(site.parsed.root):
        text = site.of(item)
        if (
            _is_question(site, item)
            and text not in old
            and text not in certain
            and old not in text
            and _fits(site, grammar, text, known)
        ):
            near = 1.0 if function_of(grammar, item) == scope else 0.6
            asked[text] = max(asked.get(text, 0.0), near)
    for text in sorted(asked, key=lambda text: (-asked[text], len(text), text))[:6]:
        plain = f"({old})" if "||" in old else old
        yield Fix((site.replace(condition, f"{plain} && {text}"),), f"`{text}` is not asked", asked[text])
        yield Fix((site.replace(condition, f"{old} || {text}"),), f"`|| {text}` is not asked", 0.8 * asked[text])


def other_constant(site: Site, node: Node) -> Iterator[Fix]:
    """A number or character that should be another one of the same file."""
    old = site.of(node)
    found = dict.fromkeys(site.of(item) for item in walk(site.parsed.root) if item.type == node.type)
    if node.type in _CHARACTERS:
        found |= dict.fromkeys((*_brackets(old), *_BOUNDS))
    for rank, new in enumerate([other for other in found if other != old][:_MOST]):
        yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.93**rank)


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    computed = ("call_expression", grammar.member_of, grammar.index)
    floats = {"go": ("float_literal",), "rust": ("float_literal",)}.get(grammar.name, ())
    return (
        Template("ingredient", (*computed, "binary_expression", "identifier"), 0.3, expression),
        Template("local value", (*computed, "binary_expression"), 0.28, local_value),
        Template("operand missing", ("identifier", *computed), 0.2, operand_missing, most=_UNUSED),
        Template("other condition", grammar.conditionals, 0.4, other_condition),
        Template("other constant", (*grammar.integers, *floats, *_CHARACTERS), 0.3, other_constant),
    )


def _brackets(old: str) -> list[str]:
    """Return the other brackets that open or close, when it is one; the brackets of one side are easily mixed up."""
    sides = ("([{<", ")]}>")
    return [f"'{mark}'" for side in sides if old[1:-1] in side for mark in side]


def _expressions(grammar: Grammar) -> tuple[str, ...]:
    return ("call_expression", "binary_expression", grammar.member_of, grammar.index)


def _fits(site: Site, grammar: Grammar, text: str, known: set[str]) -> bool:
    """Tell whether an expression of the file may stand where these names are known, and uses one of them."""
    words = frozenset(_FREE.findall(text))
    return (
        len(text) <= _LONGEST
        and "\n" not in text
        and not words.isdisjoint(known)
        and not words & _foreign(site, grammar) - known
    )


def _foreign(site: Site, grammar: Grammar) -> frozenset[str]:
    """Return the names that are bound within any function of the file."""
    key = "names bound in functions"
    if key not in site.memo:
        site.memo[key] = frozenset(
            site.of(item)
            for item in walk(site.parsed.root)
            if item.type == "identifier" and binds(grammar, item) and function_of(grammar, item) is not None
        )
    found = site.memo[key]
    return found if isinstance(found, frozenset) else frozenset()


def _is_called(node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type in _CALLING and parent.child_by_field_name("function") == node


def _certain(site: Site, node: Node) -> str:
    """Return the conditions around a place: what they ask need not be asked again."""
    found = []
    around = node.parent
    while around is not None:
        found.append(site.of(condition_of(around)))
        around = around.parent
    return "\n".join(found)


def _is_question(site: Site, node: Node) -> bool:
    if node.type != "binary_expression":
        return False
    return site.of(node.child_by_field_name("operator")) in _COMPARING


def _asks(site: Site, parent: Node) -> bool:
    """Tell whether a value is asked, reached into or handed on rather than counted with."""
    if parent.type in ("if_statement", "if_expression", "unary_expression", "for_in_statement", "range_clause"):
        return True
    if parent.type in ("member_expression", "selector_expression", "field_expression"):
        return True
    operator = site.of(parent.child_by_field_name("operator")) if parent.type == "binary_expression" else ""
    return operator in ("&&", "||", "??")


def _own_names(site: Site, grammar: Grammar, scope: Node) -> list[str]:
    """Return the variables of a function and of those around it that are used in them, those bound last first."""
    scopes = [scope]
    while (around := function_of(grammar, scopes[-1])) is not None:
        scopes.append(around)
    bound: dict[str, None] = {}
    for one in scopes:
        named = [item for item in walk(one) if item.type in _NAMING and binds(grammar, item) and _inside(item)]
        bound |= dict.fromkeys(site.of(item) for item in reversed(named) if site.of(item) not in bound)
    text = site.of(scopes[-1])
    uses = {name: len(re.findall(rf"\b{re.escape(name)}\b(?!\()", text)) for name in bound if name != "_"}
    # What is bound and never read is mostly what was forgotten.
    return sorted((name for name in uses if uses[name]), key=lambda name: 1 < uses[name])


def _is_unread(site: Site, scope: Node, name: str) -> bool:
    """Tell whether a function has a name only where it is bound."""
    return len(re.findall(rf"\b{re.escape(name)}\b", site.of(scope))) == 1


def _inside(item: Node) -> bool:
    return item.parent is not None and not item.parent.type.startswith(("function", "method"))


def _kin(one: str, other: str) -> bool:
    """Tell whether two expressions use mostly the same words."""
    first, second = set(_WORD.findall(one)), set(_WORD.findall(other))
    return len(first | second) <= 2 * len(first & second)
