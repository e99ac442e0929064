"""When a provider may be asked again, from whatever its headers or words say: seconds from now.

Understood are numbers of seconds or milliseconds, Go's and protobuf's durations, ISO 8601 and HTTP dates, and epochs
in seconds or milliseconds. What makes no sense (not a number, infinite, past, further away than a week) is nothing:
a wrong hint must neither hammer a provider nor lock it out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 7 * 86_400.0  # seconds; a hint beyond it is cut
_WORDS = 100  # characters; what is longer is no wait
_EPOCH = 1e9  # seconds: what is larger is a point in time and not a wait
_EPOCH_MS = 1e12
_UNITS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0,
    "m": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0, "h": 3600.0, "hr": 3600.0, "hour": 3600.0,
    "hours": 3600.0, "d": 86_400.0, "day": 86_400.0, "days": 86_400.0,
}  # fmt: skip
_PART = r"\d+(?:\.\d+)?\s*(?:" + "|".join(sorted(_UNITS, key=len, reverse=True)) + r")(?![a-zµ])"
_DURATION = re.compile(rf"(?:{_PART}(?:\s*,?\s*(?:and\s+)?)?)+", re.IGNORECASE)
_PIECE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-zµ]+)", re.IGNORECASE)
_IN_WORDS = re.compile(rf"(?:again|retry|wait|reset[s]?)\s+(?:after|in|for)\s+({_DURATION.pattern})", re.IGNORECASE)
# Headers that say it, the ones with the finest grain first. Those of one kind of limit only count when it is spent.
_MILLISECONDS = ("retry-after-ms", "x-ms-retry-after-ms")
_PLAIN = ("retry-after", "ratelimit-reset", "x-ratelimit-reset-after", "x-ratelimit-reset")


def seconds_until(said: str, now: float) -> float | None:
    """Return the wait that a header's value or a field says, in seconds; None when it says nothing that makes sense.

    `now` is in epoch seconds.
    """
    text = said.strip().strip('"')
    if _WORDS < len(text):
        return None
    number = _number(text)
    if number is not None:
        return _from_number(number, now)
    duration = _DURATION.fullmatch(text)
    if duration is not None:
        return _sane(_total(text))
    moment = _moment(text)
    return None if moment is None else _sane(moment - now)


def seconds_in_words(message: str) -> float | None:
    """Return the wait that a sentence asks for, such as “try again in 7m12s”."""
    found = _IN_WORDS.search(message)
    return None if found is None else _sane(_total(found[1]))


def wait_in_headers(headers: Mapping[str, str], now: float) -> float | None:
    """Return the wait that headers ask for; of limits that are spent the longest. Names are in lower case."""
    for name in _MILLISECONDS:
        number = _number(headers.get(name, ""))
        if number is not None and (wait := _sane(number / 1000)) is not None:
            return wait
    for name in _PLAIN:
        if name in headers and (wait := seconds_until(headers[name], now)) is not None:
            return wait
    waits = [seconds_until(headers[name], now) for name in _resets_of_spent(headers)]
    return max((wait for wait in waits if wait is not None), default=None)


def _resets_of_spent(headers: Mapping[str, str]) -> list[str]:
    """Return the names of the headers that tell when a limit that is spent comes back."""
    every = [name for name in headers if "reset" in name and ("ratelimit" in name or "rate-limit" in name)]
    spent = [name for name in every if _number(headers.get(name.replace("reset", "remaining"), "0")) == 0]
    return sorted(spent or every)


def _from_number(number: float, now: float) -> float | None:
    if _EPOCH_MS <= number:
        return _sane(number / 1000 - now)
    if _EPOCH <= number:
        return _sane(number - now)
    return _sane(number)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _total(text: str) -> float:
    return sum(float(number) * _UNITS[unit.lower()] for number, unit in _PIECE.findall(text))


def _moment(text: str) -> float | None:
    """Return the epoch seconds of a date as ISO 8601 or as HTTP writes it."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = parsedate_to_datetime(text)
        except (TypeError, ValueError):
            return None
    try:
        return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()
    except (OverflowError, ValueError):
        return None


def _sane(wait: float) -> float | None:
    return min(wait, LONGEST) if 0 <= wait and math.isfinite(wait) else None
