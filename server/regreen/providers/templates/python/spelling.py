"""Syntax errors, on the level of the text: colons, brackets, quotes, commas, indentation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.core.failure import FailureKind
from regreen.core.text import split_lines
from regreen.syntax import Node

from .site import Fix, Site, Template

_SYNTAX = frozenset({FailureKind.SYNTAX})
_COMPOUND = re.compile(r"\s*(?:async\s+)?(?:if|elif|else|for|while|try|except|finally|with|def|class|match|case)\b")
_CONDITION = re.compile(r"\s*(?:if|elif|while|return|assert)\b|.*\bif\b")
_SINGLE_EQUALS = re.compile(r"(?<![=!<>:+\-*/%&|^@])=(?!=)")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_FOREIGN = (
    (r"\belse\s+if\b", "elif"), (r"\belseif\b", "elif"), (r"&&", "and"), (r"\|\|", "or"), (r"\bnull\b", "None"),
    (r"\btrue\b", "True"), (r"\bfalse\b", "False"), (r"(\w+)\+\+", r"\1 += 1"), (r"(\w+)--", r"\1 -= 1"),
    (r"!(?=[\w(])", "not "),
)  # fmt: skip
_INDENT = "    "


def colon(site: Site, _root: Node) -> Iterator[Fix]:
    """A compound statement without its colon."""
    for at, line, factor in _lines(site):
        code = _code(line)
        if _COMPOUND.match(code) and not code.endswith((":", ",", "(", "[", "{")):
            end = at + len(code)
            yield Fix((TextEdit(end, end, ":"),), f"`:` is missing after `{code.strip()}`", factor)


def bracket(site: Site, _root: Node) -> Iterator[Fix]:
    """A bracket that is never closed, or closed twice."""
    for at, line, factor in _lines(site):
        code = _code(line)
        for opening, closing in _CLOSING.items():
            missing = code.count(opening) - code.count(closing)
            if 0 < missing:
                for rank, column in enumerate(_ends_of_words(code)):
                    edit = TextEdit(at + column, at + column, closing)
                    yield Fix((edit,), f"`{opening}` is never closed", factor * 0.95**rank)
            elif missing < 0:
                for rank, column in enumerate(_places(code, closing)):
                    edit = TextEdit(at + column, at + column + 1, "")
                    yield Fix((edit,), f"`{closing}` closes nothing", factor * 0.95**rank)
                for rank, column in enumerate(_starts_of_words(code)):
                    edit = TextEdit(at + column, at + column, opening)
                    yield Fix((edit,), f"`{opening}` is missing", factor * 0.8 * 0.95**rank)


def quote(site: Site, _root: Node) -> Iterator[Fix]:
    """A text that is never closed."""
    for at, line, factor in _lines(site):
        bare = line.rstrip()
        for mark in ('"', "'"):
            if bare.count(mark) % 2 == 0:
                continue
            tail = len(bare) - len(bare.rstrip(")]}:,"))
            for rank, column in enumerate(range(len(bare) - tail, len(bare) + 1)):
                edit = TextEdit(at + column, at + column, mark)
                yield Fix((edit,), f"a text is never closed: {mark}", factor * 0.95**rank)


def equals(site: Site, _root: Node) -> Iterator[Fix]:
    """`=` where two things are compared."""
    for at, line, factor in _lines(site):
        if _CONDITION.match(line):
            for found in _SINGLE_EQUALS.finditer(_code(line)):
                edit = TextEdit(at + found.start(), at + found.end(), "==")
                yield Fix((edit,), "`=` should be `==`", factor)


def comma(site: Site, _root: Node) -> Iterator[Fix]:
    """Two values without a comma between them."""
    for at, line, factor in _lines(site):
        for rank, found in enumerate(re.finditer(r"(?<=[\w\"')\]}])(?=\s*$|\s+[\w\"'(\[{])", _code(line))):
            place = at + found.start()
            yield Fix((TextEdit(place, place, ","),), "a comma is missing", factor * 0.95**rank)


def indentation(site: Site, _root: Node) -> Iterator[Fix]:
    """A line that is not as deep as its neighbours."""
    everything = split_lines(site.text)
    for at, line, factor in _lines(site):
        old = _depth(line)
        number = site.text.count("\n", 0, at)
        around = [text for text in everything[max(0, number - 2) : number + 3] if text.strip()]
        depths = dict.fromkeys([*(_depth(text) for text in around), *(_depth(text) + _INDENT for text in around)])
        for rank, new in enumerate(depths):
            if new != old:
                yield Fix(
                    (TextEdit(at, at + len(old), new),), f"`{line.strip()}` is indented wrongly", factor * 0.9**rank
                )


def foreign(site: Site, _root: Node) -> Iterator[Fix]:
    """What another language writes."""
    for at, line, factor in _lines(site):
        for pattern, new in _FOREIGN:
            after = re.sub(pattern, new, line)
            if after != line:
                yield Fix((TextEdit(at, at + len(line), after),), f"`{line.strip()}` is not Python", factor)


def _lines(site: Site) -> Iterator[tuple[int, str, float]]:
    """Yield the line of the failure and those beside it: offset, text without its end, how likely."""
    if site.failure.path != site.path:
        return
    lines = split_lines(site.text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for step, factor in ((0, 1.0), (-1, 0.8), (1, 0.5), (-2, 0.5)):
        number = site.failure.line - 1 + step
        if 0 <= number < len(lines):
            yield starts[number], lines[number].rstrip("\r\n"), factor


def _code(line: str) -> str:
    """Return a line without its comment; a `#` in a text may hide code, which costs a candidate only."""
    return line.split("  #")[0].rstrip()


def _ends_of_words(code: str) -> list[int]:
    inner = [found.end() for found in re.finditer(r"[\w\"')\]}]+", code)]
    whole = len(code) - len(code[len(code.rstrip(":,")) :])
    return list(dict.fromkeys([whole, *reversed(inner)]))


def _starts_of_words(code: str) -> list[int]:
    return [found.start() for found in re.finditer(r"(?<![\w.])\w", code)][::-1]


def _places(code: str, mark: str) -> list[int]:
    return [index for index, character in enumerate(code) if character == mark][::-1]


def _depth(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


TEMPLATES = (
    Template("colon", (), 3.0, colon, _SYNTAX),
    Template("bracket", (), 2.6, bracket, _SYNTAX),
    Template("quote", (), 2.6, quote, _SYNTAX),
    Template("single equals", (), 2.8, equals, _SYNTAX),
    Template("comma", (), 2.0, comma, _SYNTAX),
    Template("indentation", (), 2.2, indentation, _SYNTAX),
    Template("foreign syntax", (), 2.9, foreign, _SYNTAX),
)
