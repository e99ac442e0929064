"""Reads go.mod, go.work and vendor/modules.txt: line-based files of one small grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BLOCK = re.compile(r"^(?P<word>[a-z]+)\s*\($")
_LINE = re.compile(r"^(?P<word>[a-z]+)\s+(?P<rest>\S.*)$")
_COMMENT = re.compile(r"(?:^|\s)//.*$")
_WORD = re.compile(r'"(?P<quoted>[^"]*)"|`(?P<raw>[^`]*)`|(?P<plain>\S+)')


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive with its arguments; a block is as many of them as it has lines."""

    word: str  # module, go, toolchain, require, replace, use, tool …
    arguments: tuple[str, ...]
    line: int  # 1-based
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ModFile:
    """A go.mod or a go.work."""

    path: str
    directives: tuple[Directive, ...]

    def all(self, word: str) -> tuple[Directive, ...]:
        """Return the directives of a kind that have an argument, in order."""
        return tuple(each for each in self.directives if each.word == word and each.arguments)

    def first(self, word: str) -> Directive | None:
        """Return the first directive of a kind."""
        return next(iter(self.all(word)), None)


def read_mod(path: str, text: str) -> ModFile:
    """Read a file; lines that are no directive are passed over."""
    return ModFile(path, tuple(_directives(text)))


def _directives(text: str) -> Iterator[Directive]:
    block = ""
    for number, line in enumerate(text.splitlines(), 1):
        found = _COMMENT.search(line)
        comment = found[0].strip() if found else ""
        code = _COMMENT.sub("", line).strip()
        if not code:
            continue
        if block:
            if code.startswith(")"):
                block = ""
            else:
                yield Directive(block, _words(code), number, comment)
        elif match := _BLOCK.match(code):
            block = match["word"]
        elif match := _LINE.match(code):
            yield Directive(match["word"], _words(match["rest"]), number, comment)


def _words(code: str) -> tuple[str, ...]:
    return tuple(match["quoted"] or match["raw"] or match["plain"] or "" for match in _WORD.finditer(code))
