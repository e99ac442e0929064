"""Changes of a variable that are missing: what ends a loop, what begins anew, what puts a list in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from regreen.core.edit import TextEdit
from regreen.providers.templates.site import Fix, Site, Template, enclosing
from regreen.syntax import Node, walk

from .grammar import Grammar, binds, function_of, grammar_for
from .operators import condition_of

_ENDED_BY = ("-=", "/=", "%=", "+=")  # how what a loop waits for is brought about
_MOST_VALUES = 4
_MOST_PLACES = 4
_MOST_NAMES = 3
_KEEPING = ("lexical_declaration", "variable_declaration", "short_var_declaration", "let_declaration")
_RESULTS = frozenset({
    "variable_declarator", "let_declaration", "assignment_expression", "return_statement", "expression_list",
    "return_expression",
})  # fmt: skip
_SET = re.compile(r"([\w.]+(?:\[[^\]]+\])?)\s*=\s*(\w+);?")
_COMMENTS = ("comment", "line_comment", "block_comment")
_LITERALS = frozenset({
    "int_literal", "float_literal", "number", "integer_literal", "true", "false", "boolean_literal", "string",
    "interpreted_string_literal",
})  # fmt: skip
# What puts a list in order, and how it is seen that a name stands for a list.
_ORDERS = {
    "go": ("sort.Ints({})", "sort.Strings({})", "slices.Sort({})", "slices.Reverse({})", "sort.Float64s({})"),
    "javascript": (
        "{}.sort((a, b) => a - b);",
        "{}.sort();",
        "{}.reverse();",
        "{}.pop();",
        "{}.sort((a, b) => b - a);",
    ),
    "rust": ("{}.sort();", "{}.reverse();", "{}.dedup();", "{}.pop();", "{}.sort_by(|a, b| b.cmp(a));"),
}
_AS_LIST = (
    r"\b{0}(?:\[|\.(?:push|iter|len|length|map|filter|sort|join|dedup|append)\b)|(?:len|append)\({0}\b|range {0}\b"
)


def unending(site: Site, node: Node) -> Iterator[Fix]:
    """A loop that waits for a value which nothing in it changes."""
    grammar = grammar_for(site)
    condition, body = condition_of(node), node.child_by_field_name("body")
    if condition is None or body is None:
        return
    statements = statements_in(grammar, body)
    waited = dict.fromkeys(site.of(item) for item in (condition, *walk(condition)) if item.type == "identifier")
    still = [name for name in waited if not is_changed(site.of(body), name)]
    for rank, name in enumerate(still[:_MOST_NAMES]):
        for turn, value in enumerate(_values(site, grammar, node, name)):
            for way, operator in enumerate(_ENDED_BY):
                text = f"{name} {operator} {value}{grammar.end}"
                for place, statement in enumerate(reversed(statements[-_MOST_PLACES:])):
                    factor = 0.8**rank * 0.85**turn * 0.85**way * 0.85**place
                    yield Fix((after(site, statement, text),), f"`{text}` is missing in the loop", factor)


def anew(site: Site, node: Node) -> Iterator[Fix]:
    """A variable that should begin anew."""
    grammar = grammar_for(site)
    loop = enclosing(node, *grammar.loops)
    scope = function_of(grammar, node)
    if loop is None or scope is None or node.parent is None or node.parent.type not in grammar.blocks:
        return
    if node.type.startswith(("return_", "break_", "continue_")):
        return
    beside = site.of(node)
    known = [(name, value) for name, value in begun(site, scope) if is_changed(site.of(loop), name)]
    for rank, (name, value) in enumerate(known[:_MOST_NAMES]):
        if not beside.startswith(f"{name} ="):
            text = f"{name} = {value}{grammar.end}"
            yield Fix((after(site, node, text),), f"`{name}` should begin anew", 0.85**rank)


def ordered(site: Site, node: Node) -> Iterator[Fix]:
    """A list that is not put in order, or holds things twice."""
    grammar = grammar_for(site)
    scope = function_of(grammar, node)
    if scope is None or node.parent is None or node.parent.type not in grammar.blocks:
        return
    whole, here = site.of(scope), site.of(node)
    names = dict.fromkeys(site.of(item) for item in walk(scope) if item.type == "identifier" and binds(grammar, item))
    lists = [name for name in names if name in here and re.search(_AS_LIST.format(re.escape(name)), whole)]
    for rank, name in enumerate(name for name in lists if re.search(rf"\b{re.escape(name)}\b", here)):
        for turn, way in enumerate(way for way in _ORDERS[grammar.name] if _is_there(site, way)):
            text = way.format(name)
            factor = 0.8**rank * 0.85**turn
            if node.type.startswith("return_"):
                edit = site.insert(node, f"{text}{site.newline}{site.indent(node)}")
                yield Fix((edit,), f"`{text}` is missing", factor)
            elif _gives(site, node, name):
                yield Fix((after(site, node, text),), f"`{text}` is missing", factor)


def condition_missing(site: Site, node: Node) -> Iterator[Fix]:
    """Something that should be done now and then only."""
    grammar = grammar_for(site)
    loop, scope = enclosing(node, *grammar.loops), function_of(grammar, node)
    if loop is None or scope is None or "\n" in site.of(node) or node.type.startswith(("break_", "continue_")):
        return
    while (around := enclosing(loop, *grammar.loops)) is not None and function_of(grammar, around) == scope:
        loop = around
    bound = (site.of(item) for item in walk(scope) if item.type == "identifier" and binds(grammar, item))
    names = reversed(list(dict.fromkeys(bound)))
    used = [name for name in names if name.isidentifier() and name in site.of(loop)][:_MOST_PLACES]
    signs = ("===", "!==") if grammar.name == "javascript" else ("==", "!=")
    asked = [f"{one} {sign} {two}" for two, one in combinations(used, 2) for sign in signs]
    for rank, question in enumerate(asked):
        condition = f"({question})" if grammar.name == "javascript" else question
        fix = site.replace(node, f"if {condition} {{ {site.of(node)} }}")
        yield Fix((fix,), f"`{question}` is not asked first", 0.9**rank)


def half_a_swap(site: Site, node: Node) -> Iterator[Fix]:
    """Two values that should change places, of which only one was put away and the other overwritten."""
    grammar = grammar_for(site)
    following = node.next_named_sibling
    kept = next(iter(begun(site, node, plain=False)), None)
    if kept is None or following is None or node.parent is None or node.parent.type not in grammar.blocks:
        return
    name, value = kept
    found = _SET.fullmatch(site.of(following))
    if found is not None and found[2] == name and found[1] != value and value != name:
        text = f"{value} = {found[1]}{grammar.end}"
        yield Fix((after(site, node, text),), f"`{text}` is missing")


def factor(site: Site, node: Node) -> Iterator[Fix]:
    """A result that should be divided, or taken several times."""
    parent = node.parent
    scope = function_of(grammar_for(site), node)
    if scope is None or parent is None or parent.type not in _RESULTS or node in parent.children_by_field_name("left"):
        return
    text = site.of(node)
    if node.type == "parenthesized_expression" and not re.search(r"[-+*/%]", text):
        return
    plain = text if node.type == "parenthesized_expression" else f"({text})"
    numbers = [site.of(item) for item in walk(scope) if item.type in grammar_for(site).integers]
    wanted = dict.fromkeys(number for number in ("2", *numbers, "10", "100") if number not in ("0", "1"))
    for rank, number in enumerate(list(wanted)[:_MOST_VALUES]):
        for turn, operator in enumerate("/*"):
            new = f"{plain} {operator} {number}"
            yield Fix((site.replace(node, new),), f"`{text}` should be `{new}`", 0.85**rank * 0.7**turn)


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    loops = {"go": ("for_statement",), "javascript": ("while_statement",), "rust": ("while_expression",)}[grammar.name]
    giving = {
        "go": ("short_var_declaration", "assignment_statement", "return_statement"),
        "javascript": ("lexical_declaration", "variable_declaration", "expression_statement", "return_statement"),
        "rust": ("let_declaration", "expression_statement"),
    }[grammar.name]
    plain = ("expression_statement", "assignment_statement", "if_statement", "inc_statement", "dec_statement")
    return (
        Template("loop without an end", loops, 0.6, unending),
        Template("half a swap", _KEEPING, 0.9, half_a_swap),
        Template("factor missing", ("binary_expression", "parenthesized_expression"), 0.2, factor),
        Template("begin anew", plain, 0.2, anew),
        Template(
            "condition missing",
            ("expression_statement", "assignment_statement", "inc_statement"),
            0.12,
            condition_missing,
        ),
        Template("not in order", giving, 0.15, ordered),
    )


def statements_in(grammar: Grammar, body: Node) -> list[Node]:
    """Return the statements of a body, but for those that leave it."""
    inside = [child for child in body.named_children if child.type not in _COMMENTS]
    if len(inside) == 1 and inside[0].type == "statement_list" and "statement_list" in grammar.blocks:
        inside = [child for child in inside[0].named_children if child.type not in _COMMENTS]
    return [child for child in inside if not child.type.startswith(("return_", "break_", "continue_"))]


def is_changed(text: str, name: str) -> bool:
    """Tell whether a text assigns to a variable."""
    plain = re.escape(name)
    return (
        re.search(rf"\b{plain}\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)|\b{plain}(?:\+\+|--)|(?:\+\+|--){plain}\b", text)
        is not None
    )


def _values(site: Site, grammar: Grammar, loop: Node, name: str) -> Sequence[str]:
    """Return what a variable may be changed by: elements that the loop reads, what stands beside it, then one."""
    found: dict[str, None] = {}
    for item in walk(loop):
        text = site.of(item)
        if item.type == grammar.index and name not in text and len(text) < 30:
            found.setdefault(text)
    for item in walk(loop):
        if item.type == "binary_expression" and name in (site.of(side) for side in item.named_children):
            for side in item.named_children:
                if side.type in ("identifier", *grammar.integers) and site.of(side) not in (name, "0"):
                    found.setdefault(site.of(side))
    return [*found, "1"][:_MOST_VALUES]


def begun(site: Site, scope: Node, *, plain: bool = True) -> Iterator[tuple[str, str]]:
    """Yield the variables of a function with the value as which they begin: those with a plain one, or all."""
    for item in walk(scope):
        name = next((field for field in map(item.child_by_field_name, ("name", "pattern", "left")) if field), None)
        value = next((field for field in map(item.child_by_field_name, ("value", "right")) if field), None)
        if value is not None and value.type == "expression_list" and value.named_children:
            value = value.named_children[0]
        is_empty = value is not None and site.of(value) in ("[]", "{}")
        if value is None or name is None or (plain and not (value.type in _LITERALS or is_empty)):
            continue
        text = site.of(name).removeprefix("mut ").strip()
        if text.isidentifier() and item.type in _DECLARING:
            yield text, site.of(value)


_DECLARING = ("variable_declarator", "let_declaration", "short_var_declaration", "var_spec")


def _gives(site: Site, node: Node, name: str) -> bool:
    return re.match(rf"(?:let|const|var)?\s*(?:mut\s+)?{re.escape(name)}\b[^=!<>]*:?=[^=]", site.of(node)) is not None


def _is_there(site: Site, way: str) -> bool:
    package = way.partition(".")[0]
    return site.parsed.language != "go" or f'"{package}"' in site.text


def after(site: Site, node: Node, text: str) -> TextEdit:
    """Insert a statement on a line of its own behind another one."""
    return site.insert(node, f"{site.newline}{site.indent(node)}{text}", after=True)
