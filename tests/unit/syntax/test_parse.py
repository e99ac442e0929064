"""Parsing: bytes and characters, re-parsing, bounded time."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.core.errors import UnreadableSource
from regreen.syntax import ByteMap, DocumentTrees, parse, walk
from regreen.syntax.parse import changed_range

TEXTS = st.text(alphabet="aZ_ \n\r\t()=:.'\"é€😀\ud800", max_size=60)


@given(TEXTS)
def test_every_character_is_found_by_its_byte_and_back(text: str) -> None:
    byte_map = ByteMap(text)
    for offset in range(len(text) + 1):
        byte = len(text[:offset].encode("utf-8", "surrogatepass"))
        assert byte_map.to_byte(offset) == byte
        assert byte_map.to_offset(byte) == offset


def test_a_byte_inside_a_character_belongs_to_the_next_one() -> None:
    byte_map = ByteMap("a😀b")
    assert [byte_map.to_offset(byte) for byte in range(7)] == [0, 1, 2, 2, 2, 2, 3]


@given(TEXTS, TEXTS)
def test_the_changed_range_is_all_that_differs(before: str, after: str) -> None:
    start, old_end, new_end = changed_range(before, after)
    assert before[:start] + after[start:new_end] + before[old_end:] == after
    assert start <= old_end
    assert start <= new_end


@given(TEXTS, TEXTS)
def test_a_tree_parsed_again_is_the_tree_parsed_afresh(before: str, after: str) -> None:
    text = f"def f(a):\n    return a\n{after}\nx = f(1)\n"
    trees = DocumentTrees()
    trees.update("a.py", f"def f(a):\n    return a\n{before}\nx = f(1)\n", "python")
    again, afresh = trees.update("a.py", text, "python"), parse(text, "python")
    assert again.text == text
    if not afresh.root.has_error:  # Error recovery depends on what was there before.
        assert _shape(again) == _shape(afresh)


def test_an_edit_re_uses_the_tree_around_it() -> None:
    before = "".join(f"def f{n}(a):\n    return a + {n}\n\n\n" for n in range(400))
    first = parse(before, "python")
    after = before.replace("a + 200", "a * 200")
    again = parse(after, "python", previous=first)
    changed = first.tree.changed_ranges(again.tree)
    assert str(again.root) == str(parse(after, "python").root)
    assert sum(part.end_byte - part.start_byte for part in changed) < 100


def test_a_document_that_did_not_change_keeps_its_tree() -> None:
    trees = DocumentTrees()
    first = trees.update("a.py", "x = 1\n", "python")
    assert trees.update("a.py", "x = 1\n", "python") is first


def test_a_closed_document_has_no_tree() -> None:
    trees = DocumentTrees()
    trees.update("b.py", "x = 1\n", "python")
    trees.update("a.py", "x = 1\n", "python")
    assert trees.paths == ("a.py", "b.py")
    trees.close("a.py")
    trees.close("never-opened.py")
    assert trees.paths == ("b.py",)


def test_a_hostile_file_is_given_up_in_time() -> None:
    hostile = random.Random(1).randbytes(400_000).decode("latin-1")
    with pytest.raises(UnreadableSource, match="could not be read within"):
        parse(hostile, "python", limit=0.05)
    assert parse("x = 1\n", "python").root.child_count == 1


def test_a_walk_visits_parents_first_and_everything_once() -> None:
    parsed = parse("a = f(1)\nb\n", "python")
    nodes = list(walk(parsed.root))
    assert len(nodes) == parsed.root.descendant_count
    assert [node.type for node in nodes[:4]] == ["module", "expression_statement", "assignment", "identifier"]
    assert [node.type for node in walk(nodes[3])] == ["identifier"]


def test_a_walk_stays_below_its_node() -> None:
    parsed = parse("a = f(1)\nb\n", "python")
    call = next(node for node in walk(parsed.root) if node.type == "call")
    assert [node.type for node in walk(call)] == ["call", "identifier", "argument_list", "(", "integer", ")"]


def _shape(parsed: object) -> list[tuple[str, int, int]]:
    return [(node.type, node.start_byte, node.end_byte) for node in walk(parsed.root)]  # type: ignore[attr-defined]
