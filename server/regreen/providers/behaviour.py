"""What the candidates that pass do on inputs that no test states, where they part, and what docstrings say of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch
from regreen.core.ports import Call, Trials
from regreen.core.repair import RepairRequest
from regreen.core.testing import case_of
from regreen.core.workspace import SymbolKind, WorkspaceModel

from .examples import Example, agrees, examples_of
from .inputs import variants

_RECORDED = 30  # calls of the tests that are repeated
_INPUTS = 90  # calls in all
_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.METHOD)
_BAD = ("raises ", "does not end")
_OPAQUE = ("<function ", "<bound method ", "<generator object ", "<coroutine object ")  # nothing is seen in it
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What each patch answers to each call. Empty when nothing could be asked."""

    calls: tuple[Call, ...] = ()
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # digest of a patch -> its answers
    untouched: tuple[str, ...] = ()  # what the files as they are answer
    said: Mapping[int, str] = field(default_factory=dict)  # number of a call -> what its function's docstring says

    def same(self, one: Patch, other: Patch) -> bool:
        """Tell whether two patches answer alike wherever that can be told; failing is alike, however it is done."""
        return all(not a or not b or _alike(a, b) for a, b in self._pairs(one, other))

    def difference(self, one: Patch, other: Patch) -> int | None:
        """Return the number of the call that shows best how two patches differ; None when none does."""
        parted = [n for n, (a, b) in enumerate(self._pairs(one, other)) if a and b and not _alike(a, b)]
        return min(parted, key=lambda n: self._plainness(n, one, other), default=None)

    def differ_in_value(self, one: Patch, other: Patch) -> bool:
        """Tell whether there is an input to which two patches give different values."""
        n = self.difference(one, other)
        answers = () if n is None else (self.answers[one.digest][n], self.answers[other.digest][n])
        return bool(answers) and not any(answer.startswith(_BAD) for answer in answers)

    def n_bad(self, patch: Patch) -> int:
        """Return on how many inputs a patch fails where another one, or the untouched file, gives a value."""
        own = self.answers.get(patch.digest, ())
        good = [
            any(answer and not answer.startswith(_BAD) for answer in (*(row[n] for row in self.answers.values()),
                                                                      *self.untouched[n : n + 1]))
            for n in range(len(self.calls))
        ]  # fmt: skip
        return sum(answer.startswith(_BAD) and good[n] for n, answer in enumerate(own))

    def n_against(self, patch: Patch) -> int:
        """Return how many examples of docstrings a patch answers in another way."""
        own = self.answers.get(patch.digest, ())
        return sum(bool(own[n]) and not agrees(own[n], text) for n, text in self.said.items() if n < len(own))

    def _pairs(self, one: Patch, other: Patch) -> list[tuple[str, str]]:
        mine, theirs = self.answers.get(one.digest, ()), self.answers.get(other.digest, ())
        return list(zip(mine, theirs, strict=False))

    def _plainness(self, n: int, one: Patch, other: Patch) -> tuple[int, int, int]:
        answers = (self.answers[one.digest][n], self.answers[other.digest][n])
        n_bad = sum(answer.startswith(_BAD) for answer in answers)
        return n_bad, sum(len(text) for _, text in self.calls[n].arguments), n


def _alike(one: str, other: str) -> bool:
    return one == other or (one.startswith(_BAD) and other.startswith(_BAD))


def observe(cancel: Cancellation, request: RepairRequest, trials: Trials, patches: tuple[Patch, ...]) -> Behaviour:
    """Ask the patches for their answers to what the tests ask, to inputs near it, and to what docstrings say."""
    calls: tuple[Call, ...] = ()
    said: dict[int, str] = {}
    rows: list[tuple[str, ...]] = [()] * (len(patches) + 1)
    left = _INPUTS
    for path, function in _functions(request, patches):
        examples = _examples(request, path, function)
        if len(patches) == 1 and not examples:
            continue  # nothing to compare it with
        recorded = trials.calls(cancel, path, function)[:_RECORDED]
        known = tuple(dict.fromkeys((*(example.call for example in examples), *recorded)))
        asked = (*known, *variants(recorded, left - len(known)))
        answers = trials.probe(cancel, (Patch(()), *patches), asked) if asked else ()
        if len(answers) != len(rows):
            continue
        telling = [n for n in range(len(asked)) if not all(row[n].startswith(_OPAQUE) for row in answers[1:])]
        asked = tuple(asked[n] for n in telling)
        answers = tuple(tuple(row[n] for n in telling) for row in answers)
        said |= {
            len(calls) + asked.index(example.call): example.answer for example in examples if example.call in asked
        }
        calls += asked
        rows = [(*row, *more) for row, more in zip(rows, answers, strict=True)]
        left //= 3
        if left <= _INPUTS // 9:
            break
    if not calls:
        return Behaviour()
    return Behaviour(calls, {patch.digest: row for patch, row in zip(patches, rows[1:], strict=True)}, rows[0], said)


def _examples(request: RepairRequest, path: str, function: str) -> tuple[Example, ...]:
    facts = request.model.files.get(path)
    symbol = next((one for one in (facts.symbols if facts else ()) if one.qualname == function), None)
    text = request.sources.get(path)
    return () if symbol is None or text is None else examples_of(path, text, symbol)


def _functions(request: RepairRequest, patches: tuple[Patch, ...]) -> tuple[tuple[str, str], ...]:
    """Return (path, qualified name) of what is worth asking: what is edited, then what the failing test names."""
    edited = [place for patch in patches for place in _edited(request.model, patch)]
    words = frozenset(_WORD.findall(_test_text(request)))
    files = dict.fromkeys(path for patch in patches for path in patch.paths)
    named = [
        (path, symbol.qualname)
        for path in files
        if (facts := request.model.files.get(path)) is not None
        for symbol in facts.symbols
        if symbol.kind in _CALLABLE and symbol.name in words
    ]
    return tuple(dict.fromkeys((*edited, *named)))


def _edited(model: WorkspaceModel, patch: Patch) -> list[tuple[str, str]]:
    found = []
    for file in patch.files:
        facts = model.files.get(file.path)
        holding = [
            symbol
            for symbol in (facts.symbols if facts else ())
            if symbol.kind in _CALLABLE and symbol.span.start <= file.edits[0].start < symbol.span.end
        ]
        if holding:
            # Of nested functions the outermost: the others cannot be called from outside.
            found.append((file.path, min(holding, key=lambda symbol: symbol.span.start).qualname))
    return found


def _test_text(request: RepairRequest) -> str:
    failure = request.failure
    case = case_of(failure.test, request.model.tests_in(failure.test_path))
    text = request.sources.get(failure.test_path, "")
    return "" if case is None else text[case.span.start : case.span.end]
