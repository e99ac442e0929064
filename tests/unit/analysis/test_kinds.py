"""Every kind of failure that a Python test can have, from one real run, against what must be said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from regreen.core.failure import Failure
from regreen.core.testing import TestRun
from tests.support.runs import failures_of, printed, run_tests, saved_failures, shown
from tests.support.workspace import lay

_WORKSPACE = Path(__file__).parents[2] / "data" / "kinds_workspace.txt"

_EXPECTED = Path(__file__).parents[2] / "data" / "kinds_expected.txt"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(tmp_path_factory.mktemp("kinds") / "ws", _WORKSPACE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def run(root: Path) -> TestRun:
    return run_tests(root)


@pytest.fixture(scope="module")
def failures(root: Path, run: TestRun) -> tuple[Failure, ...]:
    return failures_of(root, run)


def test_each_failure_has_its_kind_its_place_and_its_slots(failures: tuple[Failure, ...]) -> None:
    assert [shown(failure) for failure in failures] == _EXPECTED.read_text(encoding="utf-8").splitlines()


def test_the_run_is_complete_and_red(run: TestRun) -> None:
    assert run.complete
    assert run.exit_code == 1
    assert not run.green_for()


def test_each_failure_carries_code_text_and_advice(failures: tuple[Failure, ...]) -> None:
    for failure in failures:
        assert failure.code, shown(failure)
        assert failure.text, shown(failure)
        assert failure.advice.endswith((".", "!")), shown(failure)
        assert failure.test_line, shown(failure)
        assert "\n" not in failure.message, shown(failure)


def test_frames_lead_from_the_test_to_the_culprit(failures: tuple[Failure, ...]) -> None:
    failure = next(failure for failure in failures if failure.test.name == "test_kinds.py::test_member")
    assert [(frame.path, frame.line, frame.inside) for frame in failure.frames] == [
        ("test_kinds.py", 22, True),
        ("app.py", 17, True),
    ]
    assert failure.code == "return self.width * self.heigth"


def test_library_frames_are_not_the_culprit(failures: tuple[Failure, ...]) -> None:
    failure = next(failure for failure in failures if failure.test.name == "test_kinds.py::test_json")
    assert [frame.inside for frame in failure.frames] == [True, True, *[False] * (len(failure.frames) - 2)]
    assert failure.frames[2].path.endswith("json/__init__.py")


@pytest.mark.parametrize(
    "arguments",
    [("--tb=long",), ("--tb=short", "-q"), ("--tb=native", "-v"), ("-n2",), ("--tb=auto", "--color=yes", "-rA")],
    ids=["long", "short-quiet", "native-verbose", "xdist", "colours"],
)
def test_what_pytest_prints_says_the_same_as_the_report(
    root: Path, failures: tuple[Failure, ...], arguments: tuple[str, ...]
) -> None:
    saved = saved_failures(root, printed(root, "-m", "pytest", "-p", "no:cacheprovider", *arguments))
    assert sorted(map(_essence, saved)) == sorted(map(_essence, failures))


def test_one_line_a_failure_still_gives_kinds_and_ids(root: Path, failures: tuple[Failure, ...]) -> None:
    output = printed(root, "-m", "pytest", "-p", "no:cacheprovider", "--tb=line", env={"CI": "1"})
    saved = {failure.test: failure for failure in saved_failures(root, output)}
    assert set(saved) == {failure.test for failure in failures}
    differing = [failure for failure in failures if failure.kind is not saved[failure.test].kind]
    # The hook's name, the file of the syntax error and the compared files are not in a single line.
    assert [failure.test.name.rpartition("::")[2] for failure in differing] == [
        "test_evaluated",
        "test_golden",
        "test_it",
    ]


def test_names_alone_still_give_ids(root: Path, failures: tuple[Failure, ...]) -> None:
    output = printed(root, "-m", "pytest", "-p", "no:cacheprovider", "--tb=no", env={"CI": "1"})
    assert {failure.test for failure in saved_failures(root, output)} == {failure.test for failure in failures}


def _essence(failure: Failure) -> tuple[str, str, str, int]:
    return failure.test.name, failure.kind.code, failure.path, failure.line
