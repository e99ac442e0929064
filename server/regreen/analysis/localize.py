"""Fault localisation: which lines are to blame, from the traceback, the spectrum of the tests, and the culprit.

The spectrum is weighed with Ochiai's coefficient (Abreu, Zoeteweij, van Gemund: "On the Accuracy of Spectrum-based
Fault Localization", 2007).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from regreen.core.failure import Failure
from regreen.core.repair import Spectrum, Suspect
from regreen.core.workspace import WorkspaceModel

_DEEPEST = 1.0
_CALLER = 0.85  # each step up the stack is that much less suspicious
_UNKNOWN = 0.3  # a line of which nothing is known but that it can be edited


def localize(
    failure: Failure, spectrum: Spectrum, model: WorkspaceModel, editable: tuple[str, ...]
) -> tuple[Suspect, ...]:
    """Rank the lines of the editable files, most suspicious first; each line once.

    When neither the traceback nor the spectrum says anything, every line of every symbol is a little suspicious.
    """
    allowed = frozenset(editable)
    found: dict[tuple[str, int], Suspect] = {}
    for suspect in (*_by_stack(failure), *_by_spectrum(spectrum)):
        place = (suspect.path, suspect.line)
        if suspect.path in allowed and (place not in found or found[place].score < suspect.score):
            found[place] = suspect
    if not found:
        found = {(suspect.path, suspect.line): suspect for suspect in _everywhere(model, allowed)}
    return tuple(sorted(found.values(), key=lambda suspect: (-suspect.score, suspect.path, suspect.line)))


def by_file(suspects: tuple[Suspect, ...]) -> Mapping[str, Mapping[int, float]]:
    """Return path -> line -> score."""
    lines: dict[str, dict[int, float]] = {}
    for suspect in suspects:
        lines.setdefault(suspect.path, {})[suspect.line] = suspect.score
    return lines


def _by_stack(failure: Failure) -> Iterator[Suspect]:
    if failure.path:
        yield Suspect(failure.path, failure.line, _DEEPEST, "the culprit of the failure")
    inside = [frame for frame in failure.frames if frame.inside]
    for depth, frame in enumerate(reversed(inside)):
        yield Suspect(frame.path, frame.line, _DEEPEST * _CALLER**depth, "in the traceback")


def _by_spectrum(spectrum: Spectrum) -> Iterator[Suspect]:
    for path, lines in spectrum.lines.items():
        for line, (n_failing, n_passing) in lines.items():
            if n_failing:
                score = n_failing / math.sqrt(max(1, spectrum.n_failing) * (n_failing + n_passing))
                yield Suspect(path, line, score, f"run by {n_failing} failing and {n_passing} passing tests")


def _everywhere(model: WorkspaceModel, allowed: frozenset[str]) -> Iterator[Suspect]:
    for path in sorted(allowed):
        facts = model.files.get(path)
        for symbol in facts.symbols if facts else ():
            for line in range(symbol.line, symbol.end_line + 1):
                yield Suspect(path, line, _UNKNOWN, "nothing is known of it")
