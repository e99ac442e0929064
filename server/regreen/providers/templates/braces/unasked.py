"""What is taken for something else: an absent value for a false one, a text for a number, one value for another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.providers.templates.site import Fix, Site, Template
from regreen.syntax import Node, walk

from .changes import begun
from .grammar import Grammar, function_of, grammar_for, is_value
from .operators import condition_of

_ASKING = ("if_statement", "while_statement", "ternary_expression", "do_statement")
_LOGIC = ("&&", "||")
_NUMBERS = ("number",)
_KNOWN_NAMES = ("undefined", "this")
_SAME = ("==", "!=", "===", "!==")
_LISTS = ("identifier", "member_expression", "array")
_AS_LIST = r"\b{0}(?:\[|\.(?:push|map|filter|sort|slice|forEach|concat|reduce|length)\b)|\.\.\.{0}\b|\b{0}\s*=\s*\["
_WHOLE = ("parenthesized_expression", "variable_declarator", "pair", "arguments", "return_statement")
_MOST = 5


def taken_for_false(site: Site, node: Node) -> Iterator[Fix]:
    """A value that is asked for its truth where only an absent one is meant: 0 and the empty text are values, too."""
    parent = node.parent
    if parent is None or not _is_asked(site, node) or site.of(node) in _KNOWN_NAMES:
        return
    text = site.of(node)
    is_denied = parent.type == "unary_expression"
    old, whole = (f"!{text}", parent) if is_denied else (text, node)
    for rank, (equal, differs) in enumerate((("== null", "!= null"), ("=== undefined", "!== undefined"))):
        new = f"{text} {equal if is_denied else differs}"
        yield Fix((site.replace(whole, new),), f"`{old}` should be `{new}`: 0 and the empty text are values", 0.8**rank)


def joined_as_texts(site: Site, node: Node) -> Iterator[Fix]:
    """A number that came as a text: `+` joins it with the next one instead of adding."""
    if node.type == "variable_declarator":
        name, value = site.of(node.child_by_field_name("name")), node.child_by_field_name("value")
        scope = function_of(grammar_for(site), node)
        if value is not None and scope is not None and value.type not in _NUMBERS and _is_added(site, scope, name):
            new = f"Number({site.of(value)})"
            yield Fix((site.replace(value, new),), f"`{site.of(value)}` may be a text, and `{name}` is added to")
        return
    sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
    if site.of(node.child_by_field_name("operator")) != "+" or not any(_is_number(side) for side in sides):
        return
    scope = function_of(grammar_for(site), node)
    counted = {name for name, value in begun(site, scope) if value.isdecimal()} if scope is not None else set()
    for side in sides:
        if (
            side is not None
            and site.of(side) not in counted
            and side.type in ("identifier", "member_expression", "subscript_expression")
        ):
            yield Fix((site.replace(side, f"Number({site.of(side)})"),), f"`{site.of(side)}` may be a text", 0.7)


def compared_by_identity(site: Site, node: Node) -> Iterator[Fix]:
    """Two lists that are asked whether they are the same object, where the same elements are meant."""
    scope, condition = function_of(grammar_for(site), node), condition_of(node)
    asked = condition if condition is not None else next(iter(node.named_children), None)
    if scope is None or asked is None:
        return
    edits = [
        site.replace(side, f"JSON.stringify({site.of(side)})")
        for item in walk(asked)
        if site.of(item.child_by_field_name("operator")) in _SAME
        for side in item.named_children
        if all(one.type in _LISTS and _is_list(site, scope, one) for one in item.named_children)
    ]
    if edits:
        yield Fix(tuple(edits), f"`{site.of(asked)}` asks for the same object, and not for the same elements")


def added_to_it(site: Site, node: Node) -> Iterator[Fix]:
    """A value that replaces or is replaced by what is there, and should be added to it."""
    operator, first, second = (node.child_by_field_name(field) for field in ("operator", "left", "right"))
    if site.of(operator) not in ("??", "||") or first is None or second is None or _is_asked(site, node):
        return
    if second.type in ("identifier", "member_expression", "subscript_expression", "call_expression"):
        new = f"({site.of(first)} {site.of(operator)} 0) + {site.of(second)}"
        fix = site.replace(node, new if node.parent is not None and node.parent.type in _WHOLE else f"({new})")
        yield Fix((fix,), f"`{site.of(second)}` should be added to `{site.of(first)}`")


def asked_of_another(site: Site, node: Node) -> Iterator[Fix]:
    """A condition that asks something of one value, and then another one is reached into."""
    grammar = grammar_for(site)
    condition = condition_of(node)
    branches = [node.child_by_field_name(field) for field in ("consequence", "body")]
    body = next((branch for branch in branches if branch is not None), None)
    if condition is None or body is None:
        return
    reached = list(dict.fromkeys(_reached(site, grammar, body)))
    for item in walk(condition):
        if item.type == "identifier" and is_value(grammar, item):
            others = [text for text in reached if site.of(item) not in (text, text.partition(".")[0])]
            for rank, text in enumerate(others[:_MOST]):
                yield Fix(
                    (site.replace(item, text),), f"`{text}` should be asked, and not `{site.of(item)}`", 0.85**rank
                )


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    return (Template("asked of another", grammar.conditionals, 0.45, asked_of_another),)


JAVASCRIPT_TEMPLATES = (
    Template("taken for false", ("identifier", "member_expression", "subscript_expression", "call_expression"), 0.45,
             taken_for_false),
    Template("joined as texts", ("variable_declarator", "binary_expression"), 0.5, joined_as_texts),
    Template("compared by identity", ("if_statement", "ternary_expression", "return_statement"), 0.3,
             compared_by_identity),
    Template("added to it", ("binary_expression",), 0.35, added_to_it),
)  # fmt: skip


def _is_asked(site: Site, node: Node) -> bool:
    """Tell whether nothing but its truth is asked of a value."""
    at, parent = node, node.parent
    while parent is not None and (
        parent.type == "parenthesized_expression"
        or (parent.type == "unary_expression" and site.of(parent).startswith("!"))
        or (parent.type == "binary_expression" and site.of(parent.child_by_field_name("operator")) in _LOGIC)
    ):
        at, parent = parent, parent.parent
    return parent is not None and parent.type in _ASKING and parent.child_by_field_name("condition") == at


def _is_list(site: Site, scope: Node, node: Node) -> bool:
    name = re.escape(site.of(node))
    return node.type == "array" or re.search(_AS_LIST.format(name), site.of(scope)) is not None


def _is_number(node: Node | None) -> bool:
    return node is not None and node.type in _NUMBERS


def _is_added(site: Site, scope: Node, name: str) -> bool:
    """Tell whether something is added to a variable, be it a number or a text."""
    return any(
        site.of(item.child_by_field_name("operator")) == "+"
        and name in (site.of(item.child_by_field_name("left")), site.of(item.child_by_field_name("right")))
        for item in walk(scope)
        if item.type == "binary_expression"
    )


def _reached(site: Site, grammar: Grammar, body: Node) -> Iterator[str]:
    """Yield what a branch reaches into or looks up, in the order of the text."""
    for item in walk(body):
        if item.type in (grammar.member_of, grammar.index):
            owner = next(iter(item.named_children), None)
            if owner is not None and owner.type in ("identifier", grammar.member_of, grammar.index):
                yield site.of(owner)
            if item.type == grammar.index:
                yield site.of(item)
