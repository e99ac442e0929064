"""Guards: an absent, empty or zero value that nobody thought of."""

from __future__ import annotations

from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.core.failure import FailureKind
from regreen.syntax import Node, walk

from .site import Fix, Site, Template, function_of, is_called, is_value

_NONE = frozenset({FailureKind.NULL_DEREF, FailureKind.TYPE_MISMATCH})
_VALUES = frozenset({FailureKind.INVALID_VALUE, FailureKind.INDEX_KEY})
_KEYS = frozenset({FailureKind.INDEX_KEY})


def guard(site: Site, node: Node) -> Iterator[Fix]:
    """An empty, absent or zero value that nobody thought of."""
    scope = function_of(node)
    if scope is None or node.start_point[0] + 1 not in site.lines or node.parent is None or node.parent.type != "block":
        return
    indent, nl = site.indent(node), site.newline
    at = site.line_start(node)
    exits = _exits(site, scope, node)
    for rank, name in enumerate(_read_names(site, node)):
        for turn, leave in enumerate(exits):
            for order, test in enumerate((f"{name} is None", f"not {name}")):
                text = f"{indent}if {test}:{nl}{indent}    {leave}{nl}"
                yield Fix(
                    (TextEdit(at, at, text),),
                    f"nothing is done about `{test}`: `{leave}`",
                    0.9**rank * 0.93**turn * 0.97**order,
                )


def fall_back(site: Site, node: Node) -> Iterator[Fix]:
    """A value that may be None: use an empty one instead."""
    if (
        node.type not in ("identifier", "attribute", "call")
        or node.start_point[0] + 1 not in site.lines
        or node.parent is None
    ):
        return
    if node.parent.type not in ("attribute", "argument_list", "for_statement", "subscript", "for_in_clause"):
        return
    for rank, empty in enumerate(('""', "[]", "{}", "0")):
        yield Fix((site.replace(node, f"({site.of(node)} or {empty})"),), f"`{site.of(node)}` may be None", 0.9**rank)


def conditional(site: Site, node: Node) -> Iterator[Fix]:
    """A value of something that may be None: an empty one in that case."""
    called = node.child_by_field_name("function")
    owner = (called if called is not None else node).child_by_field_name("object")
    if owner is None or node.start_point[0] + 1 not in site.lines or not is_value(node) or is_called(node):
        return
    text, asked = site.of(node), site.of(owner)
    for rank, empty in enumerate(("None", '""', "0", "[]", "False")):
        new = f"{text} if {asked} is not None else {empty}"
        bare = node.parent is not None and node.parent.type in ("assignment", "return_statement")
        fix = site.replace(node, new if bare else f"({new})")
        yield Fix((fix,), f"`{asked}` may be None", 0.93**rank)


def counted_key(site: Site, node: Node) -> Iterator[Fix]:
    """A key that is changed before it was ever set."""
    value, keys = node.child_by_field_name("value"), node.children_by_field_name("subscript")
    parent = node.parent
    if value is None or len(keys) != 1 or parent is None or node.start_point[0] + 1 not in site.lines:
        return
    owner, key, text = site.of(value), site.of(keys[0]), site.of(node)
    why = f"the key {key} may be absent"
    if parent.type == "augmented_assignment" and parent.child_by_field_name("left") == node:
        operator = site.of(parent.child_by_field_name("operator")).removesuffix("=")
        right = site.of(parent.child_by_field_name("right"))
        for rank, start in enumerate(("0", '""', "[]", "1")):
            new = f"{text} = {owner}.get({key}, {start}) {operator} {right}"
            yield Fix((site.replace(parent, new),), why, 0.9**rank)
    elif parent.type == "attribute":
        method = site.of(parent.child_by_field_name("attribute"))
        start = {"append": "[]", "extend": "[]", "add": "set()", "update": "{}"}.get(method, "[]")
        yield Fix((site.replace(node, f"{owner}.setdefault({key}, {start})"),), why)


def key_default(site: Site, node: Node) -> Iterator[Fix]:
    """A key that may be absent."""
    value = node.child_by_field_name("value")
    keys = node.children_by_field_name("subscript")
    if value is None or len(keys) != 1 or node.start_point[0] + 1 not in site.lines:
        return
    if node.parent is not None and node.parent.type == "assignment" and node.parent.child_by_field_name("left") == node:
        return
    for rank, default in enumerate(("", ", 0", ', ""', ", []", ", {}", ", False")):
        yield Fix(
            (site.replace(node, f"{site.of(value)}.get({site.of(keys[0])}{default})"),),
            f"the key {site.of(keys[0])} may be absent",
            0.9**rank,
        )


def _read_names(site: Site, node: Node) -> list[str]:
    found: dict[str, None] = {}
    for item in walk(node):
        if item.type == "block":
            break
        if item.type in ("identifier", "attribute") and item.parent is not None:
            if item.parent.type == "call" and item.parent.child_by_field_name("function") == item:
                continue
            if item.parent.type == "attribute" and item.parent.child_by_field_name("attribute") == item:
                continue
            found.setdefault(site.of(item))
    return [name for name in found if name not in ("self", "cls")][:5]


def _exits(site: Site, scope: Node, node: Node) -> list[str]:
    at: Node | None = node.parent
    exits: list[str] = []
    while at is not None and at != scope:
        if at.type in ("for_statement", "while_statement"):
            exits.append("continue")
            break
        at = at.parent
    own = [site.of(item) for item in walk(scope) if item.type == "return_statement" and function_of(item) == scope]
    simple = [text for text in own if len(text) < 30 and text not in site.of(node)]
    return list(
        dict.fromkeys(
            [
                *exits,
                *simple,
                "return None",
                'return ""',
                "return []",
                "return 0",
                "return False",
                "return {}",
                "return True",
            ]
        )
    )


TEMPLATES = (
    Template(
        "guard",
        ("expression_statement", "return_statement", "for_statement", "if_statement"),
        0.7,
        guard,
        _NONE | _VALUES,
    ),
    Template("fall back", ("identifier", "attribute", "call"), 0.65, fall_back, _NONE),
    Template("conditional", ("attribute", "call"), 0.68, conditional, _NONE),
    Template("counted key", ("subscript",), 1.0, counted_key, _KEYS),
    Template("key default", ("subscript",), 0.9, key_default, _KEYS),
)
