"""Values that are secret for certain, in every spelling in which programs print them."""

from __future__ import annotations

import base64
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

SHORTEST = 6  # characters: shorter values would be found everywhere
_SHORTEST_FOUND = 8  # of a variable's value: nobody has said that it is secret, its name only sounds so
_LONG = 24  # characters from which on a piece of a value is as telling as the whole
_PIECE = 20  # characters of such a piece
_LEAST_BASE64 = 10
_LEAST_ENTROPY = 2.5  # bits a character
_SOUNDS_SECRET = re.compile(
    r"(?:^|_)(?:PASSW(?:OR)?D|PASS|PWD|PASSPHRASE|SECRET|SECRETS|TOKEN|PAT|APIKEY|KEY|AUTH|CREDENTIALS?|DSN|COOKIE)"
    r"(?:_|\d|$)",
    re.IGNORECASE,
)
# What stands in such a variable and is no secret: the place of something, a switch, words and numbers.
_PLACE = re.compile(r"^[~/.\\]|^[A-Za-z]:[/\\]|^\w+:(?://)?[^\s:@]*$|^(?:true|false|none|null)$", re.IGNORECASE)
_WORDS = re.compile(r"^[A-Za-z]+(?:[ _./:,-][A-Za-z]+)*$|^[\d.,:-]+$")
_IN_URL = re.compile(r"^\w[\w+.-]*://[^\s:/@]*:([^\s@/]{3,})@")
_ORDINARY = frozenset({"PWD", "OLDPWD"})


def secret_values(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values of variables whose names call them secret; words, numbers and paths are none."""
    found = {
        part
        for name, value in environment.items()
        if name.upper() not in _ORDINARY and _SOUNDS_SECRET.search(name)
        for part in _parts(value.strip())
    }
    return tuple(sorted(found))


def pattern_of(values: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds any of some secret values, however it is spelt; None when there are none."""
    spellings = {spelling for value in values if SHORTEST <= len(value) for spelling in _spellings(value)}
    longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
    pieces = {piece for value in values if _LONG <= len(value) for piece in _pieces(value)}
    alternatives = [*map(re.escape, longest_first), *sorted(pieces)]
    return re.compile("|".join(alternatives)) if alternatives else None


def entropy(text: str) -> float:
    """Return Shannon's entropy in bits a character."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values()) if text else 0.0


def _parts(value: str) -> Iterator[str]:
    inside = _IN_URL.match(value)
    if inside is not None:
        yield inside[1]
    elif _SHORTEST_FOUND <= len(value) and not _PLACE.match(value) and not _is_ordinary(value):
        yield value


def _is_ordinary(value: str) -> bool:
    return bool(_WORDS.match(value)) or entropy(value) < _LEAST_ENTROPY


def _spellings(value: str) -> Iterator[str]:
    yield value
    yield quote(value, safe="")
    yield quote_plus(value)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    octets = value.encode("utf-8", "surrogatepass")
    yield octets.hex()
    yield octets.hex().upper()
    # What stands before a value shifts the bits of its encoding; there are three ways to stand.
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + octets).decode("ascii").rstrip("=")
        clear = encoded[-(-before * 8 // 6) : len(encoded) - (1 if (before + len(octets)) % 3 else 0)]
        if _LEAST_BASE64 <= len(clear):
            yield clear
            yield clear.replace("+", "-").replace("/", "_")


def _pieces(value: str) -> Iterator[str]:
    """Yield patterns of the head and the tail of a long value: what is left where a tool shortens it."""
    yield re.escape(value[:_PIECE]) + r"[\w+/=~-]*(?=\.\.\.|[\s'\"…]|\Z)"
    yield r"(?:(?<=\.\.\.)|(?<=[\s'\"…]))[\w+/=~-]*" + re.escape(value[-_PIECE:])
