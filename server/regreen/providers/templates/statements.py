"""Statements, returns, guards, awaits, wrapping."""

from __future__ import annotations

from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.core.failure import FailureKind
from regreen.syntax import Node, walk

from .site import Fix, Site, Template, function_of, names_in_scope

_NONE = frozenset({FailureKind.NULL_DEREF, FailureKind.TYPE_MISMATCH})
_VALUES = frozenset({FailureKind.INVALID_VALUE, FailureKind.INDEX_KEY})
_WRAPS = (
    "len",
    "str",
    "int",
    "sorted",
    "list",
    "abs",
    "float",
    "set",
    "max",
    "min",
    "tuple",
    "round",
    "sum",
    "reversed",
)


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


def missing_await(site: Site, node: Node) -> Iterator[Fix]:
    """A coroutine that nobody waits for."""
    scope = function_of(node)
    if (
        scope is None
        or not site.of(scope).startswith("async")
        or (node.parent is not None and node.parent.type == "await")
    ):
        return
    yield Fix((site.insert(node, "await "),), f"`await` is missing before `{site.of(node)}`")


def missing_self(site: Site, node: Node) -> Iterator[Fix]:
    """`self` that is missing as a parameter."""
    parameters = node.child_by_field_name("parameters")
    owner = node.parent.parent if node.parent is not None else None
    if owner is not None and owner.type == "decorated_definition":
        return
    if parameters is None or owner is None or owner.type != "class_definition":
        return
    names = [site.of(child) for child in parameters.named_children]
    if "self" not in names[:1] and "cls" not in names[:1]:
        new = "(" + ", ".join(["self", *names]) + ")"
        yield Fix(
            (site.replace(parameters, new),),
            f"`self` is missing in the parameters of `{site.of(node.child_by_field_name('name'))}`",
        )


def self_attribute(site: Site, node: Node) -> Iterator[Fix]:
    """A name that should be an attribute of `self`."""
    name = site.of(node)
    if name != site.failure.slot("symbol") or node.start_point[0] + 1 not in site.lines:
        return
    scope = function_of(node)
    if scope is not None and "self" in site.of(scope.child_by_field_name("parameters")):
        yield Fix((site.insert(node, "self."),), f"`{name}` should be `self.{name}`")


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


def wrap(site: Site, node: Node) -> Iterator[Fix]:
    """A value that should go through a call first."""
    parent = node.parent
    if parent is None or parent.type not in (
        "argument_list",
        "return_statement",
        "binary_operator",
        "comparison_operator",
        "assignment",
        "for_statement",
    ):
        return
    if parent.type in ("assignment", "for_statement") and parent.child_by_field_name("right") != node:
        return
    for rank, name in enumerate(_WRAPS):
        yield Fix(
            (site.replace(node, f"{name}({site.of(node)})"),),
            f"`{site.of(node)}` should be `{name}({site.of(node)})`",
            0.93**rank,
        )


def unwrap(site: Site, node: Node) -> Iterator[Fix]:
    """A call too many around a value."""
    arguments = node.child_by_field_name("arguments")
    if arguments is not None and len(arguments.named_children) == 1 and function_of(node) is not None:
        inner = site.of(arguments.named_children[0])
        yield Fix((site.replace(node, inner),), f"`{site.of(node)}` should be `{inner}`")


def call_it(site: Site, node: Node) -> Iterator[Fix]:
    """A method that is named and not called."""
    if node.parent is not None and node.parent.type not in ("call", "attribute", "decorator"):
        yield Fix((site.insert(node, "()", after=True),), f"`{site.of(node)}` should be called")


def mutable_default(site: Site, node: Node) -> Iterator[Fix]:
    """A default that all calls share."""
    value, name = node.child_by_field_name("value"), site.of(node.child_by_field_name("name"))
    scope = function_of(node)
    if value is None or scope is None or value.type not in ("list", "dictionary", "set", "call"):
        return
    body = scope.child_by_field_name("body")
    if body is None:
        return
    first = body.named_children[0]
    indent, at = site.indent(first), site.line_start(first)
    text = f"{indent}if {name} is None:{site.newline}{indent}    {name} = {site.of(value)}{site.newline}"
    yield Fix((site.replace(value, "None"), TextEdit(at, at, text)), f"all calls share the default of `{name}`")


def drop_statement(site: Site, node: Node) -> Iterator[Fix]:
    """A statement too many."""
    if node.parent is None or node.parent.type != "block" or len(node.parent.named_children) < 2:
        return
    start = site.line_start(node)
    end = site.text.find("\n", site.parsed.bytes.span(node).end)
    yield Fix((TextEdit(start, len(site.text) if end < 0 else end + 1, ""),), f"`{site.of(node)}` should not be there")


def _assigned(site: Site, scope: Node) -> set[str]:
    return {
        site.of(item.child_by_field_name("left"))
        for item in walk(scope)
        if item.type in ("assignment", "augmented_assignment")
    }


def _end(site: Site, node: Node) -> int:
    return site.parsed.bytes.span(node).end


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
    Template("missing return", ("function_definition",), 0.8, missing_return),
    Template("returned value", ("expression_statement",), 0.5, branch_return),
    Template("return in the loop", ("return_statement",), 0.6, return_out_of_loop),
    Template("missing await", ("call",), 0.8, missing_await),
    Template("missing self", ("function_definition",), 1.5, missing_self),
    Template("attribute of self", ("identifier",), 2.9, self_attribute, frozenset({FailureKind.NAME_UNDEFINED})),
    Template(
        "guard",
        ("expression_statement", "return_statement", "for_statement", "if_statement"),
        0.7,
        guard,
        _NONE | _VALUES,
    ),
    Template("fall back", ("identifier", "attribute", "call"), 0.65, fall_back, _NONE),
    Template("key default", ("subscript",), 0.9, key_default, frozenset({FailureKind.INDEX_KEY})),
    Template("wrap", ("identifier", "attribute", "subscript", "call"), 0.2, wrap),
    Template("unwrap", ("call",), 0.2, unwrap),
    Template("call", ("attribute",), 0.25, call_it),
    Template("shared default", ("default_parameter", "typed_default_parameter"), 0.8, mutable_default),
    Template(
        "statement too many",
        ("expression_statement", "return_statement", "break_statement", "continue_statement"),
        0.25,
        drop_statement,
    ),
)
