"""What mutating said of the tests, as a document and for people."""

from __future__ import annotations

from collections import Counter

from regreen.core.mutation import MEANS, Fate, Judged, Strength

_COUNTED = {
    "killed": Fate.KILLED,
    "survived": Fate.SURVIVED,
    "no_coverage": Fate.NO_COVERAGE,
    "timeout": Fate.TIMEOUT,
    "compile_error": Fate.COMPILE_ERROR,
    "runtime_error": Fate.RUNTIME_ERROR,
    "ignored": Fate.IGNORED,
}
_NOT_RUN = {Fate.NO_COVERAGE: "no test runs this line"}


def strength_document(strength: Strength | None) -> dict[str, object] | None:
    """Return what mutating said; None when it was not asked."""
    if strength is None:
        return None
    fates = Counter(one.fate for one in strength.judged)
    return {
        "score": None if strength.score is None else round(strength.score, 4),
        **{name: fates[fate] for name, fate in _COUNTED.items()},
        "survivors": [_survivor_document(one) for one in strength.survivors],
        "complete": strength.complete,
        "refused": strength.refused,
        "note": strength.note,
        "seconds": strength.seconds,
    }


def survivor_text(one: Judged) -> str:
    """Return a survivor in two or three lines."""
    mutant = one.mutant
    note = f"  ({_NOT_RUN[one.fate]})" if one.fate in _NOT_RUN else ""
    body = [line for line in one.diff.splitlines() if not line.startswith(("---", "+++", "@@", "\\"))]
    return "\n".join([f"{mutant.path}:{mutant.line}  {mutant.operator}{note}", *(f"    {line}" for line in body)])


def strength_text(strength: Strength, where: str, *, most: int = 50) -> str:
    """Return the survivors, one for each line, and the sentence that sums up."""
    shown = strength.shown
    more = [f"… and {len(shown) - most} more lines."] if most < len(shown) else []
    score = [] if strength.score is None else [f"Score: {100 * strength.score:.1f} %."]
    line = " ".join([strength.in_words(where), *score])
    refused = [strength.refused] if strength.refused and strength.judged else []
    notes = [strength.note] if strength.note else []
    return "\n".join([*map(survivor_text, shown[:most]), *more, line, *refused, *notes, *([MEANS] if score else [])])


def _survivor_document(one: Judged) -> dict[str, object]:
    mutant = one.mutant
    return {
        "path": mutant.path,
        "line": mutant.line,
        "function": mutant.function,
        "operator": mutant.operator,
        "fate": one.fate.value,
        "diff": one.diff,
        "tests": [test.name for test in one.covered_by],
    }
