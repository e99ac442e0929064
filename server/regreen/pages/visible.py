"""Makes what cannot be seen visible, so that a text reads as what it is."""

from __future__ import annotations

import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks that render as nothing although their category says otherwise.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")


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
