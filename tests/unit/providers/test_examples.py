"""What docstrings say that functions answer."""

from __future__ import annotations

import pytest

from regreen.core.ports import Call
from regreen.core.text import Span
from regreen.core.workspace import Symbol, SymbolKind
from regreen.providers.examples import agrees, examples_of


def check_examples(words: str, *expected: tuple[str, str]) -> None:
    """Each expected example: its arguments joined by commas, and the answer."""
    text = f'def f(a, b=0):\n    """{words}"""\n    return a\n'
    symbol = Symbol("f", "f", SymbolKind.FUNCTION, Span(0, len(text)), Span(4, 5), 1, 3)
    found = [
        (", ".join(value for _, value in one.call.arguments), one.answer) for one in examples_of("m.py", text, symbol)
    ]
    assert found == list(expected)


def test_a_prompt_is_answered_on_the_next_line() -> None:
    check_examples(
        "Do.\n\n    >>> f([1, 2], 3)\n    [1, 2]\n    >>> f(')')\n    'x'\n    ",
        ("[1, 2], 3", "[1, 2]"),
        ("')'", "'x'"),
    )


def test_an_answer_may_stand_behind_a_sign() -> None:
    words = "f(1) == 2; f(2) -> 3\n    f(3) => 'a'  # a remark\n    f(4) ➞ [5].\n    f(5) # => True\n    f(6) = 7"
    check_examples(words, ("2", "3"), ("3", "'a'"), ("4", "[5]"), ("5", "True"), ("6", "7"))


def test_what_is_no_literal_says_nothing() -> None:
    check_examples("f(x) == 2\n    f(1) == y\n    of(1) == 2\n    f(1\n    >>> f(2)\n    >>> f(3)\n    f(*[1]) == 1")


def test_methods_and_other_files_say_nothing() -> None:
    text = 'def f(a):\n    """f(1) == 2"""\n'
    span = Span(0, len(text))
    method = Symbol("f", "C.f", SymbolKind.METHOD, span, Span(4, 5), 1, 2)
    function = Symbol("f", "f", SymbolKind.FUNCTION, span, Span(4, 5), 1, 2)
    assert examples_of("m.py", text, method) == ()
    assert examples_of("m.go", text, function) == ()
    assert [one.call for one in examples_of("m.py", text, function)] == [Call("m.py", "f", (("", "1"),))]


@pytest.mark.parametrize(
    ("answer", "said", "alike"),
    [("1", "1", True), ("1", "True", False), ("0.30000000000000004", "0.3", True), ("3.0", "3", True),
     ("raises KeyError: 1", "1", False), ("[1]", "(1,)", False), ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", True)],
)  # fmt: skip
def test_an_answer_agrees_by_its_value(answer: str, said: str, alike: bool) -> None:
    assert agrees(answer, said) is alike
