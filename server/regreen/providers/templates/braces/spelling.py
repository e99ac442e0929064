"""Syntax errors, on the level of the text: brackets, quotes, commas, ends of statements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.core.edit import TextEdit
from regreen.core.failure import FailureKind
from regreen.core.text import split_lines
from regreen.providers.templates.site import Fix, Site, Template
from regreen.syntax import Node

from .grammar import Grammar

_SYNTAX = frozenset({FailureKind.SYNTAX, FailureKind.UNKNOWN})
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_CONDITION = re.compile(r"\s*(?:\}?\s*else\s+)?(?:if|while|for|return)\b")
_OPENS = re.compile(r"\s*(?:\}\s*else|if|else|for|while|func|fn|pub fn|function|switch|match|loop)\b")
_SINGLE_EQUALS = re.compile(r"(?<![=!<>:+\-*/%&|^?])=(?![=>])")
_FOREIGN = {
    "go": ((r"\bwhile\b", "for"), (r"\s+in\s+", " := range "), (r"\bnull\b", "nil"), (r"\belif\b", "else if"),
           (r"\bfunction\b", "func"), (r"\blet\b|\bconst\b", "var"), (r"\band\b", "&&"), (r"\bor\b", "||"),
           (r"\bnot\s+", "!"), (r";\s*$", "")),
    "rust": ((r"\bfunc\b|\bfunction\b|\bdef\b", "fn"), (r"\bvar\b|\bconst\b", "let"), (r"\belif\b", "else if"),
             (r"(\w+)\+\+", r"\1 += 1"), (r"(\w+)--", r"\1 -= 1"), (r"\band\b", "&&"), (r"\bor\b", "||"),
             (r"\bnot\s+", "!"), (r"\bnull\b|\bnil\b", "None")),
    "javascript": ((r"\bfunc\b|\bfn\b|\bdef\b", "function"), (r"\belif\b", "else if"), (r"\band\b", "&&"),
                   (r"\bor\b", "||"), (r"\bnot\s+", "!"), (r"\bNone\b|\bnil\b", "null"), (r":=", "=")),
}  # fmt: skip


def bracket(site: Site, _root: Node) -> Iterator[Fix]:
    """A bracket or brace that is never opened, never closed, or closed twice."""
    for at, line, factor in lines_of(site):
        code = _code(line)
        for opening, closing in _CLOSING.items():
            missing = code.count(opening) - code.count(closing)
            if 0 < missing:
                for rank, column in enumerate(_ends_of_words(code)):
                    yield Fix((_put(at + column, closing),), f"`{opening}` is never closed", factor * 0.95**rank)
            elif missing < 0:
                for rank, column in enumerate(_starts_of_words(code)):
                    yield Fix((_put(at + column, opening),), f"`{opening}` is missing", factor * 0.9 * 0.95**rank)
                last = code.rfind(closing)
                yield Fix((TextEdit(at + last, at + last + 1, ""),), f"`{closing}` closes nothing", factor * 0.9)


def brace(site: Site, _root: Node) -> Iterator[Fix]:
    """A block that is never opened or closed."""
    for at, line, factor in lines_of(site):
        code = _code(line)
        if _OPENS.match(code) and not code.endswith(("{", "}", ";")):
            yield Fix((_put(at + len(code), " {"),), f"`{{` is missing after `{code.strip()}`", factor)
    depth = site.text.count("{") - site.text.count("}")
    if depth != 1:
        return
    lines, offset = split_lines(site.text), 0
    for number, line in enumerate(lines):
        indent = line[: len(line) - len(line.lstrip())]
        is_outer = not line.strip() or not indent
        near_it = 1.0 if abs(number + 1 - site.failure.line) < 6 else 0.6
        if number and is_outer and split_lines(site.text)[number - 1].strip():
            yield Fix((_put(offset, "}" + site.newline),), "`}` is missing", 0.9 * near_it)
        elif number and line.strip() and lines[number - 1].strip():
            yield Fix((_put(offset, indent + "}" + site.newline),), "`}` is missing", 0.7 * near_it)
        offset += len(line)
    tail = "" if site.text.endswith("\n") else site.newline
    yield Fix((_put(len(site.text), tail + "}" + site.newline),), "`}` is missing at the end", 0.95)


def quote(site: Site, _root: Node) -> Iterator[Fix]:
    """A text that is never closed."""
    for at, line, factor in lines_of(site):
        bare = line.rstrip()
        for mark in ('"', "'", "`"):
            if bare.count(mark) % 2 and not (mark == "'" and site.parsed.language == "rust"):
                tail = len(bare) - len(bare.rstrip(")]};,"))
                for rank, column in enumerate(range(len(bare) - tail, len(bare) + 1)):
                    yield Fix((_put(at + column, mark),), f"a text is never closed: {mark}", factor * 0.95**rank)


def equals(site: Site, _root: Node) -> Iterator[Fix]:
    """`=` where two things are compared."""
    for at, line, factor in lines_of(site):
        if _CONDITION.match(line):
            for found in _SINGLE_EQUALS.finditer(_code(line)):
                new = "===" if site.parsed.language in ("javascript", "typescript", "tsx") else "=="
                yield Fix((TextEdit(at + found.start(), at + found.end(), new),), f"`=` should be `{new}`", factor)


def comma(site: Site, _root: Node) -> Iterator[Fix]:
    """Two values without a comma between them."""
    for at, line, factor in lines_of(site):
        for rank, found in enumerate(re.finditer(r"(?<=[\w\"')\]}`])(?=\s*$|\s+[\w\"'(\[{&`])", _code(line))):
            yield Fix((_put(at + found.start(), ","),), "a comma is missing", factor * 0.95**rank)


def semicolon(site: Site, _root: Node) -> Iterator[Fix]:
    """A statement without its end."""
    for at, line, factor in lines_of(site):
        code = _code(line)
        if code.strip() and not code.endswith((";", "{", ",", "(")):
            yield Fix((_put(at + len(code), ";"),), f"`;` is missing after `{code.strip()}`", factor)


def foreign(site: Site, _root: Node) -> Iterator[Fix]:
    """What another language writes."""
    language = "javascript" if site.parsed.language in ("typescript", "tsx") else site.parsed.language
    for at, line, factor in lines_of(site):
        for pattern, new in _FOREIGN[language]:
            after = re.sub(pattern, new, line)
            if after != line:
                yield Fix((TextEdit(at, at + len(line), after),), f"`{line.strip()}` is another language", factor)


def lines_of(site: Site) -> Iterator[tuple[int, str, float]]:
    """Yield the line of the failure and those beside it: offset, text without its end, how likely."""
    if site.failure.path not in (site.path, ""):
        return
    lines = split_lines(site.text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    first = site.failure.line or _first_error(site)
    for step, factor in ((0, 1.0), (-1, 0.8), (1, 0.5), (-2, 0.5)):
        number = first - 1 + step
        if 0 <= number < len(lines):
            yield starts[number], lines[number].rstrip("\r\n"), factor


def templates(grammar: Grammar) -> tuple[Template, ...]:
    """Return the rows of this subject."""
    ends = (Template("semicolon", (), 2.4, semicolon, _SYNTAX),) if grammar.end else ()
    return (
        Template("bracket", (), 2.6, bracket, _SYNTAX),
        Template("brace", (), 2.6, brace, _SYNTAX),
        Template("quote", (), 2.6, quote, _SYNTAX),
        Template("single equals", (), 2.8, equals, _SYNTAX | {FailureKind.TYPE_MISMATCH}),
        Template("comma", (), 2.0, comma, _SYNTAX),
        *ends,
        Template("foreign syntax", (), 2.5, foreign, _SYNTAX),
    )


def _first_error(site: Site) -> int:
    at = site.parsed.root
    while True:
        inner = next((child for child in at.children if child.has_error or child.is_error or child.is_missing), None)
        if inner is None:
            return at.start_point[0] + 1
        at = inner


def _put(at: int, text: str) -> TextEdit:
    return TextEdit(at, at, text)


def _code(line: str) -> str:
    """Return a line without its comment; a mark in a text may hide code, which costs a candidate only."""
    return re.split(r"\s//", line)[0].rstrip()


def _ends_of_words(code: str) -> list[int]:
    inner = [found.end() for found in re.finditer(r"[\w\"')\]}`]+", code)]
    whole = len(code.rstrip("{;, "))
    return list(dict.fromkeys([whole, *reversed(inner)]))


def _starts_of_words(code: str) -> list[int]:
    return [found.start() for found in re.finditer(r"(?<![\w.])\w", code)][::-1]
