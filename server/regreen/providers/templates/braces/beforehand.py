"""What should be done before anything else: a parameter that is put right first, a sum that may not fall below zero."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.providers.templates.site import Fix, Site, Template, enclosing
from regreen.syntax import Node

from .changes import after
from .grammar import Grammar, function_of, grammar_for, statement_of
from .guards import answers_of, early, entrance

_MOST = 3  # parameters that are put right
_COUNTED = r"[-+*/%<>]=?\s*{0}\b|\b{0}\s*[-+*/%<>]|\b(?:Math|math|strconv)\.\w+\({0}\b|\b{0}\.(?:to_string|abs|pow)"
_SPELT = r"\b{0}\.(?:split|chars|charAt|indexOf|replace|trim|to\w+Case|len|length|bytes|substring)|\b{0}\[|of {0}\b"
# How a parameter is put right, with what its use must look like and, where it is declared, its type.
_WAYS = {
    "go": (
        ("if {0} < 0 {{{1}\t{0} = -{0}{1}}}", _COUNTED, r"(?:int|float)\d*"),
        ("{0} = strings.ToLower({0})", "", "string"),
        ("{0} = strings.TrimSpace({0})", "", "string"),
    ),
    "javascript": (
        ("{0} = Math.abs({0});", _COUNTED, "number"),
        ("{0} = {0}.toLowerCase();", _SPELT, "string"),
        ("{0} = {0}.trim();", _SPELT, "string"),
        ("{0} = [...{0}].sort((a, b) => a - b);", _SPELT, r".*\[\]"),
    ),
    "rust": (
        ("let {0} = {0}.abs();", "", r"[if]\d+|isize"),
        ("let {0} = {0}.trim();", "", "&str"),
        ("let {0} = &{0}.to_lowercase();", "", "&str"),
        ("let {0} = {0}.to_lowercase();", "", "String"),
    ),
}
_FALLING = re.compile(r"(\w+)\s*(?:-=|\+=)\s*[^;]+;?|(\w+)--;?")


def put_right_first(site: Site, node: Node) -> Iterator[Fix]:
    """A parameter that should be put right before anything is done with it: without its sign, in one case."""
    grammar = grammar_for(site)
    first, named = entrance(grammar, node)
    if first is None:
        return
    inside, line = site.of(node.child_by_field_name("body")), f"{site.newline}{site.indent(first)}"
    for rank, item in enumerate(named[:_MOST]):
        name, declared = site.of(item), _declared(site, item)
        plain = re.escape(name)
        for turn, (way, use, kind) in enumerate(_WAYS[grammar.name]):
            is_so = re.fullmatch(kind, declared) if declared else re.search(use.format(plain), inside)
            if is_so and not (declared and use and not re.search(use.format(plain), inside)):
                text = way.format(name, line)
                hypothesis = f"`{name}` should be put right first: `{' '.join(text.split())}`"
                yield Fix((site.insert(first, text + line),), hypothesis, 0.85**rank * 0.85**turn)


def below_zero(site: Site, node: Node) -> Iterator[Fix]:
    """A sum that may not fall below zero on the way, and is only looked at in the end."""
    grammar = grammar_for(site)
    scope, loop = function_of(grammar, node), enclosing(node, *grammar.loops)
    found = _FALLING.fullmatch(site.of(node))
    body = scope.child_by_field_name("body") if scope is not None else None
    if found is None or scope is None or loop is None or statement_of(grammar, node).type != node.type:
        return
    name = found[1] or found[2]
    for rank, answer in enumerate(answers_of(site, grammar, scope, body)):
        text = early(grammar.name, f"{name} < 0", answer, site.indent(node), site.newline).rstrip()
        statement = node if node.parent is None or node.parent.type != "expression_statement" else node.parent
        hypothesis = f"`{answer}` is the answer as soon as `{name} < 0`"
        yield Fix((after(site, statement, text),), hypothesis, 0.8**rank)


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    changing = ("dec_statement", "assignment_statement") if grammar.name == "go" else ("expression_statement",)
    return (
        Template("put right first", grammar.functions, 0.2, put_right_first),
        Template("below zero", changing, 0.3, below_zero),
    )


def _declared(site: Site, name: Node) -> str:
    """Return the type of a parameter, or "" where none is written."""
    declared = name.parent.child_by_field_name("type") if name.parent is not None else None
    return site.of(declared).lstrip(": ")
