"""Marks tell which lines of a Rust text run; every line keeps its number, and what they cannot stand in stays."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.core.text import Span
from regreen.languages.rust.marks import lines_told, marked, places_told
from regreen.syntax import parse

_TOLD = re.compile(r'regreen_ran\(\d+, "src/a\.rs:([\d,]+)@\d+-\d+\\n"\);')
_PART = re.compile(r" fn regreen_ran\(.*\} \} \} |#\[allow\(warnings\)\] ")


def told_lines(text: str, leave: tuple[Span, ...] = ()) -> list[str]:
    """Return the lines that the marks of a text tell of, in the order of the text."""
    return _TOLD.findall(marked(parse(text, "rust"), "src/a.rs", leave))


def check_marks(text: str, wanted: list[str]) -> None:
    """Check which lines are told, and that the text without the marks is the text."""
    assert told_lines(text) == wanted
    made = marked(parse(text, "rust"), "src/a.rs")
    assert made.count("\n") == text.count("\n")
    assert not parse(made, "rust").root.has_error
    bare = re.sub(r'\{ (regreen_ran\(\d+, "[^"]*"\);) (.*?) \}(?=,|\n| \})', r"\1 \2", _PART.sub("", made))
    assert re.sub(r'regreen_ran\(\d+, "[^"]*"\); ', "", bare) == text


CASES = {
    "a statement tells its line": ("fn f() {\n    g();\n    h()\n}\n", ["2", "3"]),
    "one of several lines tells all of them": ("fn f() {\n    g(\n        1,\n    );\n}\n", ["2,3,4"]),
    "a branch tells its own lines, and not those of the question": (
        "fn f() {\n    if a {\n        g();\n    } else {\n        h();\n    }\n}\n",
        ["2,4,6", "3", "5"],
    ),
    "an arm of a match tells its value": (
        "fn f(x: u8) -> u8 {\n    match x {\n        0 => 1,\n        n => n\n    }\n}\n",
        ["2,5", "3", "4"],
    ),
    "a method does as well": ("impl A {\n    fn f(&self) -> u8 {\n        self.a\n    }\n}\n", ["3"]),
    "a closure's statements do": ("fn f() {\n    g(|| {\n        h();\n    });\n}\n", ["2,4", "3"]),
    "what is worked out while it compiles has no marks": (
        "const fn f() -> u8 {\n    1\n}\nstatic A: u8 = {\n    2\n};\nfn g() {\n    const B: u8 = { 3 };\n}\n",
        [],
    ),
    "an attribute keeps the statement that it speaks of": (
        "fn f() {\n    #[cfg(unix)]\n    // why\n    let a = 1;\n    g();\n}\n",
        ["5"],
    ),
    "attributes of the whole body stay first": ("fn f() {\n    #![allow(unused)]\n    g();\n}\n", ["3"]),
    "a function inside of a function tells through the outer one": (
        "fn f() {\n    fn g() {\n        h();\n    }\n    g();\n}\n",
        ["3", "5"],
    ),
    "letters of several bytes stand before a mark": ('fn f() {\n    let é = "日本";\n    g(é)\n}\n', ["2", "3"]),
}


@pytest.mark.parametrize("name", CASES)
def test_marks_tell(name: str) -> None:
    check_marks(*CASES[name])


def test_a_function_that_touches_what_is_to_stay_has_no_marks() -> None:
    text = "fn f() {\n    g();\n}\nfn h() {\n    i();\n}\n"
    at = text.index("g();")
    assert told_lines(text, (Span(at, at + 1),)) == ["5"]


def test_what_marks_told_is_read_as_lines_of_paths() -> None:
    told = "src/a.rs:3,4@5-9\nsrc/b c.rs:1@0-2\nsrc/a.rs:9@30-31\nnonsense\nsrc/a.rs:x@1-2\n"
    assert places_told(told) == {
        "src/a.rs": frozenset({Span(5, 9), Span(30, 31)}), "src/b c.rs": frozenset({Span(0, 2)}),
    }  # fmt: skip
    assert lines_told(told) == {"src/a.rs": frozenset({3, 4, 9}), "src/b c.rs": frozenset({1})}


def test_a_marked_text_tells_where_its_marks_stand() -> None:
    text = "fn é() {\n    match a {\n        0 => b,\n        _ => {}\n    }\n}\n"
    (found,) = places_told(marked(parse(text, "rust"), "src/a.rs")).values()
    assert sorted(text[span.start : span.end] for span in found) == ["b", text[text.index("match") : -3]]


def test_a_path_that_no_text_of_a_program_can_hold_has_no_marks() -> None:
    text = "fn f() {\n    g();\n}\n"
    assert marked(parse(text, "rust"), 'src/a".rs') == text


_STATEMENTS = st.recursive(
    st.sampled_from(["g();", "let a = 1;", "return;", "// said\n", "#[cfg(unix)] g();", "x += 1;"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: "if a {\n" + "\n".join(parts) + "\n}"),
        st.lists(inner, max_size=3).map(lambda parts: "loop { " + " ".join(parts) + "\n}"),
        inner.map(lambda part: "match a { 1 => 2, _ => {\n" + part + "\n} };"),
    ),
    max_leaves=8,
)


@given(st.lists(_STATEMENTS, max_size=5))
def test_whatever_stands_in_a_function_keeps_its_lines_and_parses(parts: list[str]) -> None:
    text = "fn f() {\n" + "\n".join(parts) + "\n}\n"
    made = marked(parse(text, "rust"), "src/a.rs")
    assert made.count("\n") == text.count("\n")
    assert parse(made, "rust").root.has_error == parse(text, "rust").root.has_error
    lines = [int(line) for found in _TOLD.findall(made) for line in found.split(",")]
    assert all(1 <= line <= text.count("\n") for line in lines)
