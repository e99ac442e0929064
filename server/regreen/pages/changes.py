"""A patch as coloured lines with their numbers, and within a changed line what changed."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator

from regreen.core.edit import FileEdit, Patch
from regreen.core.text import split_lines

from .html import Markup, element, joined

LinkTo = Callable[[str, int], str]  # path and 1-based line -> an address, or ""
_CONTEXT = 3
_ALIKE = 0.4  # lines less alike than this are told as one gone and one new


def place(link: LinkTo, path: str, line: int, shown: str = "") -> Markup:
    """Name a place in a file, as a link where there is an address for it."""
    words = shown or (f"{path}:{line}" if line else path)
    address = link(path, line)
    return element("a", words, href=address) if address else element("span", words, class_="place")


def changes(patch: Patch, link: LinkTo) -> Markup:
    """Show every file of a patch."""
    return joined(_file(file, link) for file in patch.files)


def _file(file: FileEdit, link: LinkTo) -> Markup:
    before, after = split_lines(file.base), split_lines(file.after)
    groups = difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(_CONTEXT)
    rows: list[Markup] = []
    first = 0
    for group in groups:
        if rows:
            rows.append(element("tr", element("td", "⋯", colspan=4), class_="gap"))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                rows += [
                    _row(i + 1, j + 1, " ", _cut(before[i])) for i, j in zip(range(i1, i2), range(j1, j2), strict=True)
                ]
            else:
                first = first or j1 + 1
                rows += _changed(before[i1:i2], after[j1:j2], i1, j1)
    head = element("div", place(link, file.path, first, file.path), class_="file")
    table = element("table", element("tbody", rows), class_="diff", aria_label=f"Changes in {file.path}")
    return element("div", head, element("div", table, class_="scroll"), class_="changes")


def _changed(old: list[str], new: list[str], i: int, j: int) -> Iterator[Markup]:
    pairs = dict(zip(range(len(old)), range(len(new)), strict=False)) if len(old) == len(new) else {}
    marked = {at: _marked(_cut(old[at]), _cut(new[at])) for at in pairs}
    for at, line in enumerate(old):
        yield _row(i + at + 1, None, "−", marked[at][0] if at in marked else _cut(line))
    for at, line in enumerate(new):
        yield _row(None, j + at + 1, "+", marked[at][1] if at in marked else _cut(line))


def _marked(old: str, new: str) -> tuple[Markup | str, Markup | str]:
    if difflib.SequenceMatcher(None, old, new, autojunk=False).ratio() < _ALIKE:
        return old, new
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    return _middle(old, head, tail), _middle(new, head, tail)


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts have in common from their start."""
    differing = (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differing, min(len(one), len(other)))


def _middle(line: str, head: int, tail: int) -> Markup:
    end = len(line) - tail
    inside = (element("mark", line[head:end]),) if head < end else ()
    return joined(line[:head], inside, line[end:])


_KINDS = {" ": "same", "−": "gone", "+": "new"}


def _row(old: int | None, new: int | None, sign: str, line: Markup | str) -> Markup:
    cells = (
        element("td", "" if old is None else str(old), class_="n"),
        element("td", "" if new is None else str(new), class_="n"),
        element("td", sign, class_="sign"),
        element("td", element("code", line)),
    )
    return element("tr", cells, class_=_KINDS[sign])


def _cut(line: str) -> str:
    return line.rstrip("\r\n")
