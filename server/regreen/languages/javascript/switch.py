"""Variants of a JavaScript or TypeScript function: cases of a switch at its head, or a chain of choices."""

from __future__ import annotations

from regreen.languages.switched import PICK, Body, Piece, Writing, braced
from regreen.syntax import Node, Parsed

_PICKED = "__regreenPick"


def _body(parsed: Parsed, node: Node) -> Body | None:
    body = node.child_by_field_name("body")
    if body is None or body.type == "statement_block":
        return braced(parsed, node)
    span = parsed.bytes.span(body)
    return Body(node, span.start, span.end)


def _around(parsed: Parsed, _path: str) -> tuple[Piece, ...]:
    # Behind `#!` and "use strict", which must come first.
    at = 0
    for node in parsed.root.children:
        is_directive = node.type == "expression_statement" and [child.type for child in node.named_children] == [
            "string"
        ]
        if node.type != "hash_bang_line" and not is_directive:
            break
        at = parsed.bytes.span(node).end
    value = f"globalThis.process && globalThis.process.env.{PICK} || 0"
    if parsed.language != "javascript":
        value = value.replace("globalThis", "(globalThis as any)")
    return (Piece(at, f"{chr(10) if at else ''}var {_PICKED} = +({value});{chr(10) if at else ' '}"),)


def _opening(_parsed: Parsed, body: Body, _path: str) -> tuple[Piece, ...]:
    return () if _is_value(body) else (Piece(body.start, f"switch ({_PICKED}) {{"),)


def _variant(parsed: Parsed, body: Body, pick: int, text: str) -> str:
    if _is_value(body):
        return f"{_PICKED} ===\n{pick} ? ({text}\n) : "
    # What checks types asks for a value of the function's own type.
    nothing = "" if parsed.language == "javascript" else " undefined as any"
    return f"\ncase {pick}: {{{text}\n}} return{nothing};\n"


def _closing(body: Body) -> tuple[Piece, ...]:
    if _is_value(body):
        return (Piece(body.start, "("), Piece(body.end, ")"))
    return (Piece(body.start, "}"),)


def _is_value(body: Body) -> bool:
    """Tell whether it is the expression of an arrow function."""
    inner = body.node.child_by_field_name("body")
    return inner is None or inner.type != "statement_block"


WRITING = Writing(
    functions=frozenset({
        "function_declaration", "function_expression", "arrow_function", "method_definition",
        "generator_function_declaration", "generator_function",
    }),
    body=_body,
    around=_around,
    opening=_opening,
    variant=_variant,
    closing=_closing,
)  # fmt: skip
