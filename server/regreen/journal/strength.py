"""How it is written down what mutants said of the tests."""

from __future__ import annotations

from regreen.core.edit import TextEdit
from regreen.core.mutation import Fate, Judged, Mutant, Strength

from .records import Record, TestIdRecord


class JudgedRecord(Record):
    """A Judged, with its mutant."""

    path: str
    operator: str
    edit: tuple[int, int, str]
    line: int
    original: str
    replacement: str
    function: str
    fate: str
    killed_by: tuple[TestIdRecord, ...]
    covered_by: tuple[TestIdRecord, ...]
    seconds: float
    why: str
    diff: str

    @classmethod
    def of(cls, judged: Judged) -> JudgedRecord:
        """Write a value down."""
        mutant = judged.mutant
        return cls(
            path=mutant.path,
            operator=mutant.operator,
            edit=(mutant.edit.start, mutant.edit.end, mutant.edit.text),
            line=mutant.line,
            original=mutant.original,
            replacement=mutant.replacement,
            function=mutant.function,
            fate=judged.fate.value,
            killed_by=tuple(map(TestIdRecord.of, judged.killed_by)),
            covered_by=tuple(map(TestIdRecord.of, judged.covered_by)),
            seconds=judged.seconds,
            why=judged.why,
            diff=judged.diff,
        )

    def value(self) -> Judged:
        """Return the value."""
        mutant = Mutant(
            path=self.path,
            operator=self.operator,
            edit=TextEdit(*self.edit),
            line=self.line,
            original=self.original,
            replacement=self.replacement,
            function=self.function,
        )
        return Judged(
            mutant=mutant,
            fate=Fate(self.fate),
            killed_by=tuple(test.value() for test in self.killed_by),
            covered_by=tuple(test.value() for test in self.covered_by),
            seconds=self.seconds,
            why=self.why,
            diff=self.diff,
        )


class StrengthRecord(Record):
    """A Strength."""

    judged: tuple[JudgedRecord, ...]
    complete: bool
    seconds: float
    refused: str

    @classmethod
    def of(cls, strength: Strength) -> StrengthRecord:
        """Write a value down."""
        return cls(
            judged=tuple(map(JudgedRecord.of, strength.judged)),
            complete=strength.complete,
            seconds=strength.seconds,
            refused=strength.refused,
        )

    def value(self) -> Strength:
        """Return the value."""
        return Strength(tuple(one.value() for one in self.judged), self.complete, self.seconds, self.refused)
