"""TAP, as node:test and Ava write it: one point a test, with what is known of a failure indented below."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from regreen.core.testing import ExceptionFacts
from regreen.languages.paths import SavedPaths

from .stack import facts_of, frames_of, lineage_of, plain_path

_POINT = re.compile(
    r"^(?P<indent> *)(?P<not>not )?ok (?P<number>\d+)(?: - (?P<name>.*?))?(?P<directive> # (?:SKIP|TODO|skip"
    r"|todo)\b.*)?$"
)
_SUBTEST = re.compile(r"^(?P<indent> *)# Subtest: (?P<name>.*)$")
_PLAN = re.compile(r"^1\.\.(?P<count>\d+)")
_FIELD = re.compile(r"^(?P<indent> *)(?P<key>[\w$]+|'[^']*'):(?: (?P<value>.*))?$")
_DIFFERENCE = re.compile(r"^(?P<sign>[+-])(?!--|\+\+) ?(?P<value>.*)$", re.MULTILINE)
_INNER = re.compile(
    r"^\s*(?P<type>[A-Z]\w*) \{$.*?^\s*message: (?P<quote>['\"`])(?P<message>.*?)(?P=quote),?$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class TapPoint:
    """One point. `name` has the titles of the sub-tests around it."""

    name: str
    ok: bool
    skipped: bool = False
    fields: tuple[tuple[str, str], ...] = ()
    text: str = ""
    depth: int = 0

    def field(self, key: str) -> str:
        """Return a field of the block below the point, or ""."""
        return next((value for name, value in self.fields if name == key), "")


@dataclass(slots=True)
class TapLines:
    """Reads lines; hands out each point when all of it has been seen."""

    planned: int | None = None
    n_points: int = 0
    comments: list[str] = field(default_factory=list)
    _open: TapPoint | None = None
    _block: list[str] = field(default_factory=list)
    _in_block: bool = False
    _titles: dict[int, str] = field(default_factory=dict)

    def feed(self, line: str) -> tuple[TapPoint, ...]:
        """Read one line; return the point that is complete with it, if any."""
        stripped = line.strip()
        if self._in_block:
            self._block.append(line)
            if stripped == "..." and len(line) - len(line.lstrip()) <= self._indent():
                return self.close()
            return ()
        if self._open is not None and stripped == "---":
            self._in_block = True
            self._block = [line]
            return ()
        ready = self.close()
        if match := _SUBTEST.match(line):
            depth = len(match["indent"]) // 4
            self._titles = {at: name for at, name in self._titles.items() if at < depth} | {depth: match["name"]}
        elif match := _POINT.match(line):
            self._open = self._point(match)
        elif match := _PLAN.match(line):
            self.planned = int(match["count"])
        elif stripped.startswith("#"):
            self.comments.append(stripped)
        return ready

    def close(self) -> tuple[TapPoint, ...]:
        """Return the point that is still open."""
        point = self._open
        self._open, self._in_block = None, False
        if point is None:
            return ()
        self.n_points += point.depth == 0
        block, self._block = self._block, []
        return (replace(point, fields=_fields(block), text="\n".join(block)),)

    def _indent(self) -> int:
        return len(self._block[0]) - len(self._block[0].lstrip()) if self._block else 0

    def _point(self, match: re.Match[str]) -> TapPoint:
        depth = len(match["indent"]) // 4
        name = (match["name"] or "").replace("\\#", "#")
        around = [self._titles[at] for at in sorted(self._titles) if at < depth]
        return TapPoint(" > ".join([*around, name]), not match["not"], bool(match["directive"]), depth=depth)


def read_tap(text: str) -> TapLines:
    """Read a whole document; its points are lost, what it says of itself is kept."""
    lines = TapLines()
    for line in text.splitlines():
        lines.feed(line)
    return lines


def points_of(text: str) -> tuple[TapPoint, ...]:
    """Return the points of a whole document."""
    lines = TapLines()
    found = [point for line in text.splitlines() for point in lines.feed(line)]
    return (*found, *lines.close())


def facts_of_point(point: TapPoint, paths: SavedPaths) -> ExceptionFacts:
    """Return what a failed point says of its error."""
    kind = point.field("name") or point.field("type_of_error")
    message = point.field("error") or point.field("message")
    details = point.field("details")
    stack = point.field("stack") or point.field("at")
    frames = frames_of("\n".join(f"at {line.strip()}" for line in stack.replace("at ", "").splitlines()), paths.place)
    attributes = {key: point.field(key) for key in ("code", "expected", "actual", "operator", "assertion")}
    attributes["failure"] = point.field("failureType")
    if inner := _INNER.search(details):
        kind, message = inner["type"], inner["message"].replace("\\'", "'").replace('\\"', '"')
    elif details:
        attributes |= _sides(details)
        message = message or f"{point.field('assertion') or 'the assertion'} does not hold"
    location = re.match(r"^(?P<path>.+?):(?P<line>\d+)(?::\d+)?$", point.field("location"))
    if location is not None and not frames:
        path, inside = paths.place(plain_path(location["path"]))
        attributes |= {"defined_in": path, "defined_at": location["line"]} if inside else {}
    known = tuple(sorted((name, value) for name, value in attributes.items() if value))
    if not kind and not frames and message:
        return facts_of(message, paths.place, known)
    return ExceptionFacts(kind, lineage_of(kind), message, known, frames)


def _sides(details: str) -> dict[str, str]:
    """Return both sides of a difference of one line each."""
    lines = {match["sign"]: match["value"] for match in _DIFFERENCE.finditer(details)}
    if len(_DIFFERENCE.findall(details)) == 2 and len(lines) == 2:
        return {"actual": lines["-"].strip(), "expected": lines["+"].strip()}
    return {}


def _fields(block: list[str]) -> tuple[tuple[str, str], ...]:
    """Read the keys of a block; one below another belongs to it as text."""
    found: list[tuple[str, list[str], str]] = []
    base = next((len(line) - len(line.lstrip()) for line in block[1:] if _FIELD.match(line)), 0)
    for line in block[1:]:
        match = _FIELD.match(line)
        if match is not None and len(match["indent"]) == base:
            value = match["value"] or ""
            style = value if value in ("|-", ">-", "|", ">", "|2-", "|+") else ""
            found.append((match["key"].strip("'"), [] if style else [_unquoted(value)], style))
        elif found and line.strip() != "...":
            found[-1][1].append(line[base + 2 :] if line[:base].strip() == "" else line.strip())
    return tuple((key, (" " if style.startswith(">") else "\n").join(lines).strip("\n")) for key, lines, style in found)


def _unquoted(value: str) -> str:
    if 1 < len(value) and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1].replace("''", "'")
    return value
