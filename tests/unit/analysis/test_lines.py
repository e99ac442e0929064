"""Lines that the same tests run are told apart by what they say, and by how new they are."""

from __future__ import annotations

from regreen.analysis.lines import Lines, words_of

TEXT = """\
def price(pieces):
    # a remark about pieces
    total = 0
    if pieces > BULK_FROM and not is_closed(pieces - 1):
        return total
    }
"""


def test_a_line_with_more_to_be_wrong_weighs_more() -> None:
    assert weight(3) < weight(4)


def test_a_line_that_shares_words_with_the_failing_test_weighs_more() -> None:
    assert weight(4) < weight(4, words="test_ten_pieces_are_a_bulk_order")


def test_a_remark_and_a_closing_bracket_weigh_least() -> None:
    assert weight(2) == weight(6)
    assert weight(2) < min(weight(line) for line in (1, 3, 4, 5))


def test_a_line_edited_lately_weighs_more_than_the_same_line_before() -> None:
    assert weight(3, recent={"shop.py": frozenset({4})}) < weight(3, recent={"shop.py": frozenset({3})})


def test_no_weight_is_above_one() -> None:
    every = {"shop.py": frozenset(range(1, 7))}
    assert max(weight(line, words=TEXT, recent=every) for line in range(1, 7)) <= 1


def test_of_a_text_that_nobody_knows_all_lines_weigh_the_same() -> None:
    assert {Lines({}, frozenset(), {}).weight("other.py", line) for line in (0, 1, 99)} == {1.0}


def test_words_within_names_are_words() -> None:
    assert words_of("bulkPrice BULK_FROM is_open(a)") == {"bulk", "price", "from", "open"}


def weight(line: int, words: str = "", recent: dict[str, frozenset[int]] | None = None) -> float:
    return Lines({"shop.py": TEXT}, words_of(words), recent or {}).weight("shop.py", line)
