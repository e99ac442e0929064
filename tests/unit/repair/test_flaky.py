"""Tests that are red and green on the same files: what each run gave is recorded, and what it means is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from regreen.core.cancel import Cancellation
from regreen.core.confine import Enclosure
from regreen.core.failure import FailureKind
from regreen.core.policy import Policy
from regreen.core.repair import Outcome, RepairReport
from regreen.core.testing import Ended, Selection, TestId, TestOutcome, TestResult, TestRun
from regreen.core.workspace import Project
from regreen.repair import Ports, Task, repair
from regreen.repair.flaky import ALONE, IN_FILE, SHUFFLED, WITH_ALL, Rerun, pattern_of
from tests.support.fakes import (
    PROJECT,
    TRACE,
    FakeCheckpoints,
    FakeClock,
    FakeGates,
    ScriptedProvider,
    fake_classify,
    model_of,
    no_trials,
)

FILES = {"test_a.py": "tests\n", "test_b.py": "tests\n"}
VICTIM, POLLUTER = "test_b.py::test_victim", "test_a.py::test_polluter"


@dataclass
class OrderedRunner:
    """Runs two tests in the order of their names, or the other way round with a seed; `judge` sees who ran before."""

    judge: Callable[[tuple[str, ...]], bool]
    seconds: float = 0.1
    selections: list[Selection] = field(default_factory=list)

    def run(
        self,
        cancel: Cancellation,
        project: Project,
        selection: Selection,
        where: Enclosure | None,
        on_result: object = None,
    ) -> TestRun:
        cancel.check()
        self.selections.append(selection)
        chosen = [name for name in (POLLUTER, VICTIM) if self._is_selected(name, selection)]
        ordered = tuple(reversed(chosen) if selection.seed else chosen)
        results = tuple(self._result(name, ordered[: ordered.index(name)]) for name in ordered)
        failed = any(result.outcome is TestOutcome.FAILED for result in results)
        ids = tuple(result.id for result in results)
        return TestRun(".", results, ids, int(failed), Ended.EXITED, self.seconds, complete=True)

    def _is_selected(self, name: str, selection: Selection) -> bool:
        wanted = {*selection.names, *selection.paths}
        return not wanted or not wanted.isdisjoint({name, name.partition("::")[0]})

    def _result(self, name: str, before: tuple[str, ...]) -> TestResult:
        good = name != VICTIM or self.judge(before)
        path = name.partition("::")[0]
        outcome = TestOutcome.PASSED if good else TestOutcome.FAILED
        return TestResult(TestId(".", name), outcome, path, 1, text="" if good else "assert 1 == 2")


def walk(
    judge: Callable[[tuple[str, ...]], bool], *, shuffles: bool = True, seconds: float = 0.1
) -> tuple[RepairReport, OrderedRunner]:
    runner = OrderedRunner(judge, seconds)
    checkpoints = FakeCheckpoints(dict(FILES))
    ports = Ports(
        checkpoints,
        runner,
        ScriptedProvider([]),
        no_trials,
        fake_classify,
        FakeClock(),
        lambda _: None,
        FakeGates(checkpoints),
    )
    project = replace(PROJECT, shuffles=shuffles)
    task = Task(TRACE, (TestId(".", VICTIM),), project, model_of(FILES), dict, Policy())
    return repair(Cancellation(), ports, task), runner


def test_a_test_that_another_one_breaks_is_told_apart_from_chance() -> None:
    report, runner = walk(lambda before: POLLUTER not in before)
    assert report.outcome is Outcome.FLAKY
    assert report.failure is not None
    assert (report.failure.kind, report.failure.test.name) == (FailureKind.FLAKY, VICTIM)
    assert dict(report.failure.slots) == {
        "pattern": "fails-after-others",
        "underlying": "assertion",
        "runs": "alone: passed; with all the others: failed; alone: passed; in its file: passed; in its file: passed; "
        "alone: passed; alone: passed; with all the others: failed; with all the others in another order: passed",
    }
    assert "It passes alone and fails after other tests" in report.reason
    assert report.reason.endswith("and let it clean up. No code was changed.")
    assert [selection.seed for selection in runner.selections] == [0] * 8 + [1]


def test_a_test_that_needs_another_one_is_told() -> None:
    report, _ = walk(lambda before: POLLUTER in before)
    assert report.failure is not None
    assert report.failure.slot("pattern") == "needs-others"
    assert report.failure.advice == "Let the test set up itself what it needs."


def test_a_test_of_chance_is_told() -> None:
    results = iter([False, True, True, False, True, False, False, True, True, False])
    report, _ = walk(lambda _: next(results))
    assert report.failure is not None
    assert report.failure.slot("pattern") == "random"
    assert report.failure.slot("runs").startswith(
        "alone: failed; with all the others: passed; alone: passed; in its file: f"
    )


def test_what_a_runner_cannot_do_is_not_claimed() -> None:
    report, runner = walk(lambda before: POLLUTER not in before, shuffles=False)
    assert report.failure is not None
    assert "another order" not in report.failure.slot("runs")
    assert all(selection.seed == 0 for selection in runner.selections)


def test_a_long_run_of_everything_is_not_repeated() -> None:
    _, runner = walk(lambda before: POLLUTER not in before, seconds=400.0)
    assert [bool(selection.names or selection.paths) for selection in runner.selections].count(False) == 1


@pytest.mark.parametrize(
    ("runs", "pattern"),
    [
        ([(ALONE, True), (WITH_ALL, False)], "fails-after-others"),
        ([(ALONE, False), (WITH_ALL, True), (ALONE, False)], "needs-others"),
        ([(ALONE, True), (WITH_ALL, False), (ALONE, False)], "random"),
        ([(ALONE, False), (WITH_ALL, False), (SHUFFLED, True)], "order"),
        ([(ALONE, True), (WITH_ALL, False), (IN_FILE, True), (IN_FILE, False)], "random"),
        ([], "random"),
    ],
)
def test_the_pattern_is_read_off_the_runs(runs: list[tuple[str, bool]], pattern: str) -> None:
    assert pattern_of(tuple(Rerun(how, passed) for how, passed in runs)) == pattern
