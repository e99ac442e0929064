"""Markup that is safe by its making: every text is escaped, only `element` makes elements."""

from __future__ import annotations

import html
from collections.abc import Iterable

from .visible import visible

_VOID = frozenset({"meta", "br", "hr", "rect", "line", "circle", "path"})


class Markup(str):
    """A piece of HTML or SVG that was made here; any other text is escaped when it becomes a part of one."""

    __slots__ = ()


Part = Markup | str | Iterable["Part"]


def element(name: str, /, *children: Part, **attributes: str | float) -> Markup:
    """Make an element. Attributes are named as in HTML, with `_` for `-` and one at the end of Python's own words."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(_shown(value))}"' for key, value in attributes.items()
    )
    inside = "".join(_parts(children))
    if name in _VOID and not inside:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{inside}</{name}>")


def text(plain: str) -> Markup:
    """Escape a text, with what is invisible in it made visible."""
    return Markup(html.escape(visible(plain), quote=False))


def words(sentence: str) -> Markup:
    """Show a sentence in which `code` stands between backticks."""
    pieces = sentence.split("`")
    if len(pieces) % 2 == 0:  # One that is never closed: all of it is words.
        return text(sentence)
    return joined(element("code", piece) if n % 2 else piece for n, piece in enumerate(pieces))


def joined(*parts: Part) -> Markup:
    """Put parts side by side."""
    return Markup("".join(_parts(parts)))


def _parts(children: Iterable[Part]) -> Iterable[str]:
    for child in children:
        if isinstance(child, Markup):
            yield child
        elif isinstance(child, str):
            yield text(child)
        else:
            yield from _parts(child)


def _shown(value: str | float) -> str:
    return visible(value) if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
