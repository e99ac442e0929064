"""Which tests a request means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from regreen.app import Board, FixRequest, TestRequest, next_board, resolve
from regreen.app.choose import refuse_if_stale, selections, wanted_tests
from regreen.core.errors import NoTests, StaleRequest, UsageError
from regreen.core.events import RunEnded
from regreen.core.failure import Failure, FailureKind
from regreen.core.testing import Ended, Selection, TestId, TestRun
from regreen.core.text import Span
from regreen.core.workspace import FileFacts, TestCase, WorkspaceModel
from tests.support.fakes import PROJECT

ROOT, WEB = PROJECT, replace(PROJECT, path="web", cwd="web")
NOWHERE = Span(0, 0)


def case(project: str, name: str, line: int) -> TestCase:
    path = name.partition("::")[0]
    return TestCase(name, project, path if project == "." else f"{project}/{path}", line, NOWHERE, NOWHERE)


CASES = (
    case(".", "test_a.py::test_add", 3),
    case(".", "test_a.py::test_add_more", 9),
    case("web", "test_w.py::test_page", 3),
    case("web", "test_w.py::TestForm::test_send", 8),
)
MODEL = WorkspaceModel(
    "/w",
    generation=5,
    projects=(ROOT, WEB),
    files={
        path: FileFacts(path, "python", "", tests=tuple(c for c in CASES if c.path == path))
        for path in ("test_a.py", "web/test_w.py")
    },
)
RED = TestId(".", "test_a.py::test_add[1]")


def board() -> Board:
    run = TestRun(".", (), (RED,), 1, Ended.EXITED, 0.1, True)
    failure = Failure(FailureKind.ASSERTION, RED, "a.py", 2, "assert", test_path="test_a.py", test_line=3)
    return next_board(Board(), RunEnded(run, (failure,), everything=True))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test_a.py::test_add", ".:test_a.py::test_add"),
        ("test_a.py::test_add[9]", ".:test_a.py::test_add[9]"),
        ("test_page", "web:test_w.py::test_page"),
        ("web/test_w.py::test_page", "web:test_w.py::test_page"),
        ("TestForm::test_send", "web:test_w.py::TestForm::test_send"),
    ],
)
def test_a_name_or_a_part_that_fits_one_test_is_enough(name: str, expected: str) -> None:
    found = resolve(name, Board(), MODEL)
    assert f"{found.project}:{found.name}" == expected


@pytest.mark.parametrize(("name", "message"), [("test_nothing", "No test is called"), ("test_a.py", "fits several")])
def test_a_name_that_fits_none_or_several_is_an_error(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        resolve(name, Board(), MODEL)


@pytest.mark.parametrize(
    "request_",
    [FixRequest(path="a.py", line=2), FixRequest(path="test_a.py", line=3), FixRequest(path="a.py"), FixRequest()],
)
def test_the_red_test_is_found_from_the_culprit_the_test_or_nothing(request_: FixRequest) -> None:
    assert wanted_tests(request_, board(), MODEL) == (RED,)


def test_a_definition_that_was_not_run_yet_can_be_fixed_too() -> None:
    request = FixRequest(path="web/test_w.py", line=8)
    assert wanted_tests(request, board(), MODEL) == (TestId("web", "test_w.py::TestForm::test_send"),)


def test_a_case_of_a_table_that_was_not_run_yet_is_known_by_its_definition() -> None:
    table = case("web", "a.test.ts::adds %i", 3)
    files = {**MODEL.files, "web/a.test.ts": FileFacts("web/a.test.ts", "typescript", "", tests=(table,))}
    found = resolve("a.test.ts::adds 7", Board(), replace(MODEL, files=files))
    assert found == TestId("web", "a.test.ts::adds 7")


def test_a_place_without_a_red_test_says_so() -> None:
    with pytest.raises(UsageError, match=r"b\.py:4"):
        wanted_tests(FixRequest(path="b.py", line=4), board(), MODEL)


def test_everything_is_one_run_for_each_project() -> None:
    assert selections(TestRequest(), MODEL) == ((ROOT, Selection()), (WEB, Selection()))


def test_paths_go_to_their_project_relative_to_its_folder() -> None:
    chosen = selections(TestRequest(paths=("web/test_w.py", "test_a.py", "web")), MODEL)
    assert chosen == ((ROOT, Selection(paths=("test_a.py",))), (WEB, Selection(paths=("test_w.py", "."))))


def test_a_workspace_without_projects_says_what_to_do() -> None:
    with pytest.raises(NoTests, match="Open the folder"):
        selections(TestRequest(), WorkspaceModel("/w"))


def test_an_offer_is_stale_when_its_files_changed_since() -> None:
    request = FixRequest(tests=(RED,), generation=4)
    refuse_if_stale(request, (RED,), board(), {"a.py": 4, "unrelated.py": 5})
    with pytest.raises(StaleRequest, match=r"a\.py changed"):
        refuse_if_stale(request, (RED,), board(), {"a.py": 5})
