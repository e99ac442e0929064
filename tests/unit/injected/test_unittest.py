"""Unittest without pytest: the driver reports what the plugin would, under the same ids."""

from __future__ import annotations

import sys
import venv
from dataclasses import replace
from pathlib import Path

import pytest

from regreen.core.testing import TestOutcome, TestRun
from regreen.core.workspace import Project
from tests.support.runs import failures_of, project_of, run_tests, shown
from tests.support.workspace import lay

WORKSPACE = """
-- app.py --
def add(a, b):
    return a - b

class Box:
    def __init__(self):
        self.items = {}
-- tests/test_app.py --
import unittest

import app


class AddTests(unittest.TestCase):
    def test_adds(self):
        print("noise")
        self.assertEqual(app.add(1, 2), 3)

    def test_adds_nothing(self):
        self.assertEqual(app.add(1, 0), 1)

    def test_parts(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertNotEqual(n, 1)

    @unittest.skip("later")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_known(self):
        self.fail()

    @unittest.expectedFailure
    def test_cured(self):
        pass


class BoxTests(unittest.IsolatedAsyncioTestCase):
    async def test_member(self):
        app.Box().item


class ClosedTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.box = {}["box"]

    def test_one(self):
        pass

    def test_two(self):
        pass
-- tests/test_gone.py --
import nowhere
-- tests/test_syntax.py --
def broken(:
"""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project whose interpreter has no pytest."""
    folder = tmp_path_factory.mktemp("plain") / "env"
    venv.create(folder, with_pip=False)
    command = ("python", "-m", "unittest", "discover")
    return replace(project_of("unittest", interpreter=str(folder / "bin" / "python")), test_command=command)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the workspace."""
    return lay(tmp_path_factory.mktemp("cases") / "ws", WORKSPACE)


def outcomes(run: TestRun) -> dict[str, str]:
    return {result.id.name.removeprefix("tests/test_app.py::"): result.outcome.value for result in run.results}


def test_each_test_is_reported_under_pytests_id(root: Path, plain: Project) -> None:
    run = run_tests(root, project=plain)
    assert (run.exit_code, run.complete) == (1, True)
    assert outcomes(run) == {
        "AddTests::test_adds": "failed", "AddTests::test_adds_nothing": "passed", "AddTests::test_parts": "failed",
        "AddTests::test_skipped": "skipped", "AddTests::test_known": "xfailed", "AddTests::test_cured": "failed",
        "BoxTests::test_member": "failed", "ClosedTests::test_one": "error", "ClosedTests::test_two": "error",
        "tests/test_gone.py": "error", "tests/test_syntax.py": "error",
    }  # fmt: skip


def test_failures_are_explained_as_with_pytest(root: Path, plain: Project) -> None:
    run = run_tests(root, project=plain)
    found = {failure.test.name.rpartition("::")[2]: shown(failure) for failure in failures_of(root, run, plain)}
    assert "RG301" in found["test_adds"]
    assert "tests/test_app.py:9 actual='-1' expected='3'" in found["test_adds"]
    assert "subtests='n=1'" in found["test_parts"]
    assert "RG105" in found["test_member"]
    assert "owner='Box'" in found["test_member"]
    assert found["test_one"].startswith("RG501")
    assert found["tests/test_gone.py"].startswith("RG103 tests/test_gone.py tests/test_gone.py:1")
    assert found["tests/test_syntax.py"].startswith("RG101 tests/test_syntax.py tests/test_syntax.py:1")


def test_pytest_runs_the_same_tests_under_the_same_ids(root: Path, plain: Project) -> None:
    names = ("tests/test_app.py",)
    ours = run_tests(root, *names, project=plain)
    theirs = run_tests(root, *names, project=replace(plain, interpreter=sys.executable))
    assert {result.id.name for result in ours.failed} == {result.id.name for result in theirs.failed}
    assert ours.passed_ids == theirs.passed_ids
    assert {test.name for test in ours.collected} == {test.name for test in theirs.collected}


def test_one_test_is_run_alone_and_its_output_kept(root: Path, plain: Project) -> None:
    run = run_tests(root, "tests/test_app.py::AddTests::test_adds", project=plain)
    (result,) = run.results
    assert result.outcome is TestOutcome.FAILED
    assert dict(result.sections) == {"Captured stdout call": "noise\n"}


def test_a_name_that_means_no_test_is_no_green(root: Path, plain: Project) -> None:
    run = run_tests(root, "tests/test_app.py::AddTests::test_gone", project=plain)
    (failure,) = failures_of(root, run, plain)
    assert failure.kind.code == "RG502"
    assert failure.slot("selector") == "tests/test_app.py::AddTests::test_gone"


def test_no_test_at_all_is_no_green(tmp_path: Path, plain: Project) -> None:
    root = lay(tmp_path / "ws", "-- app.py --\nx = 1\n")
    run = run_tests(root, project=plain)
    assert [failure.kind.code for failure in failures_of(root, run, plain)] == ["RG502"]


def test_a_test_that_ends_the_process_is_blamed(tmp_path: Path, plain: Project) -> None:
    workspace = (
        "-- test_a.py --\nimport os\nimport unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n"
        "        os._exit(0)\n"
    )
    root = lay(tmp_path / "ws", workspace)
    run = run_tests(root, project=plain)
    (failure,) = failures_of(root, run, plain)
    assert (failure.kind.code, failure.test.name, failure.line) == ("RG403", "test_a.py::T::test_a", 5)


def test_files_of_one_name_in_two_folders_are_both_run(tmp_path: Path, plain: Project) -> None:
    case = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n"
    root = lay(tmp_path / "ws", f"-- one/test_a.py --\n{case}-- two/test_a.py --\n{case}")
    run = run_tests(root, project=plain)
    assert outcomes(run) == {"one/test_a.py::T::test_a": "passed", "two/test_a.py::T::test_a": "passed"}
    assert run.green_for()
