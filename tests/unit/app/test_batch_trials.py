"""Trials in shared builds: who is dropped, who has a run of its own, and what stands in the workbench afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from regreen.app.batch_trials import BatchTrials
from regreen.app.runner import ToolRunner
from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.errors import CannotRun
from regreen.core.policy import Policy
from regreen.core.ports import Language, Trial, TrialVerdict
from regreen.core.testing import CommandSpec, Ended, Place, RawRun, Selection, TestId, TestOutcome, TestResult, TestRun
from regreen.core.workspace import Project
from regreen.languages import batching_for
from tests.support.fakes import FakeBench, replacing

CALC = "package calc\n\nfunc add(a, b int) int {\n\tc := a - b\n\treturn c\n}\n\nvar size = 3\n"
TEXTS = {"calc.go": CALC}
WANTED = (TestId(".", ".::TestAdd"),)
KEEP = (TestId(".", ".::TestTwice"),)
PROJECT = Project(".", "go", "example.com/calc", "go", "go-test", "/usr/bin/go", ("go", "test", "./..."), ".")
PASSES, FAILS, CRASHES = TrialVerdict.PASSES, TrialVerdict.FAILS, TrialVerdict.CRASHES
Events = list[dict[str, object]]


@dataclass
class Driver:
    """Answers for the driver and for ordinary runs, from what stands in the workbench."""

    bench: FakeBench
    shared: Callable[[list[int], str], Events]  # numbers of the candidates and the text that holds them -> events
    is_right: Callable[[str], bool]
    phase: str = "call"
    builds: list[list[int]] = field(default_factory=list)
    n_alone: int = 0

    def run(self, cancel: Cancellation, spec: CommandSpec, on_report: object = None) -> RawRun:
        cancel.check()
        report = ""
        if spec.report:
            picks = json.loads(spec.argv[-1]).get("picks", [])
            self.builds.append(picks)
            nonce = dict(spec.env)["REGREEN_NONCE"]
            events = self.shared(picks, self.bench.files["calc.go"])
            report = "".join(json.dumps({"nonce": nonce, **event}) + "\n" for event in events)
        return RawRun(spec, Ended.EXITED, 0, "", "", report, 1.0)


@dataclass
class DriverLanguage:
    """Runs of the wanted test alone, judged by the text of the workbench."""

    driver: Driver

    def command(self, project: Project, selection: Selection, place: Place, timeout: float) -> CommandSpec:
        return CommandSpec(("go", "test", *selection.names), place.root)

    def reader(self, project: Project, place: Place) -> DriverLanguage:
        return self

    def feed(self, line: str) -> tuple[TestResult, ...]:
        return ()

    def finish(self, raw: RawRun) -> TestRun:
        self.driver.n_alone += 1
        good = self.driver.is_right(self.driver.bench.files["calc.go"])
        names = raw.spec.argv[2:]
        results = tuple(
            TestResult(
                TestId(".", name),
                TestOutcome.PASSED if good or name != WANTED[0].name else TestOutcome.FAILED,
                "calc_test.go",
                1,
                self.driver.phase,
            )
            for name in names
        )
        ids = tuple(result.id for result in results)
        failed = any(result.outcome is TestOutcome.FAILED for result in results)
        return TestRun(".", results, ids, int(failed), Ended.EXITED, 1.0, complete=True)


class World:
    """A workbench with one file, and trials whose builds a function answers for."""

    def __init__(
        self, shared: Callable[[list[int], str], Events], *, phase: str = "call", policy: Policy | None = None
    ) -> None:
        self.bench = FakeBench(dict(TEXTS), dict(TEXTS))
        self.driver = Driver(self.bench, shared, lambda text: "c := a + b\n" in text, phase)
        language: Language = DriverLanguage(self.driver)  # type: ignore[assignment]
        runner = ToolRunner(lambda name: language, self.driver, "/workspace", lambda: 600.0, lambda: True)
        batching = batching_for("go")
        assert batching is not None
        self.trials = BatchTrials(runner, self.bench, PROJECT, WANTED, KEEP, policy or Policy(), batching=batching)

    def judge(self, *changes: tuple[str, str]) -> list[TrialVerdict]:
        patches = tuple(replacing(TEXTS, "calc.go", old, new) for old, new in changes)
        found: tuple[Trial, ...] = self.trials.evaluate_many(Cancellation(), patches)
        assert self.bench.files == TEXTS
        return [trial.verdict for trial in found]


def all_end(verdicts: Mapping[int, str]) -> Callable[[list[int], str], Events]:
    def shared(picks: list[int], text: str) -> Events:
        del text
        tried = [{"event": "trial", "pick": pick, "verdict": verdicts.get(pick, "fails"), "text": ""} for pick in picks]
        return [{"event": "untouched", "wanted": "fails"}, *tried, {"event": "finish"}]

    return shared


RIGHT, WRONG, OUTSIDE = ("a - b", "a + b"), ("a - b", "b - a"), ("size = 3", "size = 4")


def test_what_passes_in_a_shared_build_counts_only_when_it_passes_alone() -> None:
    world = World(all_end({1: "passes", 2: "passes"}))
    assert world.judge(RIGHT, WRONG, ("return c", "return b")) == [PASSES, FAILS, FAILS]
    assert world.driver.builds == [[1, 2, 3]]


def test_what_no_switch_holds_has_a_run_of_its_own() -> None:
    world = World(all_end({}))
    assert world.judge(WRONG, OUTSIDE) == [FAILS, FAILS]
    assert world.driver.builds == [[1]]
    assert world.driver.n_alone == 2  # the tests as they are, and the one outside


def test_runs_of_their_own_end_with_the_policy_s_number() -> None:
    world = World(all_end({}), policy=Policy(max_runs=1))
    assert world.judge(OUTSIDE, ("size = 3", "size = 5")) == [FAILS, CRASHES]


def test_the_candidates_whose_lines_do_not_compile_are_dropped_and_the_rest_is_built_again() -> None:
    def shared(picks: list[int], text: str) -> Events:
        line = next((n for n, row in enumerate(text.split("\n"), 1) if "wrong" in row), 0)
        if line:
            return [{"event": "broken", "path": "/bench/calc.go", "line": line, "text": "undefined: wrong"}]
        return all_end({})(picks, text)

    world = World(shared)
    assert world.judge(("a - b", "wrong"), WRONG) == [CRASHES, FAILS]
    assert world.driver.builds == [[1, 2], [2]]


def test_a_complaint_that_belongs_to_nobody_ends_the_shared_builds() -> None:
    world = World(lambda picks, text: [{"event": "broken", "path": "/bench/other.go", "line": 1, "text": "no"}])
    assert world.judge(RIGHT, WRONG) == [PASSES, FAILS]
    assert world.trials.is_slow
    assert world.trials.batch == 1


def test_a_test_that_passes_untouched_in_a_shared_build_ends_them() -> None:
    world = World(lambda picks, text: [{"event": "untouched", "wanted": "passes"}, {"event": "finish"}])
    assert world.judge(RIGHT) == [PASSES]
    assert world.trials.is_slow


def test_a_candidate_with_which_the_driver_goes_down_is_left_out_of_the_next_build() -> None:
    def shared(picks: list[int], text: str) -> Events:
        if 1 in picks:
            return [{"event": "untouched", "wanted": "fails"}, {"event": "begin", "pick": 1}]
        return all_end({})(picks, text)

    world = World(shared)
    assert world.judge(WRONG, ("return c", "return a")) == [CRASHES, FAILS]
    assert world.driver.builds == [[1, 2], [2]]


def test_nothing_is_shared_where_the_tests_cannot_be_built_as_they_are() -> None:
    world = World(all_end({}), phase="build")
    assert world.judge(WRONG) == [FAILS]
    assert world.driver.builds == []


def test_lines_without_the_nonce_of_the_run_are_not_read() -> None:
    world = World(lambda picks, text: [{"event": "trial", "pick": 1, "verdict": "fails", "text": "", "nonce": "other"}])
    assert world.judge(RIGHT) == [PASSES]


def test_a_report_that_cannot_be_read_is_said() -> None:
    with pytest.raises(CannotRun, match="cannot be read"):
        World(lambda picks, text: [{"event": "trial", "pick": "x"}]).judge(RIGHT)


def test_a_cancel_leaves_the_workbench_as_it_was() -> None:
    world = World(all_end({}))
    cancel = Cancellation()
    world.trials.evaluate_many(cancel, ())
    cancel.cancel()
    with pytest.raises(Cancelled):
        world.trials.evaluate_many(cancel, (replacing(TEXTS, "calc.go", *RIGHT),))
    assert world.bench.files == TEXTS


def test_builds_that_said_twice_what_ordinary_runs_say_are_believed() -> None:
    world = World(all_end({1: "passes", 2: "passes", 3: "passes"}))
    world.driver.is_right = lambda text: "c := a - b\n" not in text
    assert world.judge(RIGHT, WRONG, ("a - b", "b + a")) == [PASSES, PASSES, PASSES]
    assert world.driver.n_alone == 3  # the tests as they are, and the first two


def test_the_untouched_files_are_tried_many_times_in_one_build() -> None:
    world = World(all_end({}))
    asked = [world.trials.unpatched(Cancellation(), WANTED).verdict for _ in range(40)]
    assert asked == [FAILS] * 40
    assert [len(build) for build in world.driver.builds] == [7, 32]
    assert world.driver.n_alone == 1


def test_the_untouched_files_have_runs_of_their_own_where_a_build_tests_something_else() -> None:
    world = World(lambda picks, text: [{"event": "untouched", "wanted": "passes"}, {"event": "finish"}])
    assert [world.trials.unpatched(Cancellation(), WANTED).verdict for _ in range(8)] == [FAILS] * 8
    assert (len(world.driver.builds), world.driver.n_alone) == (1, 8)


def test_a_test_that_passes_now_and_then_passes_among_the_untouched_ones() -> None:
    world = World(all_end({5: "passes"}))
    assert [world.trials.unpatched(Cancellation(), WANTED).verdict for _ in range(8)].count(PASSES) == 1
