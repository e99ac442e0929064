"""Which mutants are made of a text: each operator in each language that has it."""

from __future__ import annotations

from regreen.core.edit import apply
from regreen.mutation import mutants_of
from regreen.syntax import grammar_of, parse


def check_mutants(path: str, source: str, expected: str) -> None:
    """Compare the mutants of a text with lines of `line operator: original -> replacement`."""
    mutants = mutants_of(path, source)
    for mutant in mutants:
        changed = apply(source, (mutant.edit,))
        assert not parse(changed, grammar_of(path)).root.has_error, changed
    shown = [f"{m.line} {m.operator}: {m.original} -> {m.replacement}".rstrip() for m in mutants]
    assert shown == [line.strip() for line in expected.strip().splitlines()]


def test_a_comparison_of_numbers_has_three_others() -> None:
    check_mutants(
        "a.py",
        "def f(a):\n    return a < 3\n",
        """
        2 comparison: a < 3 -> False
        2 comparison: < -> !=
        2 boundary: < -> <=
        """,
    )
