"""Rust's macros as they are meant: the grammar sees no expressions in them, so they are read as calls and lists."""

from __future__ import annotations

import re
from dataclasses import replace

from regreen.syntax import Parsed, parse

_LIST = re.compile(r"\bvec!(?=\s*\[)")
_CALL = re.compile(r"\b((?:e?print|write)(?:ln)?|format|panic|(?:debug_)?assert(?:_eq|_ne)?|unreachable)!(?=\s*\()")


def opened(text: str) -> Parsed:
    """Parse a text of Rust so that what stands in the common macros are expressions, too, each where it stands.

    Raises:
        UnreadableSource: it could not be parsed in time.
    """
    # Every letter keeps its place: a list loses the name before it, a call gets another name.
    read = _CALL.sub(lambda found: f"{found[1]}_", _LIST.sub("    ", text))
    return replace(parse(read, "rust"), text=text, source=text.encode("utf-8", "surrogatepass"))
