"""From one model to the next, from values alone; and batches in time, with the time handed in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from regreen.core.text import SourceText
from regreen.core.workspace import FileFacts, Project, WorkspaceModel
from regreen.languages.python.outline import outline_file
from regreen.oracle.build import Changes, apply
from regreen.oracle.pending import Batch, Pending

EMPTY = WorkspaceModel("/work")
TEST = "def test_a(): pass\n"


def test_a_test_belongs_to_the_innermost_project_and_is_named_from_its_folder() -> None:
    model = built(
        ("test_root.py", TEST), ("part/tests/test_a.py", TEST), ("part/deep/test_b.py", TEST), ("party/test_c.py", TEST)
    )
    assert named_tests(model) == [
        ("part", "deep/test_b.py::test_a"),
        ("part", "tests/test_a.py::test_a"),
        (".", "party/test_c.py::test_a"),
        (".", "test_root.py::test_a"),
    ]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ((), ["a.py", "check_b.py", "sub/test_c.py"]),
        (("test_*.py",), ["sub/test_c.py"]),
        (("check_*.py", "test_*.py"), ["check_b.py", "sub/test_c.py"]),
        (("sub/*.py",), ["sub/test_c.py"]),
    ],
)
def test_only_files_that_the_runner_collects_have_tests(patterns: tuple[str, ...], expected: list[str]) -> None:
    files = (("a.py", TEST), ("check_b.py", TEST), ("sub/test_c.py", TEST))
    model = built(*files, projects=(replace(project("."), test_patterns=patterns),))
    assert [path for path in model.files if model.tests_in(path)] == expected


def test_a_file_without_a_project_has_no_tests() -> None:
    assert named_tests(built(("test_a.py", TEST), projects=())) == []


def test_a_project_of_another_language_owns_nothing() -> None:
    other = replace(project("part"), language="go")
    assert named_tests(built(("part/test_a.py", TEST), projects=(project("."), other))) == [
        (".", "part/test_a.py::test_a")
    ]


def test_every_change_is_a_generation_and_no_change_is_none() -> None:
    model = built(("a.py", "x = 1\n"))
    assert model.generation == 1
    same = apply(model, Changes((facts("a.py", "x = 1\n"),), (), model.projects))
    assert same is model
    changed = apply(model, Changes((facts("a.py", "y = 1\n"), facts("b.py", "")), (), model.projects))
    assert (changed.generation, list(changed.files)) == (2, ["a.py", "b.py"])
    gone = apply(changed, Changes((), ("a.py", "never.py"), model.projects))
    assert (gone.generation, list(gone.files)) == (3, ["b.py"])
    assert list(model.files) == ["a.py"]


def test_problems_are_gathered_and_limited() -> None:
    broken = tuple(FileFacts(f"f{n:02}.py", "python", "", problem=f"f{n:02}.py is bad. Mend it.") for n in range(12))
    owner = replace(project("."), problems=("Bad manifest. Correct it.",))
    model = apply(EMPTY, Changes(broken, (), (owner,), ("Not watched. Raise it.",)))
    assert model.problems[:3] == ("Not watched. Raise it.", "Bad manifest. Correct it.", "f00.py is bad. Mend it.")
    assert len(model.problems) == 13
    assert model.problems[-1].startswith("2 more files could not be indexed.")


def test_touches_wait_for_quiet_and_are_one_batch() -> None:
    pending = Pending(quiet=1.0, patience=10.0)
    assert pending.empty
    for second in range(5):
        pending.touch({f"f{second}.py", "again.py"}, second / 2)
    assert pending.due == 3.0
    assert pending.take(3.0) == Batch(paths=("again.py", "f0.py", "f1.py", "f2.py", "f3.py", "f4.py"))
    assert pending.empty
    assert pending.due == float("inf")


def test_patience_ends_although_touches_go_on() -> None:
    pending = Pending(quiet=1.0, patience=10.0)
    for half in range(60):
        pending.touch({"a.py"}, half / 2)
    assert pending.due == 10.0


def test_typing_neither_waits_for_files_nor_for_itself() -> None:
    pending = Pending(quiet=1.0, patience=10.0)
    pending.touch_buffer("a.py", 0.0)
    pending.touch_buffer("a.py", 0.9)
    pending.touch({"b.py"}, 0.9)
    assert pending.due == 1.0
    assert pending.take(1.0) == Batch(buffers=("a.py",))
    assert pending.due == 1.9
    assert pending.take(1.9) == Batch(paths=("b.py",))


def test_a_rescan_is_due_at_once_and_takes_everything() -> None:
    pending = Pending(quiet=1.0, patience=10.0)
    pending.touch({"b.py"}, 5.0)
    pending.touch_buffer("a.py", 5.0)
    pending.want_rescan(5.0)
    assert pending.due == 5.0
    assert pending.take(5.0) == Batch(("b.py",), ("a.py",), rescan=True)


def test_files_wait_while_more_of_them_are_about_to_change() -> None:
    pending = Pending(quiet=1.0, patience=10.0)
    pending.touch({"a.py"}, 0.0)
    pending.touch_buffer("b.py", 0.0)
    assert pending.take(1.0, hold_files=True) == Batch(buffers=("b.py",))
    assert pending.due == 2.0
    pending.touch({"c.py"}, 1.5)
    assert pending.take(2.0, hold_files=True) == Batch()
    assert pending.take(3.0) == Batch(("a.py", "c.py"))
    pending.touch({"a.py"}, 4.0)
    pending.want_rescan(4.0)
    assert pending.take(4.0, hold_files=True) == Batch(("a.py",), rescan=True)


def test_no_touch_is_no_batch() -> None:
    pending = Pending()
    pending.touch(set(), 1.0)
    assert pending.empty
    assert pending.due == float("inf")


def project(path: str) -> Project:
    return Project(path, "python", "a", "pip", "pytest", "/usr/bin/python3", (), path)


def facts(path: str, text: str) -> FileFacts:
    return outline_file(path, SourceText(text))


def built(*files: tuple[str, str], projects: tuple[Project, ...] | None = None) -> WorkspaceModel:
    owners = (project("."), project("part")) if projects is None else projects
    return apply(EMPTY, Changes(tuple(facts(path, text) for path, text in files), (), owners))


def named_tests(model: WorkspaceModel) -> list[tuple[str, str]]:
    return [(test.project, test.name) for found in model.files.values() for test in found.tests]
