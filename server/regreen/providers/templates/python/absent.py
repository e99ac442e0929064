"""Values that may be absent, and are taken for false; and what to say where something may not be there."""

from __future__ import annotations

from collections.abc import Iterator

from regreen.core.failure import FailureKind
from regreen.syntax import Node

from .site import Fix, Site, Template, function_of, is_asked, is_called, is_value, simple, statement_of

_MISSING = frozenset({FailureKind.MEMBER_MISSING, FailureKind.NULL_DEREF})
_PLAIN = ("identifier", "attribute", "subscript")
# Calls that take what to answer instead, and how many arguments they have without it.
_WITH_DEFAULT = {"getattr": 2, "next": 1, "pop": 1}


def taken_for_false(site: Site, node: Node) -> Iterator[Fix]:
    """A value that is asked for its truth where only None is meant: 0, "" and an empty list are values, too."""
    if not is_asked(node) or is_called(node) or function_of(node) is None:
        return
    text, parent = site.of(node), node.parent
    if text in ("True", "False", "None") or parent is None:
        return
    if parent.type == "not_operator":
        yield Fix((site.replace(parent, f"{text} is None"),), f"`not {text}` should be `{text} is None`")
    else:
        yield Fix((site.replace(node, f"{text} is not None"),), f"`{text}` should be `{text} is not None`")


def false_as_well(site: Site, node: Node) -> Iterator[Fix]:
    """A question for None where an empty value is meant, too."""
    operators = [child.type for child in node.children if not child.is_named]
    values = node.named_children
    if len(values) != 2 or site.of(values[1]) != "None" or not is_asked(node):
        return
    text = site.of(values[0])
    if operators == ["is not"]:
        yield Fix((site.replace(node, text),), f"`{site.of(node)}` should be `{text}`")
    elif operators == ["is"]:
        yield Fix((site.replace(node, f"not {text}"),), f"`{site.of(node)}` should be `not {text}`")


def default_for_false(site: Site, node: Node) -> Iterator[Fix]:
    """An `or` that also replaces 0, an empty text and False, where only None is to be replaced."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None or operator is None or operator.type != "or" or is_asked(node):
        return
    value, other = site.of(left), site.of(right)
    why = f"`{other}` should replace None only, not every empty value"
    parent = node.parent
    target = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment" else None
    if left.type in _PLAIN:
        new = f"{value} if {value} is not None else {other}"
        whole = parent is not None and parent.type in ("assignment", "return_statement", "keyword_argument")
        yield Fix((site.replace(node, new if whole else f"({new})"),), why)
    elif target is not None and target.type in _PLAIN and parent is not None:
        name, indent = site.of(target), site.indent(statement_of(node))
        after = f"{site.newline}{indent}if {name} is None:{site.newline}{indent}    {name} = {other}"
        yield Fix((site.replace(node, f"{value}{after}"),), why)


def none_instead(site: Site, node: Node) -> Iterator[Fix]:
    """A call that raises where nothing is found, and can answer None instead."""
    called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if called is None or arguments is None:
        return
    name = site.of(called).rpartition(".")[2]
    n_given = len([child for child in arguments.named_children if child.type != "comment"])
    if _WITH_DEFAULT.get(name) != n_given or (name == "pop" and called.type != "attribute"):
        return
    new = f"{site.of(arguments)[:-1]}, None)"
    yield Fix((site.replace(arguments, new),), f"`{site.of(node)}` may find nothing")


def absent_member(site: Site, node: Node) -> Iterator[Fix]:
    """An attribute that not every object has."""
    owner, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
    if owner is None or name is None or is_called(node) or not is_value(node):
        return
    new = f'getattr({site.of(owner)}, "{site.of(name)}", None)'
    yield Fix((site.replace(node, new),), f"`{site.of(node)}` is not always there")


def compared_type(site: Site, node: Node) -> Iterator[Fix]:
    """A type that is compared where one of its kind is meant, or one kind of several that are."""
    operators = [child.type for child in node.children if not child.is_named]
    values = node.named_children
    if len(values) != 2 or operators not in (["=="], ["is"], ["!="], ["is not"]):
        return
    left = values[0]
    arguments = left.child_by_field_name("arguments") if left.type == "call" else None
    if arguments is None or site.of(left.child_by_field_name("function")) != "type":
        return
    new = f"isinstance({site.of(arguments)[1:-1]}, {site.of(values[1])})"
    new = f"not {new}" if operators[0] in ("!=", "is not") else new
    yield Fix((site.replace(node, new),), f"`{site.of(node)}` should be `{new}`")


_KINDS = {
    "list": ("tuple", "set"), "tuple": ("list",), "int": ("float",), "float": ("int",), "str": ("bytes",),
    "bytes": ("bytearray", "str"), "dict": ("list",), "set": ("frozenset", "list"),
}  # fmt: skip


def more_kinds(site: Site, node: Node) -> Iterator[Fix]:
    """A question for one type where another one of its sort will do as well."""
    arguments = node.child_by_field_name("arguments")
    values = arguments.named_children if arguments is not None else []
    if site.of(node.child_by_field_name("function")) != "isinstance" or len(values) != 2:
        return
    asked = values[1]
    names = [site.of(child) for child in asked.named_children] if asked.type == "tuple" else [site.of(asked)]
    others = [other for name in names for other in _KINDS.get(name, ()) if other not in names]
    for rank, other in enumerate(dict.fromkeys(others)):
        new = f"({', '.join([*names, other])})"
        yield Fix((site.replace(asked, new),), f"`{simple(site, values[0])}` may be of type `{other}`, too", 0.85**rank)


TEMPLATES = (
    Template("taken for false", _PLAIN, 0.35, taken_for_false),
    Template("false as well", ("comparison_operator",), 0.35, false_as_well),
    Template("default for false", ("boolean_operator",), 0.5, default_for_false),
    Template("none instead", ("call",), 0.5, none_instead),
    Template("absent member", ("attribute",), 0.6, absent_member, _MISSING),
    Template("compared type", ("comparison_operator",), 0.5, compared_type),
    Template("more kinds", ("call",), 0.4, more_kinds),
)
