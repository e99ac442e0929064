"""Errors as our reporters write them, as facts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from regreen.core.testing import ExceptionFacts

from .stack import Place, facts_of, frame_of, frames_of, lineage_of, plain_path, split_stack, thrown_of

_ATTRIBUTES = (
    "code",
    "operator",
    "syscall",
    "address",
    "port",
    "path",
    "url",
    "specifier",
    "expected",
    "actual",
    "diff",
)
_EXTRA = ("failure", "exit_code", "signal", "thrown")


def error_facts(error: dict[str, Any], place: Place, *, unhandled: str = "") -> ExceptionFacts:
    """Return the facts of one error; what its printed form says is added to what its fields say."""
    stack = str(error.get("stack") or "")
    printed = facts_of(stack, place) if stack else ExceptionFacts("", (), "")
    if "TypeScript" not in printed.lineage:  # A transformer's error may hold the compiler's.
        said = facts_of(str(error.get("message") or ""), place)
        printed = said if "TypeScript" in said.lineage else printed
    if "TypeScript" in printed.lineage:
        return printed
    name = str(error.get("name") or "") or printed.type
    message = str(error.get("message") or "") or printed.message
    plain = thrown_of(message)
    if not plain.type and plain.message != message.strip():  # A plain value that the runner wrapped in an error.
        name, message, printed = "", plain.message, replace(printed, type="", lineage=())
        error = {**error, "thrown": "string"}
    if name in ("Error", "Object", "") and printed.type:
        name = printed.type
    if message.startswith("expect("):
        name = "AssertionError"
    attributes = {key: str(error[key]) for key in (*_ATTRIBUTES, *_EXTRA) if error.get(key) not in (None, "")}
    attributes |= {"unhandled": unhandled} if unhandled else {}
    attributes |= {"thrown": "string"} if "thrown: " in stack[:40] else {}
    attributes |= _location(error, place)
    frames = tuple(
        frame_of(str(path), int(line), str(function), place) for path, line, function in error.get("frames") or ()
    )
    cause = error.get("cause")
    return ExceptionFacts(
        type=name if name != "Object" else "",
        lineage=lineage_of(name if name != "Object" else ""),
        message=message,
        attributes=tuple(sorted({**dict(printed.attributes), **attributes}.items())),
        frames=tuple(reversed(frames)) or printed.frames,
        cause=error_facts(cause, place) if isinstance(cause, dict) else printed.cause,
    )


def exit_facts(event: dict[str, Any], place: Place) -> ExceptionFacts:
    """Return the facts of a process that was ended by a call: the stack of that call."""
    code = event.get("code", 0)
    frames = frames_of(str(event.get("stack") or ""), place)
    own = tuple(replace(frame, inside=frame.inside and "regreen_" not in frame.path) for frame in frames)
    return ExceptionFacts("", (), f"process.exit({code}) was called", frames=own)


def _location(error: dict[str, Any], place: Place) -> dict[str, str]:
    """Return the place that an error names itself."""
    if not error.get("file") or not error.get("line"):
        return {}
    path, inside = place(plain_path(str(error["file"])))
    return {"filename": path, "lineno": str(error["line"])} if inside else {}


def head_of(text: str) -> str:
    """Return the first line of what was thrown."""
    head, _ = split_stack(text)
    return thrown_of(head).message.partition("\n")[0]
