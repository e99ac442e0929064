"""Values that are shared by mistake: defaults of parameters, attributes of a class."""

from __future__ import annotations

from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.syntax import Node

from .site import Fix, Site, Template, first_statement, function_of

_MUTABLE = ("list", "dictionary", "set", "call", "list_comprehension", "dictionary_comprehension", "set_comprehension")


def mutable_default(site: Site, node: Node) -> Iterator[Fix]:
    """A default that all calls share."""
    value, name = node.child_by_field_name("value"), site.of(node.child_by_field_name("name"))
    scope = function_of(node)
    first = first_statement(scope) if scope is not None else None
    if value is None or first is None or value.type not in _MUTABLE:
        return
    indent, at = site.indent(first), site.line_start(first)
    text = f"{indent}if {name} is None:{site.newline}{indent}    {name} = {site.of(value)}{site.newline}"
    yield Fix((site.replace(value, "None"), TextEdit(at, at, text)), f"all calls share the default of `{name}`")


def class_attribute(site: Site, node: Node) -> Iterator[Fix]:
    """A value in the body of a class that all its objects share: each object gets its own."""
    body = node.child_by_field_name("body")
    if body is None:
        return
    initializer = next((child for child in body.named_children if _is_initializer(site, child)), None)
    for statement in body.named_children:
        assignment = statement.named_children[0] if statement.type == "expression_statement" else None
        if assignment is None or assignment.type != "assignment":
            continue
        value, name = assignment.child_by_field_name("right"), site.of(assignment.child_by_field_name("left"))
        if value is None or value.type not in _MUTABLE or not name.isidentifier():
            continue
        own = f"self.{site.of(assignment)}"
        start, indent, nl = site.line_start(statement), site.indent(statement), site.newline
        why = f"all objects of `{site.of(node.child_by_field_name('name'))}` share `{name}`"
        first = first_statement(initializer) if initializer is not None else None
        if first is None:
            text = f"{indent}def __init__(self):{nl}{indent}    {own}"
            yield Fix((TextEdit(start, site.parsed.bytes.span(statement).end, text),), why)
            continue
        end = site.parsed.bytes.span(statement).end
        after = site.text[end:]
        end += len(after) - len(after.lstrip("\r\n"))
        end = site.text.rfind("\n", 0, end) + 1
        at = site.line_start(first)
        if end <= at:
            yield Fix((TextEdit(start, end, ""), TextEdit(at, at, f"{site.indent(first)}{own}{nl}")), why)


def _is_initializer(site: Site, node: Node) -> bool:
    return node.type == "function_definition" and site.of(node.child_by_field_name("name")) == "__init__"


TEMPLATES = (
    Template("shared default", ("default_parameter", "typed_default_parameter"), 0.8, mutable_default),
    Template("shared attribute", ("class_definition",), 0.8, class_attribute),
)
