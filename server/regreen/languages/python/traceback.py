"""Reads exceptions out of printed tracebacks, in every style that the interpreter and pytest print.

Styles: `--tb=long`, `short`, `native`, `line` of pytest, and the interpreter's own (which unittest prints).
"""

from __future__ import annotations

import builtins
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from regreen.core.testing import ExceptionFacts, Frame

from .stack import Dump

PlacePath = Callable[[str], tuple[str, bool]]

_CHAIN = re.compile(
    r"^\s*(?:The above exception was the direct cause of the following exception"
    r"|During handling of the above exception, another exception occurred):\s*$"
)
_FIRST_OF_GROUP = re.compile(r"^\s*\+-\+-+ 1 -+$")
_END_OF_PART = re.compile(r"^ {0,4}\+-{4,}(?: (?:\d+|\.\.\.) -+)?$")
_MARGIN = re.compile(r"^\s*\| ?")
_CAPTURED = re.compile(r"^-{3,} Captured .+ -{3,}$")
_FILE = r"(?P<path>(?:[A-Za-z]:)?[^\s:][^:\n]*?\.\w{1,5}|<[^>]+>)"
_NATIVE = re.compile(r'^\s*(?:\| +)*File "(?P<path>.+?)", line (?P<line>\d+)(?:,? in (?P<function>.+))?$')
_SHORT = re.compile(rf"^{_FILE}:(?P<line>\d+): in (?P<function>.+)$")
_LONG = re.compile(rf"^{_FILE}:(?P<line>\d+): ?(?P<type>[A-Za-z_][\w.]*)?$")
_DEF = re.compile(r"^>?\s*(?:async )?def (\w+)\(")
_MARKED = re.compile(r"^>(\s+)(\S.*)$")
_ERROR = re.compile(r"^E(?:\s(.*))?$")
_RAISED = re.compile(r"^(?P<type>[A-Za-z_]\w*(?:\.(?:\w+|<locals>))*)(?::\s?(?P<message>.*))?$", re.DOTALL)
_CARETS = re.compile(r"^\s*[~^]+[\s~^]*$")

# Exceptions of the standard library and of well-known tools that a printed name alone does not place.
_BASES = {
    "json.decoder.JSONDecodeError": "ValueError",
    "decimal.InvalidOperation": "ArithmeticError",
    "decimal.DivisionByZero": "ZeroDivisionError",
    "binascii.Error": "ValueError",
    "socket.gaierror": "OSError",
    "socket.timeout": "TimeoutError",
    "asyncio.exceptions.TimeoutError": "TimeoutError",
    "ssl.SSLError": "OSError",
    "urllib.error.URLError": "OSError",
    "urllib.error.HTTPError": "OSError",
    "shutil.Error": "OSError",
    "zoneinfo._common.ZoneInfoNotFoundError": "KeyError",
    "statistics.StatisticsError": "ValueError",
    "uuid.UUIDError": "ValueError",
    "_pytest.outcomes.Failed": "Exception",
    "Failed": "Exception",
    "twisted.trial.unittest.FailTest": "AssertionError",
    "dataclasses.FrozenInstanceError": "AttributeError",
    "ipaddress.AddressValueError": "ValueError",
    "tomllib.TOMLDecodeError": "ValueError",
    "configparser.ParsingError": "Exception",
}


@dataclass(slots=True)
class _Part:
    """One exception of a chain, while it is being read."""

    frames: list[tuple[str, int, str, str]] = field(default_factory=list)
    error: list[str] = field(default_factory=list)  # what stands behind the E marks
    native: list[str] = field(default_factory=list)  # what follows a native traceback
    type: str = ""  # what the last line of a long traceback says
    function: str = ""
    code: str = ""


def lineage_of(name: str) -> tuple[str, ...]:
    """Return the classes that an exception of this name is, as far as the name tells."""
    found = getattr(builtins, name, None)
    if isinstance(found, type) and issubclass(found, BaseException):
        return tuple(cls.__name__ for cls in found.__mro__ if cls is not object)
    base = _BASES.get(name)
    return (name, *(lineage_of(base) if base else ()))


def read_chain(lines: Iterable[str], place: PlacePath) -> ExceptionFacts | None:
    """Read one printed failure: the exception that was raised, with its causes; None when there is none."""
    found: ExceptionFacts | None = None
    for part in _parts(_ungrouped(list(lines))):
        facts = _facts(part, place, found)
        found = facts or found
    return found


def raised(text: str) -> tuple[str, str]:
    """Split `Type: message`; a bare assertion of pytest's has its type left out."""
    if text.startswith(("assert ", "assert\n")):
        return "AssertionError", text
    match = _RAISED.match(text)
    return (match["type"].removeprefix("builtins."), (match["message"] or "").strip("\n")) if match else ("", text)


def _ungrouped(lines: list[str]) -> list[str]:
    """Return the first exception of a printed group, which is what has to be cured; other lines as they are."""
    first = next((n for n, line in enumerate(lines) if _FIRST_OF_GROUP.match(line)), None)
    if first is None:
        return lines
    end = next((n for n in range(first + 1, len(lines)) if _END_OF_PART.match(lines[n])), len(lines))
    part = _ungrouped([_MARGIN.sub("", line) for line in lines[first + 1 : end]])
    if any(_NATIVE.match(line) for line in part):
        return part
    # It was put into the group without having been raised: the group's own traceback tells where.
    around = [_MARGIN.sub("", line) for line in lines[:first]]
    last = max((n for n, line in enumerate(around) if line.startswith(" ")), default=-1)
    return [*around[: last + 1], *part]


def _parts(lines: Iterable[str]) -> Iterator[_Part]:
    part: list[str] = []
    for line in lines:
        if _CAPTURED.match(line):
            break
        if _CHAIN.match(line):
            yield _read(part)
            part = []
        else:
            part.append(line.rstrip())
    yield _read(part)


def _read(lines: list[str]) -> _Part:
    part = _Part()
    n = 0
    while n < len(lines):
        n += _read_line(part, lines, n)
    return part


def _read_line(part: _Part, lines: list[str], n: int) -> int:
    """Read the line at `n`; return how many lines it takes up."""
    line = lines[n]
    if match := _ERROR.match(line):
        part.error.append(match[1] or "")
    elif match := _NATIVE.match(line):
        code = lines[n + 1].strip() if n + 1 < len(lines) and not _NATIVE.match(lines[n + 1]) else ""
        part.frames.append((match["path"], int(match["line"]), match["function"] or "", code))
        part.native.clear()
        indented = n + 1 < len(lines) and lines[n + 1].startswith("    ") and not _NATIVE.match(lines[n + 1])
        return 2 if indented else 1
    elif match := _SHORT.match(line):
        code = lines[n + 1].strip() if n + 1 < len(lines) and lines[n + 1].startswith("    ") else ""
        part.frames.append((match["path"], int(match["line"]), match["function"], code))
    elif match := _LONG.match(line):
        part.frames.append((match["path"], int(match["line"]), part.function, part.code))
        part.type = match["type"] or ""
        part.function = part.code = ""
    else:
        _read_source(part, line)
    return 1


def _read_source(part: _Part, line: str) -> None:
    if match := _DEF.match(line):
        part.function = part.function or match[1]
    if match := _MARKED.match(line):
        part.code = match[2]
    begins = not line.startswith((" ", ">", "E ", "_")) and not _CARETS.match(line)
    if part.frames and (part.native or begins):
        part.native.append(line)


def _facts(part: _Part, place: PlacePath, cause: ExceptionFacts | None) -> ExceptionFacts | None:
    kind, message, location = _error(part)
    if not kind and not message and not part.frames:
        return None
    frames = [_frame(frame, place) for frame in part.frames]
    attributes: dict[str, str] = {}
    if location is not None:
        path, inside = place(location[0])
        attributes = {"filename": path, "lineno": str(location[1]), "inside": "yes" if inside else ""}
    kind = kind or part.type
    lineage = lineage_of(kind) if kind else ()
    return ExceptionFacts(kind, lineage, message, tuple(sorted(attributes.items())), tuple(frames), cause)


def _frame(frame: tuple[str, int, str, str], place: PlacePath) -> Frame:
    path, inside = place(frame[0])
    return Frame(path, frame[1], frame[2], frame[3], inside)


def _error(part: _Part) -> tuple[str, str, tuple[str, int] | None]:
    """Return type, message, and the place that a syntax error names."""
    lines = textwrap.dedent("\n".join(part.error)).split("\n") if part.error else part.native
    location: tuple[str, int] | None = None
    for n, line in enumerate(lines):
        if (match := _NATIVE.match(line)) and not match["function"]:
            location = (match["path"], int(match["line"]))
        kind, message = raised(line)
        if kind and not line.startswith(" ") and _plausible(kind, message):
            rest = "\n".join((message, *lines[n + 1 :])).rstrip()
            return kind, rest, location or _syntax_location(kind, part)
    return "", "\n".join(lines).strip(), location


def _syntax_location(kind: str, part: _Part) -> tuple[str, int] | None:
    """A native syntax error names its place in a last line that looks like a frame without a function."""
    if kind not in ("SyntaxError", "IndentationError", "TabError") or not part.frames or part.frames[-1][2]:
        return None
    path, line, _, _ = part.frames[-1]
    return path, line


def _plausible(kind: str, message: str) -> bool:
    """Tell whether a word at the start of a line can be an exception's name: `file: x` and `Traceback` are not."""
    last = kind.rpartition(".")[2]
    known = isinstance(getattr(builtins, last, None), type) or kind in _BASES
    named = re.search(
        r"(?:Error|Exception|Exit|Warning|Failed|Failure|Failures|Timeout|Interrupt|Group|Expired)$", last
    )
    return bool(known or named or "." in kind or (message == "" and last[:1].isupper()) or last[:1].isupper())


def stack_facts(dumps: tuple[Dump, ...], place: PlacePath) -> ExceptionFacts:
    """Return the stack of the thread that was busy with the workspace's code, as facts without an exception."""
    readings = [tuple(_frame((*frame, ""), place) for frame in dump.frames) for dump in dumps]
    frames = next((found for found in readings if any(frame.inside for frame in found)), readings[0])
    return ExceptionFacts("", (), dumps[0].reason, frames=frames)
