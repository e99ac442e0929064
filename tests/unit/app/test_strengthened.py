"""What is said of tests that were written, and of changes for which none was."""

from __future__ import annotations

from regreen.app import Strengthened
from regreen.core.edit import Patch, TextEdit
from regreen.core.mutation import Fate, Judged, Mutant, Strength
from regreen.core.testing import TestId


def survivor(path: str, function: str, start: int = 0) -> Judged:
    return Judged(Mutant(path, "number", TextEdit(start, start + 1, "2"), 1, "1", "2", function), Fate.SURVIVED)


TEST = TestId(".", "test_a.py::test_f_number")


def test_what_nobody_tries_is_told_with_the_reason() -> None:
    left = (survivor("a.lua", "f"), survivor("a.py", "A.f"), survivor("a.py", "A.f", 5), survivor("a.py", ""))
    assert Strengthened(Patch(()), left=left).in_words == (
        "No test was written. 2 changes are left to you: methods are not called, for their objects cannot be written "
        "down. 1 change is left to you: no tests are written in its language. 1 change is left to you: what runs when "
        "a file is loaded cannot be called."
    )


def test_what_was_tried_in_vain_has_the_reason_of_the_search() -> None:
    found = Strengthened(Patch(()), left=(survivor("a.py", "f"),), reason="No input was found.")
    assert found.in_words == "No test was written. No input was found."


def test_it_is_said_when_there_is_no_room_for_more() -> None:
    found = Strengthened(Patch(()), left=(survivor("a.py", "f"),), most_lines=40)
    assert found.in_words == (
        "No test was written. There is no room for more: max_lines (40) holds for new tests, too."
    )


def test_new_tests_count_only_when_they_are_there() -> None:
    one = survivor("a.py", "f")
    noticed = Judged(one.mutant, Fate.KILLED, (TEST,))
    strength = Strength((one,))
    assert Strengthened(Patch(()), (noticed,), (TEST,), applied=True).improved(strength).survivors == ()
    assert Strengthened(Patch(()), (noticed,), (TEST,)).improved(strength).survivors == (one,)
