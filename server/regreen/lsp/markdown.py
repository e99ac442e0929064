"""A page as blocks, rendered as Markdown or as plain text.

Invariant: what comes from code, tests and providers is shown, never obeyed: no markup of theirs works, no fence of
theirs closes ours, no invisible character stays invisible.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# What would be markup: never more than that, so that names stay readable and searchable in the source.
_SPECIAL = re.compile(r"[\\`*\[\]<~]|(?<![^\W_])_|_(?![^\W_])|&(?=#|\w)|(?<=:)/(?=/)|(?<=www)\.|(?<=\w)@(?=\w)")
_LINE_START = re.compile(r"^(?:[#>+=|-]|\d+(?=[.)]))")
_BACKTICKS = re.compile(r"`+")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks that render as nothing although their category says otherwise.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
_MAX_CODE_LINES = 120


@dataclass(frozen=True, slots=True)
class Heading:
    """A title."""

    text: str
    level: int = 3


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that are shown as they are."""

    text: str
    language: str = ""


Block = Heading | Paragraph | Code


def to_markdown(blocks: tuple[Block, ...]) -> str:
    """Render as Markdown."""
    return "\n\n".join(_markdown(block) for block in blocks)


def to_plain(blocks: tuple[Block, ...]) -> str:
    """Render as plain text."""
    return "\n\n".join(_plain(block) for block in blocks)


def visible(text: str) -> str:
    """Show control, direction, zero-width and other invisible characters by their numbers; keep line ends and tabs."""
    lines = text.replace("\r\n", "\n")
    if lines.isascii() and lines.isprintable():
        return lines
    return "".join(_visible(char) for char in lines)


def one_line(text: str) -> str:
    """Make a text visible and put it on one line."""
    return " ".join(visible(text).split())


def _visible(char: str) -> str:
    if char in "\n\t":
        return char
    if (
        char in _BLANKS
        or unicodedata.category(char) in _INVISIBLE
        or unicodedata.name(char, "").startswith("VARIATION")
    ):
        return f"⟨U+{ord(char):04X}⟩"
    return char


def _markdown(block: Block) -> str:
    match block:
        case Heading(text=text, level=level):
            return f"{'#' * level} {_escaped(one_line(text))}"
        case Paragraph(text=text):
            return _escaped(one_line(text))
        case Code(text=text, language=language):
            body = _cut(visible(text))
            fence = "`" * max(3, 1 + max((len(run) for run in _BACKTICKS.findall(body)), default=0))
            return f"{fence}{language}\n{body}\n{fence}"


def _plain(block: Block) -> str:
    match block:
        case Heading(text=text):
            return one_line(text)
        case Paragraph(text=text):
            return one_line(text)
        case Code(text=text):
            return "\n".join("    " + line for line in _cut(visible(text)).split("\n"))


def _escaped(text: str) -> str:
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    start = _LINE_START.match(escaped)
    if start is None:
        return escaped
    at = start.end() if start[0].isdigit() else 0
    return f"{escaped[:at]}\\{escaped[at:]}"


def _cut(text: str) -> str:
    lines = text.rstrip("\n").split("\n")
    if len(lines) <= _MAX_CODE_LINES:
        return "\n".join(lines)
    return "\n".join([*lines[:_MAX_CODE_LINES], f"… {len(lines) - _MAX_CODE_LINES} more lines"])
