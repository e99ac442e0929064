"""What the worker of mutation testing makes of mutants; with real workers on the interpreter that runs these tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.edit import TextEdit
from regreen.core.mutation import Fate, Judged, Mutant, Strength
from regreen.core.ports import Hearing
from regreen.core.testing import TestId
from regreen.execution import judge_mutants
from tests.support.diskbench import INJECTED, DiskBench, tree_hash, worker_spec
from tests.support.workspace import lay

KILLED, SURVIVED, TIMEOUT = Fate.KILLED, Fate.SURVIVED, Fate.TIMEOUT
UNCOVERED, IGNORED, BROKEN = Fate.NO_COVERAGE, Fate.IGNORED, Fate.COMPILE_ERROR


def judged(
    folder: Path,
    text: str,
    *changes: tuple[str, str],
    path: str = "calc.py",
    hearing: Hearing | None = None,
    tests: tuple[str, ...] = (),
    cancel: Cancellation | None = None,
    **env: str,
) -> Strength:
    """Judge mutants, each given by the only occurrence of a text and what takes its place."""
    lay(folder, text)
    source = (folder / path).read_text()
    mutants = tuple(mutant(path, source, *change) for change in changes)
    spec = worker_spec(folder, **env)
    spec = replace(spec, argv=(spec.argv[0], str(INJECTED / "regreen_mutate.py")))
    before = tree_hash(folder)
    names = tuple(TestId(".", name) for name in tests)
    found = judge_mutants(cancel or Cancellation(), spec, DiskBench(folder), mutants, names, hearing or Hearing(), ".")
    assert tree_hash(folder) == before
    return found


def mutant(path: str, source: str, old: str, new: str) -> Mutant:
    assert source.count(old) == 1, old
    start = source.index(old)
    line = source.count("\n", 0, start) + 1
    return Mutant(path, "test", TextEdit(start, start + len(old), new), line, old, new, "f")


def check(folder: Path, text: str, *expected: tuple[str, str, Fate], **options: str) -> Strength:
    """Compare the fates of mutants; the tree is as before."""
    strength = judged(folder, text, *((old, new) for old, new, _ in expected), **options)  # type: ignore[arg-type]
    assert not strength.refused
    fates = {one.mutant.edit: one.fate for one in strength.judged}
    source = (folder / "calc.py").read_text()
    for old, new, fate in expected:
        assert fates[mutant("calc.py", source, old, new).edit] is fate, (old, new, strength.judged)
    return strength


CLAMP = """
-- calc.py --
def clamp(x, low, high):
    if x < low:
        return low
    if high < x:
        return high
    return x


def unused(x):
    return x + 1
-- test_calc.py --
from calc import clamp


def test_inside():
    assert clamp(2, 1, 3) == 2


def test_below():
    assert clamp(0, 1, 3) == 1
"""


def test_a_mutant_is_killed_survives_or_is_not_covered(tmp_path: Path) -> None:
    strength = check(
        tmp_path,
        CLAMP,
        ("x < low", "x > low", KILLED),
        ("x < low", "x <= low", SURVIVED),
        ("return high", "return low", UNCOVERED),
        ("high < x", "high < high", SURVIVED),
        ("x + 1", "x - 1", UNCOVERED),
    )
    assert strength.complete
    killed = next(one for one in strength.judged if one.fate is KILLED)
    assert [test.name for test in killed.killed_by] == ["test_calc.py::test_inside"]
    assert [test.name for test in killed.covered_by] == ["test_calc.py::test_inside", "test_calc.py::test_below"]
    assert killed.why == "AssertionError: assert clamp(2, 1, 3) == 2"


def test_what_compiles_to_the_same_code_is_ignored_and_what_does_not_compile_is_told(tmp_path: Path) -> None:
    check(tmp_path, CLAMP, ("high < x", "(high < x)", IGNORED), ("x < low", "x < low)", BROKEN))


def test_endless_loops_and_endless_waits_are_timeouts(tmp_path: Path) -> None:
    text = """
-- calc.py --
import threading

def count(n):
    while 0 < n:
        n = n - 1
    return n

def wait(lock):
    if lock.locked():
        return False
    return lock.acquire()
-- test_calc.py --
import calc, threading

def test_count():
    assert calc.count(3) == 0

def test_wait():
    lock = threading.Lock()
    assert calc.wait(lock)
    assert not calc.wait(lock)
"""
    check(tmp_path, text, ("n - 1", "n - 0", TIMEOUT), ("lock.locked()", "False", TIMEOUT))


SEEN = """
-- calc.py --
import functools
from dataclasses import dataclass

REGISTRY = {}


def register(function):
    REGISTRY[function.__name__] = function
    return function


def doubled(function):
    @functools.wraps(function)
    def call(*given):
        return 2 * function(*given)
    return call


@register
def plain(x):
    return x + 1


@doubled
def twice(x):
    return x + 2


add_three = functools.partial(lambda x, y: x + y + 0, 3)


@functools.lru_cache(maxsize=None)
def cached(x):
    return x * 5


class Thing:
    limit = 7

    def __init__(self, n=8):
        self.n = n

    @property
    def half(self):
        return self.n // 2

    @staticmethod
    def nine():
        return 9

    def __secret(self):
        return 11

    def told(self):
        return self.__secret()


@dataclass(frozen=True)
class Point:
    x: int = 12

    def moved(self):
        return Point(self.x + 13)


async def later(x):
    return x + 14


def each(n):
    for i in range(n):
        yield i + 15
-- star.py --
from calc import *
-- test_calc.py --
import asyncio
from star import *
from star import add_three


def test_all():
    assert REGISTRY["plain"](1) == 2
    assert twice(1) == 6
    assert add_three(1) == 4
    assert cached(2) == 10
    assert Thing().half == 4
    assert Thing.limit == 7
    assert Thing.nine() == 9
    assert Thing().told() == 11
    assert Point().moved().x == 25
    assert asyncio.run(later(1)) == 15
    assert list(each(1)) == [15]
"""


def test_a_mutant_is_seen_however_its_function_is_reached(tmp_path: Path) -> None:
    """By a registry, a decorator, a partial, a cache, a property, another name, a coroutine, a generator."""
    changes = (
        ("x + 1\n", "x - 1\n"), ("2 * function", "3 * function"), ("x + 2", "x - 2"), ("y + 0", "y + 1"),
        ("x * 5", "x * 6"), ("limit = 7", "limit = 6"), ("n=8", "n=6"), ("// 2", "// 3"), ("return 9", "return 8"),
        ("return 11", "return 12"), ("x: int = 12", "x: int = 13"), ("self.x + 13", "self.x - 13"),
        ("x + 14", "x - 14"), ("i + 15", "i - 15"), ("REGISTRY[function.__name__]", "REGISTRY['a']"),
    )  # fmt: skip
    check(tmp_path, SEEN, *((old, new, KILLED) for old, new in changes))


def test_each_mutant_finds_the_suite_as_if_it_ran_for_the_first_time(tmp_path: Path) -> None:
    text = """
-- calc.py --
def total(xs):
    return sum(xs) + 0
-- test_calc.py --
import pytest
from calc import total

CASES = [[1, 2]]

@pytest.mark.parametrize("xs", CASES)
def test_total(xs):
    assert total(xs) == 3
    xs.append(4)
"""
    check(tmp_path, text, ("+ 0", "- 0", SURVIVED), ("+ 0", "+ 1", KILLED), ("sum(xs)", "abs(sum(xs))", SURVIVED))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("def test_x():\n    assert two() == 3\n", "fails on the untouched code"),
        ("import missing_module\n", "cannot be collected"),
        ("import pytest\n@pytest.mark.skip\ndef test_x():\n    two()\n", "No test ran and passed"),
        ("import os\ndef test_x():\n    os._exit(3)\n", "cannot be run to their end"),
        (
            "import pathlib\ndef test_x(tmp_path_factory):\n    two()\n"
            "    p = pathlib.Path(__import__('tempfile').gettempdir(), 'SEEN')\n"
            "    n = int(p.read_text()) if p.exists() else 0\n    p.write_text(str(n + 1))\n"
            "    assert n not in (1, 2)\n",
            "is flaky",
        ),
    ],
)
def test_tests_that_cannot_be_believed_judge_nothing(tmp_path: Path, body: str, said: str) -> None:
    text = f"\n-- calc.py --\ndef two():\n    return 2\n-- test_calc.py --\nfrom calc import two\n{body}"
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tree").mkdir()
    strength = judged(tmp_path / "tree", text, ("return 2", "return 1"), TMPDIR=str(tmp_path / "tmp"))
    assert said in strength.refused
    assert not strength.judged


def test_a_test_that_needs_another_before_it_kills_nothing(tmp_path: Path) -> None:
    text = """
-- calc.py --
def two():
    return 2
-- test_calc.py --
import calc
SEEN = []
def test_a():
    SEEN.append(1)
def test_b():
    assert SEEN and calc.two() == 2
def test_c():
    assert calc.two() in (1, 2)
"""
    check(tmp_path, text, ("return 2", "return 1", SURVIVED), ("return 2", "return 3", KILLED))


def test_a_test_that_is_flaky_while_it_notices_is_refused(tmp_path: Path) -> None:
    text = """
-- calc.py --
def two():
    return 2
-- test_calc.py --
import pathlib, tempfile
import calc
def test_x():
    seen = pathlib.Path(tempfile.gettempdir(), "SEEN")
    n = int(seen.read_text()) if seen.exists() else 0
    seen.write_text(str(n + 1))
    assert calc.two() == 2 and n != 3
"""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tree").mkdir()
    strength = judged(tmp_path / "tree", text, ("return 2", "return 1"), TMPDIR=str(tmp_path / "tmp"))
    assert "test_calc.py::test_x is flaky" in strength.refused
    assert not strength.judged


def test_a_test_that_needs_one_of_two_others_notices_nothing_alone(tmp_path: Path) -> None:
    text = """
-- calc.py --
def two():
    return 2

def one():
    return 1
-- test_calc.py --
import calc
SEEN = []
def test_a():
    SEEN.append(1)
def test_b():
    assert SEEN and calc.two() in (2, 3) and calc.one() in (1, 2)
def test_c():
    SEEN.append(1)
def test_d():
    assert calc.one() == 1
"""
    check(tmp_path, text, ("return 2", "return 3", UNCOVERED), ("return 1", "return 2", KILLED))


def test_asserts_that_are_read_are_there_where_a_test_needs_them(tmp_path: Path) -> None:
    text = """
-- calc.py --
def two():
    return 2
-- test_calc.py --
import pytest
import calc
def test_two():
    with pytest.raises(AssertionError, match="assert 2 == 3"):
        assert calc.two() == 3
"""
    check(tmp_path, text, ("return 2", "return 1", KILLED))


@pytest.mark.parametrize(
    "body",
    [
        "class TestX(unittest.TestCase):\n    def test_x(self):\n        self.assertEqual(two(), 2)\n",
        "class TestX(unittest.TestCase):\n    def test_x(self):\n        with self.subTest(1):\n"
        "            self.assertEqual(two(), 2)\n",
        "import pytest\n@pytest.fixture\ndef value():\n    yield 2\n    assert two() == 2\n"
        "def test_x(value):\n    pass\n",
        "import warnings\nimport pytest\n@pytest.mark.filterwarnings('error')\ndef test_x():\n"
        "    warnings.warn('x') if two() != 2 else None\n",
        "def test_x():\n    '''\n    >>> 1\n    1\n    '''\n    assert two() == 2\n",
    ],
    ids=["unittest", "a part of a test", "tear-down", "a warning that is an error", "plain"],
)
def test_a_test_notices_in_every_way_in_which_it_can_fail(tmp_path: Path, body: str) -> None:
    text = (
        f"\n-- calc.py --\ndef two():\n    return 2\n-- test_calc.py --\nimport unittest\nfrom calc import two\n{body}"
    )
    check(tmp_path, text, ("return 2", "return 1", KILLED))


def test_tear_downs_are_told_that_a_test_passed(tmp_path: Path) -> None:
    """By `tmp_path`, and where a project makes the result known to its fixtures."""
    text = """
-- calc.py --
def two():
    return 2
-- conftest.py --
import pytest

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    setattr(item, "report_" + call.when, outcome.get_result())

@pytest.fixture
def seen(request):
    yield
    assert request.node.report_setup.passed
    assert request.node.report_call.passed
-- test_calc.py --
import calc

def test_two(seen):
    assert calc.two() in (2, 3)

def test_file(tmp_path):
    (tmp_path / "two").write_text(str(calc.two()))
    assert (tmp_path / "two").read_text() in "24"
"""
    check(tmp_path, text, ("return 2", "return 4", KILLED), ("return 2", "return 3", KILLED), ("2", "+2", IGNORED))


def test_without_fork_and_beside_threads_the_fates_are_the_same(tmp_path: Path) -> None:
    expected = (("x < low", "x > low", KILLED), ("x < low", "x <= low", SURVIVED))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    alone = check(tmp_path / "a", CLAMP, *expected, REGREEN_WORKER_NO_FORK="1")
    assert alone.note == "Each mutant got an interpreter of its own, which takes longer: this system cannot fork."
    threaded = (
        "-- calc.py --\nimport threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    loaded = check(tmp_path / "b", CLAMP.replace("-- calc.py --\n", threaded), *expected)
    assert "the workspace's files start threads when they are loaded" in loaded.note


def test_what_is_known_is_not_asked_again_and_each_fate_is_told(tmp_path: Path) -> None:
    told: list[Judged] = []
    asked: list[tuple[str, int]] = []

    def recall(mutant: Mutant, tests: tuple[TestId, ...]) -> Judged | None:
        asked.append((mutant.replacement, len(tests)))
        return Judged(mutant, IGNORED, why="known") if mutant.replacement == "x <= low" else None

    hearing = Hearing(recall=recall, on_judged=told.append)
    judged(tmp_path, CLAMP, ("x < low", "x > low"), ("x < low", "x <= low"), hearing=hearing)
    assert asked == [("x > low", 2), ("x <= low", 2)]
    assert [one.fate for one in told] == [IGNORED, KILLED]


def test_a_budget_that_is_spent_leaves_the_rest_and_says_so(tmp_path: Path) -> None:
    strength = judged(tmp_path, CLAMP, ("x < low", "x > low"), hearing=Hearing(seconds=0.001))
    assert not strength.complete
    assert not strength.judged


def test_a_cancel_ends_it(tmp_path: Path) -> None:
    cancel = Cancellation()
    hearing = Hearing(on_judged=lambda _judged: cancel.cancel())
    changes = tuple(("x < low", f"x < {n}") for n in range(20))
    with pytest.raises(Cancelled):
        judged(tmp_path, CLAMP, *changes, hearing=hearing, cancel=cancel)


def test_only_the_named_tests_judge(tmp_path: Path) -> None:
    strength = judged(tmp_path, CLAMP, ("x < low", "x > low"), tests=("test_calc.py::test_below",))
    assert [test.name for one in strength.judged for test in one.covered_by] == ["test_calc.py::test_below"]


EARLY = """
-- calc.py --
def scaled(value, wide=False):
    factor = 2
    if wide:
        factor = 5
    return value * factor


SIZE = scaled(3)
-- test_calc.py --
import calc


def test_size():
    assert calc.SIZE == 6


def test_wide():
    assert calc.scaled(1, wide=True) == 5
"""


def test_what_ran_while_files_were_loaded_is_judged_line_by_line(tmp_path: Path) -> None:
    check(
        tmp_path,
        EARLY,
        ("factor = 2", "factor = 3", KILLED),  # Only what was made of it at load tells.
        ("factor = 5", "factor = 6", KILLED),
        ("value * factor", "value * factor * 1", SURVIVED),
    )
