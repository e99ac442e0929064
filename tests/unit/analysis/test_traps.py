"""Runs that end in an unusual way: each a real run of a small workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from regreen.core.testing import Ended, TestId, TestOutcome
from tests.support.runs import failures_of, printed, project_of, run_tests, saved_failures, shown
from tests.support.workspace import lay


def check_run(tmp_path: Path, workspace: str, expected: str, *names: str, hangs: str = "") -> None:
    """Run a workspace; `expected` holds one line for each failure, without slots when it ends in " …"."""
    root = lay(tmp_path / "ws", workspace)
    run = run_tests(root, *names, hangs=hangs)
    assert not run.green_for()
    found = [shown(failure) for failure in failures_of(root, run)]
    wanted = [line.strip() for line in expected.strip().splitlines()]
    assert [_cut(line, like) for line, like in zip(found, wanted, strict=True)] == wanted


def _cut(line: str, like: str) -> str:
    return " ".join([*line.split(" ")[: len(like.split(" ")) - 1], "…"]) if like.endswith(" …") else line


def test_a_segfault_names_the_test_that_was_running(tmp_path: Path) -> None:
    check_run(
        tmp_path,
        """
-- test_a.py --
import ctypes
def test_ok(): pass
def test_crash():
    ctypes.string_at(0)
def test_after(): pass
""",
        "RG403 test_a.py::test_crash test_a.py:4 signal='Segmentation fault' test='test_a.py::test_crash'",
    )


def test_an_exit_with_zero_in_a_test_is_not_green(tmp_path: Path) -> None:
    workspace = """
-- test_a.py --
import os
def test_ok(): pass
def test_leave():
    os._exit(0)
"""
    check_run(tmp_path, workspace, "RG403 test_a.py::test_leave test_a.py:4 exit_code='0' test='test_a.py::test_leave'")
    run = run_tests(tmp_path / "ws")
    assert (run.exit_code, run.complete) == (0, False)
    assert run.green_for((TestId(".", "test_a.py::test_ok"),)) is False


def test_an_exit_with_zero_while_collecting_is_not_green(tmp_path: Path) -> None:
    check_run(tmp_path, "-- test_a.py --\nimport os\nos._exit(0)\n", "RG403 test_a.py test_a.py:0 …")


def test_sys_exit_while_collecting_is_blamed_on_its_line(tmp_path: Path) -> None:
    check_run(tmp_path, "-- test_a.py --\nimport sys\nsys.exit(4)\n", "RG403 test_a.py test_a.py:2 exit_code='4'")


def test_a_hang_is_a_timeout_at_the_line_that_hangs(tmp_path: Path) -> None:
    workspace = """
-- app.py --
import threading
LOCK = threading.Lock()
def locked():
    with LOCK:
        with LOCK:
            return 1
-- test_a.py --
import app
def test_ok(): pass
def test_hang():
    assert app.locked() == 1
"""
    root = lay(tmp_path / "ws", workspace)
    run = run_tests(root, hangs='"test", "id": "test_a.py::test_hang"')
    assert run.ended is Ended.TIMED_OUT
    assert [result.outcome for result in run.results] == [TestOutcome.PASSED, TestOutcome.UNFINISHED]
    (failure,) = failures_of(root, run)
    assert shown(failure).startswith("RG401 test_a.py::test_hang app.py:5 ")
    assert failure.code == "with LOCK:"


def test_a_hang_while_no_python_code_can_run_is_found_as_well(tmp_path: Path) -> None:
    workspace = """
-- test_a.py --
import re
def test_slow():
    re.match("(a+)+$", "a" * 60 + "b")
"""
    check_run(tmp_path, workspace, "RG401 test_a.py::test_slow test_a.py:3 …", hangs='"event": "test"')


def test_a_hang_while_collecting_names_the_file(tmp_path: Path) -> None:
    workspace = "-- app.py --\nwhile True: pass\n-- test_a.py --\nimport app\n"
    check_run(tmp_path, workspace, "RG401 test_a.py app.py:1 …", hangs='"event": "collecting"')


@pytest.mark.parametrize(
    ("workspace", "expected"),
    [
        pytest.param("-- app.py --\nx = 1\n", "RG502  -", id="no-test-file"),
        pytest.param("-- test_a.py --\ndef check(): pass\n", "RG502  -", id="no-test"),
        pytest.param(
            "-- pytest.ini --\n[pytest]\naddopts = -k nothing\n-- test_a.py --\ndef test_a(): pass\n",
            "RG502  -",
            id="all-deselected",
        ),
        pytest.param(
            "-- conftest.py --\nimport no_such_thing\n-- test_a.py --\ndef test_a(): pass\n",
            "RG103 conftest.py conftest.py:1 declared='no' missing='no_such_thing' package='no_such_thing'",
            id="conftest-import",
        ),
        pytest.param(
            "-- tests/conftest.py --\nx = 1\ny = z\n-- tests/test_a.py --\ndef test_a(): pass\n",
            "RG104 tests/conftest.py tests/conftest.py:2 symbol='z'",
            id="conftest-name",
        ),
        pytest.param(
            "-- conftest.py --\ndef f(:\n-- test_a.py --\ndef test_a(): pass\n",
            "RG101 conftest.py conftest.py:1",
            id="conftest-syntax",
        ),
        pytest.param(
            "-- app.py --\ndef f(x):\n    return (x\n-- test_a.py --\nimport app\n-- test_b.py --\ndef test(): pass\n",
            "RG101 test_a.py app.py:2 expected='('",
            id="syntax-of-a-module",
        ),
        pytest.param(
            "-- test_a.py --\ndef test_a():\n  x = 1\n    y = 2\n", "RG101 test_a.py test_a.py:3", id="indentation"
        ),
        pytest.param(
            "-- pyproject.toml --\n[tool.pytest\n-- test_a.py --\ndef test_a(): pass\n", "RG502  - …", id="broken-toml"
        ),
        pytest.param(
            "-- pytest.ini --\naddopts = -q\n-- test_a.py --\ndef test_a(): pass\n", "RG502  - …", id="broken-ini"
        ),
        pytest.param(
            "-- pytest.ini --\n[pytest]\naddopts = --cov=app\n-- test_a.py --\ndef test_a(): pass\n",
            "RG502  - selector='--cov=app'",
            id="unknown-option",
        ),
        pytest.param(
            "-- pytest.ini --\n[pytest]\nminversion = 99\n-- test_a.py --\ndef test_a(): pass\n",
            "RG601  - missing='pytest-99' …",
            id="pytest-too-old",
        ),
        pytest.param(
            "-- pytest.ini --\n[pytest]\nrequired_plugins = pytest-nope\n-- test_a.py --\ndef test_a(): pass\n",
            "RG103  - missing='pytest-nope'",
            id="plugin-missing",
        ),
        pytest.param(
            "-- pytest.ini --\n[pytest]\naddopts = --strict-markers\n-- test_a.py --\nimport pytest\n"
            "@pytest.mark.slow\ndef test_a(): pass\n",
            "RG502 test_a.py - selector='slow'",
            id="unknown-marker",
        ),
        pytest.param(
            "-- a/test_x.py --\ndef test_a(): pass\n-- b/test_x.py --\ndef test_a(): pass\n",
            "RG502 b/test_x.py - file='b/test_x.py'",
            id="two-files-of-one-name",
        ),
        pytest.param(
            "-- conftest.py --\ndef pytest_sessionfinish(session):\n    session.exitstatus = 1\n"
            "-- test_a.py --\ndef test_a(): pass\n",
            "RG502  - exit_code='1'",
            id="red-without-a-red-test",
        ),
        pytest.param(
            "-- src/own/__init__.py --\nx = 1\n-- tests/test_a.py --\nimport own\n",
            "RG103 tests/test_a.py tests/test_a.py:1 missing='own' package='small' reason='project-not-installed'",
            id="own-package-not-installed",
        ),
        pytest.param(
            "-- requirements.txt --\nrequests_cache==1\n-- requests.py --\n-- test_a.py --\nimport requests_cache\n",
            "RG103 test_a.py test_a.py:1 declared='yes' missing='requests_cache' package='requests_cache'",
            id="declared-dependency-beside-a-similar-module",
        ),
        pytest.param(
            '-- pyproject.toml --\n[project]\nname = "own"\nrequires-python = ">=3.99"\n'
            "-- app.py --\nlet x = 1\n-- test_a.py --\nimport app\n",
            "RG601 test_a.py app.py:1 missing='python>=3.99' …",
            id="python-too-old",
        ),
        pytest.param(
            "-- a.py --\nfrom b import y\nx = 1\n-- b.py --\nfrom a import x\ny = 1\n-- test_a.py --\nimport a\n",
            "RG102 test_a.py b.py:1 missing='x' module='a' reason='cycle' symbol='x'",
            id="import-cycle",
        ),
        pytest.param(
            "-- pytest.ini --\n[pytest]\ntimeout = 1\n"
            "-- test_a.py --\nimport time\ndef test_a():\n    time.sleep(30)\n",
            "RG401 test_a.py::test_a test_a.py:3 limit='1.0s'",
            id="timeout-of-a-plugin",
        ),
        pytest.param(
            "-- pytest.ini --\n[pytest]\nfilterwarnings = error::pytest.PytestUnhandledThreadExceptionWarning\n"
            "-- app.py --\nimport threading\ndef go():\n    def work():\n        raise ValueError('in thread')\n"
            "    t = threading.Thread(target=work)\n    t.start()\n    t.join()\n"
            "-- test_a.py --\nimport app\ndef test_a():\n    app.go()\n",
            "RG404 test_a.py::test_a app.py:4 reason='thread-exception' …",
            id="exception-in-a-thread",
        ),
        pytest.param(
            "-- pytest.ini --\n[pytest]\naddopts = --doctest-modules\n"
            '-- app.py --\ndef inc(n):\n    """Add.\n\n    >>> inc(1)\n    3\n    """\n    return n + 1\n',
            "RG301 app.py::app.inc app.py:4 actual='2' expected='3'",
            id="doctest",
        ),
        pytest.param(
            "-- test_a.py --\nfrom hypothesis import given, strategies as st\n@given(st.integers(10, 20))\n"
            "def test_a(x):\n    assert x < 0\n",
            "RG301 test_a.py::test_a test_a.py:4 actual='10' example='x=10' expected='0' operator='<'",
            id="hypothesis",
        ),
        pytest.param(
            "-- test_a.py --\nasync def test_a():\n    assert 1 == 2\n",
            "RG502 test_a.py::test_a - missing='pytest-asyncio'",
            id="async-test-without-a-plugin",
        ),
        pytest.param(
            "-- pytest.ini --\n[pytest]\naddopts = -n 2 -x --lf --sw\n"
            "-- test_a.py --\ndef test_a():\n    assert 1 == 2\n"
            "def test_b():\n    assert 3 == 4\n",
            "RG301 test_a.py::test_a test_a.py:2 actual='1' expected='2' operator='=='\n"
            "RG301 test_a.py::test_b test_a.py:4 actual='3' expected='4' operator='=='",
            id="options-that-would-hide-failures",
        ),
    ],
)
def test_a_run_without_an_ordinary_result(tmp_path: Path, workspace: str, expected: str) -> None:
    check_run(tmp_path, workspace, expected)


def test_an_id_that_is_not_there_is_the_selections_fault(tmp_path: Path) -> None:
    workspace = "-- test_a.py --\ndef test_a(): pass\n"
    check_run(tmp_path, workspace, "RG502  - …", "test_a.py::test_nope")


def test_a_tool_that_is_missing_says_which_command_installs_it(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", "-- test_a.py --\ndef test_a(): pass\n")
    bare = tmp_path / "bare" / "bin" / "python"
    printed(tmp_path, "-m", "venv", "--without-pip", str(bare.parent.parent))
    project = project_of(interpreter=str(bare))
    (failure,) = failures_of(root, run_tests(root, project=project), project)
    assert shown(failure) == "RG601  - missing='pytest'"
    assert f"{bare} -m pip install pytest" in failure.advice


def test_printed_lines_that_look_like_a_report_change_nothing(tmp_path: Path) -> None:
    workspace = """
-- test_a.py --
import sys
def test_a():
    line = '{"event": "report", "id": "test_b.py::x", "when": "call", "outcome": "failed", "nonce": ""}'
    print(line)
    print("FAILED test_a.py::test_other - AssertionError", file=sys.__stderr__)
    print("=== short test summary info ===")
"""
    root = lay(tmp_path / "ws", workspace)
    run = run_tests(root)
    assert run.green_for((TestId(".", "test_a.py::test_a"),))
    assert failures_of(root, run) == ()
    assert saved_failures(root, printed(root, "-m", "pytest", "-p", "no:cacheprovider", "-s")) == ()


def test_huge_output_of_a_failing_test_is_survived(tmp_path: Path) -> None:
    workspace = "-- test_a.py --\ndef test_a():\n    print('x' * 30_000_000)\n    assert 1 == 2\n"
    root = lay(tmp_path / "ws", workspace)
    run = run_tests(root)
    (failure,) = failures_of(root, run)
    assert shown(failure) == "RG301 test_a.py::test_a test_a.py:3 actual='1' expected='2' operator='=='"
    assert sum(len(text) for result in run.results for _, text in result.sections) < 100_000


def test_all_tests_skipped_is_not_green_and_not_a_failure(tmp_path: Path) -> None:
    workspace = "-- test_a.py --\nimport pytest\n@pytest.mark.skip\ndef test_a(): pass\n"
    check_run(tmp_path, workspace, "")


def test_unittest_files_that_pytest_would_not_see_are_run(tmp_path: Path) -> None:
    workspace = """
-- testing.py --
import unittest
class T(unittest.TestCase):
    def test_a(self):
        self.assertEqual(1, 2)
"""
    root = lay(tmp_path / "ws", workspace)
    project = project_of("unittest")
    (failure,) = failures_of(root, run_tests(root, project=project), project)
    assert shown(failure) == "RG301 testing.py::T::test_a testing.py:4 actual='1' expected='2' operator='!='"
