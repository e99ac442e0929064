"""The identifiers that a text uses: asked for one file at a time, when somebody wants to know; no index keeps them.

A pattern is many times faster than a walk over the tree. Comments and strings are passed over; of what a string
computes (an f-string, a template) the names are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

_NAME = rb"([A-Za-z_\x80-\xff][\w\x80-\xff]*)"
_STRING = (
    rb'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""|"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
    rb"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''|'[^'\\\n]*(?:\\.[^'\\\n]*)*'"
)
_PYTHON = re.compile(
    rb"#[^\n]*|([fFtT][rR]?|[rR][fFtT])?(?(1)(" + _STRING + rb")|(?:[rR][bB]?|[bBuU][rR]?)?(?:" + _STRING + rb"))"
    rb"|\d\w*|" + _NAME,
    re.DOTALL,
)
_COMPUTED = re.compile(rb"\{\{|\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
_FORMAT = re.compile(rb"(?:![rsa])?(?::[^\[\]{}()]*)?\Z|![rsa](?=:)")


@dataclass(frozen=True, slots=True)
class _Words:
    """What the names of a language are told by: a pattern whose last group is a name, and the words that are none."""

    tokens: re.Pattern[bytes]
    keywords: frozenset[bytes]


_JAVASCRIPT = _Words(
    re.compile(
        rb"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|([A-Za-z_$\x80-\xff][\w$\x80-\xff]*)",
        re.DOTALL,
    ),
    frozenset(
        b"break case catch class const continue debugger default delete do else export extends finally for function if"
        b" import in instanceof new return super switch this throw try typeof var void while with yield let static"
        b" async await of true false null undefined interface type enum implements".split()
    ),
)
# The name of a grammar -> its words.
_WORDS: Mapping[str, _Words] = MappingProxyType(
    {
        "go": _Words(
            re.compile(rb"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|`[^`]*`|'(?:\\.|[^'\\\n])*'|" + _NAME, re.DOTALL),
            frozenset(
                b"break case chan const continue default defer else fallthrough for func go goto if import interface"
                b" map package range return select struct switch type var".split()
            ),
        ),
        "javascript": _JAVASCRIPT,
        "python": _Words(
            _PYTHON,
            frozenset(
                b"and as assert async await break class continue def del elif else except finally for from global if"
                b" import in is lambda nonlocal not or pass raise return try while with yield True False None".split()
            ),
        ),
        "rust": _Words(
            re.compile(
                rb"//[^\n]*|/\*.*?\*/|b?r#+\".*?\"#+|\"(?:\\.|[^\"\\])*\"|'(?:\\[^']+|[^'\\])'|'[A-Za-z_]\w*|" + _NAME,
                re.DOTALL,
            ),
            frozenset(
                b"as async await box break const continue crate dyn else enum extern false fn for if impl in let loop"
                b" match mod move mut pub ref return self Self static struct super trait true type union unsafe use"
                b" where while".split()
            ),
        ),
        "tsx": _JAVASCRIPT,
        "typescript": _JAVASCRIPT,
    }
)


def references(text: str, language: str) -> tuple[str, ...]:
    """Return the distinct identifiers that a text uses, sorted; a template's text counts, for it may hold code.

    Raises:
        KeyError: there is no such grammar in the table, which is a bug.
    """
    words = _WORDS[language]
    source = text.encode("utf-8", "surrogatepass")
    names = _python_names(source) if language == "python" else words.tokens.findall(source)
    return tuple(sorted(name.decode("utf-8", "replace") for name in set(names) - words.keywords - {b""}))


def _python_names(source: bytes) -> Iterator[bytes]:
    for _, formatted, name in _PYTHON.findall(source):
        yield name
        if formatted:
            yield from _names_in(formatted)


def _names_in(formatted: bytes) -> Iterable[bytes]:
    for computed in _COMPUTED.findall(formatted):
        yield from (name for _, _, name in _PYTHON.findall(_FORMAT.sub(b"", computed)))
