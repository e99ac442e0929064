"""Framing: whatever the bytes, the next whole frame is found."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.lsp.framing import MAX_HEADER, Frame, Framer, FramingFault
from tests.support.editor import framed

GOOD = framed(b'{"next":1}')
NEXT = Frame(b'{"next":1}')

FAULTS = {
    "no length": b"Content-Type: application/vscode-jsonrpc\r\n\r\n{}",
    "a length that is a word": b"Content-Length: ten\r\n\r\n{}",
    "a negative length": b"Content-Length: -2\r\n\r\n{}",
    "a length with a fraction": b"Content-Length: 2.0\r\n\r\n{}",
    "an empty length": b"Content-Length:\r\n\r\n{}",
    "a length beyond all memory": b"Content-Length: 99999999999999999\r\n\r\n{}",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "words": b"hello there\r\n",
    "words without a line end": b"hello there",
    "a body without a header": b'{"jsonrpc":"2.0","method":"exit"}',
    "binary": bytes(range(128, 256)),
    "zeros": b"\0" * 100,
    "a length that is too short": b'Content-Length: 2\r\n\r\n{"a":1}',
    "another charset": b"Content-Length: 2\r\nContent-Type: x; charset=utf-16\r\n\r\n{}",
    "a header that never ends": b"X" * (MAX_HEADER + 1),
}
LENIENT = {
    "line feeds alone": b'Content-Length: 10\n\n{"next":1}',
    "another case": b'content-LENGTH: 10\r\n\r\n{"next":1}',
    "no blank after the colon": b'Content-Length:10\r\n\r\n{"next":1}',
    "other fields before and behind": b'X-A: b\r\nContent-Length: 10\r\nX-C: d\r\n\r\n{"next":1}',
    "a charset": b'Content-Length: 10\r\nContent-Type: application/vscode-jsonrpc; charset=utf8\r\n\r\n{"next":1}',
    "the same length twice": b'Content-Length: 10\r\nContent-Length: 10\r\n\r\n{"next":1}',
    "blank lines before": b'\r\n\r\n\nContent-Length: 10\r\n\r\n{"next":1}',
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_frame_is_told_and_the_next_one_is_read(fault: bytes) -> None:
    found = Framer().feed(fault + GOOD)
    assert found[-1] == NEXT
    assert any(isinstance(item, FramingFault) for item in found) or found[0] == Frame(b'{"')


@pytest.mark.parametrize("frame", LENIENT.values(), ids=LENIENT.keys())
def test_what_is_unusual_and_clear_is_read(frame: bytes) -> None:
    assert Framer().feed(frame) == [NEXT]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_bytes_may_come_one_by_one(fault: bytes) -> None:
    framer = Framer()
    found = [item for byte in fault + GOOD for item in framer.feed(bytes([byte]))]
    assert found[-1] == NEXT
    assert not framer.pending


@pytest.mark.parametrize("start", ["Content-Len", "Content-Length: ", "X-Filler: " + "y" * MAX_HEADER])
def test_a_header_that_was_cut_off_does_not_take_the_next_frame_along(start: str) -> None:
    assert Framer().feed(start.encode() + GOOD)[-1] == NEXT
    framer = Framer()
    assert [item for byte in start.encode() + GOOD for item in framer.feed(bytes([byte]))][-1] == NEXT


def test_garbage_of_many_lines_is_one_fault() -> None:
    assert len(Framer().feed(b"garbage\n" * 1000)) == 1


def test_a_body_that_is_shorter_than_promised_is_taken_when_nothing_more_comes() -> None:
    framer = Framer()
    assert framer.feed(b'Content-Length: 99\r\n\r\n{"next":1}') == []
    assert framer.pending
    saved, usable = framer.stalled()
    assert (saved[1:], usable) == ([NEXT], True)
    assert framer.feed(GOOD) == [NEXT]


def test_frames_that_a_too_long_body_swallowed_are_given_back() -> None:
    framer = Framer()
    assert framer.feed(b'Content-Length: 999\r\n\r\n{"a":1}' + GOOD + GOOD) == []
    saved, usable = framer.stalled()
    assert (saved[1:], usable) == ([Frame(b'{"a":1}'), NEXT, NEXT], True)


def test_a_too_long_body_that_swallowed_a_part_of_the_next_frame_gives_it_back() -> None:
    assert Framer().feed(b'Content-Length: 20\r\n\r\n{"a":1}' + GOOD)[1:] == [Frame(b'{"a":1}'), NEXT]
    assert Framer().feed(b'Content-Length: 20\r\n\r\n{"a":' + GOOD)[1:] == [NEXT]


def test_a_text_that_speaks_of_lengths_is_a_body_like_any_other() -> None:
    body = b'{"text":"Content-Length: 5"}'
    assert Framer().feed(framed(body)) == [Frame(body)]


def test_a_message_that_is_lost_for_good_makes_the_stream_unusable() -> None:
    framer = Framer()
    framer.feed(b'Content-Length: 99\r\n\r\n{"method":')
    assert framer.stalled()[1] is False
    framer.feed(b"Content-Len")
    assert framer.stalled()[1] is False


def test_words_that_stop_are_only_a_fault() -> None:
    framer = Framer()
    framer.feed(b"{}")
    saved, usable = framer.stalled()
    assert usable
    assert len(saved) == 1


MESSAGES = st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=3).map(
    lambda message: framed(json.dumps(message, ensure_ascii=False).encode("utf-8", "replace"))
)


@given(st.lists(MESSAGES, max_size=5), st.integers(1, 40))
def test_whole_frames_come_through_however_they_are_cut(frames: list[bytes], size: int) -> None:
    stream = b"".join(frames)
    framer = Framer()
    found = [item for at in range(0, len(stream), size) for item in framer.feed(stream[at : at + size])]
    assert [framed(item.body) for item in found if isinstance(item, Frame)] == frames
    assert len(found) == len(frames)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_something_readable(noise: bytes) -> None:
    framer = Framer()
    framer.feed(noise + b"\r\n\r\n")
    framer.stalled()
    assert framer.feed(GOOD)[-1] == NEXT
