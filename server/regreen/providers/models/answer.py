"""What a provider's answer says of a fault in any shape: an object, a list of one, JSON within a message, a text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_DEPTH = 16
_WORDS = 200  # characters of a message that are shown
_CODES = frozenset({"code", "type", "status", "reason", "quotaid", "limit_source"})
_WAITS = frozenset({"retrydelay", "retry_after", "retry_after_seconds", "retryafter"})
_TEXTS = frozenset({"message", "error", "raw", "detail", "error_description", "msg"})
_PLACES = frozenset({"param", "loc"})
_MARKUP = re.compile(r"^\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)


@dataclass(slots=True)
class Said:
    """The facts of an answer: codes and words in lower case, as they came otherwise."""

    messages: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)  # which fields of the request are spoken of
    waits: list[str] = field(default_factory=list)  # what fields say of waiting, not read yet
    headers: dict[str, str] = field(default_factory=dict)  # those that an answer repeats of somebody else's
    is_markup: bool = False  # a page: a proxy or a portal answered
    is_json: bool = False

    @property
    def words(self) -> str:
        """Return all messages and codes in lower case, for looking for marks."""
        return " ".join([*self.messages, *self.codes]).lower()

    @property
    def status(self) -> int:
        """Return the HTTP status that the body itself names, 0 when it names none."""
        named = [int(code) for code in self.codes if code.isdecimal() and len(code) == 3]
        return next((code for code in named if 400 <= code < 600), 0)

    @property
    def message(self) -> str:
        """Return the most telling message in one short line, "" when there is none."""
        line = next((" ".join(text.split()) for text in self.messages if text.strip()), "")
        return line if len(line) <= _WORDS else line[: _WORDS - 1] + "…"


def read_answer(body: str) -> Said:
    """Read the body of an answer."""
    said = Said(is_markup=bool(_MARKUP.match(body)))
    if said.is_markup:
        return said
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        if body.strip():
            said.messages.append(body.strip())
        return said
    said.is_json = True
    _walk(found, said, "", 0)
    return said


def has_error(found: object) -> bool:
    """Tell whether a decoded answer, or one event of a stream, speaks of an error whatever its status says."""
    if isinstance(found, list):
        return bool(found) and has_error(found[0])
    if not isinstance(found, Mapping):
        return False
    return bool(found.get("error")) or found.get("type") == "error" or found.get("object") == "error"


def _walk(value: object, said: Said, key: str, depth: int) -> None:
    if _DEPTH < depth:
        return
    if isinstance(value, Mapping):
        if key == "headers":
            said.headers.update((str(name).lower(), str(each)) for name, each in value.items())
        for name, each in value.items():
            _walk(each, said, str(name).lower(), depth + 1)
    elif isinstance(value, list):
        for each in value:
            _walk(each, said, key, depth + 1)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        _take(str(value), said, key, depth)


def _take(text: str, said: Said, key: str, depth: int) -> None:
    if key in _WAITS:
        said.waits.append(text)
    elif key in _PLACES:
        said.places.append(text)
    elif key in _CODES:
        said.codes.append(text)
    elif key in _TEXTS:
        nested = list(_nested(text))
        for each in nested:
            _walk(each, said, key, depth + 1)
        if not nested:
            said.messages.append(text)


def _nested(text: str) -> Iterator[object]:
    """Yield the JSON that a message is, if it is any."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            yield json.loads(text)
        except (ValueError, RecursionError):
            return
