"""Statements and returns: missing, too many, or in the wrong block."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.syntax import Node, walk

from .site import Fix, Site, Template, function_of, names_in_scope


def missing_return(site: Site, node: Node) -> Iterator[Fix]:
    """A function that computes a value and does not return it."""
    body = node.child_by_field_name("body")
    if body is None or not body.named_children:
        return
    last = body.named_children[-1]
    if last.type == "expression_statement":
        value = last.named_children[0]
        if value.type in ("assignment", "augmented_assignment"):
            left = site.of(value.child_by_field_name("left"))
            line = f"{site.newline}{site.indent(last)}return {left}"
            yield Fix((site.insert(last, line, after=True),), f"`return {left}` is missing at the end")
        elif value.type != "string":
            yield Fix((site.insert(last, "return "),), f"`return` is missing before `{site.of(value)}`")
    elif last.type in ("for_statement", "while_statement", "if_statement", "with_statement"):
        names = [name for name in names_in_scope(site, last) if name in _assigned(site, node)]
        for rank, name in enumerate(dict.fromkeys(names)):
            line = f"{site.newline}{site.indent(last)}return {name}"
            yield Fix(
                (TextEdit(_end(site, last), _end(site, last), line),),
                f"`return {name}` is missing at the end",
                0.9**rank,
            )


def branch_return(site: Site, node: Node) -> Iterator[Fix]:
    """A bare expression in a branch that should be returned."""
    value = node.named_children[0] if node.named_children else None
    if (
        value is not None
        and function_of(node) is not None
        and value.type in ("call", "binary_operator", "identifier", "boolean_operator", "comparison_operator", "await")
    ):
        yield Fix((site.insert(node, "return "),), f"`return` is missing before `{site.of(value)}`")


def return_out_of_loop(site: Site, node: Node) -> Iterator[Fix]:
    """A return that stands inside of the loop instead of after it."""
    block = node.parent
    loop = block.parent if block is not None else None
    if block is None or loop is None or loop.type not in ("for_statement", "while_statement", "if_statement"):
        return
    if block.named_children[-1] != node or len(block.named_children) < 2:
        return
    start, end = site.line_start(node), site.parsed.bytes.span(node).end
    edits = (TextEdit(start, end, site.indent(loop) + site.of(node)),)
    yield Fix(edits, f"`{site.of(node)}` belongs after the {'loop' if loop.type != 'if_statement' else 'branch'}")


def drop_statement(site: Site, node: Node) -> Iterator[Fix]:
    """A statement too many."""
    if node.parent is None or node.parent.type != "block" or len(node.parent.named_children) < 2:
        return
    start = site.line_start(node)
    end = site.text.find("\n", site.parsed.bytes.span(node).end)
    yield Fix((TextEdit(start, len(site.text) if end < 0 else end + 1, ""),), f"`{site.of(node)}` should not be there")


def one_by_one(site: Site, node: Node) -> Iterator[Fix]:
    """What a generator gives as a whole and should give one by one, or the other way round."""
    value, line, scope = next(iter(node.named_children), None), node.parent, function_of(node)
    if value is None or line is None or line.type != "expression_statement" or scope is None:
        return
    text = site.of(value)
    if site.of(node).startswith("yield from"):
        yield Fix((site.replace(node, f"yield {text}"),), f"`{text}` should be given as a whole")
        return
    known = set(re.findall(r"\w+", site.of(scope)))
    item = next((name for name in ("item", "each") if name not in known), "part_of_it")
    loop = f"for {item} in {text}:{site.newline}{site.indent(line)}    yield {item}"
    is_async = site.of(scope).startswith("async")  # Where `yield from` may not stand.
    yield Fix((site.replace(node, loop if is_async else f"yield from {text}"),), f"`{text}` should be given one by one")


def last_round(site: Site, node: Node) -> Iterator[Fix]:
    """What a loop does with what it collected, and nobody does with the rest after it."""
    body = node.child_by_field_name("body")
    scope = function_of(node)
    if body is None or scope is None:
        return
    assigned = _assigned(site, node)
    indent, nl, end = site.indent(node), site.newline, _end(site, node)
    for block in (item for item in walk(body) if item.type == "block" and item != body):
        for statement in block.named_children:
            text = site.of(statement)
            if statement.type != "expression_statement" or "\n" in text or statement.named_children[0].type == "string":
                continue
            used = [name for name in _names(site, statement) if name in assigned]
            for name in dict.fromkeys(used):
                line = f"{nl}{indent}if {name}:{nl}{indent}    {text}"
                yield Fix((TextEdit(end, end, line),), f"`{text}` is missing after the loop")
            if used:
                yield Fix((TextEdit(end, end, f"{nl}{indent}{text}"),), f"`{text}` is missing after the loop", 0.6)


def _names(site: Site, node: Node) -> list[str]:
    return [site.of(item) for item in walk(node) if item.type == "identifier"]


def _assigned(site: Site, scope: Node) -> set[str]:
    return {
        site.of(item.child_by_field_name("left"))
        for item in walk(scope)
        if item.type in ("assignment", "augmented_assignment")
    }


def _end(site: Site, node: Node) -> int:
    return site.parsed.bytes.span(node).end


TEMPLATES = (
    Template("missing return", ("function_definition",), 0.8, missing_return),
    Template("returned value", ("expression_statement",), 0.5, branch_return),
    Template("return in the loop", ("return_statement",), 0.6, return_out_of_loop),
    Template("one by one", ("yield",), 0.6, one_by_one),
    Template("last round", ("for_statement", "while_statement"), 0.5, last_round),
    Template(
        "statement too many",
        ("expression_statement", "return_statement", "break_statement", "continue_statement", "for_statement"),
        0.25,
        drop_statement,
    ),
)
