"""Why a test's process died, from what was left of it."""

from __future__ import annotations

import re

from regreen.core.testing import ExceptionFacts

from .panics import Resolve, panics_in

# What the runtime prints before it aborts -> kind of the resource that ran out. First match wins.
_EXHAUSTED: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("stack", re.compile(r"has overflowed its stack|fatal runtime error: stack overflow")),
    ("memory", re.compile(r"memory allocation of \d+ bytes failed|\bout of memory\b|rust_oom")),
    ("threads", re.compile(r"failed to spawn thread|Resource temporarily unavailable")),
)
_TWICE = re.compile(
    r"thread panicked while (?:processing|panicking)|panic in a (?:destructor|function that cannot unwind)"
    r"|thread caused non-unwinding panic|panic in a destructor during cleanup"
)
_THREAD = re.compile(r"thread '(?P<name>[^']+)'(?: \(\d+\))? (?:has overflowed its stack|panicked)")


def death(text: str, signal: str, code: int | None, resolve: Resolve) -> ExceptionFacts:
    """Return the facts of a process's death: the signal's name or "", the exit code, and what it had printed."""
    panic = next((each for each in panics_in(text, resolve) if each.attribute("filename")), None)
    kind = next((name for name, pattern in _EXHAUSTED if pattern.search(text)), "")
    attributes = {"kind": kind, "signal": signal, "twice": "yes" if _TWICE.search(text) else ""}
    if not signal and code is not None:
        attributes["exit_code"] = str(code)
    message = {
        "stack": "the thread has overflowed its stack",
        "memory": "memory could not be allocated",
        "threads": "no thread could be started",
    }.get(kind) or (f"the process was ended by {signal}" if signal else f"the process ended with exit code {code}")
    kept = tuple(sorted((name, value) for name, value in attributes.items() if value))
    if panic is None:
        return ExceptionFacts("died", ("died",), message, kept)
    place = tuple(each for each in panic.attributes if each[0] in ("filename", "lineno"))
    return ExceptionFacts("died", ("died",), message, tuple(sorted((*kept, *place))), panic.frames)


def thread_of(text: str) -> str:
    """Return the thread that the runtime names in what it printed; a test's thread bears the test's name."""
    found = _THREAD.search(text)
    return found["name"] if found else ""
