"""What our reporters write: one JSON object a line, each with the nonce of its run, which no test can know."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from regreen.core.testing import Place, TestResult

Event = dict[str, Any]
_SECRET = secrets.token_bytes(16)  # of this process; makes the nonces


def nonce(place: Place) -> str:
    """Return what every line of a run's report carries: a test cannot know it."""
    return hashlib.blake2b(place.scratch.encode("utf-8", "surrogateescape"), key=_SECRET, digest_size=16).hexdigest()


def event_of(line: str, own: str) -> Event | None:
    """Return the event of a line; None when it is none, or does not carry the run's own nonce."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and event.get("nonce") == own else None


def report_event(line: str, place: Place) -> Event | None:
    """Return the event of a line that a driver of ours reported from this place; None when it is none."""
    return event_of(line, nonce(place))


def no_result(_: Event) -> tuple[TestResult, ...]:
    """Return what an event comes to that nobody handles."""
    return ()
