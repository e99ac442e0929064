"""Written-out values that are left alone: words for people, settings of time and room, the rows of long tables."""

from __future__ import annotations

import re

from regreen.syntax import Node

from .spot import Spot, enclosing

# Arguments by name whose value is a word for people, or only how long or how much.
_SETTINGS = frozenset({
    "timeout", "delay", "interval", "seconds", "maxsize", "capacity", "bufsize", "buffering", "chunk_size",
    "stacklevel", "retries", "limit_concurrency", "encoding", "errors", "help", "description", "message", "msg",
    "label", "doc",
})  # fmt: skip
_GIVEN = frozenset({"keyword_argument", "pair", "keyed_element", "field_initializer"})  # what gives a value to a name
# What says what holds where nothing is given, or names a constant: only what costs time or room is a setting there.
_STANDING = frozenset({
    "default_parameter", "typed_default_parameter", "assignment_pattern", "object_assignment_pattern",
    "required_parameter", "optional_parameter", "assignment", "variable_declarator", "const_spec", "const_item",
})  # fmt: skip
_COSTS = re.compile(
    r"^_*(?:timeout|maxsize|capacity|bufsize|buffering|chunk_?size|stacklevel|retries)$"
    r"|^_*(?:[A-Z]+_)*(?:TIMEOUT|INTERVAL|MAXSIZE|CAPACITY|BUFSIZE|BUFFER_SIZE|CHUNK_SIZE|RETRIES)(?:_(?:MS|SECONDS))?$"
    r"|^\w*[a-z](?:Timeout|Interval|(?:Buf|Buffer|Chunk)Size|Retries)$"
)
_SPEAKING = frozenset(
    {"__str__", "__doc__", "__format__", "String", "Error", "toString"}
)  # whose texts are words for people
_PARTS = frozenset({"concatenated_string", "field_declaration", "jsx_attribute", "export_statement", "const_spec"})
_EXPRESSION = frozenset({"expression_statement"})
_SUBSCRIPTS = frozenset({"subscript", "index_expression", "subscript_expression", "member_expression"})
_MESSAGE = re.compile(r"(?:message|msg|usage|help_text)s?$", re.IGNORECASE)
_QUOTES = ('"', "'", "`")
_CALLS = ("call", "call_expression")
_HANDED_ON = re.compile(r"^super(?:\([^)]*\)\.__init__)?$|^\w+\.__init__$")
_ERRORS = re.compile(r"(?:Error|Exception|Warning)\b")
_NAMING = frozenset({
    "assignment", "augmented_assignment", "variable_declarator", "assignment_expression", "short_var_declaration",
    "let_declaration", "assignment_statement", "public_field_definition",
})  # fmt: skip
_MADE_OF = frozenset({
    "binary_operator", "binary_expression", "parenthesized_expression", "attribute", "call", "expression_list",
    "conditional_expression", "concatenated_string",
})  # fmt: skip
_LONG_TABLE = 8  # entries
_TABLES = frozenset({
    "dictionary", "list", "tuple", "set", "pair", "array", "object", "array_expression", "tuple_expression",
    "composite_literal", "literal_value", "keyed_element", "literal_element", "unary_operator", "unary_expression",
    "reference_expression",
})  # fmt: skip
_HELD = frozenset({"keyword_argument", "default_parameter", "lambda_parameters", "lambda"})  # in an entry


def is_message(spot: Spot, node: Node) -> bool:
    """Tell whether a text is for people, or for nobody."""
    parent = node.parent
    if parent is None or parent.type in _PARTS or parent.type in _EXPRESSION or parent.type in _SUBSCRIPTS:
        return True
    if _is_called_message(spot, node):
        return True
    if spot.is_a(parent, "arithmetic") and spot.of(parent.child_by_field_name("operator")) == "%":
        return False
    return is_setting(spot, node) or _speaks(spot, node) or _names_itself(spot, node) or _is_of_error(spot, node)


def is_setting(spot: Spot, node: Node) -> bool:
    """Tell whether a value is an argument that says how long, how much or in which words."""
    parent = node.parent
    if parent is not None and parent.type == "expression_list":
        parent = parent.parent
    if parent is None or parent.type not in (*_GIVEN, *_STANDING):
        return parent is not None and _is_capacity(spot, node, parent)
    fields = (parent.child_by_field_name(field) for field in ("name", "key", "field", "pattern", "left"))
    name = next((field for field in fields if field is not None), None)
    if name == node or parent.type in _STANDING:
        return name != node and _COSTS.match(spot.of(name)) is not None
    return spot.of(name).strip("\"'").lower() in _SETTINGS


def is_in_table(spot: Spot, node: Node) -> bool:
    """Tell whether a constant stands in a long table of constants, behind its first entry: no test has all of them."""
    at, parent = node, node.parent
    found = False
    while parent is not None and (parent.type in _TABLES or parent.type in _HELD or _is_made_table(spot, parent)):
        entries = [child for child in parent.named_children if "comment" not in child.type]
        is_long = parent.type not in _HELD and _LONG_TABLE <= len(entries)
        found = found or (is_long and at != entries[0])
        at, parent = parent, parent.parent
    return found


def is_made_of_words(spot: Spot, node: Node) -> bool:
    """Tell whether a statement gives words, or what was words before, a name that says they are for people."""
    inner = node.named_children[0] if node.type == "expression_statement" and node.named_children else node
    target = inner.child_by_field_name("left") or inner.child_by_field_name("name")
    value = inner.child_by_field_name("right") or inner.child_by_field_name("value")
    name = spot.of(target)
    if inner.type not in _NAMING or value is None or _MESSAGE.search(name) is None:
        return False
    said = spot.of(value)
    return any(quote in said for quote in _QUOTES) or re.search(rf"(?<![\w.]){re.escape(name)}\b", said) is not None


def _is_called_message(spot: Spot, node: Node) -> bool:
    """Tell whether a text, or what is made with it, is given a name or an argument that says it is for people."""
    at, parent = node, node.parent
    while parent is not None and parent.type in _MADE_OF:
        at, parent = parent, parent.parent
    if parent is None or (parent.type in _GIVEN and at != node):
        return parent is not None and is_setting(spot, at)
    if parent.type not in _NAMING:
        return False
    fields = (parent.child_by_field_name(field) for field in ("left", "name", "pattern"))
    target = next((field for field in fields if field is not None), None)
    return target is not None and at != target and _MESSAGE.search(spot.of(target)) is not None


def _speaks(spot: Spot, node: Node) -> bool:
    at = node.parent
    while at is not None and at.type not in spot.dialect.functions:
        at = at.parent
    return at is not None and spot.of(at.child_by_field_name("name")) in _SPEAKING


def _is_of_error(spot: Spot, node: Node) -> bool:
    """Tell whether a text is what a kind of error hands on to the kind that it is of: its message."""
    call = enclosing(node, _CALLS, ("class_definition", "class_declaration"))
    called = None if call is None else call.child_by_field_name("function")
    home = None if call is None else enclosing(call, ("class_definition", "class_declaration"))
    if home is None or _HANDED_ON.search(spot.of(called)) is None:
        return False
    head = spot.of(home).partition("{")[0].partition("\n")[0]
    return _ERRORS.search(head) is not None


def _names_itself(spot: Spot, node: Node) -> bool:
    """Tell whether a text is the name of what the call that it is given to makes."""
    given = node.parent if node.parent is None or node.parent.type != "keyword_argument" else node.parent.parent
    call = None if given is None or given.type not in ("argument_list", "arguments") else given.parent
    holder = None if call is None else call.parent
    if holder is None or call not in (holder.child_by_field_name("right"), holder.child_by_field_name("value")):
        return False
    target = spot.of(holder.child_by_field_name("left") or holder.child_by_field_name("name"))
    return bool(target) and target.rpartition(".")[2] == spot.of(node).strip("\"'`")


def _is_capacity(spot: Spot, node: Node, parent: Node) -> bool:
    """Tell whether a number is how much room Go's `make` is to keep."""
    call = parent.parent
    if spot.dialect.name != "go" or parent.type != "argument_list" or call is None:
        return False
    given = parent.named_children
    return spot.of(call.child_by_field_name("function")) == "make" and len(given) == 3 and given[2] == node


def _is_made_table(spot: Spot, node: Node) -> bool:
    """Tell whether it is what `dict` is called with, or that call."""
    call = node.parent if node.type == "argument_list" else node
    return call is not None and call.type == "call" and spot.of(call.child_by_field_name("function")) == "dict"
