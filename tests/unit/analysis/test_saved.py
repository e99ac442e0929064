"""Saved logs that look unlike a terminal: stamps, colours, several sessions, unittest, logs that stop."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.analysis import classify_saved
from regreen.core.failure import Failure, FailureKind
from tests.support.runs import failures_of, printed, run_tests, saved_failures, shown
from tests.support.workspace import lay

_RED = "-- app.py --\ndef f():\n    return x\n-- test_a.py --\nimport app\ndef test_a():\n    app.f()\n"
_SHOWN = "RG104 test_a.py::test_a app.py:2 symbol='x'"


@pytest.fixture(scope="module")
def red(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    root = lay(tmp_path_factory.mktemp("saved") / "ws", _RED)
    return root, printed(root, "-m", "pytest", "-p", "no:cacheprovider")


def test_time_stamps_of_a_ci_system_are_no_hindrance(red: tuple[Path, str]) -> None:
    root, output = red
    stamped = "".join(f"2026-01-02T03:04:05.1234567Z {line}\n" for line in output.splitlines())
    assert [shown(failure) for failure in saved_failures(root, stamped)] == [_SHOWN]


def test_carriage_returns_and_escapes_are_no_hindrance(red: tuple[Path, str]) -> None:
    root, output = red
    dressed = output.replace("\n", "\x1b[0m\r\n").replace("FAILED", "\x1b[31mFAILED")
    assert [shown(failure) for failure in saved_failures(root, dressed)] == [_SHOWN]


def test_the_same_failure_of_two_sessions_is_reported_once(red: tuple[Path, str]) -> None:
    root, output = red
    assert [shown(failure) for failure in saved_failures(root, output + output)] == [_SHOWN]


def test_red_and_green_on_the_same_tree_is_flaky(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", "-- test_a.py --\nimport os\ndef test_a():\n    assert 'GREEN' in os.environ\n")
    red = printed(root, "-m", "pytest", "-p", "no:cacheprovider")
    green = printed(root, "-m", "pytest", "-p", "no:cacheprovider", env={"GREEN": "1"})
    assert [failure.kind for failure in saved_failures(root, red)] == [FailureKind.ASSERTION]
    (failure,) = saved_failures(root, red + green)
    assert failure.kind is FailureKind.FLAKY
    assert failure.slot("underlying") == "assertion"


UNITTEST = """
-- app.py --
def f(x):
    return y
-- test_app.py --
import unittest
from app import f
class T(unittest.TestCase):
    def test_name(self):
        '''It has a description.'''
        self.assertEqual(f(1), 2)
    def test_equal(self):
        self.assertEqual(1, 2, "not the same")
    def test_parts(self):
        for n in range(2):
            with self.subTest("part", n=n):
                self.assertEqual(n, 5)
class Hooked(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise RuntimeError("no")
    def test_it(self):
        pass
-- test_broken.py --
import no_such_thing
"""


@pytest.mark.parametrize("arguments", [(), ("-v",), ("-b",)], ids=["plain", "verbose", "buffered"])
def test_unittest_says_the_same(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    root = lay(tmp_path / "ws", UNITTEST)
    found = saved_failures(root, printed(root, "-m", "unittest", *arguments), "unittest")
    assert sorted(shown(failure) for failure in found) == [
        "RG103 test_broken test_broken.py:1 declared='no' missing='no_such_thing' package='no_such_thing'",
        "RG104 test_app.T.test_name app.py:2 symbol='y'",
        "RG301 test_app.T.test_equal test_app.py:8 actual='1' expected='2' operator='!='",
        "RG301 test_app.T.test_parts test_app.py:12 actual='0' expected='5' operator='!=' subtests='n=0, n=1'",
        "RG501 test_app.Hooked test_app.py:16 exception='RuntimeError' hook='setUpClass' message='no'"
        " underlying='unhandled-error'",
    ]


def test_unittest_without_tests_is_a_wrong_selection(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", "-- app.py --\nx = 1\n")
    assert [shown(failure) for failure in saved_failures(root, printed(root, "-m", "unittest"), "unittest")] == [
        "RG502  -"
    ]


def test_a_green_log_has_no_failure(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", "-- test_a.py --\ndef test_a(): pass\n")
    assert saved_failures(root, printed(root, "-m", "pytest", "-q", "-p", "no:cacheprovider")) == ()


def test_an_empty_log_is_one_unknown_failure() -> None:
    assert [failure.kind for failure in classify_saved("", "pytest", "/ws")] == [FailureKind.UNKNOWN]


def test_logs_name_tests_with_odd_parameters(tmp_path: Path) -> None:
    ids = ["a - b", "x[1]", "p::q", "a/b c", "é"]
    mark = f"@pytest.mark.parametrize('x', {ids!r}, ids={ids!r})"
    workspace = f"-- test_a.py --\nimport pytest\n{mark}\ndef test_a(x):\n    assert 0\n"
    root = lay(tmp_path / "ws", workspace)
    found = saved_failures(root, printed(root, "-m", "pytest", "-p", "no:cacheprovider"))
    assert [failure.test.name for failure in found] == [
        f"test_a.py::test_a[{name.encode('unicode_escape').decode()}]" for name in ids
    ]


@given(st.text(alphabet="E=_->: \n\t[]()/.'\"FAILEDROtestpy0123", max_size=300))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    for failure in classify_saved(
        f"=== FAILURES ===\n{text}\n=== short test summary info ===\n{text}", "pytest", "/ws"
    ):
        assert failure.kind.code
    classify_saved(text, "unittest", "")


GROUP = """
-- test_a.py --
import asyncio

def _both():
    raise ExceptionGroup("two", [ValueError("bad a"), TypeError("bad b")])

def test_a_group():
    _both()

def test_a_task_of_a_group():
    async def boom():
        return {}["x"]
    async def main():
        async with asyncio.TaskGroup() as group:
            group.create_task(boom())
    asyncio.run(main())
"""
_GROUPED = ["RG203 test_a.py::test_a_group test_a.py:4", "RG202 test_a.py::test_a_task_of_a_group test_a.py:11"]


def _placed(failures: tuple[Failure, ...]) -> list[str]:
    return [" ".join(shown(failure).split()[:3]) for failure in failures]


def test_a_group_is_its_first_exception_wherever_that_was_raised(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", GROUP)
    assert _placed(saved_failures(root, printed(root, "-m", "pytest", "-p", "no:cacheprovider"))) == _GROUPED
    assert _placed(failures_of(root, run_tests(root))) == _GROUPED
