"""Literals near a literal, and calls in which one literal is another one."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from regreen.mutation import PENS, further, near, swapped
from regreen.mutation.killing_near import Literals, more, read_literal
from tests.support.sheets import NODE, REACHED, VALUES, sheet_of

JAVASCRIPT: Literals = PENS["javascript"].literals(sheet_of(NODE + REACHED))


def check_near(text: str, *expected: str) -> None:
    """Compare the literals near one."""
    assert tuple(near(JAVASCRIPT, text)) == expected


def test_numbers_and_their_neighbours() -> None:
    check_near("3", "0", "4", "-3", "2", "1", "6")
    check_near("-3", "0", "-2", "3", "-4", "1", "-6")
    check_near("0.5", "0.0", "1.5", "-0.5", "0.25")


def test_texts_and_what_is_left_of_them() -> None:
    check_near('"ab"', '""', '"a"', '"b"', '"abb"', '"ba"', '"AB"', '"ab "')
    check_near('"\\u0000"')


def test_lists_and_objects_with_fewer_or_other_parts() -> None:
    assert list(near(JAVASCRIPT, "[1, 2]"))[:6] == ["[]", "[1]", "[2]", "[2, 1]", "[1, 2, 2]", "[0, 2]"]
    check_near("{ a: true }", "{ a: false }", "{}", "{ a: true }")
    assert tuple(more(JAVASCRIPT, "[1, 2]")) == ("[1, 2, 1, 2]",)


def test_what_is_no_plain_value_stays() -> None:
    for text in ("null", "undefined", 'new Date("2020-01-01")', "1 +"):
        check_near(text)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_whatever_is_near_a_literal_is_a_literal(value: object) -> None:
    for text in near(JAVASCRIPT, json.dumps(value, ensure_ascii=False)):
        assert read_literal(JAVASCRIPT, text)[1] is not None
        json.loads(text.replace("{ ", "{").replace(" }", "}"))


@settings(max_examples=30, deadline=None)
@given(st.integers(-50, 50))
def test_a_number_is_never_near_itself(number: int) -> None:
    assert str(number) not in tuple(near(JAVASCRIPT, str(number)))


def test_numbers_and_texts_of_the_code_are_tried() -> None:
    source = 'function f(kind, n) { return kind === "member" && n > 100; }'
    made = swapped(JAVASCRIPT, source, (('"a"', "1"),))
    assert set(made) == {('"member"', "1"), ('"a"', "100"), ('"a"', "101"), ('"a"', "99")}


def test_a_number_becomes_another_argument_or_the_size_of_one() -> None:
    made = swapped(JAVASCRIPT, "", (("5", "0", "10"), ('"abc"', "7"), ("[1, 2]", "7")))
    assert {("10", "0", "10"), ("0", "0", "10"), ('"abc"', "3"), ("[1, 2]", "2"), ("[7, 2]", "7")} <= set(made)


def test_further_changes_follow_the_simple_ones() -> None:
    assert further(JAVASCRIPT, (("3",),)) == (("31",), ("-31",))
