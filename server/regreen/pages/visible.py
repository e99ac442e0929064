"""Makes what cannot be seen visible, so that a text reads as what it is.

What a program prints for a terminal (colours, titles, links) is taken out of words; code is shown with all of it.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks that render as nothing although their category says otherwise.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")


# ECMA-48: what begins with CSI; OSC, DCS, SOS, PM and APC with all that they carry; two and three characters.
_TERMINAL = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x80-\x9f]*(?:\x1b\\|\x9c)"
    r"|\x1b[ -/]+[0-~]"
    r"|\x1b[0-9=>A-Zc]"
)


_INTRODUCERS = re.compile(r"[\x1b\x80-\x9f]")
_ROUNDS = 4  # what is nested more deeply was made to wear us out


def without_ansi(text: str) -> str:
    """Take out what steers a terminal, with all that it carries, until nothing of it is left."""
    for _ in range(_ROUNDS):
        less = _TERMINAL.sub("", text)
        if less == text:
            return text
        text = less
    return _INTRODUCERS.sub("", text)


def told(text: str) -> str:
    """Return what a program said without what steers a terminal, and with everything in it visible."""
    return visible(without_ansi(text))


def visible(text: str) -> str:
    """Show control, direction, zero-width and other invisible characters by their numbers; keep line ends and tabs."""
    lines = text.replace("\r\n", "\n")
    if lines.isascii() and lines.isprintable():
        return lines
    return "".join(_visible(char) for char in lines)


def one_line(text: str) -> str:
    """Make a text visible and put it on one line."""
    return " ".join(told(text).split())


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
