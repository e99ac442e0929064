"""Trials without a warm worker: each candidate costs a run, is judged by it, and leaves the workbench as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from regreen.app.gates import ToolGates, gate_name
from regreen.app.run_trials import RunTrials
from regreen.app.runner import ToolRunner
from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.confine import Enclosure
from regreen.core.errors import ToolMissing
from regreen.core.policy import Policy
from regreen.core.ports import Language, TrialVerdict
from regreen.core.testing import (
    CommandSpec,
    Ended,
    ExceptionFacts,
    Frame,
    Place,
    RawRun,
    Selection,
    TestId,
    TestOutcome,
    TestResult,
    TestRun,
)
from regreen.core.workspace import Project
from tests.support.fakes import PROJECT, FakeBench, replacing

CALC = "func add(a, b int) int { return a - b }\n"
ADD, TWICE, FAR = "calc::TestAdd", "calc::TestTwice", "other::TestFar"
WANTED = (TestId(".", ADD),)
NOTHING = replacing({"calc.go": CALC}, "calc.go", "func", "func")


@dataclass
class TextLanguage:
    """Its tests are rules over the texts of a workbench; the executor's output names those to run."""

    bench: FakeBench
    rules: Mapping[str, Callable[[str], str]]

    def command(self, project: Project, selection: Selection, place: Place, timeout: float) -> CommandSpec:
        return CommandSpec(("go", "test", *selection.names), place.root, timeout=timeout)

    def reader(self, project: Project, place: Place) -> TextLanguage:
        return self

    def feed(self, line: str) -> tuple[TestResult, ...]:
        return ()

    def finish(self, raw: RawRun) -> TestRun:
        results = tuple(self._result(name) for name in raw.spec.argv[2:] if name in self.rules)
        failed = any(result.outcome is not TestOutcome.PASSED for result in results)
        ids = tuple(result.id for result in results)
        return TestRun(".", results, ids, int(failed), raw.ended, raw.seconds, raw.ended is Ended.EXITED)

    def _result(self, name: str) -> TestResult:
        message = self.rules[name](self.bench.files["calc.go"])
        if not message:
            return TestResult(TestId(".", name), TestOutcome.PASSED, "calc_test.go", 1)
        phase = "build" if message.startswith("undefined") else "call"
        frames = (Frame("calc_test.go", 9, "TestAdd"), Frame("calc.go", 1, "add"))
        facts = ExceptionFacts("", (), message, frames=frames)
        return TestResult(TestId(".", name), TestOutcome.FAILED, "calc_test.go", 1, phase, exception=facts)


@dataclass
class CountingExecutor:
    """Runs nothing, and remembers what it was asked."""

    ended: Ended = Ended.EXITED
    specs: list[CommandSpec] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()

    def run(self, cancel: Cancellation, spec: CommandSpec, on_report: object = None) -> RawRun:
        cancel.check()
        self.specs.append(spec)
        if spec.argv[0] in self.missing:
            raise ToolMissing(f"{spec.argv[0]} is not there.", next_step="Install it.")
        code = int(spec.argv[0] in self.failing)
        said = "checking\nsrc/a.ts(1,1): error TS2322: no\n" if code else "fine\n"
        return RawRun(spec, self.ended, code, said, "", "", 2.0)


class World:
    """One test is red, one of the same place and one of another are green."""

    def __init__(self, ended: Ended = Ended.EXITED) -> None:
        self.bench = FakeBench({"calc.go": CALC}, {"calc.go": CALC})
        self.executor = CountingExecutor(ended)
        rules = {
            ADD: lambda text: "" if "a + b" in text else "undefined: c" if "a - c" in text else "wanted 3",
            TWICE: lambda text: "twice broke" if "int64" in text else "",
            FAR: lambda text: "far broke" if "int64" in text else "",
        }
        language: Language = TextLanguage(self.bench, rules)  # type: ignore[assignment]
        runner = ToolRunner(lambda name: language, self.executor, "/workspace", lambda: 600.0, lambda: True)
        keep = (TestId(".", TWICE), TestId(".", FAR))
        self.trials = RunTrials(runner, self.bench, PROJECT, WANTED, keep, Policy(candidate_timeout=5.0))

    def judge(self, old: str, new: str) -> tuple[TrialVerdict, str, int]:
        patch = replacing({"calc.go": CALC}, "calc.go", old, new)
        trial = self.trials.evaluate(Cancellation(), patch)
        assert self.bench.files == {"calc.go": CALC}
        return trial.verdict, trial.path, trial.line

    @property
    def commands(self) -> list[tuple[str, ...]]:
        return [spec.argv[2:] for spec in self.executor.specs]


def test_a_right_candidate_passes_with_the_tests_of_its_place() -> None:
    world = World()
    assert world.judge("a - b", "a + b") == (TrialVerdict.PASSES, "", 0)
    assert world.commands == [(ADD,), (ADD,), (TWICE,)]


def test_a_wrong_candidate_fails_where_it_fails_and_costs_one_run() -> None:
    world = World()
    assert world.judge("a - b", "b - a") == (TrialVerdict.FAILS, "calc.go", 1)
    assert world.commands == [(ADD,), (ADD,)]


def test_a_candidate_that_breaks_a_neighbour_breaks() -> None:
    assert World().judge("int { return a - b", "int64 { return a + b")[0] is TrialVerdict.BREAKS


def test_what_does_not_build_is_no_step_ahead() -> None:
    assert World().judge("a - b", "a - c")[0] is TrialVerdict.CRASHES


def test_the_same_text_is_run_once() -> None:
    world = World()
    world.judge("a - b", "b - a")
    world.judge("a - b", "b - a")
    assert len(world.executor.specs) == 2


def test_the_untouched_files_are_run_each_time_that_they_are_asked_about() -> None:
    world = World()
    empty = replace(NOTHING, files=())
    verdicts = [world.trials.evaluate(Cancellation(), empty).verdict for _ in range(3)]
    assert verdicts == [TrialVerdict.FAILS] * 3
    assert len(world.executor.specs) == 3


def test_a_candidate_has_little_time_beyond_what_the_tests_take() -> None:
    world = World()
    world.judge("a - b", "b - a")
    assert [spec.timeout for spec in world.executor.specs] == [600.0, 11.0]


def test_every_run_is_confined_in_the_workbench() -> None:
    world = World()
    world.judge("a - b", "a + b")
    assert {spec.enclosure for spec in world.executor.specs} == {world.bench.enclosure}


def test_a_run_that_is_ended_hangs() -> None:
    assert World(Ended.TIMED_OUT).judge("a - b", "b - a")[0] is TrialVerdict.HANGS


def test_nothing_is_measured_and_a_run_is_slow() -> None:
    world = World()
    assert world.trials.spectrum(Cancellation()).n_failing == 0
    assert world.trials.is_slow


def test_a_cancel_leaves_the_workbench_as_it_was() -> None:
    world = World()
    cancel = Cancellation()
    cancel.cancel()
    with pytest.raises(Cancelled):
        world.trials.evaluate(cancel, replacing({"calc.go": CALC}, "calc.go", "a - b", "a + b"))
    assert world.bench.files == {"calc.go": CALC}


def test_gates_say_what_they_complain_of() -> None:
    executor = CountingExecutor(missing=("pyright",), failing=("/bench/web/node_modules/.bin/tsc",))
    runner = ToolRunner(lambda name: pytest.fail(name), executor, "/workspace", lambda: 9.0, lambda: True)
    gates = (("/venv/bin/python", "-m", "mypy", "."), ("node_modules/.bin/tsc", "--noEmit"), ("pyright",))
    project = replace(PROJECT, cwd="web", gates=gates)
    results = ToolGates(runner).run(Cancellation(), project, Enclosure.at("/bench"))
    assert [(result.name, result.passed, result.said) for result in results] == [
        ("mypy", True, "fine"),
        ("tsc", False, "src/a.ts(1,1): error TS2322: no"),
        ("pyright", False, "pyright is not there."),
    ]
    assert {(spec.cwd, spec.timeout, spec.enclosure) for spec in executor.specs} == {
        ("/bench/web", 9.0, Enclosure.at("/bench"))
    }


def test_a_gate_is_named_after_its_program() -> None:
    assert gate_name(("/venv/bin/python", "-m", "mypy", ".")) == "mypy"
    assert gate_name(("node_modules/.bin/tsc", "--noEmit")) == "tsc"
    assert gate_name(("/usr/bin/node", "./node_modules/typescript/bin/tsc", "--noEmit", "-p", ".")) == "tsc"
    assert gate_name(("/usr/local/go/bin/go", "vet", "./...")) == "go vet"
    assert gate_name(("/root/.cargo/bin/cargo", "check", "--benches")) == "cargo check"


def test_a_check_of_packages_looks_at_those_that_are_touched() -> None:
    executor = CountingExecutor()
    runner = ToolRunner(lambda name: pytest.fail(name), executor, "/workspace", lambda: 9.0, lambda: True)
    project = replace(
        PROJECT, language="go", cwd="srv", gates=(("go", "vet", "./..."),), environment=(("GOWORK", "off"),)
    )
    for touched in (("srv/a/b.go", "srv/main.go", "srv/a/c.go"), ("web/a.ts",), ()):
        ToolGates(runner).run(Cancellation(), project, Enclosure.at("/bench"), touched)
    assert [spec.argv[2:] for spec in executor.specs] == [(".", "./a"), ("./...",), ("./...",)]
    assert dict(executor.specs[0].env).items() >= {("GOWORK", "off"), ("GOPROXY", "off")}
