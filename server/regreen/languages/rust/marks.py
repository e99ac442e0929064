"""Marks in a Rust text: each statement tells, the first time that a process reaches it, which lines it stands on.

Rust's own coverage asks for another build of everything and for a tool that most installations lack; marks are a
build of what is tested alone. They stand on the lines that are there, so that every line keeps its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from regreen.core.text import Span
from regreen.languages.batching import Lines
from regreen.syntax import Node, Parsed

LINES = "REGREEN_LINES"  # the variable of the environment that names the file in which marks tell of themselves
_TOLD = re.compile(r'(?:^|")([^"\n]+\.rs):(\d+(?:,\d+)*)@(\d+)-(\d+)(?:\\n"|$)', re.MULTILINE)
_ODD = re.compile(r'["\\\n]')  # what no path may hold that stands in a text of the program
_NO_STATEMENT = frozenset({
    "line_comment", "block_comment", "attribute_item", "inner_attribute_item", "empty_statement", "label",
    "use_declaration", "extern_crate_declaration", "macro_definition", "associated_type",
})  # fmt: skip
_COMMENTS = ("line_comment", "block_comment")
_BOOL = "regreen_std::sync::atomic::AtomicBool"
# What is worked out while it compiles, or is no code yet: nothing can be told there.
_CONSTANT = frozenset({
    "const_item", "static_item", "const_block", "array_type", "type_arguments", "token_tree", "attribute_item",
    "macro_definition",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Mark:
    """A statement or the value of a match's arm, in bytes, with the lines that it takes."""

    start: int
    end: int
    first: int
    last: int
    is_value: bool


def marked(parsed: Parsed, path: str, leave: tuple[Span, ...] = ()) -> str:
    """Return a text whose functions tell which lines run; those that touch a span of `leave` stay as they are."""
    pieces: list[tuple[int, str]] = []
    if _ODD.search(path):
        return parsed.text
    for function in _functions(parsed, parsed.root):
        body = function.child_by_field_name("body")
        whole = parsed.bytes.span(function)
        if body is None or any(whole.start <= span.end and span.start <= whole.end for span in leave):
            continue
        marks = tuple(_marks(body))
        if not marks:
            continue
        pieces += [(function.start_byte, "#[allow(warnings)] "), (_opened(body), _teller(len(marks)))]
        for number, mark in enumerate(marks):
            lines = ",".join(map(str, _own_lines(mark, marks[number + 1 :])))
            span = Span(parsed.bytes.to_offset(mark.start), parsed.bytes.to_offset(mark.end))
            call = f'regreen_ran({number}, "{path}:{lines}@{span.start}-{span.end}\\n");'
            pieces.append((mark.start, f"{{ {call} " if mark.is_value else f"{call} "))
            if mark.is_value:
                pieces.append((mark.end, " }"))
    return _joined(parsed, pieces)


def lines_told(told: str) -> Lines:
    """Return the lines that marks told of: path -> lines."""
    found: dict[str, set[int]] = {}
    for path, numbers, _, _ in _TOLD.findall(told):
        found.setdefault(path, set()).update(map(int, numbers.split(",")))
    return {path: frozenset(found[path]) for path in sorted(found)}


def places_told(told: str) -> Mapping[str, frozenset[Span]]:
    """Return the statements that marks told of, or those that have marks in a marked text: path -> where they stand."""
    found: dict[str, set[Span]] = {}
    for path, _, start, end in _TOLD.findall(told):
        found.setdefault(path, set()).add(Span(int(start), int(end)))
    return {path: frozenset(found[path]) for path in sorted(found)}


def _functions(parsed: Parsed, node: Node) -> Iterator[Node]:
    """Yield the outermost functions that are run, not those that are worked out while the text compiles."""
    for child in node.named_children:
        if child.type == "function_item":
            if not child.has_error and not _is_const(child):
                yield child
        elif child.type not in _CONSTANT:
            yield from _functions(parsed, child)


def _is_const(function: Node) -> bool:
    modifiers = (child for child in function.children if child.type == "function_modifiers")
    return any(word.type == "const" for child in modifiers for word in child.children)


def _marks(node: Node) -> Iterator[_Mark]:
    """Yield what can be marked inside of a node, the outer before the inner."""
    earlier = ""
    for child in node.named_children:
        if child.type in _CONSTANT or (child.type == "function_item" and _is_const(child)):
            earlier = child.type
            continue
        if node.type == "block" and earlier != "attribute_item" and _is_statement(child):
            yield _mark(child)
        yield from _marks(child)
        earlier = earlier if child.type in _COMMENTS else child.type
    value = node.child_by_field_name("value") if node.type == "match_arm" else None
    if value is not None and value.type != "block":
        yield _mark(value, is_value=True)


def _is_statement(node: Node) -> bool:
    return node.type not in _NO_STATEMENT and not node.type.endswith("_item")


def _mark(node: Node, *, is_value: bool = False) -> _Mark:
    return _Mark(node.start_byte, node.end_byte, node.start_point.row + 1, node.end_point.row + 1, is_value)


def _own_lines(mark: _Mark, inner: tuple[_Mark, ...]) -> tuple[int, ...]:
    """Return a statement's lines without those of statements inside of it."""
    taken: set[int] = set()
    for other in inner:
        if mark.end <= other.start:
            break
        if mark.start <= other.start and other.end <= mark.end:
            taken.update(range(other.first, other.last + 1))
    return (mark.first, *(line for line in range(mark.first + 1, mark.last + 1) if line not in taken))


def _opened(body: Node) -> int:
    """Return where a body's own text begins: after its brace, and after the attributes that speak of it."""
    inner = [child for child in body.named_children if child.type == "inner_attribute_item"]
    return inner[-1].end_byte if inner else body.start_byte + 1


def _teller(n_marks: int) -> str:
    """Return a function that tells of each mark of a function once."""
    std = "regreen_std"  # A crate without the standard library has it where its tests run.
    return (
        f" fn regreen_ran(at: usize, told: &str) {{ extern crate std as {std}; "
        f"const REGREEN_NEW: {_BOOL} = {_BOOL}::new(false); "
        f"static REGREEN_RAN: [{_BOOL}; {n_marks}] = [REGREEN_NEW; {n_marks}]; "
        f"if REGREEN_RAN[at].swap(true, {std}::sync::atomic::Ordering::Relaxed) {{ return; }} "
        f'if let {std}::option::Option::Some(path) = {std}::env::var_os("{LINES}") {{ '
        f"let opened = {std}::fs::OpenOptions::new().create(true).append(true).open(path); "
        f"if let {std}::result::Result::Ok(mut file) = opened {{ "
        f"let _ = {std}::io::Write::write_all(&mut file, told.as_bytes()); }} }} }} "
    )


def _joined(parsed: Parsed, pieces: list[tuple[int, str]]) -> str:
    """Put the pieces in, those of one place in the order in which they were given."""
    parts: list[str] = []
    at = 0
    for byte, text in sorted(pieces, key=lambda piece: piece[0]):
        offset = parsed.bytes.to_offset(byte)
        parts += [parsed.text[at:offset], text]
        at = offset
    return "".join([*parts, parsed.text[at:]])
