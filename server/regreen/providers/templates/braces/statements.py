"""Statements: one too many, in the wrong place, or one that gives nothing back."""

from __future__ import annotations

from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.providers.templates.site import Fix, Site, Template, enclosing
from regreen.syntax import Node

from .grammar import Grammar, function_of, grammar_for, statement_of

_VALUES = (
    "call_expression", "binary_expression", "identifier", "member_expression", "selector_expression",
    "field_expression", "subscript_expression", "index_expression", "ternary_expression", "object", "array",
    "template_string", "await_expression", "unary_expression", "parenthesized_expression", "new_expression",
)  # fmt: skip
_LEAVING = {"break": "continue", "continue": "break"}


def missing_return(site: Site, node: Node) -> Iterator[Fix]:
    """A value that is computed and not returned."""
    grammar = grammar_for(site)
    value = next(iter(node.named_children), None)
    if value is None or value.type not in _VALUES or function_of(grammar, node) is None:
        return
    if grammar.name == "rust" and site.of(node).endswith(";") and _is_last(node):
        at = site.parsed.bytes.span(node).end
        yield Fix((TextEdit(at - 1, at, ""),), f"`{site.of(value)}` should be returned", 1.2)
    yield Fix((site.insert(node, "return "),), f"`{site.of(value)}` should be returned", 1.0 if _is_last(node) else 0.5)


def arrow_return(site: Site, node: Node) -> Iterator[Fix]:
    """An arrow function whose braces keep its value back."""
    body = node.child_by_field_name("body")
    if body is None or body.type != "statement_block":
        return
    inside = [child for child in body.named_children if child.type != "comment"]
    if len(inside) == 1 and inside[0].type == "expression_statement":
        yield Fix((site.insert(inside[0], "return "),), f"`{site.of(inside[0])}` should be returned")


def return_out_of_loop(site: Site, node: Node) -> Iterator[Fix]:
    """A return that stands inside of the loop instead of after it."""
    grammar = grammar_for(site)
    loop = enclosing(node, *grammar.loops)
    if loop is None or function_of(grammar, loop) != function_of(grammar, node):
        return
    statement, around = statement_of(grammar, node), statement_of(grammar, loop)
    start, end = site.line_start(statement), site.parsed.bytes.span(statement).end
    line_end = site.text.find("\n", end)
    if line_end < 0 or site.text[start:end].strip() != site.of(statement).strip():
        return
    after = site.parsed.bytes.span(around).end
    moved = f"{site.newline}{site.indent(around)}{site.of(statement).strip()}"
    edits = (TextEdit(start, line_end + 1, ""), TextEdit(after, after, moved))
    yield Fix(edits, f"`{site.of(statement)}` should stand behind the loop")


def drop_statement(site: Site, node: Node) -> Iterator[Fix]:
    """A statement too many."""
    if statement_of(grammar_for(site), node) != node:
        return
    start, end = site.line_start(node), site.parsed.bytes.span(node).end
    line_end = site.text.find("\n", end)
    alone = 0 <= line_end and site.text[start:line_end].strip().rstrip(";") == site.of(node).strip().rstrip(";")
    edit = TextEdit(start, line_end + 1, "") if alone else site.replace(node, "")
    yield Fix((edit,), f"`{site.of(node)[:60]}` is one too many")


def leave(site: Site, node: Node) -> Iterator[Fix]:
    """`break` for `continue`, or the other way round."""
    old = site.of(node)
    for word, other in _LEAVING.items():
        if old.startswith(word) and enclosing(node, *grammar_for(site).loops) is not None:
            yield Fix((site.replace(node, other + old[len(word) :]),), f"`{word}` should be `{other}`")


def missing_break(site: Site, node: Node) -> Iterator[Fix]:
    """A case that runs on into the next one."""
    last = node.named_children[-1] if node.named_children else None
    if last is None or last.type in ("break_statement", "return_statement", "throw_statement", "continue_statement"):
        return
    if node.next_named_sibling is None or node.child_by_field_name("value") == last:
        return
    text = f"{site.newline}{site.indent(last)}break;"
    yield Fix((site.insert(last, text, after=True),), "`break` is missing at the end of the case")


def missing_else(site: Site, node: Node) -> Iterator[Fix]:
    """Two conditions in a row of which only one may be followed."""
    before = node.prev_named_sibling
    if before is None or before.type != node.type or before.child_by_field_name("alternative") is not None:
        return
    start, end = site.parsed.bytes.span(before).end, site.parsed.bytes.span(node).start
    if not site.text[start:end].strip():
        yield Fix((TextEdit(start, end, " else "),), "`else` is missing between two conditions")


def swapped_branches(site: Site, node: Node) -> Iterator[Fix]:
    """The values of a choice the wrong way round."""
    first, second = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
    if first is None or second is None:
        return
    if second.type == "else_clause":
        second = next(iter(second.named_children), second)
    if second.type in (node.type, "else_clause") or site.of(first) == site.of(second):
        return
    yield Fix((site.replace(first, site.of(second)), site.replace(second, site.of(first))), "the branches are swapped")


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    ifs = tuple(name for name in ("if_statement", "if_expression") if name in grammar.conditionals)
    rows: tuple[Template, ...] = ()
    if grammar.name == "javascript":
        rows = (
            Template("arrow return", ("arrow_function",), 0.9, arrow_return),
            Template("missing break", ("switch_case",), 0.9, missing_break),
        )
    return (
        *rows,
        Template("missing return", ("expression_statement",), 0.6, missing_return, most=1.2),
        Template("return in the loop", grammar.returns, 0.6, return_out_of_loop),
        Template("break or continue", ("break_statement", "continue_statement", "break_expression",
                                       "continue_expression"), 0.6, leave),
        Template("missing else", ifs, 0.4, missing_else),
        Template("swapped branches", (*ifs, "ternary_expression"), 0.35, swapped_branches),
        Template("statement too many", grammar.droppable, 0.25, drop_statement),
    )  # fmt: skip


def _is_last(node: Node) -> bool:
    following = node.next_named_sibling
    while following is not None and following.type in ("comment", "line_comment", "block_comment"):
        following = following.next_named_sibling
    return following is None
