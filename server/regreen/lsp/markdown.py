"""A page as blocks, rendered as Markdown or as plain text.

Invariant: what comes from code, tests and providers is shown, never obeyed: no markup of theirs works, no fence of
theirs closes ours, no invisible character stays invisible.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from regreen.pages import one_line, told, visible

# What would be markup: never more than that, so that names stay readable and searchable in the source.
_SPECIAL = re.compile(r"[\\`*\[\]<~]|(?<![^\W_])_|_(?![^\W_])|&(?=#|\w)|(?<=:)/(?=/)|(?<=www)\.|(?<=\w)@(?=\w)")
_LINE_START = re.compile(r"^(?:[#>+=|-]|\d+(?=[.)]))")
_BACKTICKS = re.compile(r"`+")
_NAME = re.compile(r"(?<!`)(`[^`\]]+`)(?!`)")  # nothing in it can end it, and it holds no link even to a poor reader
_MAX_CODE_LINES = 120


@dataclass(frozen=True, slots=True)
class Heading:
    """A title."""

    text: str
    level: int = 3


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words; names of the code stand between backticks."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that are shown as they are."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """What a person may choose: label and target. Invariant: a target is percent-encoded."""

    items: tuple[tuple[str, str], ...]


Block = Heading | Paragraph | Code | Links


def to_markdown(blocks: tuple[Block, ...]) -> str:
    """Render as Markdown."""
    return "\n\n".join(_markdown(block) for block in blocks)


def to_plain(blocks: tuple[Block, ...]) -> str:
    """Render as plain text."""
    return "\n\n".join(_plain(block) for block in blocks if not isinstance(block, Links))


def _markdown(block: Block) -> str:
    match block:
        case Heading(text=text, level=level):
            return f"{'#' * level} {_escaped(one_line(text))}"
        case Paragraph(text=text):
            pieces = _NAME.split(one_line(text))
            return "".join(piece if n % 2 else _escaped(piece, n == 0) for n, piece in enumerate(pieces))
        case Code(language=language):
            body = _cut(_shown(block))
            fence = "`" * max(3, 1 + max((len(run) for run in _BACKTICKS.findall(body)), default=0))
            return f"{fence}{language}\n{body}\n{fence}"
        case Links(items=items):
            return " | ".join(f"[{_escaped(one_line(label))}]({target})" for label, target in items)


def _plain(block: Heading | Paragraph | Code) -> str:
    match block:
        case Heading(text=text):
            return one_line(text)
        case Paragraph(text=text):
            return one_line(text)
        case Code():
            return "\n".join("    " + line for line in _cut(_shown(block)).split("\n"))


def _shown(block: Code) -> str:
    """Return code with all that is in it; of what a program said, what a person would have read."""
    return visible(block.text) if block.language else told(block.text)


def _escaped(text: str, begins: bool = True) -> str:
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    start = _LINE_START.match(escaped) if begins else None
    if start is None:
        return escaped
    at = start.end() if start[0].isdigit() else 0
    return f"{escaped[:at]}\\{escaped[at:]}"


def _cut(text: str) -> str:
    lines = text.rstrip("\n").split("\n")
    if len(lines) <= _MAX_CODE_LINES:
        return "\n".join(lines)
    return "\n".join([*lines[:_MAX_CODE_LINES], f"… {len(lines) - _MAX_CODE_LINES} more lines"])
