"""What a command prints for people: nothing in it steers their terminal, and nothing in it is invisible."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Iterator
from typing import TextIO, cast

from regreen.pages import visible

# In JSON such characters stand in strings only, where they may be written by number.
_HIDDEN = re.compile(
    "[\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    "\u205f-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)


class Screen:
    """A text stream on which everything that is written can be seen; for the rest it is the stream itself."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text with what is invisible in it shown by number."""
        return self._stream.write(visible(text))

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


@contextlib.contextmanager
def screened() -> Iterator[None]:
    """Let standard output and standard error show everything, as long as a command runs."""
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast("TextIO", Screen(stream)) for stream in streams)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams


def as_json(document: object, indent: int | None = 2) -> str:
    """Return a document as JSON that holds no invisible character as itself."""
    return _HIDDEN.sub(_by_number, json.dumps(document, ensure_ascii=False, indent=indent))


def _by_number(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
