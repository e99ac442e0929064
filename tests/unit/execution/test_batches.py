"""Candidates that are judged by the batch, in processes that have loaded the workspace already; with real workers."""

from __future__ import annotations

from pathlib import Path

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch
from regreen.core.policy import Policy
from regreen.core.ports import Call
from tests.support.diskbench import swap, tree_hash, trials_in
from tests.support.workspace import lay

CANCEL = Cancellation()
SHELF = """
-- shelf/__init__.py --
-- shelf/rows.py --
from functools import lru_cache

WIDTH = 3
SEEN = []


def double(function):
    def inner(*given):
        return function(*given)
    return inner


@double
def chunks(values, size=WIDTH, *, strict=False):
    rows = []
    for start in range(0, len(values) - size, size):
        rows.append(values[start:start + size])
    return rows


@lru_cache
def label(n):
    return "row " + str(n + 1)


def early():
    return 1


MADE = early()


class Shelf:
    def __init__(self, rows):
        self.rows = rows

    def first(self):
        return self.rows[1]
-- tests/test_rows.py --
import pytest

from shelf import rows


@pytest.mark.parametrize("values", [[1, 2, 3, 4]])
def test_all_are_there(values):
    assert sum(rows.chunks(values), []) == [1, 2, 3, 4]


def test_label():
    assert rows.label(1) == "row 1"


def test_first():
    assert rows.Shelf([7, 8]).first() == 7


def test_made():
    assert rows.MADE == 2


def test_size():
    assert rows.chunks([1, 2]) == [[1, 2]]


@pytest.fixture
def ready():
    rows.SEEN.append("ready")


@pytest.mark.usefixtures("ready")
def test_marked():
    assert (rows.label(1), rows.SEEN) == ("row 1", ["ready"])


def test_writes(tmp_path):
    (tmp_path / "a").write_text("x")
    open("litter", "w").close()
    assert rows.label(1) == "row 1"
"""
ROWS = "shelf/rows.py"


def check(folder: Path, wanted: str, *changes: tuple[str, str, str], keep: tuple[str, ...] = ()) -> None:
    """Judge changes of rows.py (old, new, verdict) in one batch, twice, and each alone; all say the same."""
    lay(folder, SHELF)
    before = tree_hash(folder)
    ids = [tuple(f"tests/test_rows.py::{name}" for name in names) for names in ((wanted,), keep)]
    patches = tuple(swap(folder, ROWS, old, new) for old, new, _ in changes)
    with trials_in(folder, *ids, policy=Policy(candidate_timeout=5.0)) as trials:
        for _ in range(2):
            judged = trials.evaluate_many(CANCEL, patches)
            assert [trial.verdict.value for trial in judged] == [verdict for _, _, verdict in changes]
        assert trials.evaluate(CANCEL, patches[-1]).verdict is judged[-1].verdict
    assert tree_hash(folder) == before


def test_a_batch_is_judged_as_each_candidate_alone(tmp_path: Path) -> None:
    check(
        tmp_path,
        "test_all_are_there",
        ("values) - size", "values) - 9", "fails"),
        ("rows.append", "while True: rows.append", "hangs"),
        ("values) - size", "values)", "passes"),
        ("rows = []", "rows = ]", "crashes"),
        ("rows = []", "import os; os._exit(3)", "crashes"),
        ("rows = []", "values.clear(); rows = []", "fails"),
        ("values) - size", "values) ", "passes"),
    )


def test_what_one_candidate_leaves_in_the_process_does_not_reach_the_next(tmp_path: Path) -> None:
    needs_clean = ("rows = []", "rows = [values] if not SEEN else []; return rows", "passes")
    soils = ("rows = []", "SEEN.append(1); rows = []", "fails")
    check(tmp_path, "test_all_are_there", soils, needs_clean, soils, needs_clean)


def test_results_that_are_kept_for_later_calls_are_forgotten(tmp_path: Path) -> None:
    check(tmp_path, "test_label", ("n + 1)", "n + 2)", "fails"), ("n + 1)", "n)", "passes"), ("n + 1", "-n", "fails"))


def test_a_method_is_swapped(tmp_path: Path) -> None:
    check(tmp_path, "test_first", ("rows[1]", "rows[0]", "passes"), ("rows[1]", "rows[-1]", "fails"))


def test_lines_may_be_added_before_other_functions(tmp_path: Path) -> None:
    check(tmp_path, "test_first", ("rows = []", "\n\n    rows = []", "fails"), ("rows[1]", "rows[\n0]", "passes"))


def test_what_ran_while_the_file_was_loaded_is_loaded_again(tmp_path: Path) -> None:
    check(tmp_path, "test_made", ("return 1", "return 2", "passes"), ("return 1", "return 3", "fails"))


def test_defaults_and_constants_are_loaded_again(tmp_path: Path) -> None:
    size = ("size=WIDTH", "size=2", "fails")
    check(tmp_path, "test_size", size, ("WIDTH = 3", "WIDTH = 1", "fails"), ("values) - size", "values)", "passes"))


def test_tests_that_are_marked_with_fixtures_are_judged_as_each_candidate_alone(tmp_path: Path) -> None:
    changes = (("n + 1)", "n + 2)", "fails"), ("n + 1)", "n)", "passes"), ("n + 1", "-n", "fails"))
    check(tmp_path, "test_marked", *changes)


def test_what_passes_in_a_batch_is_asked_about_its_neighbours(tmp_path: Path) -> None:
    changes = (("rows[1]", "rows[0]", "breaks"), ("rows[1]", "rows[-1]", "fails"))
    check(tmp_path, "test_first", *changes, keep=("test_label",))


def test_tests_that_write_files_are_run_from_files(tmp_path: Path) -> None:
    check(tmp_path, "test_writes", ("n + 1)", "n)", "passes"), ("n + 1)", "n - 1)", "fails"))


def test_calls_are_recorded_and_asked_again_of_candidates(tmp_path: Path) -> None:
    lay(tmp_path, SHELF)
    with trials_in(tmp_path, ("tests/test_rows.py::test_size", "tests/test_rows.py::test_first")) as trials:
        (call,) = trials.calls(CANCEL, ROWS, "label") or trials.calls(CANCEL, ROWS, "chunks")
        assert call.arguments[:2] == (("", "[1, 2]"), ("", "3"))
        more = Call(ROWS, "chunks", (("", "[]"), ("", "0")))
        right = swap(tmp_path, ROWS, "values) - size", "values)")
        endless = swap(tmp_path, ROWS, "rows = []", "rows = []\n    while values: pass")
        answers = trials.probe(CANCEL, (Patch(()), right, endless), (Call(ROWS, "chunks", (("", "[1, 2]"),)), more))
        zero = "raises ValueError: range() arg 3 must not be zero"
        assert answers == (("[]", zero), ("[[1, 2]]", zero), ("does not end", zero))
        (shelf,) = trials.calls(CANCEL, ROWS, "Shelf.first")
        assert trials.probe(CANCEL, (Patch(()),), (shelf,)) == (("8",),)
