"""Variants of a Rust function: arms of a match at its head, over a number that is read once."""

from __future__ import annotations

from regreen.languages.switched import PICK, Body, Piece, Writing, braced
from regreen.syntax import Node, Parsed

# A crate without the standard library has it where its tests run, when it asks for it.
_READ = (
    "fn regreen_pick() -> u32 { extern crate std as regreen_std; "
    "static PICK: regreen_std::sync::OnceLock<u32> = regreen_std::sync::OnceLock::new(); "
    f'*PICK.get_or_init(|| regreen_std::env::var("{PICK}").ok().and_then(|it| it.parse().ok()).unwrap_or(0)) }}'
)


def _body(parsed: Parsed, node: Node) -> Body | None:
    # What is const cannot look at the environment, and every `impl` that is returned is a type of its own.
    modifiers = [parsed.text_of(child) for child in node.children if child.type == "function_modifiers"]
    returned = node.child_by_field_name("return_type")
    if any("const" in modifier.split() for modifier in modifiers):
        return None
    return None if returned is not None and "impl " in parsed.text_of(returned) else braced(parsed, node)


def _opening(parsed: Parsed, body: Body, _path: str) -> tuple[Piece, ...]:
    start = parsed.bytes.span(body.node).start
    return (Piece(start, "#[allow(warnings)] "), Piece(body.start, f" {_READ} match regreen_pick() {{"))


def _variant(_parsed: Parsed, _body: Body, pick: int, text: str) -> str:
    return f"\n{pick} => return {{{text}\n}},"


def _closing(body: Body) -> tuple[Piece, ...]:
    return (Piece(body.start, "\n_ => {} }\n"),)


WRITING = Writing(
    functions=frozenset({"function_item"}),
    body=_body,
    around=lambda _parsed, _path: (),
    opening=_opening,
    variant=_variant,
    closing=_closing,
)
