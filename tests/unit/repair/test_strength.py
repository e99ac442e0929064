"""Which mutants a repair asks about, and what is said of them."""

from __future__ import annotations

from regreen.core.edit import patch_between
from regreen.core.mutation import Fate, Judged, Strength
from regreen.repair.strength import mutants_in

BEFORE = """\
def total(prices, discount):
    result = 0
    for price in prices:
        result -= price
    if 100 < result:
        result -= discount
    return result


def other(x):
    return x + 1
"""


def test_the_changed_lines_come_first_then_the_functions_around_them_and_nothing_else() -> None:
    patch = patch_between({"a.py": BEFORE}, {"a.py": BEFORE.replace("result -= price", "result += price")})
    mutants = mutants_in(patch)
    assert mutants[0].line == 4
    assert {mutant.function for mutant in mutants} == {"total"}
    assert {mutant.line for mutant in mutants} >= {4, 5, 6, 7}


def test_one_mutant_of_each_line_comes_before_a_second_one() -> None:
    patch = patch_between({"a.py": BEFORE}, {"a.py": BEFORE.replace("result -= price", "result += price")})
    lines = [mutant.line for mutant in mutants_in(patch) if mutant.line != 4]
    assert len(set(lines)) < len(lines)
    assert len(set(lines[: len(set(lines))])) == len(set(lines))


def test_where_a_line_was_taken_away_the_next_one_counts() -> None:
    patch = patch_between({"a.py": BEFORE}, {"a.py": BEFORE.replace("        result -= price\n", "        pass\n")})
    assert {mutant.function for mutant in mutants_in(patch)} <= {"total"}
    gone = patch_between({"a.py": BEFORE}, {"a.py": BEFORE.replace("        result -= discount\n", "        pass\n")})
    assert {mutant.function for mutant in mutants_in(gone)} <= {"total"}


def test_what_cannot_be_mutated_asks_nothing() -> None:
    assert mutants_in(patch_between({"a.txt": "a\n"}, {"a.txt": "b\n"})) == ()


def judged(*fates: Fate) -> Strength:
    mutants = mutants_in(patch_between({"a.py": BEFORE}, {"a.py": BEFORE.replace("-= price", "+= price")}))
    return Strength(tuple(Judged(mutant, fate) for mutant, fate in zip(mutants, fates, strict=False)))


def test_the_sentence_counts_what_would_go_unnoticed() -> None:
    weak = judged(Fate.KILLED, Fate.SURVIVED, Fate.NO_COVERAGE, Fate.IGNORED, Fate.TIMEOUT)
    assert weak.in_words("it") == "Tests weak here: 2 of 4 changes to it would go unnoticed."
    assert weak.score == 0.5
    strong = judged(Fate.KILLED, Fate.TIMEOUT)
    assert strong.in_words("it") == "The tests notice all 2 changes that were made to it."
    assert not strong.is_weak


def test_the_sentence_never_says_that_the_code_is_right() -> None:
    sentences = [
        judged(Fate.KILLED).in_words("it"),
        Strength(()).in_words("it"),
        Strength((), complete=False, refused="The tests are red.").in_words("it"),
    ]
    assert not any(word in sentence for sentence in sentences for word in ("right", "correct", "proved"))


def test_of_a_line_one_survivor_is_shown() -> None:
    weak = judged(*[Fate.SURVIVED] * 40)
    places = [(one.mutant.path, one.mutant.line) for one in weak.shown]
    assert len(places) == len(set(places))
    assert set(places) == {(one.mutant.path, one.mutant.line) for one in weak.survivors}
