"""What a function gives back: nothing, or the empty value of its type where the type is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from regreen.syntax import Node

from .conditions import asks
from .spot import Change, Spot, bare, enclosing

# The empty value of a type as it is written; "!" is the opposite of the value as it was.
_PYTHON: Mapping[str, str] = MappingProxyType(
    {"bool": "!", "int": "0", "float": "0.0", "str": '""', "list": "[]", "dict": "{}", "tuple": "()", "bytes": 'b""'}
)
_GO: Mapping[str, str] = MappingProxyType(
    {"bool": "!", "string": '""', "error": "nil", "any": "nil", "byte": "0", "rune": "0", "uintptr": "0"}
)
_GO_NIL = frozenset({"pointer_type", "slice_type", "map_type", "channel_type", "function_type", "interface_type"})
_GO_NUMBER = re.compile(r"^(?:u?int|float|complex)\d*$")
_RUST: Mapping[str, str] = MappingProxyType(
    {"bool": "!", "String": "String::new()", "&str": '""', "&'static str": '""', "Option": "None", "Vec": "Vec::new()",
     "char": "'\\0'", "f32": "0.0", "f64": "0.0", "Result": "Ok(Default::default())"}
)  # fmt: skip
_RUST_NUMBER = re.compile(r"^[iu](?:8|16|32|64|128|size)$")
_RUST_OPAQUE = re.compile(r"^(?:&|impl\b|dyn\b|Box<dyn|!|\(\)$|[A-Z]$|\*)")
_EMPTY = frozenset({
    "None", "[]", "{}", "()", '""', "''", "list()", "dict()", "set()", "tuple()", "nil", "null", "undefined", "0",
    "0.0", "false", "False", "Ok(())", "String::new()", "Vec::new()", "vec![]", "Default::default()", "this",
    "NotImplemented", "void 0",
})  # fmt: skip
_LITERALS = ("number", "boolean", "string", "negation")


def give_back(spot: Spot, node: Node) -> Iterator[Change]:
    """Give back an empty value, or nothing."""
    how = _WAYS[spot.dialect.name]
    yield from how(spot, node)


def _python(spot: Spot, node: Node) -> Iterator[Change]:
    value = node.child_by_field_name("body") if node.type == "lambda" else _only(node)
    if value is None or node.child_count == 0 or "from" in {child.type for child in node.children}:
        return
    wanted = "None"
    function = enclosing(node, ("function_definition", "lambda")) if node.type == "return_statement" else None
    if function is not None:
        if node.type == "return_statement" and _is_generator(function):
            return  # What it gives back, only `yield from` sees.
        written = spot.of(function.child_by_field_name("return_type")).replace(" ", "")
        wanted = _PYTHON.get(written.partition("[")[0].lower(), "None")
        if "|" in written:
            wanted = "None"
    yield from _instead(spot, value, wanted)


def _is_generator(function: Node) -> bool:
    """Tell whether a function of Python yields, itself and not in another one inside of it."""
    waiting = [function.child_by_field_name("body")]
    for node in waiting:
        inside = node.named_children if node is not None else []
        if any(child.type == "yield" for child in inside):
            return True
        waiting += [
            child for child in inside if child.type not in ("function_definition", "lambda", "class_definition")
        ]
    return False


def _go(spot: Spot, node: Node) -> Iterator[Change]:
    function = enclosing(node, ("function_declaration", "method_declaration", "func_literal"))
    result = function.child_by_field_name("result") if function is not None else None
    listed = _only(node)
    if result is None or listed is None:
        return
    values = [one for one in listed.named_children if one.type != "comment"]
    types = _go_types(result)
    if len(types) != len(values):
        return
    for value, kind in zip(values, types, strict=True):
        if spot.of(value) == f"{spot.of(kind)}{{}}":
            continue  # It is empty as it is.
        wanted = _go_empty(spot, kind)
        for change in _instead(spot, value, wanted):
            if wanted == "!" or value.type in ("composite_literal", "nil") or spot.is_a(value, *_LITERALS):
                yield change
                continue
            # What was given back stays in use: Go does not build with a variable that is not.
            used = spot.of(value)
            rest = [change.text if one == value else spot.of(one) for one in values]
            yield spot.swap(node, f"{{ _ = {used}; return {', '.join(rest)} }}", f"return {', '.join(rest)}")


def _javascript(spot: Spot, node: Node) -> Iterator[Change]:
    value = node.child_by_field_name("body") if node.type == "arrow_function" else _only(node)
    if value is None or value.type == "statement_block" or "*" in {child.type for child in node.children}:
        return
    if node.type == "arrow_function" and spot.is_a(value, "augmented", "step"):
        return
    wanted = "undefined" if spot.parsed.language == "javascript" else "undefined!"
    for change in _instead(spot, value, wanted):
        yield Change(change.start, change.end, change.text, "undefined")


def _rust(spot: Spot, node: Node) -> Iterator[Change]:
    is_function = node.type == "function_item"
    function = node if is_function else enclosing(node, ("function_item", "closure_expression"))
    value = _tail(node) if is_function else _only(node)
    if function is None or value is None or function.type != "function_item":
        return
    written = spot.of(function.child_by_field_name("return_type"))
    wanted = _rust_empty(written)
    if wanted:
        yield from _instead(spot, value, wanted)


def _instead(spot: Spot, value: Node, wanted: str) -> Iterator[Change]:
    inner = bare(value)
    text = spot.of(value)
    if inner is None or text in _EMPTY or text == wanted or asks(spot, inner) or spot.is_a(inner, *_LITERALS[:3]):
        return
    if wanted == "!":
        if not spot.is_a(inner, "negation"):
            yield spot.negated(value)
        return
    yield spot.swap(value, wanted)


def _only(node: Node) -> Node | None:
    return next((child for child in node.named_children if "comment" not in child.type), None)


def _tail(function: Node) -> Node | None:
    """Return the expression that a Rust function ends with, where it is one that can be exchanged as a whole."""
    body = function.child_by_field_name("body")
    named = [child for child in body.named_children if "comment" not in child.type] if body is not None else []
    if not named or named[-1].type.endswith(("_statement", "_declaration", "_item")):
        return None
    return None if named[-1].type in ("return_expression", "macro_invocation") else named[-1]


def _go_types(result: Node) -> list[Node]:
    if result.type != "parameter_list":
        return [result]
    types: list[Node] = []
    for parameter in result.named_children:
        kind = parameter.child_by_field_name("type")
        names = parameter.children_by_field_name("name")
        types += [kind] * max(1, len(names)) if kind is not None else []
    return types


def _go_empty(spot: Spot, kind: Node) -> str:
    text = spot.of(kind)
    if kind.type in _GO_NIL:
        return "nil"
    return _GO.get(text) or ("0" if _GO_NUMBER.match(text) else f"*new({text})")


def _rust_empty(written: str) -> str:
    name = written.partition("<")[0].rpartition("::")[2]
    known = _RUST.get(written) or _RUST.get(name)
    if known or _RUST_NUMBER.match(written):
        return known or "0"
    return "" if not written or _RUST_OPAQUE.match(written) else "Default::default()"


_WAYS = MappingProxyType({"python": _python, "go": _go, "javascript": _javascript, "rust": _rust})
