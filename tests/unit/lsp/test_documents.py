"""The mirror: after any edits it is what the editor has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from regreen.core.text import LineIndex, PositionEncoding
from regreen.lsp.documents import Documents

URI = "file:///w/a.py"
# What other tools take for line ends, what is two or four units, what joins and what is a line end.
CHARACTERS = "ab\t\x0b\x0c\x1c\x85\u2028\u2029é\u0301\U0001f600\r\n"
TEXTS = st.text(alphabet=CHARACTERS, max_size=12)


def mirror(text: str, encoding: PositionEncoding = PositionEncoding.UTF16) -> Documents:
    documents = Documents()
    documents.encoding = encoding
    documents.open(types.TextDocumentItem(URI, "python", 1, text))
    return documents


def change(documents: Documents, *events: types.TextDocumentContentChangeEvent) -> str:
    identifier = types.VersionedTextDocumentIdentifier(2, URI)
    document = documents.change(types.DidChangeTextDocumentParams(identifier, list(events)))
    assert document is not None
    return document.text


def part(start: tuple[int, int], end: tuple[int, int], text: str) -> types.TextDocumentContentChangePartial:
    return types.TextDocumentContentChangePartial(types.Range(types.Position(*start), types.Position(*end)), text)


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
def test_only_lsp_line_ends_end_a_line(separator: str) -> None:
    documents = mirror(f"a = 1\n{separator}b = 2\nc = 3\n")
    assert change(documents, part((1, 1), (1, 2), "BB")) == f"a = 1\n{separator}BB = 2\nc = 3\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_lsp_line_end_ends_a_line(end: str) -> None:
    documents = mirror(f"a{end}b{end}c")
    assert change(documents, part((1, 0), (2, 0), "x")) == f"a{end}xc"


@pytest.mark.parametrize(
    ("encoding", "column"), [(PositionEncoding.UTF8, 7), (PositionEncoding.UTF16, 4), (PositionEncoding.UTF32, 3)]
)
def test_columns_count_as_the_client_counts(encoding: PositionEncoding, column: int) -> None:
    documents = mirror("é\U0001f600=1\n", encoding)
    assert change(documents, part((0, column), (0, column + 1), "2")) == "é\U0001f600=2\n"


def test_changes_of_one_message_are_made_one_after_the_other() -> None:
    assert change(mirror("abc"), part((0, 1), (0, 2), "xyz"), part((0, 3), (0, 5), "")) == "axy"


def test_a_change_without_range_is_the_whole_text() -> None:
    assert change(mirror("abc"), types.TextDocumentContentChangeWholeDocument("new")) == "new"


def test_positions_behind_the_end_mean_the_end() -> None:
    assert change(mirror("ab\ncd"), part((0, 99), (0, 99), "!"), part((9, 9), (9, 9), "?")) == "ab!\ncd?"


def test_half_a_pair_becomes_a_mark_of_the_same_length() -> None:
    documents = mirror("a\ud800b")
    assert documents.at("/w/a.py").text == "a\ufffdb"  # type: ignore[union-attr]
    assert change(documents, part((0, 2), (0, 3), "c")) == "a\ufffdc"


def test_a_change_of_a_buffer_that_is_not_open_is_no_change() -> None:
    identifier = types.VersionedTextDocumentIdentifier(2, "file:///w/other.py")
    assert mirror("a").change(types.DidChangeTextDocumentParams(identifier, [])) is None


def test_a_buffer_is_found_however_its_uri_is_spelt() -> None:
    documents = Documents()
    documents.open(types.TextDocumentItem("file:///w/a%20b%3B.py", "python", 1, "text"))
    assert documents.get("file:///w/a b;.py") is documents.at("/w/a b;.py")
    documents.close("file:///w/a%20b%3B.py")
    assert documents.at("/w/a b;.py") is None


@given(TEXTS, st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14), TEXTS), max_size=4), st.data())
def test_the_mirror_is_what_the_editor_has(text: str, edits: list[tuple[int, int, str]], data: st.DataObject) -> None:
    encoding = data.draw(st.sampled_from(list(PositionEncoding)))
    documents = mirror(text, encoding)
    events = []
    for one, other, new in edits:
        index = LineIndex(text)
        start, end = sorted((_addressable(index, one), _addressable(index, other)))
        places = [index.to_wire(index.position(at), encoding) for at in (start, end)]
        events.append(part(*places, new))
        text = text[:start] + new + text[end:]
    assert change(documents, *events) == text


def _addressable(index: LineIndex, offset: int) -> int:
    """Return the nearest offset that an editor can name: none is inside of a line end."""
    return index.offset(index.position(min(offset, len(index.text))))
