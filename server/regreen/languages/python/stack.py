"""Stacks that the interpreter itself writes down when it dies or is asked: faulthandler's dumps."""

from __future__ import annotations

import re
from dataclasses import dataclass

_REASON = re.compile(
    r"(?:Fatal Python error: |Windows fatal exception: )(?P<fatal>.+)$"
    r"|(?P<timeout>Timeout \(\d+:\d\d:\d\d(?:\.\d+)?\)!)\s*$"
    r"|^\++ (?P<plugin>Timeout) \++$"
)
_THREAD = re.compile(r"^(?:Current thread|Thread) 0x[0-9a-f]+.* \(most recent call first\):|^~+ Stack of .+ ~+$")
_FRAME = re.compile(r'^\s*File "(?P<path>.+?)", line (?P<line>\d+)(?:,)? in (?P<function>.+)$')


@dataclass(frozen=True, slots=True)
class Dump:
    """The stack of one thread. Frames are (path, line, function), outermost first."""

    reason: str
    frames: tuple[tuple[str, int, str], ...]


def dumped_stacks(text: str) -> tuple[Dump, ...]:
    """Return the stacks of all threads in a text, the thread that was running first."""
    found: list[tuple[bool, Dump]] = []
    reason = ""
    frames: list[tuple[str, int, str]] = []
    oldest_first = False
    inside = running = False

    def close() -> None:
        if inside and frames:
            found.append((running, Dump(reason, tuple(frames if oldest_first else reversed(frames)))))

    for line in text.splitlines():
        if match := _REASON.search(line):
            reason = match["fatal"] or match["timeout"] or match["plugin"]
        if _THREAD.match(line):
            close()
            frames, inside = [], True
            # pytest-timeout prints as tracebacks do; the interpreter prints the most recent call first.
            oldest_first = line.startswith("~")
            running = line.startswith("Current") or "Stack of MainThread" in line
        elif inside and (match := _FRAME.match(line)):
            frames.append((match["path"], int(match["line"]), match["function"]))
        elif inside and not line.startswith(" "):
            close()
            inside = False
    close()
    return tuple(dump for _, dump in sorted(found, key=lambda pair: not pair[0]))
