"""Pages: what comes from elsewhere is shown, never obeyed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.lsp.markdown import Code, Heading, Paragraph, to_markdown, to_plain
from regreen.pages import visible


def test_a_name_stays_readable_in_the_source() -> None:
    name = "tests/test_calc.py::TestAdd::test_it"
    assert to_markdown((Heading(name),)) == f"### {name}"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("[x](command:run)", r"\[x\](command:run)"),
        ("<script>", r"\<script>"),
        ("*bold* _soft_", r"\*bold\* \_soft\_"),
        ("``code``", r"\`\`code\`\`"),
        ("it`s", r"it\`s"),
        ("&lt;", r"\&lt;"),
        ("a & b", "a & b"),
        ("# title", r"\# title"),
        ("1. item", r"1\. item"),
        ("- item", r"\- item"),
        ("http://x.test", r"http:\//x.test"),
        ("a\\", "a\\\\"),
        ("two\nlines", "two lines"),
    ],
)
def test_markup_of_others_does_not_work(words: str, shown: str) -> None:
    assert to_markdown((Paragraph(words),)) == shown


def test_a_name_between_backticks_is_shown_as_code_and_nothing_in_it_works() -> None:
    assert (
        to_markdown((Paragraph("`<b>*x*` should be `_y_`, 1. not *z*"),)) == r"`<b>*x*` should be `_y_`, 1. not \*z\*"
    )


@given(st.text(alphabet="`\\\n a<", max_size=40))
def test_outside_of_names_nothing_is_markup(words: str) -> None:
    assert not {"`", "<"} & set(outside_of_code(to_markdown((Paragraph(words),))))


def outside_of_code(markdown: str) -> str:
    """Return what a reader of Markdown takes for words that may have markup: neither escaped nor code."""
    token = re.compile(r"\\.|(?P<fence>`+)(?:(?!`).|(?!(?P=fence)(?!`))`+)*?(?<!`)(?P=fence)(?!`)", re.DOTALL)
    return token.sub("", markdown)


@given(st.text(alphabet="`~ab\n", max_size=40))
def test_a_fence_is_longer_than_any_inside(code: str) -> None:
    first, *_, last = to_markdown((Code(code, "diff"),)).split("\n")
    assert first == last + "diff"
    assert all(len(run) < len(last) for run in re.findall("`+", code))


@pytest.mark.parametrize(
    "hidden",
    ["\x00", "\x1b", "\x7f", "\r", "\u00ad", "\u061c", "\u200b", "\u200d", "\u200e", "\u2028", "\u202e", "\u2060",
     "\u2066", "\u3164", "\ufe0f", "\ufeff", "\ufff9", "\U000e0041", "\ud800"],
)  # fmt: skip
def test_an_invisible_character_is_shown_by_its_number(hidden: str) -> None:
    assert visible(f"a{hidden}b") == f"a⟨U+{ord(hidden):04X}⟩b"


def test_letters_tabs_and_line_ends_are_left_alone() -> None:
    assert visible("é\t日本\r\n\U0001f600\n") == "é\t日本\n\U0001f600\n"


def test_plain_text_has_no_markup() -> None:
    blocks = (Heading("test_a[*]"), Paragraph("a_b <c>"), Code("x\n```"))
    assert to_plain(blocks) == "test_a[*]\n\na_b <c>\n\n    x\n    ```"


def test_long_code_is_cut_and_says_so() -> None:
    assert to_plain((Code("line\n" * 500),)).endswith("… 380 more lines")
