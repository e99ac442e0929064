"""Texts that were made to wear us out: each takes as long as any other of its length.

A measure that grows with the square of the length would need several minutes for one of these, and meet the time limit
of the test run.
"""

from __future__ import annotations

import pytest

from regreen.guard import Redactor
from regreen.pages import told, without_ansi
from regreen.providers.models.canonical import canonical
from regreen.providers.models.faults import fault_of
from regreen.providers.models.plan import Unusable, read_plan
from regreen.providers.models.resets import seconds_in_words, seconds_until

LONG = 200_000  # characters
SECRETIVE = ("token", "password-", "eyJaaaaaaaa-", "token=\\", "a-", "a://", "Bearer ", "-----BEGIN PRIVATE KEY-----")
TIRING = ("```x\n", "<think>", '{"a":', "{", "[", "~~~\n```\n", "</think>", '{"edits":[{')
STEERING = ("\x9d", "\x90", "\x1b]", "\x1b[0", "\x9b", "\x1bP")


def of_length(piece: str, length: int = LONG) -> str:
    return piece * (length // len(piece))


@pytest.mark.parametrize("piece", SECRETIVE)
def test_secrets_are_looked_for_in_a_text_that_only_begins_them(piece: str) -> None:
    assert Redactor(("known-value-1",)).clean(of_length(piece) + "\\" * LONG)


@pytest.mark.parametrize("piece", TIRING)
def test_a_reply_that_begins_many_plans_and_ends_none_is_refused(piece: str) -> None:
    with pytest.raises(Unusable):
        read_plan(of_length(piece))


@pytest.mark.parametrize("piece", STEERING)
def test_a_text_that_only_begins_to_steer_a_terminal_is_told(piece: str) -> None:
    assert "\x1b" not in told(of_length(piece))


@pytest.mark.parametrize(("head", "tail"), [("\x1b[", "m"), ("\x1b", "c"), ("\x1b(", "B")])
def test_what_steers_is_taken_out_however_deep_it_is_nested(head: str, tail: str) -> None:
    less = without_ansi(f"a{head * 50_000}{tail * 50_000}z")
    assert "\x1b" not in less
    assert less[0] + less[-1] == "az"
    assert without_ansi(less) == less


@pytest.mark.parametrize("piece", ["/a", "/node_modules", "1.", "pid=", "0x", "127.0.0.1:"])
def test_a_message_is_told_in_the_same_words_everywhere(piece: str) -> None:
    assert canonical(of_length(piece), "/home/me/shop", ["shop/a.py"])


def test_a_wait_that_is_mostly_blanks_is_none() -> None:
    assert seconds_until("1s" + " " * LONG + "x", 0.0) is None
    assert seconds_in_words("Try again in 1s" + " " * LONG + "x") == 1.0


@pytest.mark.parametrize("body", ["[", '{"error":', '{"message": "' + "[" * LONG + '"}', '{"retry_after": "'])
def test_an_answer_that_is_nested_without_end_is_a_fault_like_any_other(body: str) -> None:
    assert fault_of(500, {}, of_length(body, max(LONG, len(body))), 0.0).message
