"""Errors of Go that are dropped on their way up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.providers.templates.site import Fix, Site, Template, enclosing
from regreen.syntax import Node

from .grammar import GO, function_of
from .guards import empty_values

_SEEN = re.compile(r"(\w+) != nil")


def dropped(site: Site, node: Node) -> Iterator[Fix]:
    """An error that is dropped instead of handed on."""
    left, scope = node.child_by_field_name("left"), function_of(GO, node)
    if left is None or scope is None or "error" not in site.of(scope.child_by_field_name("result")):
        return
    names = [site.of(child) for child in left.named_children]
    if names[-1:] != ["_"]:
        return
    values = empty_values(site, scope)[0].split(", ")
    given = ", ".join([*values[:-1], "err"])
    indent = site.indent(node)
    text = f"{site.newline}{indent}if err != nil {{{site.newline}{indent}\treturn {given}{site.newline}{indent}}}"
    edits = (site.replace(left, ", ".join([*names[:-1], "err"])), site.insert(node, text, after=True))
    yield Fix(edits, "the error is dropped")


def swallowed(site: Site, node: Node) -> Iterator[Fix]:
    """An error that was seen, and is answered with nil."""
    around, scope = enclosing(node, "if_statement"), function_of(GO, node)
    found = _SEEN.fullmatch(site.of(around.child_by_field_name("condition"))) if around is not None else None
    values = node.named_children[0].named_children if node.named_children else []
    if found is None or scope is None or not values or values[-1].type != "nil":
        return
    if "error" in site.of(scope.child_by_field_name("result")):
        yield Fix((site.replace(values[-1], found[1]),), f"`{found[1]}` is not handed on")


TEMPLATES = (
    Template("dropped error", ("short_var_declaration", "assignment_statement"), 0.6, dropped),
    Template("swallowed error", ("return_statement",), 0.9, swallowed),
)
