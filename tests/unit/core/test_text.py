"""Texts: bytes survive, positions and offsets agree in every encoding."""

from __future__ import annotations

import codecs
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.core.errors import UnreadableSource
from regreen.core.text import LineIndex, Position, PositionEncoding, Span, decode, len_in, split_lines

TEXTS = st.text(st.one_of(st.sampled_from("ab\n\r\t\x0c\u2028é𝒳👩\u200d"), st.characters(codec="utf-8")), max_size=60)
ENCODINGS = tuple(PositionEncoding)


def check_position(text: str, offset: int, line: int, column: int) -> None:
    index = LineIndex(text)
    assert index.position(offset) == Position(line, column)
    assert index.offset(Position(line, column)) == offset


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a\n"]),
        ("a\r\nb\rc\nd", ["a\r\n", "b\r", "c\n", "d"]),
        ("\n\r\n\r", ["\n", "\r\n", "\r"]),
        ("a\x0cb\u2028c\x85d\x1ce", ["a\x0cb\u2028c\x85d\x1ce"]),
    ],
)
def test_lines_end_where_lsp_says(text: str, lines: list[str]) -> None:
    assert split_lines(text) == lines


@given(TEXTS)
def test_lines_join_to_the_text(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert LineIndex(text).n_lines == len(lines) + (not text or text.endswith(("\n", "\r")))


@given(TEXTS, st.data())
def test_an_offset_survives_the_way_through_a_position(text: str, draw: st.DataObject) -> None:
    offset = draw.draw(st.integers(0, len(text)))
    index = LineIndex(text)
    position = index.position(offset)
    # Between \r and \n, and only there, is no place that a client can name.
    within_line_end = text[offset - 1 : offset + 1] == "\r\n" and 0 < offset
    assert index.offset(position) == (offset - 1 if within_line_end else offset)


@given(TEXTS, st.sampled_from(ENCODINGS), st.data())
def test_a_position_survives_the_wire(text: str, encoding: PositionEncoding, draw: st.DataObject) -> None:
    index = LineIndex(text)
    line = draw.draw(st.integers(0, index.n_lines - 1))
    column = draw.draw(st.integers(0, len(index.line(line))))
    wire = index.to_wire(Position(line, column), encoding)
    assert index.from_wire(*wire, encoding) == Position(line, column)


@given(TEXTS, st.sampled_from(ENCODINGS), st.integers(-3, 99), st.integers(-3, 999))
def test_any_wire_position_lands_in_the_text(text: str, encoding: PositionEncoding, line: int, character: int) -> None:
    index = LineIndex(text)
    assert 0 <= index.offset(index.from_wire(line, character, encoding)) <= len(text)


@given(TEXTS, st.integers(-5, 99), st.integers(-5, 999))
def test_any_position_lands_in_the_text(text: str, line: int, column: int) -> None:
    assert 0 <= LineIndex(text).offset(Position(line, column)) <= len(text)


@given(TEXTS)
def test_lengths_are_those_of_the_encoded_text(text: str) -> None:
    assert len_in(text, PositionEncoding.UTF8) == len(text.encode())
    assert len_in(text, PositionEncoding.UTF16) * 2 == len(text.encode("utf-16-le"))
    assert len_in(text, PositionEncoding.UTF32) == len(text)


def test_columns_differ_by_encoding_on_a_line_beyond_the_basic_plane() -> None:
    index = LineIndex("x\né𝒳 = 1\n")
    wires = [index.to_wire(Position(1, 3), encoding) for encoding in ENCODINGS]
    assert wires == [(1, 7), (1, 4), (1, 3)]


def test_inside_a_surrogate_pair_means_before_it() -> None:
    assert LineIndex("a𝒳b").from_wire(0, 2, PositionEncoding.UTF16) == Position(0, 1)
    assert LineIndex("aéb").from_wire(0, 2, PositionEncoding.UTF8) == Position(0, 1)


def test_a_lone_surrogate_has_a_length() -> None:
    assert len_in("\ud800", PositionEncoding.UTF8) == 3
    assert len_in("\ud800", PositionEncoding.UTF16) == 1


def test_positions_count_lines_from_nought() -> None:
    check_position("ab\ncd", 4, 1, 1)
    check_position("ab\r\ncd", 4, 1, 0)
    check_position("", 0, 0, 0)
    check_position("a\n", 2, 1, 0)


def test_a_line_is_without_its_end() -> None:
    index = LineIndex("ab\r\ncd")
    assert (index.line(0), index.line(1), index.line(2), index.line(-1)) == ("ab", "cd", "", "")
    assert index.line_span(0) == Span(0, 2)


def test_a_span_is_half_open() -> None:
    assert [offset in Span(1, 3) for offset in range(4)] == [False, True, True, False]


SOURCES = {
    "plain": b"x = 1\n",
    "empty": b"",
    "crlf": b"a\r\nb\rc\n",
    "no final line end": b"a\nb",
    "utf-8 mark": codecs.BOM_UTF8 + "é\n".encode(),
    "utf-16 little": codecs.BOM_UTF16_LE + "é𝒳\n".encode("utf-16-le"),
    "utf-16 big": codecs.BOM_UTF16_BE + "é𝒳\n".encode("utf-16-be"),
    "utf-32 little": codecs.BOM_UTF32_LE + "é𝒳\n".encode("utf-32-le"),
    "utf-32 big": codecs.BOM_UTF32_BE + "é𝒳\n".encode("utf-32-be"),
    "latin-1 cookie": b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
    "cookie in the second line": b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n",
    "japanese": b"# coding: euc-jp\n" + "x = '日本'\n".encode("euc-jp"),
    "nul": b"a\0b\n",
}


@pytest.mark.parametrize("data", SOURCES.values(), ids=SOURCES.keys())
def test_a_source_survives_byte_for_byte(data: bytes) -> None:
    assert decode(data, "a.py").encode() == data


@pytest.mark.parametrize("data", SOURCES.values(), ids=SOURCES.keys())
def test_an_edited_source_keeps_mark_and_encoding(data: bytes) -> None:
    source = decode(data, "a.py")
    edited = source.encode(source.text + "# end\n")
    assert edited.startswith(data)
    assert decode(edited, "a.py").text == source.text + "# end\n"


@given(st.binary(max_size=80), st.sampled_from(["a.py", "a.txt"]))
def test_any_bytes_survive_or_are_refused(data: bytes, path: str) -> None:
    with contextlib.suppress(UnreadableSource):
        assert decode(data, path).encode() == data


UNREADABLE = {
    "not utf-8": b"x = '\xe9'\n",
    "unknown codec": b"# coding: klingon\n",
    "codec that is not for text": b"# coding: hex\n",
    "another one": b"# coding: zlib\n",
    "undefined": b"# coding: undefined\n",
    "unfaithful": b"# coding: utf-7\n+AGE-\n",
    "half a utf-16 character": codecs.BOM_UTF16_LE + b"a",
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_would_not_survive_is_refused_with_its_path(data: bytes) -> None:
    with pytest.raises(UnreadableSource, match=r"src/a\.py") as caught:
        decode(data, "src/a.py")
    assert caught.value.next_step.endswith(".")


def test_a_cookie_counts_in_python_only() -> None:
    assert decode("# coding: latin-1\né\n".encode(), "a.txt").text == "# coding: latin-1\né\n"


def test_a_character_that_the_encoding_lacks_is_refused() -> None:
    source = decode(SOURCES["latin-1 cookie"], "a.py")
    with pytest.raises(UnreadableSource, match="iso-8859-1"):
        source.encode(source.text + "# €\n")
