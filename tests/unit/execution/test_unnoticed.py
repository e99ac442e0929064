"""What passing tests see of a change and do not mind: by the real worker, and the comparison by itself."""

from __future__ import annotations

from pathlib import Path

from regreen.core.cancel import Cancellation
from regreen.core.edit import TextEdit, make_patch
from regreen.core.repair import Unnoticed
from regreen.core.text import Span
from regreen.core.workspace import Symbol, SymbolKind
from regreen.execution.heard import Heard, changed
from tests.support.diskbench import swap, trials_in
from tests.support.workspace import lay

TEXTS = """
-- page.py --
import random


def escape(text):
    return text.replace("<", "&lt;")


def shown(text, raw=False):
    if raw:
        return text
    return escape(text)


def half(number):
    return number // 2


def marked(words):
    words.append("!")


def drawn():
    return random.SystemRandom().random()


def parts(text):
    for part in text.split(","):
        yield part
-- test_page.py --
from page import drawn, half, marked, parts, shown


def test_wanted():
    assert shown("<b>") == "<b>"


def test_plain():
    assert shown("a") == "a"


def test_other():
    assert shown("a b") == "a b"


def test_half():
    assert half(5)


def test_marked():
    marked([])


def test_drawn():
    assert drawn() < 1


def test_parts():
    assert list(parts("a"))
"""


def check_unnoticed(tmp_path: Path, function: str, change: tuple[str, str], expected: Unnoticed) -> None:
    lay(tmp_path, TEXTS)
    lines = (tmp_path / "page.py").read_text().splitlines()
    line = next(n for n, text in enumerate(lines, 1) if text.startswith(f"def {function}("))
    symbol = Symbol(function, function, SymbolKind.FUNCTION, Span(0, 0), Span(0, 0), line, line + 3)
    names = ("plain", "other", "half", "marked", "drawn", "parts")
    keep = tuple(f"test_page.py::test_{name}" for name in names)
    with trials_in(tmp_path, ("test_page.py::test_wanted",), keep) as trials:
        trials.spectrum(Cancellation())
        patch = swap(tmp_path, "page.py", *change)
        assert trials.unnoticed(Cancellation(), patch, (symbol,)) == expected


def test_another_way_through_a_function_is_seen_although_it_answers_the_same(tmp_path: Path) -> None:
    check_unnoticed(tmp_path, "shown", ("if raw", "if not raw"), Unnoticed(n_tests=2, n_changed=2))


def test_a_change_that_leaves_passing_tests_their_way_is_not_held_against_it(tmp_path: Path) -> None:
    check_unnoticed(tmp_path, "shown", ("escape(text)\n", "escape(str(text))\n"), Unnoticed(2, 0))


def test_another_answer_that_no_test_minds_is_seen(tmp_path: Path) -> None:
    check_unnoticed(tmp_path, "half", ("number // 2", "number"), Unnoticed(1, 1))


def test_what_a_function_leaves_in_its_arguments_counts_where_it_answers_nothing(tmp_path: Path) -> None:
    check_unnoticed(tmp_path, "marked", ('"!"', '"?"'), Unnoticed(1, 1))


def test_what_is_yielded_counts(tmp_path: Path) -> None:
    check_unnoticed(tmp_path, "parts", ("yield part\n", "yield part + part\n"), Unnoticed(1, 1))


def test_what_differs_from_run_to_run_says_nothing(tmp_path: Path) -> None:
    check_unnoticed(tmp_path, "drawn", (".random()", ".random() / 2"), Unnoticed(1, 0))


def test_what_only_other_inputs_would_show_is_not_seen(tmp_path: Path) -> None:
    check_unnoticed(tmp_path, "escape", ('"&lt;"', '"&gt;"'), Unnoticed(2, 0))


def test_lines_are_compared_where_they_stand_after_an_edit() -> None:
    base = "def f(x):\n    if x:\n        return 1\n    return 2\n"
    at = base.index("    if x")
    (file,) = make_patch({"a.py": (base, (TextEdit(at, at, "    x = abs(x)\n    y = 0\n"),))}).files
    same, other = Heard("said", frozenset({3})), Heard("said", frozenset({4}))
    assert changed({"one": same, "two": other}, {"one": Heard("said", frozenset({2, 3, 5})), "two": same}, file) == (
        "two",
    )


def test_another_text_is_another_answer() -> None:
    (file,) = make_patch({"a.py": ("x = 1\n", (TextEdit(4, 5, "2"),))}).files
    assert changed({"one": Heard("1", frozenset())}, {"one": Heard("2", frozenset())}, file) == ("one",)
    assert changed({"one": Heard("1", frozenset())}, {}, file) == ()
