"""What another tool says of the mutants that it and we both make, read from its report.

Two mutants are the same when the files that they leave are, whatever is between the words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from regreen.core.mutation import Judged, Mutant

_BLANK = re.compile(r"\s+")
_DETECTED = frozenset({"Killed", "Timeout", "KILLED", "TIMED OUT", "CaughtMutant"})
_ASKED = frozenset({"Survived", "NoCoverage", "LIVED", "NOT COVERED", "MissedMutant", *_DETECTED})
_BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_NEGATION = {"==": "!=", "!=": "==", "<=": ">", ">": "<=", "<": ">=", ">=": "<"}
_GREMLINS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "CONDITIONALS_BOUNDARY": _BOUNDARY,
    "CONDITIONALS_NEGATION": _NEGATION,
    "ARITHMETIC_BASE": {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*"},
    "INCREMENT_DECREMENT": {"++": "--", "--": "++"},
    "INVERT_NEGATIVES": {"-": "+"},
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rival:
    """A mutant of another tool and what became of it there. Invariant: `text` is without blanks."""

    line: int
    what: str
    status: str
    text: str

    @property
    def is_detected(self) -> bool:
        """Tell whether its tests noticed."""
        return self.status in _DETECTED


def fates(tool: str, report: Path, path: str, text: str) -> tuple[Rival, ...]:
    """Return what a tool's report says of one file's mutants that the tests were asked about."""
    found = _READERS[tool](json.loads(report.read_text("utf-8")), path, text)
    return tuple(one for one in found if one.status in _ASKED)


def left_by(mutant: Mutant, text: str) -> str:
    """Return the file that a mutant of ours leaves, without blanks."""
    return _without_blanks(text[: mutant.edit.start] + mutant.replacement + text[mutant.edit.end :])


def compared(ours: tuple[Judged, ...], rivals: tuple[Rival, ...], text: str) -> tuple[int, tuple[str, ...]]:
    """Return how many mutants both judged, and a line for each that the tests noticed in one place only."""
    known = {left_by(one.mutant, text): one for one in ours if one.fate.counts}
    shared = [(known[rival.text], rival) for rival in rivals if rival.text in known]
    return len(shared), tuple(
        f"{rival.line} {rival.what}: {mine.fate} here, {rival.status} there"
        for mine, rival in shared
        if mine.fate.is_detected != rival.is_detected
    )


def _gremlins(report: Any, path: str, text: str) -> Iterator[Rival]:
    lines = text.splitlines(keepends=True)
    for file in report["files"]:
        for one in file["mutations"] if file["file_name"] == path else ():
            at = sum(map(len, lines[: one["line"] - 1])) + one["column"] - 1
            table = _GREMLINS.get(one["type"], {})
            token = next((text[at : at + n] for n in (2, 1) if text[at : at + n] in table), "")
            if token:
                changed = text[:at] + table[token] + text[at + len(token) :]
                yield Rival(one["line"], f"{token} -> {table[token]}", one["status"], _without_blanks(changed))


def _stryker(report: Any, path: str, text: str) -> Iterator[Rival]:
    for one in report["files"].get(path, {"mutants": ()})["mutants"]:
        where = one["location"]
        yield _spanned(text, where["start"], where["end"], one["replacement"], one["status"])


def _cargo_mutants(report: Any, path: str, text: str) -> Iterator[Rival]:
    for one in report["outcomes"]:
        mutant = one["scenario"]["Mutant"] if one["scenario"] != "Baseline" else None
        if mutant is not None and mutant["file"] == path:
            status = "Timeout" if one["summary"] == "Timeout" else one["summary"]
            yield _spanned(text, mutant["span"]["start"], mutant["span"]["end"], mutant["replacement"], status)


def _spanned(text: str, start: Any, end: Any, replacement: str, status: str) -> Rival:
    lines = text.splitlines(keepends=True)
    first, last = (sum(map(len, lines[: each["line"] - 1])) + each["column"] - 1 for each in (start, end))
    what = f"{text[first:last]} -> {replacement}".replace("\n", " ")[:80]
    return Rival(start["line"], what, status, _without_blanks(text[:first] + replacement + text[last:]))


def _without_blanks(text: str) -> str:
    return _BLANK.sub("", text)


_READERS: Mapping[str, Callable[[Any, str, str], Iterator[Rival]]] = MappingProxyType(
    {"gremlins": _gremlins, "stryker": _stryker, "cargo-mutants": _cargo_mutants}
)
