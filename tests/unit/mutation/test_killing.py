"""Tests that would notice a mutant, as text."""

from __future__ import annotations

from regreen.core.edit import apply
from regreen.core.ports import Call
from regreen.core.workspace import FileFacts, Import
from regreen.mutation import Example, appended, more_of_each, telling


def call(*arguments: str, function: str = "clamp") -> Call:
    return Call("app/clamp.py", function, tuple(("", text) for text in arguments))


def check_appended(example: Example, expected: str, *imports: Import, text: str = "X = 1\n") -> None:
    """Compare what is appended to a file of tests that has these imports."""
    facts = FileFacts("tests/test_clamp.py", "python", "", imports=imports)
    edits, _ = appended(text, facts, "app.clamp", (example,), reserved=frozenset())
    assert apply(text, edits).removeprefix(text.rstrip()).strip("\n") == expected.strip("\n")


def test_what_a_call_answers_is_stated() -> None:
    check_appended(
        Example(call("5", "0"), "0", "boundary"),
        "def test_clamp_boundary():\n    assert clamp(5, 0) == 0",
        Import("app.clamp", "clamp", "", 1),
    )
    check_appended(
        Example(call("5"), "True", "early return"),
        "def test_clamp_early_return():\n    assert c(5) is True",
        Import("app.clamp", "clamp", "c", 1),
    )


def test_what_is_raised_is_expected() -> None:
    check_appended(
        Example(call("''"), "raises ValueError: no name", "raise"),
        "def test_clamp_raise():\n    import pytest\n\n    with pytest.raises(ValueError):\n        clamp('')",
        Import("clamp", "clamp", "", 1),
    )


def test_a_function_is_reached_the_way_that_the_file_imports_it() -> None:
    stated = "def test_clamp_number():\n    assert {}(5) == 1"
    example = Example(call("5"), "1", "number")
    check_appended(example, stated.format("app.clamp.clamp"), Import("app.clamp", "", "", 1))
    check_appended(example, stated.format("c.clamp"), Import("app.clamp", "", "c", 1))
    check_appended(example, stated.format("clamp.clamp"), Import("app", "clamp", "", 1))
    # A function of the same name as its module.
    both = (Import("clamp", "clamp", "", 1), Import("clamp", "initials", "", 1))
    check_appended(
        Example(call("5", function="initials"), "1", "number"),
        "def test_initials_number():\n    assert initials(5) == 1",
        *both,
    )
    check_appended(example, "def test_clamp_number():\n    from app.clamp import clamp\n\n    assert clamp(5) == 1")


def test_what_cannot_be_stated_is_not() -> None:
    for example in (
        Example(call("@0"), "1", "number"),
        Example(call("1"), "<object>", "number"),
        Example(call("1"), "[1]; argument 1 is then [2]", "number"),
        Example(call("1"), "raises Strange: x", "number"),
        Example(call("1"), "does not end", "number"),
        Example(call("1"), "nan", "number"),
    ):
        assert appended("", None, "a", (example,), reserved=frozenset()) == ((), ())


def test_a_name_is_given_once_and_line_ends_are_kept() -> None:
    example = Example(call("1"), "1", "number")
    edits, names = appended("x = 1\r\n", None, "a", (example, example), reserved=frozenset({"test_clamp_number"}))
    assert names == ("test_clamp_number_2", "test_clamp_number_3")
    assert "\n" not in apply("x = 1\r\n", edits).replace("\r\n", "")


def test_the_call_that_tells_a_mutant_best_is_taken_for_others_too() -> None:
    calls = (call("1"), call("22"), call("@0"))
    good = ("1", "2", "3")
    rows = (good, ("1", "5", "9"), ("7", "5", "3"), ("1", "2", "9"), ("", "2", "3"))
    assert telling(rows, calls) == {1: 1, 2: 1}


def test_a_value_is_better_than_an_error() -> None:
    calls = (call("1"), call("22222"))
    assert telling((("raises ValueError: x", "2"), ("1", "1")), calls) == {1: 1}


def test_twice_as_much_is_asked_as_well() -> None:
    assert [one.arguments[0][1] for one in more_of_each((call("'ab'"),))] == ["'ab ab'"]
    assert [one.arguments[0][1] for one in more_of_each((call("[1]"), call("(2,)")))] == ["[1, 1]", "(2, 2)"]
    assert [one.arguments[0][1] for one in more_of_each((call("3"),))] == ["31", "-31"]
    assert more_of_each((call("@0"), call("''"), call("True"), call("None"))) == ()
