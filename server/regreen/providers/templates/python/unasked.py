"""Statements that only some case calls for, and values that are nearly what is meant: turned, quoted, one of many."""

from __future__ import annotations

from collections.abc import Iterator

from regreen.core.failure import FailureKind
from regreen.syntax import Node, walk

from .site import Fix, Site, Template, binds, function_of, is_called, is_value, local_names, names_in_scope, simple

_MOST = 4  # conditions of one sort
_LONGEST = 60
_ASKING = ("if_statement", "elif_clause", "while_statement", "conditional_expression", "if_clause")
# Signs of which one is easily taken for another: any of a group for any other, the nearest first.
_GROUPS = ("<>", "()", "[]", "{}", "([{<", ")]}>", "+-", "*/", "/\\", ".,", ",;:", "-_", "&|", "<=", "\"'", "?!")
_ALL_OF = ("sum", "max", "min", "len")


def only_if(site: Site, node: Node) -> Iterator[Fix]:
    """A statement that should only be run in some case."""
    text, inner = site.of(node), next(iter(node.named_children), None)
    if function_of(node) is None or "\n" in text or inner is None or inner.type not in ("call", "augmented_assignment"):
        return
    if not site.text[site.line_start(node) : site.parsed.bytes.span(node).start].isspace():
        return
    indent = f"{site.newline}{site.indent(node)}    "
    for condition, factor in _conditions(site, node):
        yield Fix((site.replace(node, f"if {condition}:{indent}{text}"),), f"`{text}` only if `{condition}`", factor)


def turned_sign(site: Site, node: Node) -> Iterator[Fix]:
    """A single sign for its opposite, or for another of its kind."""
    old = site.of(node)
    if len(old) != 3 or old[0] not in "'\"" or (node.parent is not None and node.parent.type == "expression_statement"):
        return
    others = dict.fromkeys(sign for group in _GROUPS if old[1] in group for sign in group if sign != old[1])
    for rank, sign in enumerate(others):
        shown = {"\\": "\\\\", old[0]: f"\\{old[0]}"}.get(sign, sign)
        new = f"{old[0]}{shown}{old[0]}"
        yield Fix((site.replace(node, new),), f"{old} should be {new}", 0.9**rank)


def quoted_name(site: Site, node: Node) -> Iterator[Fix]:
    """A name in quotes that should be the variable itself."""
    old = site.of(node)
    name = old[1:-1]
    if old[:1] not in "'\"" or name not in local_names(site, node):
        return
    yield Fix((site.replace(node, name),), f"{old} should be `{name}`")
    if site.failure.kind is FailureKind.TYPE_MISMATCH:
        yield Fix((site.replace(node, f"{name}.encode()"),), f"{old} should be `{name}.encode()`", 0.7)


def middle_operand(site: Site, node: Node) -> Iterator[Fix]:
    """The middle one of three operands, which is one too many."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or left.type != "binary_operator":
        return
    first, operator = left.child_by_field_name("left"), left.child_by_field_name("operator")
    new = f"{site.of(first)} {site.of(operator)} {simple(site, right)}"
    yield Fix((site.replace(node, new),), f"`{site.of(node)}` should be `{new}`")


def of_all(site: Site, node: Node) -> Iterator[Fix]:
    """One element where something of all of them is meant: their sum, the largest, how many there are."""
    value, keys = node.child_by_field_name("value"), node.children_by_field_name("subscript")
    if value is None or len(keys) != 1 or keys[0].type not in ("integer", "unary_operator") or not is_value(node):
        return
    for rank, name in enumerate(_ALL_OF):
        new = f"{name}({site.of(value)})"
        yield Fix((site.replace(node, new),), f"`{site.of(node)}` should be `{new}`", 0.85**rank)


def _conditions(site: Site, node: Node) -> Iterator[tuple[str, float]]:
    """Return what may have to be asked first: what the file asks elsewhere, two values alike, a value at all."""
    known = set(names_in_scope(site, node))
    above = {site.of(_condition(item)) for item in _above(node) if item.type in _ASKING}
    for rank, text in enumerate([text for text in _asked(site) if text[0] not in above and text[1] <= known][:_MOST]):
        yield text[0], 0.9**rank
    read = dict.fromkeys(site.of(item) for item in walk(node) if item.type == "identifier" and _is_read(item))
    names = local_names(site, node)
    own = [name for name in read if name in names][-_MOST:]
    going = [site.of(item.child_by_field_name("left")) for item in _above(node) if item.type == "for_statement"]
    others = [name for name in dict.fromkeys((*going, *names)) if name in names]
    for rank, name in enumerate(reversed(own)):
        for turn, other in enumerate([other for other in others if other != name][:2]):
            for order, sign in enumerate(("==", "!=", "not in", "in", "<")):
                yield f"{name} {sign} {other}", 0.8 * 0.85**rank * 0.8**turn * 0.93**order
        for turn, asked in enumerate((name, f"{name} is not None", f"not {name}")):
            yield asked, 0.7 * 0.85**rank * 0.9**turn


def _asked(site: Site) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return the conditions of the file with the names in them, each once."""
    found = site.memo.get("asked")
    if not isinstance(found, tuple):
        conditions: dict[str, frozenset[str]] = {}
        for item in walk(site.parsed.root):
            condition = _condition(item) if item.type in _ASKING else None
            text = site.of(condition)
            if condition is not None and text and len(text) <= _LONGEST and "\n" not in text:
                words = [word for word in walk(condition) if word.type == "identifier" and _is_read(word)]
                conditions.setdefault(text, frozenset(site.of(word) for word in words))
        found = site.memo["asked"] = tuple(conditions.items())
    return found


def _condition(node: Node) -> Node | None:
    if node.type == "conditional_expression":
        return node.named_children[1] if len(node.named_children) == 3 else None
    return node.named_children[0] if node.type == "if_clause" else node.child_by_field_name("condition")


def _above(node: Node) -> Iterator[Node]:
    at = node.parent
    while at is not None and at.type != "function_definition":
        yield at
        at = at.parent


def _is_read(name: Node) -> bool:
    is_member = name.parent is not None and name.parent.type == "attribute"
    if is_member and name.parent is not None and name.parent.child_by_field_name("object") != name:
        return False
    return not binds(name) and not is_called(name)


TEMPLATES = (
    Template("only if", ("expression_statement",), 0.16, only_if),
    Template("turned sign", ("string",), 0.4, turned_sign),
    Template("quoted name", ("string",), 0.45, quoted_name),
    Template("middle operand", ("binary_operator",), 0.2, middle_operand),
    Template("of all", ("subscript",), 0.12, of_all),
)
