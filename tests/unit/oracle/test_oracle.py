"""The oracle without its thread: disk and buffers in, models and events out."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from regreen.core.events import Event, Indexing, ModelChanged
from regreen.languages import languages
from regreen.oracle import Oracle
from tests.support.workspace import lay

WORKSPACE = """
-- pyproject.toml --
[project]
name = "box"
[tool.pytest.ini_options]
testpaths = ["tests"]
-- box.py --
def lid(): return 1
-- tests/test_box.py --
from box import lid
def test_lid(): assert lid() == 1
-- .gitignore --
/scratch/
-- scratch/old.py --
"""


class Desk:
    """An oracle of a small workspace, and what it told."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.events: list[Event] = []
        self.oracle = Oracle(root, languages(), self.events.append, {"PATH": "/usr/bin:/bin"})
        self.oracle.refresh()

    def refresh(self) -> list[str]:
        """Look at everything and return the paths of the model."""
        return list(self.oracle.refresh().files)

    def names(self, path: str) -> list[str]:
        """Return the names that a file defines."""
        facts = self.oracle.model.files.get(path)
        return [] if facts is None else [symbol.name for symbol in facts.symbols]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(lay(tmp_path, WORKSPACE))


def test_the_first_model_knows_projects_files_and_tests(desk: Desk) -> None:
    model = desk.oracle.model
    assert (model.root, model.generation, model.problems) == (str(desk.root), 1, ())
    assert list(model.files) == ["box.py", "tests/test_box.py"]
    assert [(each.path, each.name, each.test_dirs) for each in model.projects] == [(".", "box", ("tests",))]
    assert [test.name for test in model.tests_in("tests/test_box.py")] == ["tests/test_box.py::test_lid"]
    assert desk.events == [ModelChanged(1, 2)]


def test_nothing_new_is_no_new_model(desk: Desk) -> None:
    before = desk.oracle.model
    assert desk.oracle.refresh() is before
    desk.oracle.files_changed([])
    assert desk.oracle.refresh() is before
    assert len(desk.events) == 1


def test_files_come_change_and_go(desk: Desk) -> None:
    lay(desk.root, "-- box.py --\ndef cover(): pass\n-- new.py --\nx = 1\n")
    (desk.root / "tests" / "test_box.py").unlink()
    assert desk.refresh() == ["box.py", "new.py"]
    assert desk.names("box.py") == ["cover"]
    assert desk.oracle.model.generation == 2


def test_a_change_that_keeps_size_and_comes_at_once_is_seen(desk: Desk) -> None:
    lay(desk.root, "-- box.py --\ndef did(): return 1\n")
    desk.refresh()
    assert desk.names("box.py") == ["did"]


def test_an_open_buffer_is_the_truth_until_it_is_closed(desk: Desk) -> None:
    desk.oracle.open_buffer("box.py", "def typed(): pass\n")
    desk.refresh()
    assert desk.names("box.py") == ["typed"]
    desk.oracle.change_buffer("box.py", "def typed(): pass\ndef more(): pass\n")
    lay(desk.root, "-- box.py --\ndef on_disk(): pass\n")
    desk.refresh()
    assert desk.names("box.py") == ["typed", "more"]
    assert dict(desk.oracle.buffers) == {"box.py": "def typed(): pass\ndef more(): pass\n"}
    desk.oracle.close_buffer("box.py")
    desk.refresh()
    assert desk.names("box.py") == ["on_disk"]
    assert dict(desk.oracle.buffers) == {}


def test_a_buffer_of_a_file_that_was_never_saved_counts_while_it_is_open(desk: Desk) -> None:
    desk.oracle.open_buffer(str(desk.root / "fresh.py"), "def new(): pass\n")
    assert desk.refresh() == ["box.py", "fresh.py", "tests/test_box.py"]
    desk.oracle.close_buffer("fresh.py")
    assert desk.refresh() == ["box.py", "tests/test_box.py"]


def test_a_buffer_that_was_changed_back_leaves_the_model_as_it_was(desk: Desk) -> None:
    before = desk.oracle.model
    desk.oracle.open_buffer("box.py", (desk.root / "box.py").read_text())
    assert desk.oracle.refresh() is before


def test_an_unsaved_manifest_decides(desk: Desk) -> None:
    desk.oracle.open_buffer("pyproject.toml", '[project]\nname = "renamed"\n')
    desk.refresh()
    assert desk.oracle.model.projects[0].name == "renamed"


def test_buffers_of_ignored_or_foreign_files_are_not_indexed(desk: Desk) -> None:
    desk.oracle.open_buffer("scratch/old.py", "x = 1\n")
    desk.oracle.open_buffer("/else/where.py", "x = 1\n")
    desk.oracle.open_buffer("../outside.py", "x = 1\n")
    assert desk.refresh() == ["box.py", "tests/test_box.py"]
    assert list(desk.oracle.buffers) == ["scratch/old.py"]


def test_new_rules_hide_and_show_files(desk: Desk) -> None:
    lay(desk.root, "-- .gitignore --\nbox.py\n")
    assert desk.refresh() == ["scratch/old.py", "tests/test_box.py"]


def test_a_changed_manifest_changes_project_and_tests(desk: Desk) -> None:
    lay(
        desk.root,
        '-- pyproject.toml --\n[project]\nname = "b"\n[tool.pytest.ini_options]\npython_files = ["check_*.py"]\n',
    )
    desk.refresh()
    assert desk.oracle.model.projects[0].name == "b"
    assert desk.oracle.model.tests_in("tests/test_box.py") == ()


def test_a_broken_manifest_is_a_problem_of_the_model_until_it_is_mended(desk: Desk) -> None:
    good = (desk.root / "pyproject.toml").read_text()
    lay(desk.root, "-- pyproject.toml --\n[project\n")
    desk.refresh()
    assert desk.oracle.model.problems[0].startswith("pyproject.toml:1: this is not valid TOML")
    (desk.root / "pyproject.toml").write_text(good)
    desk.refresh()
    assert desk.oracle.model.problems == ()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"x = 1\n" * 400_000, "bad.py is bigger than 2 MB and is not indexed. Split it"),
        (b"\x7fELF\0\0\0", "bad.py is binary in spite of its name. Rename it"),
        (b"# caf\xe9\n", "bad.py is not readable Python source"),
        (b"# coding: no-such\n", "bad.py is not readable Python source"),
        (b"\xff\xfex\0=", "bad.py is not valid utf-16-le"),
        (random.Random(1).randbytes(1_900_000).hex().encode()[:1_900_000], ""),
    ],
)
def test_a_file_that_cannot_be_indexed_says_why_and_what_to_do(desk: Desk, content: bytes, problem: str) -> None:
    (desk.root / "bad.py").write_bytes(content)
    desk.refresh()
    facts = desk.oracle.model.files["bad.py"]
    assert facts.problem.startswith(problem)
    assert facts.symbols == ()
    assert desk.oracle.model.problems == ((facts.problem,) if problem else ())
    (desk.root / "bad.py").write_bytes(b"ok = 1\n")
    desk.refresh()
    assert desk.names("bad.py") == ["ok"]
    assert desk.oracle.model.problems == ()


def test_a_huge_buffer_is_not_indexed(desk: Desk) -> None:
    desk.oracle.open_buffer("box.py", "x = 1\n" * 400_000)
    desk.refresh()
    assert desk.oracle.model.files["box.py"].problem.startswith("box.py is bigger than 2 MB")


def test_a_declared_encoding_and_a_byte_order_mark_are_read(desk: Desk) -> None:
    (desk.root / "latin.py").write_bytes(b"# coding: latin-1\ncaf\xe9 = 1\n")
    (desk.root / "marked.py").write_bytes(b"\xef\xbb\xbfx = 1\n")
    desk.refresh()
    assert (desk.names("latin.py"), desk.names("marked.py")) == (["café"], ["x"])


def test_a_root_that_vanishes_is_a_problem_and_comes_back(tmp_path: Path) -> None:
    desk = Desk(lay(tmp_path / "work", WORKSPACE))
    desk.root.rename(tmp_path / "away")
    assert desk.refresh() == []
    assert desk.oracle.model.projects == ()
    assert desk.oracle.model.problems[0].startswith(f"The workspace folder {desk.root} cannot be read")
    (tmp_path / "away").rename(desk.root)
    assert desk.refresh() == ["box.py", "tests/test_box.py"]
    assert desk.oracle.model.problems == ()


def test_a_workspace_may_be_empty(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert (desk.refresh(), desk.oracle.model.projects, desk.events) == ([], (), [])


def test_how_far_a_long_look_is_is_told(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / f"m{number}.py").write_text("x = 1\n")
    desk = Desk(tmp_path)
    told = [(one.done, one.total) for one in desk.events if isinstance(one, Indexing)]
    assert told == [(0, 1000), (256, 1000), (512, 1000), (768, 1000), (1000, 1000)]


def test_nobody_waits_for_the_index_of_a_small_workspace(desk: Desk) -> None:
    assert [type(one) for one in desk.events] == [ModelChanged]
