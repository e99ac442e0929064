"""Many candidates in one text: each changed function holds its variants, and a number in the environment picks one.

What a switch cannot hold (imports, signatures, declarations outside of functions) is left to whoever asks.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from regreen.core.edit import TextEdit
from regreen.syntax import Node, Parsed, parse, walk

UNENDED = "regreen: missing return"  # what a variant says that runs out of its end, where alone it would not compile
PICK = "REGREEN_PICK"  # the variable of the environment that picks a variant; 0 or nothing: the text as it was


@dataclass(frozen=True, slots=True)
class Variant:
    """One candidate for a text, under the number that picks it (from 1)."""

    pick: int
    edits: tuple[TextEdit, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines of a switched text that belong to one variant; `origin` is the line of the text from which they come."""

    first: int
    last: int
    pick: int
    origin: int


@dataclass(frozen=True, slots=True)
class Switched:
    """A text that holds variants. Invariant: stretches in the order of the lines, not overlapping."""

    text: str
    stretches: tuple[Stretch, ...]
    homes: tuple[
        tuple[int, str], ...
    ] = ()  # the body that holds each variant, under the name that it tells when it runs

    @property
    def picks(self) -> tuple[int, ...]:
        """Return the numbers of the variants that it holds, sorted."""
        return tuple(sorted({stretch.pick for stretch in self.stretches}))

    def at(self, line: int) -> Stretch | None:
        """Return the stretch that a line lies in."""
        return next((stretch for stretch in self.stretches if stretch.first <= line <= stretch.last), None)


@dataclass(frozen=True, slots=True)
class Body:
    """What of a function can be exchanged: code points from `start` to `end`, without the braces."""

    node: Node
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A text that goes in at an offset; `pick` is 0 for what serves all variants."""

    at: int
    text: str
    pick: int = 0
    origin: int = 0


@dataclass(frozen=True, slots=True)
class Writing:
    """How a language writes variants behind a switch."""

    functions: frozenset[str]
    body: Callable[[Parsed, Node], Body | None]  # None: this function cannot hold variants
    around: Callable[[Parsed, str], tuple[Piece, ...]]  # what a file needs once, given its path
    opening: Callable[[Parsed, Body, str], tuple[Piece, ...]]
    variant: Callable[[Parsed, Body, int, str], str]  # the whole of one, from its number and the changed body
    closing: Callable[[Body], tuple[Piece, ...]]
    # The changed body, from its number, as it can stand beside others. Invariant: with as many lines.
    beside: Callable[[Parsed, Body, int, str], str] = lambda _parsed, _body, _pick, text: text


def switched(parsed: Parsed, path: str, variants: tuple[Variant, ...], writing: Writing) -> Switched:
    """Write the variants into a text, as far as a switch can hold them."""
    bodies = tuple(_bodies(parsed, writing))
    homes: dict[int, tuple[Body, list[Variant]]] = {}
    for variant in variants:
        body = _home(bodies, variant)
        if body is not None:
            homes.setdefault(body.start, (body, []))[1].append(variant)
    pieces: list[Piece] = [*writing.around(parsed, path)] if homes else []
    named = sorted((variant.pick, home_of(path, body)) for body, held in homes.values() for variant in held)
    for _, (body, held) in sorted(homes.items()):
        pieces += writing.opening(parsed, body, path)
        origin = parsed.text.count("\n", 0, body.start) + 1
        for variant in held:
            changed = writing.beside(parsed, body, variant.pick, _changed(parsed.text, body, variant))
            text = writing.variant(parsed, body, variant.pick, changed)
            above = text.count("\n", 0, text.index(changed)) - 1  # lines of a variant before its body's first one
            pieces.append(Piece(body.start, text, variant.pick, origin - above))
        pieces += writing.closing(body)
    return replace(_joined(parsed.text, pieces), homes=tuple(named))


def home_of(path: str, body: Body) -> str:
    """Return the name by which a body tells that it runs; that of a file stands before the colon."""
    return f"{file_key(path)}:{body.start}"


def file_key(path: str) -> str:
    """Return a short name for a file."""
    return f"{zlib.crc32(path.encode('utf-8', 'surrogateescape')):x}"


def switch_text(
    path: str, text: str, grammar: str, variants: tuple[Variant, ...], writings: Mapping[str, Writing]
) -> Switched:
    """Write the variants into a text of this grammar; one without a switch comes back as it is.

    Raises:
        UnreadableSource: it could not be parsed in time.
    """
    writing = writings.get(grammar)
    return Switched(text, ()) if writing is None else switched(parse(text, grammar), path, variants, writing)


def braced(parsed: Parsed, node: Node, field: str = "body") -> Body | None:
    """Return the inside of a function's braces; None where it has none."""
    block = node.child_by_field_name(field)
    if block is None:
        return None
    span = parsed.bytes.span(block)
    if parsed.text[span.start : span.start + 1] != "{" or parsed.text[span.end - 1 : span.end] != "}":
        return None
    return Body(node, span.start + 1, span.end - 1)


def _bodies(parsed: Parsed, writing: Writing) -> Iterator[Body]:
    for node in walk(parsed.root):
        if node.type in writing.functions and not node.has_error:
            body = writing.body(parsed, node)
            if body is not None:
                yield body


def _home(bodies: tuple[Body, ...], variant: Variant) -> Body | None:
    """Return the smallest body that holds all edits of a variant."""
    holding = (
        body for body in bodies if all(body.start <= edit.start and edit.end <= body.end for edit in variant.edits)
    )
    return min(holding, key=lambda body: body.end - body.start, default=None)


def _changed(text: str, body: Body, variant: Variant) -> str:
    parts, at = [], body.start
    for edit in variant.edits:
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at : body.end]])


def _joined(text: str, pieces: list[Piece]) -> Switched:
    """Put the pieces in, those of one place in the order in which they were given."""
    parts: list[str] = []
    stretches = []
    at, line = 0, 1
    for piece in sorted(pieces, key=lambda piece: piece.at):
        for part, pick in ((text[at : piece.at], 0), (piece.text, piece.pick)):
            last = line + part.count("\n")
            if pick:
                stretches.append(Stretch(line + 1, last, pick, piece.origin))
            parts.append(part)
            line = last
        at = piece.at
    return Switched("".join([*parts, text[at:]]), tuple(stretches))
