"""What the shell prints cannot steer a terminal or hide anything, and its JSON says the same as before."""

from __future__ import annotations

import io
import json
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.cli.screen import Screen, as_json, screened
from regreen.cli.text import failure_text, report_text
from regreen.core.edit import patch_between
from regreen.core.failure import Failure, FailureKind
from regreen.core.repair import Attempt, Inquiry, Outcome, RepairReport, Verdict, Way
from regreen.core.testing import TestId
from regreen.core.trace import RunId, TraceId
from regreen.pages import one_line, told, visible, without_ansi

STEERING = (
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://x\x1b\\link",
    "\x9b2J",
    "\x1bPq#0\x1b\\",
    "\x1b(B",
    "\x1bc",
)
EVIL = "".join(STEERING) + "\u202e\u200b\U000e0041\x00\x08\r\x85"
_PARTS = st.sampled_from(
    [*STEERING, "\x1b", "\x1b[", "\x1b]", "\x9b", "\x07", "a", "1", ";", "m", "\n", "\u202e", "\u200b", "```"]
)
TEXTS = st.lists(_PARTS, max_size=12).map("".join)


def is_harmless(text: str) -> bool:
    return visible(text) == text and "\x1b" not in text


@pytest.mark.parametrize("steering", STEERING)
def test_what_steers_a_terminal_is_taken_out_with_all_that_it_carries(steering: str) -> None:
    assert without_ansi(f"a{steering}b") in ("aredb", "ab", "alinkb")


@given(TEXTS)
def test_words_hold_nothing_that_steers_or_hides(text: str) -> None:
    assert is_harmless(told(text))
    assert without_ansi(without_ansi(text)) == without_ansi(text)
    assert "\n" not in one_line(text)


@given(TEXTS)
def test_code_is_shown_with_all_that_is_in_it(text: str) -> None:
    assert is_harmless(visible(text))
    assert all(letter in visible(text) for letter in set(text) if letter.isascii() and letter.isalnum())


@given(st.text() | TEXTS)
def test_json_says_the_same_and_holds_no_invisible_character(text: str) -> None:
    written = as_json({"a": text, text: [text]})
    assert json.loads(written) == {"a": text, text: [text]}
    assert not re.search("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0001-\U000e007f]", written)


def test_a_screen_shows_everything_and_is_the_stream_for_the_rest() -> None:
    below = io.StringIO()
    screen = Screen(below)
    screen.write(f"a{EVIL}\n")
    assert is_harmless(below.getvalue())
    assert screen.getvalue() == below.getvalue()  # type: ignore[operator]


def test_standard_streams_are_screens_while_a_command_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with screened():
        sys.stdout.write(EVIL)
        sys.stderr.write(EVIL)
    said = capsys.readouterr()
    assert is_harmless(said.out)
    assert is_harmless(said.err)
    assert not isinstance(sys.stdout, Screen)


def test_a_failure_and_a_report_of_hostile_texts_are_harmless_on_the_screen() -> None:
    failure = Failure(FailureKind.ASSERTION, TestId(".", f"t.py::{EVIL}"), "a.py", 1, EVIL, code=EVIL, advice=EVIL)
    patch = patch_between({"a.py": "x\n"}, {"a.py": f"{EVIL}\n"})
    attempt = Attempt(1, EVIL, EVIL, patch, Verdict.STILL_RED, EVIL, failure, 0.1, evidence=(EVIL,))
    inquiry = Inquiry("x", EVIL, (EVIL,), (Way(EVIL, lifts="blast-lines"),))
    report = RepairReport(
        RunId("r"), TraceId("t"), 0.0, 0.0, (failure.test,), failure, Outcome.EXHAUSTED, EVIL, (attempt,), patch,
        inquiry=inquiry,
    )  # fmt: skip
    below = io.StringIO()
    Screen(below).write(report_text(report))
    assert is_harmless(below.getvalue())
    assert "\x1b" not in failure_text(failure).splitlines()[1]
