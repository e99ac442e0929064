"""Whole repairs over fakes: what the road does, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.edit import diff
from regreen.core.errors import NoTests, WorkbenchRefused
from regreen.core.events import AttemptEnded, Event
from regreen.core.policy import Policy
from regreen.core.ports import TrialVerdict
from regreen.core.repair import Choice, Outcome, Question, RepairReport, Undecided, Verdict
from regreen.core.testing import TestId
from regreen.repair import OpenTrials, Ports, Task, repair
from tests.support.fakes import (
    PROJECT,
    TRACE,
    FakeCheckpoints,
    FakeClock,
    FakeGates,
    FakeRunner,
    FixedTrials,
    ScriptedProvider,
    fake_classify,
    lucky_trials,
    model_of,
    no_trials,
    replacing,
    warm_trials,
)

CALC = "def add(a, b):\n    return a - b\n\n\ndef twice(a):\n    return 2 * a\n"
ADD = "test_calc.py::test_add"
TWICE = "test_calc.py::test_twice"


def holds(path: str, needle: str, message: str = "") -> Callable[[Mapping[str, str]], str]:
    """Pass when a file holds a text."""
    return lambda texts: "" if needle in texts[path] else message or f"assert {needle!r} in {path}"


@dataclass
class World:
    """A workspace with two tests: `add` is red, `twice` green."""

    answers: list[tuple[str, str, str] | str | Exception | Undecided] = field(default_factory=list)
    tests: dict[str, Callable[[Mapping[str, str]], str]] = field(
        default_factory=lambda: {ADD: holds("calc.py", "a + b"), TWICE: holds("calc.py", "2 * a")}
    )
    files: dict[str, str] = field(default_factory=lambda: {"calc.py": CALC, "test_calc.py": "tests\n"})
    meanwhile: dict[str, str] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    open_trials: OpenTrials = no_trials
    gate_needles: dict[str, tuple[str, str]] = field(default_factory=dict)
    cancel: Cancellation = field(default_factory=Cancellation)
    events: list[Event] = field(default_factory=list)

    def repair(self, wanted: str = ADD) -> RepairReport:
        self.before = dict(self.files)
        self.checkpoints = FakeCheckpoints(self.files, self.meanwhile, self.links)
        self.runner = FakeRunner(self.checkpoints, self.tests, self.foreign)
        self.provider = ScriptedProvider(self.answers)
        self.gates = FakeGates(self.checkpoints, self.gate_needles)
        ports = Ports(
            self.checkpoints,
            self.runner,
            self.provider,
            self.open_trials,
            fake_classify,
            FakeClock(),
            self.events.append,
            self.gates,
        )
        project = replace(PROJECT, gates=tuple((name,) for name in self.gate_needles))
        task = Task(TRACE, (TestId(".", wanted),), project, model_of(self.files), dict, self.policy)
        return repair(self.cancel, ports, task)

    def verdicts(self, report: RepairReport) -> list[str]:
        return [attempt.verdict.value for attempt in report.attempts]


def test_a_right_proposal_ends_green_after_two_runs_and_a_canary() -> None:
    world = World([("calc.py", "a - b", "a + b")])
    report = world.repair()
    assert report.outcome is Outcome.REPAIRED
    assert world.verdicts(report) == ["green"]
    said = "The test ran and passed, twice. 1 other test that passed before still passes."
    assert report.attempts[0].reason == said
    assert report.patch is not None
    assert "+    return a + b" in diff(report.patch)
    assert report.before is not None
    assert report.after is not None
    assert set(report.wanted) <= report.after.passed_ids
    selected = [selection.names for selection in world.runner.runs]
    assert selected == [(ADD,), (), (ADD,), ()]


def test_where_something_speaks_of_chance_the_test_is_run_once_more() -> None:
    files = {"calc.py": f"import random\n\n\n{CALC}", "test_calc.py": "tests\n"}
    world = World([("calc.py", "a - b", "a + b")], files=files)
    assert world.verdicts(world.repair()) == ["green"]
    assert [selection.names for selection in world.runner.runs] == [(ADD,), (), (ADD,), (), (ADD,)]


def test_trials_that_run_anyway_are_asked_whether_it_was_luck() -> None:
    opened: list[FixedTrials] = []
    world = World([("calc.py", "a - b", "a + b")], open_trials=warm_trials(opened))
    assert world.verdicts(world.repair()) == ["green"]
    assert len(opened) == 1
    assert 1 < opened[0].n_asked


def test_a_test_that_passes_untouched_in_warm_trials_is_not_believed() -> None:
    opened: list[FixedTrials] = []
    world = World([("calc.py", "a - b", "a + b")], open_trials=warm_trials(opened, TrialVerdict.PASSES))
    assert world.repair().outcome is Outcome.FLAKY
    assert len(opened) == 1


def test_the_persons_files_are_not_touched_by_a_repair() -> None:
    world = World([("calc.py", "a - b", "a + b")])
    world.repair()
    assert world.files == world.before


def test_every_workbench_is_closed() -> None:
    world = World(["no idea"])
    world.repair()
    assert world.checkpoints.n_closed == len(world.checkpoints.opened) == 1


def test_three_wrong_proposals_exhaust_the_attempts() -> None:
    world = World([("calc.py", "a - b", "a * b"), ("calc.py", "a - b", "b - a"), ("calc.py", "a - b", "a / b")])
    report = world.repair()
    assert report.outcome is Outcome.EXHAUSTED
    assert world.verdicts(report) == ["still-red"] * 3
    assert report.patch is None
    assert "everything is as it was before" in report.reason


def test_a_fourth_attempt_is_never_made() -> None:
    world = World([("calc.py", "a - b", f"a - b - {n}") for n in range(9)])
    assert len(world.repair().attempts) == 3


def test_each_attempt_sees_the_earlier_ones_and_starts_from_the_checkpoint() -> None:
    world = World([("calc.py", "a - b", "a * b"), ("calc.py", "a - b", "a + b")])
    report = world.repair()
    assert world.verdicts(report) == ["still-red", "green"]
    second = world.provider.requests[1]
    assert [attempt.verdict for attempt in second.attempts] == [Verdict.STILL_RED]
    assert second.sources["calc.py"] == CALC


def test_an_attempt_that_moves_the_failure_forward_is_built_upon() -> None:
    broken = CALC.replace("a - b", "ad - b")
    rule = lambda texts: (  # noqa: E731
        "RG104 name 'ad' is not defined" if "ad - b" in texts["calc.py"] else holds("calc.py", "a + b")(texts)
    )
    world = World(
        [("calc.py", "ad - b", "a - b"), ("calc.py", "a - b", "a + b")],
        tests={ADD: rule, TWICE: holds("calc.py", "2 * a")},
        files={"calc.py": broken, "test_calc.py": "tests\n"},
    )
    report = world.repair()
    assert world.verdicts(report) == ["moved", "green"]
    assert report.patch is not None
    assert report.patch.files[0].base == broken
    assert report.patch.files[0].after == CALC.replace("a - b", "a + b")


def test_a_fix_that_breaks_a_neighbour_is_not_green() -> None:
    both = CALC.replace("a - b", "2 * a - b").replace("return 2 * a\n", "return a\n")
    world = World(
        [("calc.py", "a - b", "a + b")],
        tests={ADD: holds("calc.py", "a + b"), TWICE: holds("calc.py", "a - b", "twice broke")},
        files={"calc.py": both, "test_calc.py": "tests\n"},
    )
    report = world.repair()
    assert report.attempts[0].verdict is Verdict.BROKE_OTHERS
    assert TWICE in report.attempts[0].reason
    assert report.outcome is Outcome.EXHAUSTED


def test_the_same_patch_is_refused_the_second_time() -> None:
    world = World([("calc.py", "a - b", "a * b"), ("calc.py", "a - b", "a * b"), ("calc.py", "a - b", "a + b")])
    assert world.verdicts(world.repair()) == ["still-red", "refused", "green"]


def test_an_edit_of_a_test_is_refused_and_nothing_is_run() -> None:
    world = World([("test_calc.py", "tests", "nothing"), "that was all"])
    report = world.repair()
    assert world.verdicts(report) == ["refused", "no-idea"]
    assert len(world.runner.runs) == 2


def test_a_green_test_needs_no_repair() -> None:
    world = World()
    report = world.repair(TWICE)
    assert report.outcome is Outcome.ALREADY_GREEN
    assert world.provider.requests == []


def test_a_test_that_is_red_alone_and_green_among_others_is_flaky() -> None:
    runs: list[int] = []

    def sometimes(texts: Mapping[str, str]) -> str:
        runs.append(1)
        return "assert now" if len(runs) == 1 else ""

    world = World(tests={ADD: sometimes, TWICE: holds("calc.py", "2 * a")})
    report = world.repair()
    assert report.outcome is Outcome.FLAKY
    assert world.provider.requests == []


@pytest.mark.parametrize("code", ["RG103", "RG302", "RG502", "RG601"])
def test_a_failure_that_no_edit_can_cure_reaches_no_provider(code: str) -> None:
    world = World(tests={ADD: lambda texts: f"{code} something is missing"})
    report = world.repair()
    assert report.outcome is Outcome.NOT_CODE
    assert code in report.reason
    assert world.provider.requests == []


def test_a_workbench_that_loads_the_persons_code_is_refused() -> None:
    world = World([("calc.py", "a - b", "a + b")], foreign=("calc",))
    with pytest.raises(WorkbenchRefused, match="calc"):
        world.repair()
    assert world.checkpoints.n_closed == 1


def test_no_test_at_all_is_an_error_with_a_next_step() -> None:
    with pytest.raises(NoTests) as caught:
        World(tests={}).repair()
    assert caught.value.next_step


def test_a_save_elsewhere_during_the_repair_is_proved_again() -> None:
    world = World([("calc.py", "a - b", "a + b")], meanwhile={"calc.py": "# a note\n" + CALC})
    report = world.repair()
    assert report.outcome is Outcome.REPAIRED
    assert report.patch is not None
    assert report.patch.files[0].after == "# a note\n" + CALC.replace("a - b", "a + b")
    assert len(world.checkpoints.opened) == 2


def test_a_save_in_the_very_line_during_the_repair_is_a_conflict() -> None:
    world = World([("calc.py", "a - b", "a + b")], meanwhile={"calc.py": CALC.replace("a - b", "a - b - 1")})
    report = world.repair()
    assert report.outcome is Outcome.EXHAUSTED
    assert report.patch is None
    assert "calc.py changed" in report.reason


def test_a_save_that_breaks_the_fix_takes_the_green_back() -> None:
    tests = {ADD: holds("calc.py", "a + b"), TWICE: holds("calc.py", "2 * a")}
    tests["test_calc.py::test_other"] = lambda texts: (
        "no" if "a + b" in texts["calc.py"] and "OTHER" in texts["o.py"] else ""
    )
    world = World(
        [("calc.py", "a - b", "a + b")],
        tests=tests,
        files={"calc.py": CALC, "test_calc.py": "tests\n", "o.py": "\n"},
        meanwhile={"o.py": "OTHER\n"},
    )
    report = world.repair()
    assert report.outcome is Outcome.EXHAUSTED
    assert "test_other" in report.reason


def test_cancel_leaves_at_the_next_step() -> None:
    world = World([("calc.py", "a - b", "a + b")])
    world.cancel.cancel()
    with pytest.raises(Cancelled):
        world.repair()


def test_tests_that_fail_the_same_way_are_repaired_together_when_one_patch_can() -> None:
    more = "test_calc.py::test_add_more"
    world = World(
        [("calc.py", "a - b", "a + b")],
        tests={ADD: holds("calc.py", "a + b"), more: holds("calc.py", "a + b"), TWICE: holds("calc.py", "2 * a")},
    )
    world.repair()
    assert [test.name for test in world.provider.requests[0].wanted] == [ADD, more]


def test_each_attempt_is_told_as_it_ends() -> None:
    world = World([("calc.py", "a - b", "a * b"), ("calc.py", "a - b", "a + b")])
    world.repair()
    told = [event.attempt.verdict.value for event in world.events if isinstance(event, AttemptEnded)]
    assert told == ["still-red", "green"]


def test_a_path_that_the_disk_refuses_costs_one_attempt_and_not_the_repair() -> None:
    world = World([("calc.py", "a - b", "a + b"), "that was all"], links=("calc.py",))
    assert world.verdicts(world.repair()) == ["refused", "no-idea"]


def test_a_fix_of_a_test_that_also_passes_without_it_is_not_believed() -> None:
    world = World([("calc.py", "a - b", "a + b")], open_trials=lucky_trials)
    report = world.repair()
    assert world.verdicts(report) == ["flaky"]
    assert report.outcome is Outcome.FLAKY
    assert report.patch is None


def asking(path: str = "calc.py", old: str = "a - b") -> Undecided:
    texts = {"calc.py": CALC, "test_calc.py": "tests\n"}
    choices = tuple(Choice(f"it should be {new}", replacing(texts, path, old, new), new) for new in ("a + b", "b + a"))
    return Undecided("script", Question("Which is right for add(1, 2)?", choices), ("Both pass.",), 9)


def test_a_question_changes_nothing_and_ends_the_repair() -> None:
    world = World([asking()])
    report = world.repair()
    assert (report.outcome, world.verdicts(report)) == (Outcome.UNDECIDED, ["undecided"])
    assert report.patch is None
    assert report.question is not None
    assert [choice.answer for choice in report.question.choices] == ["a + b", "b + a"]
    assert (report.attempts[0].evidence, report.attempts[0].tried) == (("Both pass.",), 9)
    assert report.reason.startswith("Which is right for add(1, 2)? Nothing was changed")


def test_a_person_is_not_asked_about_a_test_that_passes_now_and_then() -> None:
    world = World([asking()], open_trials=lucky_trials)
    assert world.repair().outcome is Outcome.FLAKY


def test_choices_that_may_not_be_made_are_not_offered() -> None:
    world = World([asking("test_calc.py", "tests")])
    report = world.repair()
    assert (report.outcome, report.question) == (Outcome.EXHAUSTED, None)


def test_a_fix_that_closes_a_gate_is_not_green() -> None:
    world = World([("calc.py", "a - b", "a + b"), "that was all"], gate_needles={"mypy": ("calc.py", "a - b")})
    report = world.repair()
    assert world.verdicts(report) == ["broke-others", "no-idea"]
    assert report.attempts[0].reason == ("The tests pass, but mypy passed before and fails now: calc.py lacks 'a - b'.")


def test_a_gate_that_was_closed_before_blocks_nothing() -> None:
    gates = {"mypy": ("calc.py", "never there"), "tsc": ("calc.py", "2 * a")}
    world = World([("calc.py", "a - b", "a + b")], gate_needles=gates)
    assert world.repair().outcome is Outcome.REPAIRED
    assert world.gates.n_runs == 2


def test_an_open_gate_is_run_once() -> None:
    world = World([("calc.py", "a - b", "a + b")], gate_needles={"tsc": ("calc.py", "2 * a")})
    assert world.repair().outcome is Outcome.REPAIRED
    assert world.gates.n_runs == 1


def test_a_file_that_could_not_be_collected_is_green_when_its_tests_are() -> None:
    world = World([("calc.py", "a - b", "a + b")])
    assert world.repair("test_calc.py").outcome is Outcome.REPAIRED


def test_a_repair_that_would_touch_authentication_asks_before_anything_is_tried() -> None:
    files = {"calc.py": CALC, "test_calc.py": "tests\n"}
    world = World([("calc.py", "a - b", "a + b")], files=files, policy=Policy(sensitive=("calc.py",)))
    report = world.repair()
    assert (report.outcome, report.attempts, world.provider.requests) == (Outcome.REFUSED, (), [])
    assert report.inquiry is not None
    assert report.reason.endswith("Go on? Nothing was tried.")


def test_a_person_who_answers_it_lets_the_repair_begin() -> None:
    policy = Policy(sensitive=("calc.py",), lifted=frozenset({"security-scope"}))
    report = World([("calc.py", "a - b", "a + b")], policy=policy).repair()
    assert (report.outcome, report.inquiry) == (Outcome.REPAIRED, None)


def test_attempts_that_lead_nowhere_end_in_a_question() -> None:
    world = World([("calc.py", "a - b", "a * b"), ("calc.py", "a - b", "b - a"), ("calc.py", "a - b", "a / b")])
    report = world.repair()
    assert report.inquiry is not None
    assert report.inquiry.text.startswith("3 different changes leave the same failure")


def test_what_is_red_in_other_ways_is_cured_along_when_one_change_does_it() -> None:
    broken = {ADD: holds("calc.py", "a + b"), TWICE: holds("calc.py", "a + b", "KeyError: 'a'")}
    world = World([("calc.py", "a - b", "a + b")], tests=broken, open_trials=warm_trials([]))
    assert world.verdicts(world.repair()) == ["green"]
    assert [len(asked.wanted) for asked in world.provider.requests] == [2]
    apart = World(["none", ("calc.py", "a - b", "a + b")], tests=broken, open_trials=warm_trials([]))
    assert apart.verdicts(apart.repair()) == ["green"]
    assert [len(asked.wanted) for asked in apart.provider.requests] == [2, 1]
