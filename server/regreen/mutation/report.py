"""What mutating said, as a document of the mutation-testing-elements report schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regreen.core.mutation import Judged, Strength
from regreen.core.testing import TestId
from regreen.core.text import LineIndex, PositionEncoding
from regreen.syntax import grammar_of

from .generate import identified
from .operators import OPERATORS

SCHEMA_VERSION = "2"
THRESHOLDS = (60, 80)  # percent: below the first it is shown in red, from the second on in green
_LANGUAGES = {"tsx": "typescript", "": "text"}


def report_document(
    strength: Strength, sources: Mapping[str, str], *, version: str = "", thresholds: tuple[int, int] = THRESHOLDS
) -> dict[str, Any]:
    """Return the report of all mutants of these files (path -> text as it was mutated), ready to be written as JSON.

    Files without a mutant are told of as well. The same fates give the same document, but for the durations.
    """
    tests = _tests(strength.judged)
    return {
        "schemaVersion": SCHEMA_VERSION,
        "thresholds": {"low": thresholds[0], "high": thresholds[1]},
        "framework": {"name": "Regreen", **({"version": version} if version else {})},
        "files": {path: _file(path, sources[path], strength.judged, tests) for path in sorted(sources)},
        "testFiles": _test_files(tests),
    }


def _file(path: str, source: str, judged: tuple[Judged, ...], tests: Mapping[TestId, str]) -> dict[str, Any]:
    own = sorted((one for one in judged if one.mutant.path == path), key=lambda one: one.mutant.edit)
    ids = identified(tuple(one.mutant for one in own))
    index = LineIndex(source)
    grammar = grammar_of(path)
    return {
        "language": _LANGUAGES.get(grammar, grammar),
        "source": source,
        "mutants": [_mutant(name, one, index, tests) for name, one in zip(ids, own, strict=True)],
    }


def _mutant(name: str, one: Judged, index: LineIndex, tests: Mapping[TestId, str]) -> dict[str, Any]:
    mutant = one.mutant
    place, text = _shown(mutant.edit.start, mutant.edit.end, mutant.replacement, index)
    found = {
        "id": name,
        "mutatorName": mutant.operator,
        "location": {"start": _position(place[0], index), "end": _position(place[1], index)},
        "replacement": text,
        "description": _WHY.get(mutant.operator, ""),
        "status": one.fate.value,
        "static": mutant.is_static,
        "coveredBy": [tests[test] for test in sorted(one.covered_by)],
        "killedBy": [tests[test] for test in sorted(one.killed_by)],
        "duration": round(one.seconds * 1000, 3),
        "statusReason": one.why,
    }
    return {key: value for key, value in found.items() if value not in ("", []) or key == "replacement"}


def _shown(start: int, end: int, text: str, index: LineIndex) -> tuple[tuple[int, int], str]:
    """Return the place and the text of a change as it is shown: what is only put in takes the next character along."""
    if start < end or len(index.text) <= start:
        return (start, end), text
    return (start, start + 1), f"{text} {index.text[start]}"


def _position(offset: int, index: LineIndex) -> dict[str, int]:
    """Return a place as the schema counts it: from 1, columns in the units of JavaScript's texts."""
    line, column = index.to_wire(index.position(offset), PositionEncoding.UTF16)
    return {"line": line + 1, "column": column + 1}


def _tests(judged: tuple[Judged, ...]) -> Mapping[TestId, str]:
    """Return an id for each test that covered or killed something: its number in the order of their names."""
    met = {test for one in judged for test in (*one.covered_by, *one.killed_by)}
    return {test: str(number) for number, test in enumerate(sorted(met))}


def _test_files(tests: Mapping[TestId, str]) -> dict[str, Any]:
    files: dict[str, Any] = {}
    for test, number in tests.items():
        place, _, name = test.name.partition("::")
        path = place if test.project in ("", ".") else f"{test.project}/{place}"
        files.setdefault(path, {"tests": []})["tests"].append({"id": number, "name": name or place})
    return dict(sorted(files.items()))


_WHY = {one.name: f"Where it survives, {one.why}." for one in OPERATORS}
