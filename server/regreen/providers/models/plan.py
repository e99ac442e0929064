"""The form of a model's reply: hypothesis, edits, commands, notes. The door where pydantic stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from regreen.core.errors import UsageError

MOST = 200_000  # characters of a reply that are read
_MOST_EDITS = 40
_MOST_BRACES = 1000  # within the words of a reply, that begin no object
_FENCE = re.compile(r"(`{3,}|~{3,})[^`]*")
_THOUGHT = re.compile(r"<(/?)(think|thinking|reasoning)>", re.IGNORECASE)

Text = Annotated[str, Field(max_length=100_000)]


class EditOrder(BaseModel):
    """One edit: either a text that stands once in the file and what takes its place, or the whole new file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    path: Annotated[str, Field(min_length=1, max_length=1000)]
    search: Text | None = None
    replace: Text | None = None
    content: Text | None = None


class Plan(BaseModel):
    """What a model proposes."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    hypothesis: Annotated[str, Field(min_length=1, max_length=2000)]
    edits: Annotated[list[EditOrder], Field(max_length=_MOST_EDITS)]
    commands: list[list[str]] = []
    notes: list[Text] = []


_EDIT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "The file, as it is named above."},
        "search": {"type": "string", "description": "Lines of the file, exactly as they stand, that occur only once."},
        "replace": {"type": "string", "description": "What takes their place."},
    },
    "required": ["path", "search", "replace"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "hypothesis": {"type": "string", "description": "One sentence: what is wrong, and why the edit cures it."},
        "edits": {"type": "array", "items": _EDIT},
        "notes": {"type": "array", "items": {"type": "string"}, "description": "Decisions worth remembering."},
    },
    "required": ["hypothesis", "edits", "notes"],
    "additionalProperties": False,
}


class Unusable(UsageError):
    """A reply that cannot be followed. The message is written for the model that gave it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, next_step="The next attempt tells the model so.")


def read_plan(reply: str) -> Plan:
    """Read the one plan of a reply: bare, in a fence, or with words around it.

    Raises:
        Unusable: there is no plan, more than one, or one of another form.
    """
    try:
        return Plan.model_validate(read_object(reply))
    except ValidationError as error:
        raise Unusable(_in_words(error)) from error


def read_object(reply: str) -> dict[str, Any]:
    """Read the one JSON object of a reply.

    Raises:
        Unusable: there is none, or more than one.
    """
    if MOST < len(reply):
        raise Unusable(f"The reply is longer than {MOST} characters.")
    whole = _object(reply.strip())
    if whole is not None:  # What it edits may hold the signs of thoughts and fences.
        return whole
    text = _without_thoughts(reply).strip()
    if not text:
        raise Unusable("The reply is empty.")
    return _only(_plans(text))


def _plans(text: str) -> list[dict[str, Any]]:
    """Return the plans in a text: all of it, else its fences, else the outermost objects within the words."""
    for pieces in ([text], _fenced(text)):
        found = [value for piece in pieces if (value := _object(piece)) is not None]
        if found:
            return found
    objects = list(_outermost(text))
    return [value for value in objects if "edits" in value] or objects


def _only(found: list[dict[str, Any]]) -> dict[str, Any]:
    distinct = {json.dumps(each, sort_keys=True): each for each in found}
    if not distinct:
        raise Unusable("The reply holds no JSON object. Answer with one object of the form that was asked for.")
    if 1 < len(distinct):
        raise Unusable(f"The reply holds {len(distinct)} different plans. Answer with one.")
    return next(iter(distinct.values()))


def _without_thoughts(text: str) -> str:
    """Leave out what stands between the signs of thoughts, and before the end of one whose begin was not sent."""
    tags = list(_THOUGHT.finditer(text))
    last = {tag[2].lower(): tag.start() for tag in tags if tag[1]}
    kept: list[str] = []
    at, inside = 0, ""
    for tag in tags:
        name = tag[2].lower()
        if tag[1] and inside in (name, ""):
            kept = kept if inside else []
            at, inside = tag.end(), ""
        elif not tag[1] and not inside and tag.start() < last.get(name, 0):
            kept.append(text[at : tag.start()])
            inside = name
    return "".join((*kept, text[at:]))


def _fenced(text: str) -> Iterator[str]:
    """Yield what stands between fences, each of which ends at the next line that is its own mark alone."""
    mark, lines = "", list[str]()
    for line in text.split("\n"):
        bare = line.strip(" \t\r")
        if not mark:
            opens = _FENCE.fullmatch(bare)
            mark, lines = (opens[1] if opens else ""), []
        elif bare == mark:
            yield "\n".join(lines)
            mark = ""
        else:
            lines.append(line)


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    return found if isinstance(found, dict) else None


def _outermost(text: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder(strict=False)
    at, left = text.find("{"), _MOST_BRACES
    while at != -1 and left:
        try:
            found, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
            left -= 1
        else:
            if isinstance(found, dict):
                yield found
        at = text.find("{", end)


def _in_words(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the object"
    return f"The plan has another form than was asked for: {where}: {first['msg']}."
