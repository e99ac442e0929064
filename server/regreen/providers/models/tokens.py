"""How many tokens a text costs at most, by its characters: no service's own counting is needed, or waited for."""

from __future__ import annotations

import re

_PIECE = re.compile(r"[A-Za-z]+|[0-9]+|[ \t\r\n]+|[\x00-\x7f]|[^\x00-\x7f]+")
_WORD = 4  # letters that one token holds for certain, in words that people use
_BLANKS = 8  # blanks of an indentation that one token holds


def n_tokens(text: str) -> int:
    """Estimate on the safe side: digits and signs one by one, other scripts by their bytes."""
    return sum(_cost(found[0]) for found in _PIECE.finditer(text))


def _cost(piece: str) -> int:
    first = piece[0]
    if "\x7f" < first:
        return len(piece.encode("utf-8", "surrogatepass"))
    if first.isalpha():
        return -(-len(piece) // _WORD)
    if first in " \t\r\n":
        return 0 if piece == " " else -(-len(piece) // _BLANKS)
    return len(piece)
