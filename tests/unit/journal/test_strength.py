"""What mutants said of the tests is read back as it was written."""

from __future__ import annotations

from regreen.core.edit import TextEdit
from regreen.core.events import MutationEnded
from regreen.core.mutation import Fate, Judged, Mutant, Strength
from regreen.core.testing import TestId
from regreen.core.trace import RunId, Trace, TraceId
from regreen.journal.schema import Entry, from_line, to_line

TEST = TestId(".", "test_a.py::test_x[1-é]")


def strength() -> Strength:
    mutant = Mutant("a.py", "boundary", TextEdit(3, 4, "<="), 1, "<", "<=", "A.f")
    judged = (
        Judged(mutant, Fate.SURVIVED, (), (TEST,), 0.5, "", "--- a/a.py\n+++ b/a.py\n"),
        Judged(mutant, Fate.KILLED, (TEST,), (TEST,), 0.25, "AssertionError: ünlike"),
    )
    return Strength(judged, complete=False, seconds=1.5, refused="")


def test_every_field_comes_back() -> None:
    entry = Entry(1.0, Trace(TraceId("0" * 32), RunId("r")), MutationEnded(strength()))
    assert from_line(to_line(entry)) == entry


def test_each_fate_has_its_name() -> None:
    assert {Fate(fate.value) for fate in Fate} == set(Fate)
