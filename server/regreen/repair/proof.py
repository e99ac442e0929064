"""Proof of green: runs that must pass and runs that must fail, each on a pristine workbench with the patch over it.

Laying it anew each time puts the tests and their configuration back as they were saved, whatever the run before did.
"""

from __future__ import annotations

from dataclasses import dataclass

from regreen.analysis import speak_of_chance
from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch
from regreen.core.events import Step
from regreen.core.failure import Failure, FailureKind
from regreen.core.ports import GateResult, Trials, TrialVerdict, Workbench
from regreen.core.repair import Verdict
from regreen.core.testing import Selection, TestId, TestRun

from .baseline import Baseline, failures_of, reader
from .canary import UNNOTICED, is_noticed
from .decide import passed, verdict_of
from .runs import run_here, run_wanted
from .task import Layer, Ports, Task
from .witness import Witness, vanished

_WORTH_A_SECOND_LOOK = 5
BY_LUCK = "The untouched files pass now and then too: the test is flaky."
# How often the untouched files are tried: where nothing speaks of chance, and where something does. A test that fails
# three times in four then passes once with a chance of 99,999 in 100,000.
_CONTROLS = (8, 40)
_SLOW_CONTROLS = (3, 9)  # the same, where each costs a whole run
# What a compiler refuses it refuses every time.
_NO_LUCK = (FailureKind.SYNTAX, FailureKind.COMPILE_RULE, FailureKind.BORROW_CHECK)


@dataclass(frozen=True, slots=True)
class Proof:
    """A verdict with the run that decided it."""

    verdict: Verdict
    reason: str
    run: TestRun
    failure: Failure | None = None


def prove(
    cancel: Cancellation,
    ports: Ports,
    task: Task,
    bench: Workbench,
    baseline: Baseline,
    patch: Patch,
    *,
    controlled: bool = False,
) -> Proof:
    """Run the wanted tests, all, the gates, the canary, and the wanted ones unpatched.

    Where something speaks of chance, the wanted ones run once more. Controlled: it was seen already that the untouched
    files go on failing.
    """
    first = _run_wanted(cancel, ports, task, bench, patch)
    if not first.green_for(task.wanted):
        return _red(ports, task, bench, baseline, first)
    if Layer.PROOF in ports.without:
        return Proof(Verdict.GREEN, "The test passed.", first)
    witness = Witness(task, bench, patch)
    ports.emit(Step("The test passes: running all the others"))
    everything = _run_all(cancel, ports, task, bench, patch)
    broken = _broken(baseline, everything)
    if 0 < len(broken) <= _WORTH_A_SECOND_LOOK:
        everything = _run_all(cancel, ports, task, bench, patch)
        broken = _broken(baseline, everything)
    if broken:
        return Proof(Verdict.BROKE_OTHERS, _names(broken, "passed before and fails now"), everything)
    if not passed(everything, task.wanted):
        return Proof(Verdict.STILL_RED, "The test passes alone and fails among the others.", everything)
    if rewritten := witness.rewritten():
        return Proof(Verdict.UNPROVED, f"With the patch, a run rewrites {', '.join(rewritten[:3])}.", everything)
    if gone := vanished(task, baseline.run, everything):
        return Proof(Verdict.UNPROVED, _names(gone, "was run before and is not run any more"), everything)
    if _speaks_of_chance(bench, baseline.failure, patch):
        first = _run_wanted(cancel, ports, task, bench, patch)
        if not first.green_for(task.wanted):
            return Proof(Verdict.STILL_RED, "The test passed once and failed when it was repeated.", first)
    doubt = _doubt(cancel, ports, task, bench, patch, first)
    if doubt is not None:
        return doubt
    if not controlled and passes_untouched(cancel, ports, task, bench, baseline, patch):
        return Proof(Verdict.FLAKY, BY_LUCK, first)
    return Proof(Verdict.GREEN, f"The test ran and passed, twice.{_still_passing(len(baseline.keep))}", everything)


def _still_passing(n: int) -> str:
    if n == 0:
        return ""
    return (
        " 1 other test that passed before still passes."
        if n == 1
        else f" {n} other tests that passed before still pass."
    )


def _doubt(
    cancel: Cancellation,
    ports: Ports,
    task: Task,
    bench: Workbench,
    patch: Patch,
    run: TestRun,
) -> Proof | None:
    """Return why tests that pass prove nothing, or None."""
    closed = _closed_gate(cancel, ports, task, bench, patch)
    if closed is not None:
        what = f"{closed.name} passed before and fails now: {closed.said}"
        return Proof(Verdict.BROKE_OTHERS, f"The tests pass, but {what}", run)
    ports.emit(Step("Green: making sure that a failure would be seen"))
    if not is_noticed(cancel, ports, task, bench, patch, run):
        return Proof(Verdict.UNPROVED, UNNOTICED, run)
    return None


def passes_untouched(
    cancel: Cancellation, ports: Ports, task: Task, bench: Workbench, baseline: Baseline, patch: Patch
) -> bool:
    """Run the control experiment: without the patch, the wanted tests must go on failing."""
    ports.emit(Step("Green: making sure that it is not luck"))
    bench.reset()
    with ports.open_trials(cancel, bench, task.project, task.wanted, (), task.policy) as trials:
        return passes_in(cancel, trials, task, bench, baseline, patch)


def passes_in(
    cancel: Cancellation, trials: Trials, task: Task, bench: Workbench, baseline: Baseline, patch: Patch
) -> bool:
    """Run the control experiment in trials that are open on a pristine workbench."""
    n_controls = 1
    if baseline.failure.kind not in _NO_LUCK:
        by_chance = _speaks_of_chance(bench, baseline.failure, patch)
        hangs = baseline.failure.kind is FailureKind.TIMEOUT and not by_chance
        n_controls = 1 if hangs else (_SLOW_CONTROLS if trials.is_slow else _CONTROLS)[by_chance]
    return any(trials.unpatched(cancel, task.wanted).verdict is TrialVerdict.PASSES for _ in range(n_controls))


def _speaks_of_chance(bench: Workbench, failure: Failure, patch: Patch) -> bool:
    paths = {failure.test_path, *patch.paths, *(frame.path for frame in failure.frames if frame.inside)}
    read = reader(bench)
    return speak_of_chance(text for path in sorted(paths) if (text := read(path)) is not None)


def _closed_gate(cancel: Cancellation, ports: Ports, task: Task, bench: Workbench, patch: Patch) -> GateResult | None:
    """Return the first gate that is open without the patch and closed with it; one that was closed blocks nothing."""
    if not task.project.gates:
        return None
    ports.emit(Step("Green: running the project's other checks"))
    bench.reset()
    bench.apply(patch)
    results = ports.gates.run(cancel, task.project, bench.enclosure, patch.paths)
    closed = [result for result in results if not result.passed]
    if not closed:
        return None
    bench.reset()
    untouched = ports.gates.run(cancel, task.project, bench.enclosure, patch.paths)
    before = {result.name: result.passed for result in untouched}
    return next((result for result in closed if before.get(result.name)), None)


def _run_wanted(cancel: Cancellation, ports: Ports, task: Task, bench: Workbench, patch: Patch) -> TestRun:
    bench.reset()
    bench.apply(patch)
    return run_wanted(cancel, ports, task, bench)


def _run_all(cancel: Cancellation, ports: Ports, task: Task, bench: Workbench, patch: Patch) -> TestRun:
    bench.reset()
    bench.apply(patch)
    return run_here(cancel, ports, task, bench, Selection())


def _red(ports: Ports, task: Task, bench: Workbench, baseline: Baseline, run: TestRun) -> Proof:
    failures = failures_of(ports, task, bench, run)
    failure = failures[0] if failures else None
    verdict, reason = verdict_of(baseline.failure, failure)
    return Proof(verdict, reason, run, failure)


def _broken(baseline: Baseline, run: TestRun) -> tuple[TestId, ...]:
    """Return what passed before and did not pass now, or is not even collected any more."""
    return tuple(test for test in baseline.keep if test not in run.passed_ids)


def _names(tests: tuple[TestId, ...], what: str) -> str:
    shown = ", ".join(test.name for test in tests[:3])
    more = f" (and {len(tests) - 3} more)" if 3 < len(tests) else ""
    return f"{shown}{more} {what}."
