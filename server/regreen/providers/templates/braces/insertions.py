"""Statements that are missing or stand in the wrong place: a step, a way out of a loop, one that is said elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.providers.templates.site import Fix, Site, Template, enclosing
from regreen.syntax import Node, walk

from .grammar import Grammar, function_of, grammar_for
from .operators import condition_of

_COMMENTS = ("comment", "line_comment", "block_comment")
_SIMPLE = frozenset({"expression_statement", "assignment_statement", "inc_statement", "dec_statement"})
_LEAVING = ("return_statement", "break_statement", "continue_statement", "throw_statement", "return_expression")
_MOST = 6
_LONGEST = 80


def leave_missing(site: Site, node: Node) -> Iterator[Fix]:
    """A way out of the loop, or to its next round, that is missing at the end of a branch."""
    grammar = grammar_for(site)
    body = node.child_by_field_name("consequence")
    if body is None or enclosing(node, *grammar.loops) is None:
        return
    last = _last(grammar, body)
    if last is None or _leaves(last):
        return
    for rank, word in enumerate(("break", "continue")):
        yield Fix((_after(site, last, word + grammar.end),), f"`{word}` is missing", 0.8**rank)


def step_missing(site: Site, node: Node) -> Iterator[Fix]:
    """A count that nobody raises."""
    grammar = grammar_for(site)
    scope = function_of(grammar, node)
    if scope is None or not _is_statement(grammar, node) or _leaves(node):
        return
    for rank, name in enumerate(_counts(site, grammar, scope)[:3]):
        for turn, operator in enumerate(("+=", "-=")):
            text = f"{name} {operator} 1"
            yield Fix((_after(site, node, text + grammar.end),), f"`{text}` is missing", 0.8**rank * 0.6**turn)


def said_elsewhere(site: Site, node: Node) -> Iterator[Fix]:
    """A statement of the function that is missing here."""
    grammar = grammar_for(site)
    scope = function_of(grammar, node)
    if scope is None or not _is_statement(grammar, node):
        return
    beside = {site.of(other) for other in (node, node.next_named_sibling, node.prev_named_sibling) if other is not None}
    found = dict.fromkeys(
        site.of(item)
        for item in walk(scope)
        if (item.type in _SIMPLE or item.type in _LEAVING) and _is_statement(grammar, item)
        and "\n" not in site.of(item) and len(site.of(item)) <= _LONGEST
    )  # fmt: skip
    for rank, text in enumerate([text for text in found if text not in beside][:_MOST]):
        if not _leaves(node):
            yield Fix((_after(site, node, text),), f"`{text}` is missing", 0.9**rank)
        yield Fix((_before(site, node, text),), f"`{text}` is missing", 0.8 * 0.9**rank)


def other_order(site: Site, node: Node) -> Iterator[Fix]:
    """Two statements the wrong way round."""
    grammar = grammar_for(site)
    following = _next(node)
    if following is None or not _is_statement(grammar, node) or _leaves(following):
        return
    one, two = site.of(node), site.of(following)
    if one != two:
        edits = (site.replace(node, two), site.replace(following, one))
        yield Fix(edits, f"`{two[:40]}` should come before `{one[:40]}`")


def out_of_block(site: Site, node: Node) -> Iterator[Fix]:
    """A statement at the end of a block that should stand behind it."""
    grammar = grammar_for(site)
    block = node.parent
    if block is None or not _is_statement(grammar, node) or _next(node) is not None:
        return
    around = enclosing(node, *grammar.loops, *grammar.conditionals)
    while around is not None and around.parent is not None and around.parent.type in ("else_clause", around.type):
        around = around.parent
    if around is None or function_of(grammar, around) != function_of(grammar, node) or around.parent is None:
        return
    text = site.of(node)
    if around.parent.type == "expression_statement":
        around = around.parent
    yield Fix((_removed(site, node), _after(site, around, text)), f"`{text[:60]}` should stand behind the block")


def into_block(site: Site, node: Node) -> Iterator[Fix]:
    """A statement behind a block that should stand at its end."""
    grammar = grammar_for(site)
    before = node.prev_named_sibling
    if before is None or not _is_statement(grammar, node):
        return
    if before.type == "expression_statement" and before.named_children:
        before = before.named_children[0]
    body = before.child_by_field_name("body")
    if body is None:
        body = before.child_by_field_name("consequence")
    last = None if body is None else _last(grammar, body)
    if last is not None and not _leaves(last):
        text = site.of(node)
        yield Fix((_after(site, last, text), _removed(site, node)), f"`{text[:60]}` should stand inside of the block")


def condition_too_many(site: Site, node: Node) -> Iterator[Fix]:
    """A condition too many before something that should always be done."""
    body, condition = node.child_by_field_name("consequence"), condition_of(node)
    if body is None or condition is None or node.child_by_field_name("alternative") is not None:
        return
    yield Fix((site.replace(condition, "true"),), f"`{site.of(condition)}` should not be asked")


def dropped_branch(site: Site, node: Node) -> Iterator[Fix]:
    """A case of its own that should be treated as all the others."""
    grammar = grammar_for(site)
    whole = node.parent if node.parent is not None and node.parent.type == "expression_statement" else node
    if not _is_statement(grammar, whole):
        return
    yield Fix((_removed(site, whole),), f"`{site.of(node)[:60]}` is one too many")


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    statements = {
        "go": ("expression_statement", "assignment_statement", "short_var_declaration", "inc_statement",
               "dec_statement", "if_statement", "for_statement", "return_statement", "var_declaration"),
        "javascript": ("expression_statement", "lexical_declaration", "variable_declaration", "if_statement",
                       "for_statement", "for_in_statement", "while_statement", "return_statement"),
        "rust": ("expression_statement", "let_declaration"),
    }[grammar.name]  # fmt: skip
    ifs = tuple(name for name in ("if_statement", "if_expression") if name in grammar.conditionals)
    return (
        Template("leave missing", ifs, 0.3, leave_missing),
        Template("step missing", statements, 0.15, step_missing),
        Template("said elsewhere", statements, 0.14, said_elsewhere),
        Template("other order", statements, 0.35, other_order),
        Template("out of the block", statements, 0.35, out_of_block),
        Template("into the block", statements, 0.3, into_block),
        Template("condition too many", ifs, 0.2, condition_too_many),
        Template("branch too many", ifs, 0.25, dropped_branch),
    )


def _is_statement(grammar: Grammar, node: Node) -> bool:
    return node.parent is not None and node.parent.type in grammar.blocks


def _leaves(node: Node) -> bool:
    inner = node.named_children[0] if node.type == "expression_statement" and node.named_children else node
    return inner.type.startswith(("return_", "break_", "continue_", "throw_"))


def _next(node: Node) -> Node | None:
    following = node.next_named_sibling
    while following is not None and following.type in _COMMENTS:
        following = following.next_named_sibling
    return following


def _last(grammar: Grammar, block: Node) -> Node | None:
    """Return the last statement of a block; Go's blocks hold a list of them."""
    inside = [child for child in block.named_children if child.type not in _COMMENTS]
    if inside and inside[-1].type in grammar.blocks and inside[-1].type == "statement_list":
        inside = [child for child in inside[-1].named_children if child.type not in _COMMENTS]
    return inside[-1] if inside else None


def _after(site: Site, node: Node, text: str) -> TextEdit:
    return site.insert(node, f"{site.newline}{site.indent(node)}{text}", after=True)


def _before(site: Site, node: Node, text: str) -> TextEdit:
    return site.insert(node, f"{text}{site.newline}{site.indent(node)}")


def _removed(site: Site, node: Node) -> TextEdit:
    start, end = site.line_start(node), site.parsed.bytes.span(node).end
    line_end = site.text.find("\n", end)
    alone = 0 <= line_end and site.text[start:line_end].strip() == site.of(node).strip()
    return TextEdit(start, line_end + 1, "") if alone else site.replace(node, "")


def _counts(site: Site, grammar: Grammar, scope: Node) -> list[str]:
    """Return the variables of a function that begin as a whole number, those of the text's end first."""
    found: dict[str, None] = {}
    for item in walk(scope):
        value = item.child_by_field_name("value")
        if value is None:
            value = item.child_by_field_name("right")
        if value is not None and value.type == "expression_list" and value.named_children:
            value = value.named_children[0]
        fields = (item.child_by_field_name(each) for each in ("name", "pattern", "left"))
        name = next((field for field in fields if field is not None), None)
        if value is None or name is None or value.type not in grammar.integers:
            continue
        found.setdefault(site.of(name).removeprefix("mut ").strip())
    return [name for name in reversed(found) if name.isidentifier()]
