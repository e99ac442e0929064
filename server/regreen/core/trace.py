"""Trace ids and the clock, both passed in so that tests and replays decide them."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import NewType, Protocol

TraceId = NewType("TraceId", str)
RunId = NewType("RunId", str)


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> float:
        """Return the time as epoch seconds."""

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return the time as epoch seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class Trace:
    """Names one job: `trace_id` goes through every step, `run_id` is what a person types."""

    trace_id: TraceId
    run_id: RunId


def new_trace(clock: Clock) -> Trace:
    """Make a trace with a W3C-sized random id (32 hex digits) and a short, sortable run id."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(clock.now()))
    return Trace(TraceId(secrets.token_hex(16)), RunId(f"{stamp}-{secrets.token_hex(3)}"))
