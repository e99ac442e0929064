"""Whose is a change? One row for each thing that can be known."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from regreen.checkpoints.shadow.blobs import Reader
from regreen.checkpoints.shadow.compare import Change, Difference
from regreen.checkpoints.shadow.judge import Authorship, Verdict, judge
from regreen.checkpoints.shadow.make import make
from regreen.checkpoints.shadow.manifest import Entry, Kind
from regreen.checkpoints.shadow.sync import Syncer

OURS, DURING, OUTSIDE = "hash of what we wrote", 100, 900
KNOWN = Authorship({"a.py": frozenset({OURS})}, lambda time_ns: time_ns < 500, frozenset({"saved.py"}))


def entry(path: str, ctime_ns: int, kind: Kind = Kind.FILE) -> Entry:
    return Entry(path, kind, 0o644, 0, 0, 1, 1, 0, ctime_ns)


def change(path: str, kind: Change, ctime_ns: int, oid: str = "unknown") -> Difference:
    return Difference(path, kind, entry(path, 0), entry(path, ctime_ns), oid)


@pytest.mark.parametrize(
    ("difference", "verdict"),
    [
        (Difference("a.py", Change.MISSING, entry("a.py", 0), None), Verdict.PUT_BACK),
        (change("a.py", Change.CONTENT, OUTSIDE, OURS), Verdict.PUT_BACK),
        (change("b.py", Change.CONTENT, OUTSIDE, OURS), Verdict.LEAVE),
        (change("a.py", Change.CONTENT, DURING), Verdict.PUT_BACK),
        (change("a.py", Change.CONTENT, OUTSIDE), Verdict.LEAVE),
        (change("a.py", Change.RIGHTS, OUTSIDE), Verdict.LEAVE),
        (change("saved.py", Change.CONTENT, DURING), Verdict.LEAVE),
        (change("new", Change.NEW, DURING), Verdict.PUT_BACK),
        (change("new", Change.NEW, OUTSIDE), Verdict.LEAVE),
    ],
    ids=[
        "missing", "ours, whenever", "ours elsewhere", "while tests ran", "while nothing ran",
        "rights while nothing ran", "saved in the editor", "new while tests ran", "new while nothing ran",
    ],
)  # fmt: skip
def test_a_change_is_judged_by_what_is_known_of_it(difference: Difference, verdict: Verdict) -> None:
    assert judge(difference, KNOWN) is verdict


def test_one_file_of_the_person_keeps_a_whole_new_folder() -> None:
    top, theirs = entry("new", DURING, Kind.FOLDER), entry("new/file", OUTSIDE)
    assert judge(Difference("new", Change.NEW, None, top, inner=(theirs,)), KNOWN) is Verdict.LEAVE


@pytest.mark.parametrize("kind", [Kind.FOLDER, Kind.LINK, Kind.PIPE, Kind.FILE])
def test_nothing_is_made_over_what_somebody_else_made_meanwhile(tmp_path: Path, kind: Kind) -> None:
    (tmp_path / "a.py").write_text("mine")
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(FileExistsError):
            make(folder, "a.py", replace(entry("a.py", 0, kind), target="there"), NothingToRead(), tmp_path, Syncer())
    finally:
        os.close(folder)
    assert (tmp_path / "a.py").read_text() == "mine"
    assert [inner.name for inner in tmp_path.iterdir()] == ["a.py"]


class NothingToRead(Reader):
    """Gives empty contents."""

    def __init__(self) -> None:
        pass

    def write_to(self, oid: str, descriptor: int) -> None:
        """Write nothing."""
