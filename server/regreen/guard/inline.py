"""Tests that stand in a product file: Rust keeps them in modules beside the code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.core.text import Span
from regreen.syntax import Node, Parsed

_TEST_ONLY = re.compile(r"#!?\[\s*(?:cfg\s*\(.*\btest\b.*\)|(?:\w+::)*test\b.*|rstest\b.*|proptest\b.*)\]", re.DOTALL)
_NOT_TEST = re.compile(r"cfg\s*\(\s*not\s*\(\s*test\s*\)\s*\)")


def test_spans(parsed: Parsed) -> tuple[Span, ...]:
    """Return the ranges of a file that only exist while it is tested, attributes included, in the order of the text."""
    return tuple(_rust(parsed, parsed.root)) if parsed.language == "rust" else ()


def _rust(parsed: Parsed, container: Node) -> Iterator[Span]:
    begun: int | None = None
    for child in container.named_children:
        if child.type in ("attribute_item", "line_comment", "block_comment"):
            if child.type == "attribute_item" and _is_test_only(parsed.text_of(child)):
                begun = child.start_byte if begun is None else begun
            continue
        if begun is not None:
            yield Span(parsed.bytes.to_offset(begun), parsed.bytes.to_offset(child.end_byte))
        elif child.type in ("mod_item", "impl_item"):
            body = child.child_by_field_name("body")
            if body is not None:
                yield from _rust(parsed, body)
        begun = None


def _is_test_only(attribute: str) -> bool:
    return _TEST_ONLY.fullmatch(attribute.strip()) is not None and _NOT_TEST.search(attribute) is None
