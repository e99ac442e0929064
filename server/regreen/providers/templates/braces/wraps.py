"""Calls around a value: one that is missing, one too many, a sign, a turn."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.core.workspace import SymbolKind
from regreen.providers.templates.site import Fix, Site, Template
from regreen.syntax import Node

from .grammar import Grammar, facts_of, function_of, grammar_for, is_value

# What people put around a value, likeliest first; a name before a dot must be one that the file imports.
_WRAPS = {
    "go": ("len({})", "math.Abs({})", "float64({})", "int({})", "string({})", "math.Sqrt({})", "math.Floor({})",
           "math.Ceil({})", "math.Round({})", "strings.ToLower({})", "strings.ToUpper({})", "strings.TrimSpace({})",
           "int(math.Abs(float64({})))", "strings.Fields({})", "strconv.Itoa({})"),
    "javascript": ("Math.abs({})", "{}.length", "Math.floor({})", "Math.round({})", "Math.ceil({})", "Number({})",
                   "String({})", "{}.toLowerCase()", "{}.trim()", "{}.toUpperCase()", "[...{}]", "{}.reverse()",
                   "Math.sqrt({})", "{}.sort((a, b) => a - b)", "{}.filter(Boolean)", "{}.toString()", "{}.slice()",
                   "[...new Set({})]", "{}.length - 1", "{}.slice(1)", "{}.slice(0, -1)", "Math.trunc({})",
                   "{}.flat()", "{}.sort()"),
    "rust": ("{}.abs()", "{}.len()", "{}.rev()", "({} as usize)", "({} as i32)", "({} as f64)", "{}.to_lowercase()",
             "{}.trim()", "{}.to_uppercase()", "{}.clone()", "{}.sqrt()", "{}.floor()", "{}.ceil()", "{}.round()",
             "{}.to_string()", "{}.iter().rev()", "{}.len() - 1", "{}.to_ascii_lowercase()", "({} as i64)",
             "({} as u8)", "{}.skip(1)", "{}.is_empty()"),
}  # fmt: skip
# What people do with a list in JavaScript, likeliest first, and how a list is told from other values.
_OF_LISTS = ("{}.sort()", "{}.reverse()", "{}.length", "{}.slice(1)", "{}.slice(0, -1)", "{}.filter(Boolean)",
             "[...new Set({})]", "{}.sort((a, b) => a - b)", "{}.flat()", "[...{}]")  # fmt: skip
_LISTS = re.compile(r"(?:Object\.(?:keys|values|entries)|Array\.from|\.(?:map|filter|split|concat|flat|flatMap))$")
_KEEPING = frozenset({"variable_declarator", "let_declaration", "expression_list"})
_SMALLER = frozenset({"<", "<=", ">", ">="})
_MOST = 14
_PLAIN = ("identifier", "call_expression", "member_expression", "selector_expression", "field_expression",
          "subscript_expression", "index_expression", "parenthesized_expression")  # fmt: skip


def wrap(site: Site, node: Node) -> Iterator[Fix]:
    """A value that should go through a call first."""
    grammar = grammar_for(site)
    if not is_value(grammar, node) or function_of(grammar, node) is None or _is_owner(node):
        return
    text = site.of(node)
    is_list = _LISTS.search(site.of(node.child_by_field_name("function"))) is not None
    ways = [way for way in (_OF_LISTS if is_list else _WRAPS[grammar.name]) if _is_known(site, way)]
    # What the file itself puts around values comes first.
    ways.sort(key=lambda way: way.replace("{}", "").strip("().[]") not in site.text)
    sure = 1.4 if is_list else 1.0
    if _may_be_negative(site, node):
        ways.sort(key=lambda way: "abs" not in way.lower())
        sure = 1.6
    for rank, way in enumerate([*ways[:_MOST], *_own_functions(site, node)]):
        inner = f"({text})" if way.startswith("{}") and node.type not in _PLAIN else text
        yield Fix(
            (site.replace(node, way.format(inner)),), f"`{text}` should be `{way.format(inner)}`", sure * 0.93**rank
        )


def unwrap(site: Site, node: Node) -> Iterator[Fix]:
    """A call too many around a value, or in a chain."""
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if function is None or arguments is None:
        return
    values = [child for child in arguments.named_children if child.type != "comment"]
    text = site.of(node)
    for rank, value in enumerate(values[:2]):
        yield Fix((site.replace(node, site.of(value)),), f"`{text}` should be `{site.of(value)}`", 0.8**rank)
    owner = next((function.child_by_field_name(field) for field in ("object", "value", "operand")
                  if function.child_by_field_name(field) is not None), None)  # fmt: skip
    if owner is not None:
        yield Fix((site.replace(node, site.of(owner)),), f"`{text}` should be `{site.of(owner)}`", 0.9)


def sign(site: Site, node: Node) -> Iterator[Fix]:
    """A sign that is missing, or one too many."""
    text, parent = site.of(node), node.parent
    if node.type == "unary_expression":
        if text.startswith("-"):
            yield Fix((site.replace(node, text[1:]),), f"`{text}` should be `{text[1:]}`", 1.2)
        return
    if parent is None or parent.type == "unary_expression" or not is_value(grammar_for(site), node):
        return
    factor = 1.0 if parent.type in ("return_statement", "expression_list", "variable_declarator") else 0.6
    yield Fix((site.replace(node, f"-{text}"),), f"`{text}` should be `-{text}`", factor)


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    values = ("identifier", "call_expression", "binary_expression", grammar.member_of, grammar.index)
    return (
        Template("wrap", values, 0.2, wrap),
        Template("unwrap", ("call_expression",), 0.3, unwrap),
        Template("sign", ("unary_expression", "identifier", *grammar.integers), 0.25, sign, most=1.2),
    )


def _is_known(site: Site, way: str) -> bool:
    package = re.search(r"(\w+)\.", way)
    return site.parsed.language != "go" or package is None or f'"{package[1]}"' in site.text


def _is_owner(node: Node) -> bool:
    """Tell whether something reaches into a value: what is put around it changes what is there."""
    parent = node.parent
    return parent is not None and parent.type in ("selector_expression", "import_declaration")


def _may_be_negative(site: Site, node: Node) -> bool:
    """Tell whether a difference is compared or kept: mostly it is asked how far, and not which comes first."""
    if site.of(node.child_by_field_name("operator")) != "-":
        return False
    around = node.parent
    while around is not None and around.type == "parenthesized_expression":
        around = around.parent
    if around is None:
        return False
    return around.type in _KEEPING or site.of(around.child_by_field_name("operator")) in _SMALLER


def _own_functions(site: Site, node: Node) -> list[str]:
    """Return calls of the file's own functions that take one value, but for the one that the node stands in."""
    scope = function_of(grammar_for(site), node)
    own = site.of(scope.child_by_field_name("name")) if scope is not None else ""
    names = [
        symbol.name
        for facts in facts_of(site)
        if facts.path == site.path
        for symbol in facts.symbols
        if symbol.kind is SymbolKind.FUNCTION and len(symbol.parameters) == 1
    ]
    return [f"{name}({{}})" for name in names if name != own][:4]
