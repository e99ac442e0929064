from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.errors import CannotRun, Conflict, ToolMissing, WorkbenchRefused
from regreen.core.policy import Policy
from regreen.core.ports import Trial, TrialVerdict
from regreen.core.testing import CommandSpec, TestId
from regreen.execution import open_trials
from tests.support.diskbench import DiskBench, swap, tree_hash, trials_in, worker_spec
from tests.support.workspace import lay

SHOP = """
-- shop/__init__.py --
-- shop/cart.py --
import decimal


class Cart:
    def __init__(self):
        self.prices = []

    def total(self):
        total = 0
        for price in self.prices:
            total -= price
        return total
-- tests/test_cart.py --
import inspect
import pathlib
import subprocess
import sys

import pytest

from shop.cart import Cart


def cart(*prices):
    made = Cart()
    made.prices = list(prices)
    return made


def test_total():
    assert cart(2, 3).total() == 5


def test_empty():
    assert cart().total() == 0


@pytest.mark.parametrize("n", [1, 2])
def test_cases(n):
    assert cart(n).total() == n


def test_source():
    assert "total += price" in inspect.getsource(Cart)


def test_program():
    code = "from shop.cart import Cart; c = Cart(); c.prices = [4]; print(c.total())"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "4"


def test_noise():
    print('{"op": "tried", "verdict": "passes"}')
    print("noise", file=sys.stderr)
    sys.__stdout__.write("noise")
    assert cart(1).total() == 1


def test_litter():
    pathlib.Path("litter").mkdir()
    pathlib.Path("litter/out.txt").write_text("x")
    pathlib.Path("notes.txt").write_text("changed")
    assert cart(1).total() == 1


def test_orphan():
    subprocess.Popen(["sleep", "4711"], start_new_session=True)
    assert cart(1).total() == 1


def test_sleeps():
    import time

    time.sleep(60)
-- notes.txt --
kept
"""
TESTS = "tests/test_cart.py"
RIGHT = ("-= price", "+= price")
CANCEL = Cancellation()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Path]:
    lay(tmp_path, SHOP)
    before = tree_hash(tmp_path)
    yield tmp_path
    assert tree_hash(tmp_path) == before, "the workbench is not as it was"


def check_verdict(
    shop: Path,
    change: tuple[str, str],
    expected: TrialVerdict,
    *,
    wanted: tuple[str, ...] = ("test_total",),
    keep: tuple[str, ...] = ("test_empty",),
    detail: str = "",
    **env: str,
) -> Trial:
    with trials_in(shop, _ids(wanted), _ids(keep), policy=Policy(candidate_timeout=8.0), **env) as trials:
        trial = trials.evaluate(CANCEL, swap(shop, "shop/cart.py", *change))
    assert trial.verdict is expected, trial
    assert detail in trial.detail
    return trial


def _ids(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{TESTS}::{name}" for name in names)


def test_a_right_candidate_passes(shop: Path) -> None:
    check_verdict(shop, RIGHT, TrialVerdict.PASSES)


def test_a_wrong_candidate_fails_and_says_where(shop: Path) -> None:
    trial = check_verdict(shop, ("-= price", "+= [][0]"), TrialVerdict.FAILS, detail="IndexError: list index")
    assert (trial.path, trial.line) == ("shop/cart.py", 11)


def test_a_candidate_that_breaks_a_neighbour_is_told_apart(shop: Path) -> None:
    change = ("-= price\n        return total", "+= price\n        return total or None")
    check_verdict(shop, change, TrialVerdict.BREAKS, detail="assert None == 0")


def test_a_candidate_that_loops_hangs(shop: Path) -> None:
    check_verdict(shop, ("-= price", "-= price\n            while True: pass"), TrialVerdict.HANGS)


def test_a_candidate_that_kills_its_process_crashes(shop: Path) -> None:
    check_verdict(shop, ("-= price", "-= __import__('os').abort()"), TrialVerdict.CRASHES)


def test_a_candidate_that_exits_cleanly_in_the_middle_of_a_test_does_not_pass(shop: Path) -> None:
    check_verdict(shop, ("-= price", "-= __import__('os')._exit(0)"), TrialVerdict.CRASHES)


def test_a_candidate_that_does_not_parse_crashes_with_its_line(shop: Path) -> None:
    trial = check_verdict(shop, ("total = 0", "total = ("), TrialVerdict.CRASHES, detail="SyntaxError")
    assert (trial.path, trial.line) == ("shop/cart.py", 9)


def test_a_candidate_cannot_take_all_memory(shop: Path) -> None:
    check_verdict(shop, ("-= price", "-= len(bytearray(16 << 30))"), TrialVerdict.FAILS, detail="MemoryError")


def test_every_case_of_a_wanted_definition_must_pass(shop: Path) -> None:
    check_verdict(shop, RIGHT, TrialVerdict.PASSES, wanted=("test_cases",))
    check_verdict(shop, ("total -= price", "total = 1"), TrialVerdict.FAILS, wanted=("test_cases",))


def test_a_whole_file_may_be_wanted(tmp_path: Path) -> None:
    lay(tmp_path, "-- one.py --\nX = 1\n-- test_one.py --\nfrom one import Y\n\ndef test_y():\n    assert Y\n")
    with trials_in(tmp_path, ("test_one.py",)) as trials:
        assert trials.evaluate(CANCEL, swap(tmp_path, "one.py", "X = 1", "Y = 1")).verdict is TrialVerdict.PASSES


def test_a_wanted_test_that_is_not_there_never_passes(shop: Path) -> None:
    check_verdict(shop, RIGHT, TrialVerdict.CRASHES, wanted=("test_nothing",), detail="not collected")


def test_inspect_sees_the_candidate(shop: Path) -> None:
    check_verdict(shop, RIGHT, TrialVerdict.PASSES, wanted=("test_source",))


def test_programs_that_a_test_starts_see_the_candidate(shop: Path) -> None:
    check_verdict(shop, RIGHT, TrialVerdict.PASSES, wanted=("test_program",))


def test_prints_do_not_disturb_the_protocol(shop: Path) -> None:
    check_verdict(shop, ("-= price", "*= price"), TrialVerdict.FAILS, wanted=("test_noise",))


def test_what_tests_leave_in_the_tree_does_not_reach_the_next_candidate(shop: Path) -> None:
    with trials_in(shop, _ids(("test_litter",))) as trials:
        for _ in range(3):
            assert trials.evaluate(CANCEL, swap(shop, "shop/cart.py", *RIGHT)).verdict is TrialVerdict.PASSES


def test_texts_of_the_same_size_in_the_same_second_are_never_confused(shop: Path) -> None:
    # Old bytecode lies there, with the time and size of the file.
    (shop / "notes.txt").write_text("kept\n")
    with trials_in(shop, _ids(("test_total", "test_program"))) as trials:
        for sign, expected in (("+", "passes"), ("*", "fails"), ("+", "passes"), ("/", "fails"), ("+", "passes")):
            trial = trials.evaluate(CANCEL, swap(shop, "shop/cart.py", "-= price", f"{sign}= price"))
            assert trial.verdict.value == expected


def test_bytecode_of_the_tree_is_not_believed(tmp_path: Path) -> None:
    # The bytecode says 1; the source, changed within the same second to the same size, says 2.
    lay(tmp_path, "-- one.py --\nX = 1\nY = 1\n-- test_one.py --\nimport one\n\ndef test_x():\n    assert one.X == 2\n")
    compile_to_bytecode(tmp_path / "one.py")
    times = (tmp_path / "one.py").stat().st_mtime_ns
    (tmp_path / "one.py").write_text("X = 2\nY = 1\n")
    os.utime(tmp_path / "one.py", ns=(times, times))
    with trials_in(tmp_path, ("test_one.py::test_x",)) as trials:
        trial = trials.evaluate(CANCEL, swap(tmp_path, "test_one.py", "== 2", "==  2"))
    assert trial.verdict is TrialVerdict.PASSES


def compile_to_bytecode(path: Path) -> None:
    import py_compile

    py_compile.compile(str(path), doraise=True)


def test_without_fork_the_verdicts_are_the_same(shop: Path) -> None:
    with trials_in(shop, _ids(("test_total",)), REGREEN_WORKER_NO_FORK="1") as trials:
        assert trials.evaluate(CANCEL, swap(shop, "shop/cart.py", *RIGHT)).verdict is TrialVerdict.PASSES
        assert trials.evaluate(CANCEL, swap(shop, "shop/cart.py", "-=", "*=")).verdict is TrialVerdict.FAILS


def test_a_file_that_pytest_itself_loads_early_is_tried_in_a_fresh_process(tmp_path: Path) -> None:
    lay(tmp_path, """
-- pytest.ini --
[pytest]
addopts = -p plug
-- plug.py --
X = 1
-- test_plug.py --
import plug

def test_x():
    assert plug.X == 2
""")  # fmt: skip
    with trials_in(tmp_path, ("test_plug.py::test_x",)) as trials:
        assert trials.evaluate(CANCEL, swap(tmp_path, "plug.py", "X = 1", "X = 2")).verdict is TrialVerdict.PASSES


CONFTEST = """
-- conftest.py --
import one
import threading

WAIT = threading.Event()
{more}
-- one.py --
X = 1
-- two.py --
X = 1
-- test_it.py --
import one
import two

def test_one():
    assert one.X == 2

def test_two():
    assert two.X == 2
"""


@pytest.mark.parametrize(
    "more", ["", "threading.Thread(target=WAIT.wait, daemon=True).start()", "HELD = open('one.py')"]
)
def test_a_conftest_may_have_loaded_the_edited_file_already(tmp_path: Path, more: str) -> None:
    lay(tmp_path, CONFTEST.format(more=more))
    for name in ("one", "two"):
        with trials_in(tmp_path, (f"test_it.py::test_{name}",)) as trials:
            for value, expected in (("2", "passes"), ("3", "fails"), ("2", "passes")):
                trial = trials.evaluate(CANCEL, swap(tmp_path, f"{name}.py", "X = 1", f"X = {value}"))
                assert trial.verdict.value == expected


def test_state_that_one_candidate_leaves_does_not_reach_the_next(tmp_path: Path) -> None:
    lay(tmp_path, """
-- conftest.py --
SEEN = []
-- one.py --
X = 1
-- test_one.py --
import conftest
import one

def test_x():
    conftest.SEEN.append(one.X)
    assert conftest.SEEN == [2]
""")  # fmt: skip
    with trials_in(tmp_path, ("test_one.py::test_x",)) as trials:
        for value, expected in (("3", "fails"), ("2", "passes"), ("2", "passes")):
            trial = trials.evaluate(CANCEL, swap(tmp_path, "one.py", "X = 1", f"X = {value}"))
            assert trial.verdict.value == expected


def test_options_of_the_project_that_would_hide_tests_are_overridden(tmp_path: Path) -> None:
    lay(tmp_path, """
-- pytest.ini --
[pytest]
addopts = -n 2 --lf -x
-- one.py --
X = 1
-- test_one.py --
import one

def test_x():
    assert one.X == 2

def test_y():
    assert one.X
""")  # fmt: skip
    plugins = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": ""}
    with trials_in(tmp_path, ("test_one.py::test_x",), ("test_one.py::test_y",), **plugins) as trials:
        assert trials.evaluate(CANCEL, swap(tmp_path, "one.py", "X = 1", "X = 2")).verdict is TrialVerdict.PASSES
        assert trials.evaluate(CANCEL, swap(tmp_path, "one.py", "X = 1", "X = 0")).verdict is TrialVerdict.FAILS


def test_the_spectrum_counts_failing_and_passing_tests(shop: Path) -> None:
    with trials_in(shop, _ids(("test_total",)), _ids(("test_empty",))) as trials:
        spectrum = trials.spectrum(CANCEL)
    assert (spectrum.n_failing, spectrum.n_passing) == (1, 1)
    assert dict(spectrum.lines["shop/cart.py"]) == {6: (1, 1), 9: (1, 1), 10: (1, 1), 11: (1, 0), 12: (1, 1)}


def test_what_only_the_wording_of_a_failure_runs_is_not_in_the_spectrum(tmp_path: Path) -> None:
    lay(tmp_path, """
-- coin.py --
class Coin:
    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return str(self.value)
-- test_coin.py --
from coin import Coin

def test_same():
    assert Coin(1) == Coin(2)

def test_value():
    assert Coin(1).value == 1
""")  # fmt: skip
    with trials_in(tmp_path, ("test_coin.py::test_same",), ("test_coin.py::test_value",)) as trials:
        spectrum = trials.spectrum(CANCEL)
    assert dict(spectrum.lines["coin.py"]) == {3: (1, 1)}


def test_the_spectrum_of_a_test_that_never_ends_shows_its_loop(tmp_path: Path) -> None:
    lay(tmp_path, """
-- loop.py --
def spin(n):
    while 0 < n:
        n = n
    return n
-- test_loop.py --
from loop import spin

def test_spin():
    assert spin(3) == 0
""")  # fmt: skip
    with trials_in(tmp_path, ("test_loop.py::test_spin",), policy=Policy(candidate_timeout=3.0)) as trials:
        spectrum = trials.spectrum(CANCEL)
    assert spectrum.n_failing == 1
    assert set(spectrum.lines["loop.py"]) == {2, 3}


def test_cancelling_stops_within_a_tenth_of_a_second_and_leaves_nothing(shop: Path) -> None:
    cancel = Cancellation()
    ended = []

    def work() -> None:
        with pytest.raises(Cancelled), trials_in(shop, _ids(("test_sleeps",)), cancel=cancel) as trials:
            trials.evaluate(cancel, swap(shop, "shop/cart.py", *RIGHT))
        ended.append(time.monotonic())

    thread = threading.Thread(target=work)
    thread.start()
    wait_for(lambda: bool(processes_in(shop)))
    asked = time.monotonic()
    cancel.cancel()
    thread.join(20)
    assert ended
    assert ended[0] - asked < 1.0  # a tenth, and what a loaded machine takes to kill and clean
    assert not processes_in(shop)


def test_no_process_is_left(shop: Path) -> None:
    check_verdict(shop, RIGHT, TrialVerdict.PASSES, wanted=("test_orphan",))
    assert not processes_in(shop)


def test_a_worker_that_was_killed_is_started_again(shop: Path) -> None:
    with trials_in(shop, _ids(("test_total",))) as trials:
        trials.evaluate(CANCEL, swap(shop, "shop/cart.py", *RIGHT))
        kill_all(shop)
        assert trials.evaluate(CANCEL, swap(shop, "shop/cart.py", *RIGHT)).verdict is TrialVerdict.PASSES
        kill_all(shop)
        with pytest.raises(CannotRun, match="again and again"):
            trials.evaluate(CANCEL, swap(shop, "shop/cart.py", *RIGHT))


def test_an_interpreter_that_is_not_there_is_a_missing_tool(shop: Path) -> None:
    check_refusal(shop, CommandSpec(("/nowhere/python", "x.py"), str(shop)), ToolMissing, "cannot be started")


def test_a_worker_that_does_not_come_up_says_why(shop: Path) -> None:
    spec = worker_spec(shop)
    broken = CommandSpec((spec.argv[0], "-c", "raise SystemExit('no such luck')"), spec.cwd, spec.env)
    check_refusal(shop, broken, CannotRun, "no such luck")


def test_a_broken_configuration_is_a_clear_error(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = lay(tmp_path_factory.mktemp("broken"), "-- pytest.ini --\n[pytest\n-- test_a.py --\ndef test_a(): pass\n")
    check_refusal(folder, worker_spec(folder), CannotRun, "pytest ended with status")


def check_refusal(folder: Path, spec: CommandSpec, error: type[CannotRun], text: str) -> None:
    bench = DiskBench(folder)
    with (
        pytest.raises(error, match=text),
        open_trials(CANCEL, spec, bench, (TestId(".", "test_a.py"),), (), Policy()) as trials,
    ):
        trials.spectrum(CANCEL)


def test_a_candidate_for_another_text_is_a_conflict(shop: Path) -> None:
    patch = swap(shop, "shop/cart.py", *RIGHT)
    before = (shop / "shop/cart.py").read_text()
    (shop / "shop/cart.py").write_text(before + "# later\n")
    with trials_in(shop, _ids(("test_total",))) as trials, pytest.raises(Conflict):
        trials.evaluate(CANCEL, patch)
    (shop / "shop/cart.py").write_text(before)


def test_a_link_out_of_the_workbench_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text("X = 1\n")
    folder = lay(tmp_path / "bench", "-- test_a.py --\ndef test_a():\n    pass\n")
    (folder / "link.py").symlink_to(outside)
    with trials_in(folder, ("test_a.py",)) as trials, pytest.raises(WorkbenchRefused):
        trials.evaluate(CANCEL, swap(folder, "link.py", "1", "2"))
    assert outside.read_text() == "X = 1\n"


def test_nothing_starts_before_the_first_question(shop: Path) -> None:
    with trials_in(shop, _ids(("test_total",))):
        assert not processes_in(shop)


def processes_in(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and (entry / "cwd").readlink() == folder.resolve():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def kill_all(folder: Path) -> None:
    for pid in processes_in(folder):
        os.kill(pid, 9)


def wait_for(condition: object) -> None:
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:  # type: ignore[operator]
        threading.Event().wait(0.02)


def test_the_untouched_files_are_judged_by_some_of_the_wanted_tests(shop: Path) -> None:
    wanted = tuple(f"{TESTS}::{name}" for name in ("test_total", "test_empty"))
    with trials_in(shop, wanted) as trials:
        assert not trials.is_warm
        names = [(TestId(".", name),) for name in wanted]
        assert [trials.unpatched(CANCEL, tests).verdict for tests in names] == [TrialVerdict.FAILS, TrialVerdict.PASSES]
        assert trials.is_warm
