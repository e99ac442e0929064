"""Which of many tests are written: as few as will do, those that notice most first, with names that say why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from regreen.core.edit import patch_between
from regreen.core.mutation import Judged
from regreen.core.testing import TestId
from regreen.mutation import Fact

from .strengthening_desk import Desk


def noticing(facts: tuple[Fact, ...], tests: tuple[TestId, ...], judged: tuple[Judged, ...]) -> tuple[Fact, ...]:
    """Return the facts whose tests are the first to notice a mutant."""
    killers = {test for one in judged for test in one.killed_by}
    return tuple(fact for fact, test in zip(facts, tests, strict=True) if test in killers)


def numbered(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Return the facts with numbers, so that their tests come in this order by name, too: runners go by either."""
    return tuple(replace(fact, about=f"example {number:03}") for number, fact in enumerate(facts, 1))


def killed(facts: tuple[Fact, ...], tests: tuple[TestId, ...], judged: tuple[Judged, ...]) -> Mapping[Fact, int]:
    """Return how many mutants each test is the first to notice."""
    counts = Counter(test for one in judged for test in one.killed_by)
    return {fact: counts[test] for fact, test in zip(facts, tests, strict=True)}


def within(desk: Desk, facts: tuple[Fact, ...], killed: Mapping[Fact, int]) -> tuple[Fact, ...]:
    """Return as many of the facts as may be written, those that notice most before others."""
    chosen = facts
    path, text = desk.sheet.path, desk.sheet.text
    while chosen and desk.task.n_lines < patch_between({path: text}, {path: desk.state(chosen).text}).n_lines:
        least = min(reversed(chosen), key=lambda fact: killed[fact])
        chosen = tuple(fact for fact in chosen if fact is not least)
    return chosen


def named(facts: tuple[Fact, ...], tests: list[TestId], judged: tuple[Judged, ...]) -> tuple[Fact, ...]:
    """Return the facts, each called by the operator of the first mutant that its test notices."""
    operators: dict[TestId, str] = {}
    for one in judged:
        for test in one.killed_by:
            operators.setdefault(test, one.mutant.operator)
    return tuple(replace(fact, about=operators[test]) for fact, test in zip(facts, tests, strict=True))


def noticed(judged: tuple[Judged, ...], names: Mapping[TestId, TestId]) -> tuple[Judged, ...]:
    """Return the mutants that tests notice, under the names that the tests have in the end."""
    return tuple(
        replace(one, killed_by=tuple(names[test] for test in one.killed_by))
        for one in judged
        if one.fate.is_detected and one.killed_by and all(test in names for test in one.killed_by)
    )
