"""The values of mutation testing: a mutant, its fate, and what all fates together say of the tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from .edit import TextEdit, diff, make_patch
from .testing import TestId

MEANS = "This says how firmly the tests hold the code as it is, not that the code is right."


class Fate(StrEnum):
    """What became of a mutant; the names are those of the mutation-testing-elements report schema."""

    KILLED = "Killed"  # a test failed
    SURVIVED = "Survived"  # all tests that cover it passed
    NO_COVERAGE = "NoCoverage"  # no test runs its line
    TIMEOUT = "Timeout"  # a test took many times what it takes on the untouched code
    COMPILE_ERROR = "CompileError"  # it cannot be built
    RUNTIME_ERROR = "RuntimeError"  # the tests could not be run on it at all
    IGNORED = "Ignored"  # left out: equivalent, or marked so by the person

    @property
    def is_detected(self) -> bool:
        """Tell whether the tests noticed."""
        return self in (Fate.KILLED, Fate.TIMEOUT)

    @property
    def counts(self) -> bool:
        """Tell whether it counts for the score: whether it was a fair question to the tests."""
        return self in (Fate.KILLED, Fate.TIMEOUT, Fate.SURVIVED, Fate.NO_COVERAGE)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small change of one file, made to see whether a test notices."""

    path: str
    operator: str  # name of the row in the operator table, e.g. "boundary"
    edit: TextEdit  # offsets into the file's text, in code points
    line: int  # 1-based, of the edit's start
    original: str
    replacement: str
    function: str = ""  # qualified name of the innermost function or method that it is in; "" at module level

    @property
    def is_static(self) -> bool:
        """Tell whether its code runs when the module is loaded, not when a test calls something."""
        return not self.function


@dataclass(frozen=True, slots=True)
class Judged:
    """A mutant and its fate."""

    mutant: Mutant
    fate: Fate
    killed_by: tuple[TestId, ...] = ()  # the first test that failed
    covered_by: tuple[TestId, ...] = ()
    seconds: float = 0.0
    why: str = ""  # e.g. the failure's message, the compiler's, or why it is ignored
    diff: str = ""  # of a survivor: the change that no test notices


@dataclass(frozen=True, slots=True)
class Strength:
    """What mutating some code said of its tests. It does not say that the code is right."""

    judged: tuple[Judged, ...]
    complete: bool = True  # False: the budget ended before every mutant was judged
    seconds: float = 0.0
    refused: str = ""  # why nothing was measured, e.g. a red or flaky baseline; "" when it was
    note: str = ""  # how mutants were judged, and why, where the quick way is not possible

    @property
    def score(self) -> float | None:
        """Return the share of detected among those that count, 0 to 1; None without any."""
        counting = [one for one in self.judged if one.fate.counts]
        return sum(one.fate.is_detected for one in counting) / len(counting) if counting else None

    @property
    def survivors(self) -> tuple[Judged, ...]:
        """Return what no test noticed, in the order of the files."""
        left = [one for one in self.judged if one.fate in (Fate.SURVIVED, Fate.NO_COVERAGE)]
        return tuple(sorted(left, key=lambda one: (one.mutant.path, one.mutant.edit)))

    @property
    def shown(self) -> tuple[Judged, ...]:
        """Return one survivor for each line: what one more test would notice, it mostly notices of all of them."""
        first: dict[tuple[str, int], Judged] = {}
        for one in self.survivors:
            first.setdefault((one.mutant.path, one.mutant.line), one)
        return tuple(first.values())

    @property
    def n_counting(self) -> int:
        """Return how many mutants count for the score."""
        return sum(one.fate.counts for one in self.judged)

    def in_words(self, where: str) -> str:
        """Return in one sentence how firmly the tests hold some code; `where` names it, e.g. "the repaired code"."""
        if self.refused and not self.judged:
            return f"Not measured whether the tests would notice a change of {where}: {self.refused}"
        n, left = self.n_counting, len(self.survivors)
        if not n:
            return f"There is nothing in {where} that could be changed to see whether the tests notice."
        rest = "" if self.complete else " (so far: the time was up)"
        if left:
            changes = "1 change" if n == 1 else f"{n} changes"
            return f"Tests weak here: {left} of {changes} to {where} would go unnoticed{rest}."
        if n == 1:
            return f"The tests notice the one change that was made to {where}{rest}."
        return f"The tests notice all {n} changes that were made to {where}{rest}."

    @property
    def is_weak(self) -> bool:
        """Tell whether something would go unnoticed."""
        return bool(self.survivors)


def with_diffs(strength: Strength, texts: Mapping[str, str]) -> Strength:
    """Add to each survivor what it changes, given the texts that were mutated."""
    left = set(strength.survivors)
    judged = (
        replace(one, diff=_diff(one.mutant, texts[one.mutant.path])) if one in left else one for one in strength.judged
    )
    return replace(strength, judged=tuple(judged))


def _diff(mutant: Mutant, text: str) -> str:
    edit = mutant.edit
    if edit.start < edit.end:  # As it is meant: some languages need more in the text to build it.
        edit = replace(edit, text=mutant.replacement)
    return diff(make_patch({mutant.path: (text, (edit,))}), context=0)
