"""Parse for definitions alone: bodies of functions in which nothing is defined are blank to the parser.

Parsing is most of what an index costs, and most of a text is bodies. Where a body begins and ends is told by how
formatters lay out code. When that is wrong, braces or quotes no longer match, the tree has an error, and the text is
parsed whole: a wrong guess costs time. Invariant: every byte keeps its place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .parse import ByteMap, Parsed, parse_source


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a language's formatter lays out functions."""

    function: re.Pattern[bytes]  # with its body as the group of that name
    telling: re.Pattern[bytes]  # what makes a body worth parsing, or a blank in its place unsafe


# Raw strings and comments may hold what looks like the end of a body.
_LAYOUTS = {
    "go": _Layout(
        re.compile(rb"^(?:func [^\n]*|\)[^\n]*)\{\n(?P<body>(?:[^}\n][^\n]*+\n|\n)*+)\}", re.MULTILINE),
        re.compile(rb"^(?:func|type|var|const|import|package)\b|/\*|\*/", re.MULTILINE),
    ),
    "rust": _Layout(
        re.compile(
            rb"^(?P<indent>[ \t]*+)(?:[a-z][^\n{};=]*\bfn [^\n]*|fn [^\n]*|\)[^\n]*)\{\n"
            rb"(?P<body>(?:(?P=indent)[ \t][^\n]*+\n|\n)*+)(?P=indent)\}",
            re.MULTILINE,
        ),
        re.compile(
            rb"\b(?:fn|struct|enum|union|trait|type|impl|mod|const|static|use|macro_rules|extern)\b"
            rb"|#!?\[|r#*\"|/\*|\*/"
        ),
    ),
}


def parse_definitions(text: str, language: str) -> Parsed:
    """Parse a text as far as an outline of its definitions needs it; errors inside of bodies may go unseen.

    Raises:
        UnreadableSource: it took too long.
    """
    source = text.encode("utf-8", "surrogatepass")
    layout = _LAYOUTS.get(language)
    if layout is not None:
        skimmed = layout.function.sub(lambda match: _blanked(match, layout.telling), source)
        tree = parse_source(skimmed, language)
        if not tree.root_node.has_error:
            return Parsed(text, language, source, tree, ByteMap(text))
    return Parsed(text, language, source, parse_source(source, language), ByteMap(text))


def _blanked(match: re.Match[bytes], telling: re.Pattern[bytes]) -> bytes:
    start, end = match.span("body")
    if telling.search(match.string, start, end) or match.string.count(b"`", start, end) % 2:
        return match[0]  # An odd number of back quotes: the seeming end is in a raw string.
    whole = match[0]
    return whole[: start - match.start()] + b" " * (end - start) + whole[end - match.start() :]
