"""Finds where an edit belongs: its lines as they stand, or nearly so, and never more than one place."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from regreen.core.text import split_lines

from .plan import Unusable

_ALIKE = 0.6
_SHOWN = 5  # places that are named


@dataclass(frozen=True, slots=True)
class Spot:
    """Offsets of the text that an edit replaces, and what takes its place there."""

    start: int
    end: int
    text: str


def find_spot(path: str, base: str, search: str, replace: str) -> Spot:
    """Find the one place of an anchor: exactly, else with other line ends or blanks at line ends, else moved sideways.

    Raises:
        Unusable: it is nowhere, or in more than one place.
    """
    if not search.strip():
        raise Unusable(f"An edit of {path} has an empty search text.")
    exact = _occurrences(base, search)
    if len(exact) == 1:
        return Spot(exact[0], exact[0] + len(search), replace)
    if exact:
        raise Unusable(_too_many(path, base, exact))
    for alike in (_ends_apart, _indentation_apart):
        spots = _by_lines(base, search, replace, alike)
        if len(spots) == 1:
            return spots[0]
        if spots:
            raise Unusable(_too_many(path, base, [spot.start for spot in spots]))
    raise Unusable(f"The search text of an edit does not stand in {path}.{_nearest(base, search)}")


_Alike = Callable[[list[str], list[str]], str | None]


def _by_lines(base: str, search: str, replace: str, alike: _Alike) -> list[Spot]:
    """Find the places where whole lines match by a looser measure; it returns what their lines begin with, or None."""
    lines, wanted = split_lines(base), _without_empty_edges(search)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    found = []
    for at in range(len(lines) - len(wanted) + 1):
        here = lines[at : at + len(wanted)]
        shift = alike(here, wanted)
        if shift is not None:
            ends = "\r\n" if here[-1].endswith("\r\n") else "\n"
            closing = ends if here[-1].endswith(("\n", "\r")) else ""
            moved = [shift + line if line.strip() else line for line in _without_empty_edges(replace)]
            found.append(Spot(starts[at], starts[at + len(wanted)], ends.join(moved) + closing if moved else ""))
    return found


def _ends_apart(here: list[str], wanted: list[str]) -> str | None:
    return "" if [line.rstrip() for line in here] == wanted else None


def _indentation_apart(here: list[str], wanted: list[str]) -> str | None:
    """Return by how much every line stands further in than was said; None when not all do by the same."""
    first = here[0].rstrip()
    shift = first[: len(first) - len(wanted[0])] if first.endswith(wanted[0]) else None
    if shift is None or shift.strip():
        return None
    moved = [shift + line if line else line for line in wanted]
    return shift if [line.rstrip() for line in here] == moved else None


def _without_empty_edges(text: str) -> list[str]:
    lines = [line.rstrip() for line in split_lines(text)]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _occurrences(base: str, search: str) -> list[int]:
    found = []
    at = base.find(search)
    while at != -1:
        found.append(at)
        at = base.find(search, at + 1)
    return found


def _too_many(path: str, base: str, starts: list[int]) -> str:
    lines = [base.count("\n", 0, start) + 1 for start in starts]
    shown = ", ".join(map(str, lines[:_SHOWN])) + (", …" if _SHOWN < len(lines) else "")
    return f"The search text of an edit stands {len(lines)} times in {path} (lines {shown}). Take more lines with it."


def _nearest(base: str, search: str) -> str:
    """Say which line comes nearest to the first line of an anchor."""
    first = next((line.strip() for line in search.splitlines() if line.strip()), "")
    lines = [line.strip() for line in base.splitlines()]
    close = difflib.get_close_matches(first, [line for line in lines if line], 1, _ALIKE)
    return f" The nearest is line {lines.index(close[0]) + 1}: {close[0]}" if close else ""
