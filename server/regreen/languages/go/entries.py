"""What a failing test itself says: the lines of t.Error and t.Log, each with its file and line."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ENTRY = re.compile(r"^(?P<indent>[ \t]+)(?P<file>[^\s:/\\]+\.go):(?P<line>\d+): ?(?P<text>.*)$")
_ELSEWHERE = re.compile(r"(?P<file>(?:/|\.{1,2}/|[A-Za-z]:)?[\w./@+~-]*\.go):(?P<line>\d+)\b")
_LOGS = re.compile(r"\.(?:Log|Logf|Skip|Skipf|Skipping)\(")
# What a line says that tells of a failure rather than of progress.
_TELLS = re.compile(
    r"(?i)\b(?:want|got|expect|error|fail|unexpected|mismatch|should|diff|missing|not equal|invalid|wrong"
    r"|obtained|race)"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line that a test logged, with what follows it further in."""

    file: str  # the base name
    line: int
    text: str


def entries(printed: str) -> tuple[Entry, ...]:
    """Return what a test logged, in order."""
    found: list[tuple[str, int, list[str]]] = []
    margin = ""
    for line in printed.splitlines():
        match = _ENTRY.match(line)
        deeper = bool(found) and (not line.strip() or line.startswith(f"{margin}    "))
        if match is not None and not (deeper and found[-1][2] == [""] and "Error Trace" in line):
            margin = match["indent"]
            found.append((match["file"], int(match["line"]), [match["text"]]))
        elif deeper:
            found[-1][2].append(line.removeprefix(f"{margin}    "))
        else:
            margin = "\0" if found else ""
    return tuple(Entry(file, line, "\n".join(lines).strip("\n")) for file, line, lines in found)


def culprit(found: tuple[Entry, ...], source_line: dict[tuple[str, int], str]) -> Entry | None:
    """Return the entry that failed the test: the first that its source line does not show to be a mere log."""
    failing = [each for each in found if not _LOGS.search(source_line.get((each.file, each.line), ""))]
    known = [each for each in failing if source_line.get((each.file, each.line))]
    if known:
        return known[0]
    telling = [each for each in failing if _TELLS.search(each.text)]
    return next(iter(telling or failing or list(found)), None)


def places_elsewhere(printed: str) -> tuple[tuple[str, int], ...]:
    """Return the paths with lines anywhere in a text, for libraries that report in a form of their own."""
    return tuple((match["file"], int(match["line"])) for match in _ELSEWHERE.finditer(printed))
