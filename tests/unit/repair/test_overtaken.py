"""What a verdict is worth when the person saves files while it is being reached."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch
from regreen.core.errors import Conflict
from regreen.core.policy import Policy
from regreen.core.ports import Workbench
from regreen.core.repair import Outcome, RepairReport
from regreen.core.testing import TestId
from regreen.repair import Ports, Task, repair
from tests.support.fakes import (
    PROJECT,
    TRACE,
    FakeBench,
    FakeCheckpoints,
    FakeClock,
    FakeGates,
    FakeRunner,
    ScriptedProvider,
    fake_classify,
    model_of,
    no_trials,
)

CALC = "def add(a, b):\n    return a - b\n"
ADD = "test_calc.py::test_add"
FIX = ("calc.py", "a - b", "a + b")


@dataclass
class SavingPerson(FakeCheckpoints):
    """Somebody who saves during the first workbenches: each entry of `saves` is what is saved during one."""

    saves: tuple[dict[str, str], ...] = ()

    @contextlib.contextmanager
    def open(self, cancel: Cancellation, buffers: Mapping[str, str]) -> Iterator[Workbench]:
        n = len(self.opened)
        self.edits_meanwhile = dict(self.saves[n]) if n < len(self.saves) else {}
        with super().open(cancel, buffers) as bench:
            yield bench


class MovingBench(FakeBench):
    """A workbench whose texts a save takes away under the patch."""

    def apply(self, patch: Patch) -> None:
        raise Conflict("calc.py changed since the patch was made.", next_step="Again.", paths=("calc.py",))


@dataclass
class MovingPerson(SavingPerson):
    """Somebody whose saves reach into the workbench."""

    @contextlib.contextmanager
    def open(self, cancel: Cancellation, buffers: Mapping[str, str]) -> Iterator[Workbench]:
        with super().open(cancel, buffers) as bench:
            if self.opened[-1].user_changed:
                moving = MovingBench(self.opened[-1].pristine, self.opened[-1].files)
                moving.user_changed = self.opened[-1].user_changed
                self.opened[-1] = moving
                bench = moving
            yield bench


def passes_with(needle: str, message: str = "assert wrong") -> Callable[[Mapping[str, str]], str]:
    return lambda texts: "" if needle in texts["calc.py"] else message


def run(
    person: FakeCheckpoints, rule: Callable[[Mapping[str, str]], str], *answers: tuple[str, str, str] | str
) -> RepairReport:
    ports = Ports(
        person,
        FakeRunner(person, {ADD: rule}),
        ScriptedProvider(list(answers)),
        no_trials,
        fake_classify,
        FakeClock(),
        lambda event: None,
        FakeGates(person),
    )
    task = Task(TRACE, (TestId(".", ADD),), PROJECT, model_of(person.files), dict, Policy())
    return repair(Cancellation(), ports, task)


def person(*saves: dict[str, str], text: str = CALC) -> SavingPerson:
    return SavingPerson({"calc.py": text, "test_calc.py": "tests\n", "n.txt": ""}, saves=saves)


def test_a_green_verdict_on_changed_files_is_reached_again() -> None:
    somebody = person({"calc.py": CALC}, text=CALC.replace("a - b", "a + b"))
    report = run(somebody, passes_with("a + b"), FIX)
    assert report.outcome is Outcome.REPAIRED
    assert len(somebody.opened) == 2


def test_not_code_on_changed_files_is_reached_again() -> None:
    somebody = person({"calc.py": CALC}, text="import missing\n")
    report = run(somebody, passes_with("a + b", "RG601 no service"))
    assert report.outcome is Outcome.NOT_CODE
    assert len(somebody.opened) == 2
    assert "Files changed" not in report.reason


@pytest.mark.parametrize("text", [CALC.replace("a - b", "a + b"), "import missing\n"])
def test_a_verdict_that_was_overtaken_twice_says_so(text: str) -> None:
    somebody = person({"n.txt": "1"}, {"n.txt": "2"}, text=text)
    report = run(somebody, passes_with("a + b", "RG601 no service"))
    assert report.outcome in (Outcome.ALREADY_GREEN, Outcome.NOT_CODE)
    assert report.reason.endswith("run the fix again for a verdict on the present ones.")
    assert len(somebody.opened) == 2


def test_a_failed_repair_that_was_overtaken_says_so_and_makes_no_further_attempts() -> None:
    somebody = person({"n.txt": "1"})
    report = run(somebody, passes_with("a + b"), ("calc.py", "a - b", "a * b"), "that was all")
    assert report.outcome is Outcome.EXHAUSTED
    assert "Files changed while this was found out" in report.reason
    assert len(somebody.opened) == 1


def test_a_fix_that_is_overtaken_while_it_is_proved_again_is_proved_once_more() -> None:
    somebody = person({"n.txt": "1"}, {"n.txt": "2"}, {"n.txt": "3"})
    report = run(somebody, passes_with("a + b"), FIX)
    assert report.outcome is Outcome.REPAIRED
    assert len(somebody.opened) == 4


def test_a_fix_that_is_always_overtaken_is_kept_and_not_applied() -> None:
    somebody = person(*({"n.txt": str(n)} for n in range(9)))
    report = run(somebody, passes_with("a + b"), FIX)
    assert report.outcome is Outcome.REPAIRED_NOT_APPLIED
    assert report.patch is not None
    assert "was not applied" in report.reason
    assert len(somebody.opened) == 4


def test_a_save_that_reaches_into_the_workbench_starts_the_repair_over() -> None:
    files = {"calc.py": CALC, "test_calc.py": "tests\n", "n.txt": ""}
    somebody = MovingPerson(files, saves=({"n.txt": "1"},))
    report = run(somebody, passes_with("a + b"), FIX, FIX)
    assert report.outcome is Outcome.REPAIRED
    assert len(somebody.opened) == 2


def test_saves_that_never_stop_are_a_conflict_with_a_next_step() -> None:
    files = {"calc.py": CALC, "test_calc.py": "tests\n", "n.txt": ""}
    somebody = MovingPerson(files, saves=({"n.txt": "1"}, {"n.txt": "2"}))
    with pytest.raises(Conflict) as caught:
        run(somebody, passes_with("a + b"), FIX, FIX)
    assert "again" in caught.value.next_step


def test_a_conflict_of_a_workbench_that_nobody_changed_is_not_hidden() -> None:
    class Broken(FakeCheckpoints):
        @contextlib.contextmanager
        def open(self, cancel: Cancellation, buffers: Mapping[str, str]) -> Iterator[Workbench]:
            with super().open(cancel, buffers):
                self.opened[-1] = MovingBench(self.opened[-1].pristine, self.opened[-1].files)
                yield self.opened[-1]

    with pytest.raises(Conflict, match="changed since the patch"):
        run(Broken({"calc.py": CALC, "test_calc.py": "tests\n"}), passes_with("a + b"), FIX)
