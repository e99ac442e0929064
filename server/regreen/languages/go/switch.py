"""Variants of a Go function: cases of a switch at its head, over a number that the package reads once."""

from __future__ import annotations

from regreen.languages.switched import PICK, UNENDED, Body, Piece, Writing, braced, file_key
from regreen.syntax import Node, Parsed, parse, walk

_LABEL = "label_name"
_HEAD = "package it\nfunc F() {"


def _body(parsed: Parsed, node: Node) -> Body | None:
    return braced(parsed, node)


def _beside(parsed: Parsed, body: Body, pick: int, text: str) -> str:
    """Give the labels names of the variant's own: each may stand in a function only once."""
    if not any(inner.type == _LABEL for inner in walk(body.node)):
        return text
    own = parse(f"{_HEAD}{text}}}", parsed.language)
    ends = [own.bytes.span(inner).end - len(_HEAD) for inner in walk(own.root) if inner.type == _LABEL]
    parts = [text[start:end] for start, end in zip((0, *ends), (*ends, len(text)), strict=True)]
    return f"Regreen{pick}".join(parts)


def _around(parsed: Parsed, path: str) -> tuple[Piece, ...]:
    package = next((node for node in parsed.root.named_children if node.type == "package_clause"), None)
    if package is None:
        return ()
    names = '; import (regreenOs "os"; regreenConv "strconv")'
    read = f'\n\nvar {_name(path)}, _ = regreenConv.Atoi(regreenOs.Getenv("{PICK}"))\n'
    return (Piece(parsed.bytes.span(package).end, names), Piece(len(parsed.text), read))


def _opening(_parsed: Parsed, body: Body, path: str) -> tuple[Piece, ...]:
    return (Piece(body.start, f"switch {_name(path)} {{"),)


def _variant(_parsed: Parsed, body: Body, pick: int, text: str) -> str:
    # A variant never runs on into the text as it was.
    result = body.node.child_by_field_name("result")
    end = "return" if result is None else f'panic("{UNENDED}")'
    return f"\ncase {pick}:\n{{{text}\n}}\n{end}\n"


def _closing(body: Body) -> tuple[Piece, ...]:
    return (Piece(body.start, "}\n"),)


def _name(path: str) -> str:
    return f"regreenPick{file_key(path)}"


WRITING = Writing(
    functions=frozenset({"function_declaration", "method_declaration"}),
    body=_body,
    around=_around,
    opening=_opening,
    variant=_variant,
    closing=_closing,
    beside=_beside,
)
