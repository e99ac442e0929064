"""Variants of a JavaScript or TypeScript function: cases of a switch at its head, or a chain of choices."""

from __future__ import annotations

from regreen.languages.switched import PICK, Body, Piece, Writing, braced, file_key, home_of
from regreen.syntax import Node, Parsed

SEEN = "REGREEN_SEEN"  # the module that takes down which bodies run, while the tests run as they are
_PICKED = "__regreenPick"
_SEEN = "__regreenSeen"
# What stands outside of functions: the field that holds an expression.
_VALUES = {
    "variable_declarator": "value",
    "field_definition": "value",
    "public_field_definition": "value",
    "assignment_pattern": "right",
    "required_parameter": "value",
    "optional_parameter": "value",
}
# What has a name from where it stands, or is no value that a choice can hold.
_UNHELD = frozenset({"function_expression", "arrow_function", "class", "generator_function", "as_expression"})


def _body(parsed: Parsed, node: Node) -> Body | None:
    if node.type in _VALUES:
        return _value(parsed, node)
    body = node.child_by_field_name("body")
    if body is None or body.type == "statement_block":
        return braced(parsed, node)
    span = parsed.bytes.span(body)
    return Body(node, span.start, span.end)


def _value(parsed: Parsed, node: Node) -> Body | None:
    """Return the expression of a module's variable, a class's field or a parameter's default."""
    value = node.child_by_field_name(_VALUES[node.type])
    if value is None or value.type in _UNHELD:
        return None
    holder = node.parent
    if node.type == "assignment_pattern" and (holder is None or holder.type != "formal_parameters"):
        return None
    if node.type == "variable_declarator":
        outer = holder.parent if holder is not None else None
        outer = outer.parent if outer is not None and outer.type == "export_statement" else outer
        if outer is None or outer.type != "program":
            return None
    span = parsed.bytes.span(value)
    return Body(node, span.start, span.end)


def _around(parsed: Parsed, path: str) -> tuple[Piece, ...]:
    # Behind `#!` and "use strict", which must come first.
    at = 0
    for node in parsed.root.children:
        is_directive = node.type == "expression_statement" and [child.type for child in node.named_children] == [
            "string"
        ]
        if node.type != "hash_bang_line" and not is_directive:
            break
        at = parsed.bytes.span(node).end
    typed = "globalThis" if parsed.language == "javascript" else "(globalThis as any)"
    process = f"{typed}.process"
    value = f"{process} && {process}.env.{PICK} || 0"
    seen = (
        f"{_PICKED} || !{process} || !{process}.env.{SEEN} || !{process}.getBuiltinModule ? null : "
        f'{process}.getBuiltinModule("module").createRequire({process}.env.{SEEN})({process}.env.{SEEN})({typed}); '
        f'{_SEEN} && ({_SEEN}("{file_key(path)}:"), '
        f"{_SEEN}.live(function () {{ {_PICKED} = arguments[0]; }}));"
    )
    before, after = ("\n", "\n") if at else ("", " ")
    return (Piece(at, f"{before}var {_PICKED} = +({value}), {_SEEN} = {seen}{after}"),)


def _opening(_parsed: Parsed, body: Body, path: str) -> tuple[Piece, ...]:
    tells = f'{_SEEN} && {_SEEN}("{home_of(path, body)}")'
    return (Piece(body.start, f"({tells}, " if _is_value(body) else f"{tells}; switch ({_PICKED}) {{"),)


def _variant(parsed: Parsed, body: Body, pick: int, text: str) -> str:
    if _is_value(body):
        return f"{_PICKED} ===\n{pick} ? ({text}\n) : "
    # What checks types asks for a value of the function's own type.
    nothing = "" if parsed.language == "javascript" else " undefined as any"
    return f"\ncase {pick}: {{{text}\n}} return{nothing};\n"


def _closing(body: Body) -> tuple[Piece, ...]:
    if _is_value(body):
        return (Piece(body.start, "("), Piece(body.end, "))"))
    return (Piece(body.start, "}"),)


def _is_value(body: Body) -> bool:
    """Tell whether it is an expression: that of an arrow function, or of what stands outside of functions."""
    if body.node.type in _VALUES:
        return True
    inner = body.node.child_by_field_name("body")
    return inner is None or inner.type != "statement_block"


WRITING = Writing(
    functions=frozenset({
        "function_declaration", "function_expression", "arrow_function", "method_definition",
        "generator_function_declaration", "generator_function", *_VALUES,
    }),
    body=_body,
    around=_around,
    opening=_opening,
    variant=_variant,
    closing=_closing,
)  # fmt: skip
