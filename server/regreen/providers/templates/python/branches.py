"""Branches and loops: one too many, the wrong answers, the wrong kind, a way out that is missing or misplaced."""

from __future__ import annotations

from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.syntax import Node, walk

from .site import Fix, Site, Template, function_of, local_names, values_in_scope

_ANSWERS = {"True": "False", "False": "True"}
_CONSTANTS = ("None", "True", "False", "0", "1", "-1", "[]", '""', "{}", "[[]]", "()")
_LOOPS = ("for_statement", "while_statement")
_MOVABLE = frozenset({"expression_statement", "return_statement", "if_statement", *_LOOPS})


def turned_answers(site: Site, node: Node) -> Iterator[Fix]:
    """A function of which every yes should be a no."""
    found = [item for item in walk(node) if item.type in ("true", "false") and function_of(item) == node]
    returned = [item for item in found if item.parent is not None and item.parent.type == "return_statement"]
    if 1 < len(returned) < 6:
        edits = tuple(site.replace(item, _ANSWERS[site.of(item)]) for item in returned)
        yield Fix(edits, f"the answers of `{site.of(node.child_by_field_name('name'))}` are the wrong way round")


def branch_too_many(site: Site, node: Node) -> Iterator[Fix]:
    """A branch that should not be there, or whose body should always be run."""
    if node.parent is None or node.parent.type not in ("block", "if_statement"):
        return
    start, end = _whole_lines(site, node)
    alone = node.type != "if_statement" or not node.children_by_field_name("alternative")
    several = node.type != "if_statement" or 1 < len(node.parent.named_children)
    first = site.of(node).splitlines()[0]
    if alone and several:
        yield Fix((TextEdit(start, end, ""),), f"the branch `{first}` should not be there")
    if node.type == "elif_clause":
        yield Fix((TextEdit(site.parsed.bytes.span(node).start, site.parsed.bytes.span(node).start + 2, ""),),
                  f"`{first}` should be asked in any case", 0.8)  # fmt: skip
    elif alone:
        body = node.child_by_field_name("consequence")
        text = _moved(site, body, site.indent(node)) if body is not None else ""
        if text:
            yield Fix((TextEdit(start, end, text),), f"`{first}` should not be asked", 0.6)


def other_keyword(site: Site, node: Node) -> Iterator[Fix]:
    """An `if` that should go on as long as it holds, or a second `if` that should only be asked after the first."""
    start = site.parsed.bytes.span(node).start
    if node.type == "while_statement":
        yield Fix((TextEdit(start, start + 5, "if"),), "`while` should be `if`", 0.5)
        return
    if not node.children_by_field_name("alternative"):
        yield Fix((TextEdit(start, start + 2, "while"),), "`if` should be `while`", 0.7)
    before = node.prev_named_sibling
    if before is not None and before.type == "if_statement":
        yield Fix((site.insert(node, "el"),), "`if` should be `elif`")


def loop_end(site: Site, node: Node) -> Iterator[Fix]:
    """A `while True` that should end when something at hand is used up."""
    condition = node.child_by_field_name("condition")
    if condition is None or site.of(condition) not in ("True", "1"):
        return
    for rank, name in enumerate(local_names(site, node)[:6]):
        yield Fix((site.replace(condition, name),), f"the loop does not end when `{name}` is used up", 0.9**rank)


def way_out(site: Site, node: Node) -> Iterator[Fix]:
    """Another way out: break for continue, a loop that is left too early or too late."""
    old = site.of(node)
    others = [text for text in ("break", "continue", "return", "pass") if text != old]
    for rank, new in enumerate(others):
        yield Fix((site.replace(node, new),), f"`{old}` should be `{new}`", 0.8**rank)


def returned_instead(site: Site, node: Node) -> Iterator[Fix]:
    """A return of another value: one of the function's own, or a plain one."""
    value = node.named_children[0] if node.named_children else None
    old = site.of(value)
    names = [name for name in values_in_scope(site, node) if name != old][:6]
    if old in _ANSWERS:
        names = [text for name in names for text in (f"{name} == 0", f"not {name}", name)]
    for rank, new in enumerate([*names, *(text for text in _CONSTANTS if text != old)]):
        edit = site.replace(value, new) if value is not None else site.insert(node, f" {new}", after=True)
        yield Fix((edit,), f"`{site.of(node)}` should be `return {new}`", 0.93**rank)


def swapped_statements(site: Site, node: Node) -> Iterator[Fix]:
    """Two neighbouring statements the wrong way round."""
    for first, second in ((node.prev_named_sibling, node), (node, node.next_named_sibling)):
        if first is None or second is None or not {first.type, second.type} <= _MOVABLE:
            continue
        is_text = first.named_children[0].type == "string" and first.type == "expression_statement"
        if is_text or second.type == "return_statement":  # What stands behind a return is not moved, but taken away.
            continue
        edits = (site.replace(first, site.of(second)), site.replace(second, site.of(first)))
        why = f"`{_first_line(site, first)}` belongs after `{_first_line(site, second)}`"
        yield Fix(edits, why, 0.8 if {first.type, second.type} & set(_LOOPS) else 1.0)


def deeper(site: Site, node: Node) -> Iterator[Fix]:
    """A statement that belongs into the block before it, or after the block that it stands in."""
    before = node.prev_named_sibling
    start, end = _whole_lines(site, node)
    indent = site.indent(node)
    if before is not None and before.type in (*_LOOPS, "if_statement", "with_statement"):
        deep = _moved(site, node, indent + "    ")
        yield Fix((TextEdit(start, end, deep),), f"`{_first_line(site, node)}` belongs into the block before it")
    block = node.parent
    owner = block.parent if block is not None and block.type == "block" else None
    inside = block.named_children if block is not None else []
    last = inside[-1:] == [node] and 1 < len(inside)
    if owner is not None and last and owner.type in (*_LOOPS, "if_statement"):
        out = _moved(site, node, site.indent(owner))
        yield Fix((TextEdit(start, end, out),), f"`{_first_line(site, node)}` belongs after the block", 0.9)


def _moved(site: Site, node: Node, indent: str) -> str:
    """Return the whole lines of a node with another indentation."""
    start, end = _whole_lines(site, node)
    old = site.indent(node)
    lines = site.text[start:end].splitlines(keepends=True)
    if any(line.strip() and not line.startswith(old) for line in lines):
        return ""
    text = "".join(indent + line[len(old) :] if line.strip() else line for line in lines)
    return text if text.endswith("\n") else text + site.newline


def _whole_lines(site: Site, node: Node) -> tuple[int, int]:
    end = site.text.find("\n", site.parsed.bytes.span(node).end)
    return site.line_start(node), len(site.text) if end < 0 else end + 1


def _first_line(site: Site, node: Node) -> str:
    return site.of(node).splitlines()[0]


TEMPLATES = (
    Template("turned answers", ("function_definition",), 0.45, turned_answers),
    Template("branch too many", ("if_statement", "elif_clause", "else_clause"), 0.2, branch_too_many),
    Template("other keyword", ("if_statement", "while_statement"), 0.25, other_keyword),
    Template("loop end", ("while_statement",), 0.6, loop_end),
    Template("way out", ("break_statement", "continue_statement", "pass_statement"), 0.5, way_out),
    Template("returned instead", ("return_statement",), 0.28, returned_instead),
    Template("swapped statements", tuple(sorted(_MOVABLE)), 0.35, swapped_statements),
    Template("deeper", ("expression_statement", "return_statement"), 0.3, deeper),
)
