"""A test that was red and green on the same files: run again in known ways, to tell what it depends on.

Nothing is edited here, and no run of this module is proof of anything but of how the test behaves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from regreen.core.cancel import Cancellation
from regreen.core.events import Step
from regreen.core.failure import Failure, FailureKind
from regreen.core.ports import Workbench
from regreen.core.testing import Selection, TestId, TestRun
from regreen.core.workspace import WorkspaceModel

from .runs import run_pristine, select
from .task import Ports, Task

ALONE = "alone"
IN_FILE = "in its file"
WITH_ALL = "with all the others"
SHUFFLED = "with all the others in another order"
_SEED = 1
_LONG = 300.0  # seconds of a whole run from which on it is not repeated: the answer would come too late

# Pattern -> what it means for a person.
_MEANING = {
    "fails-after-others": "It passes alone and fails after other tests: one of them leaves something behind.",
    "needs-others": "It passes among other tests and fails alone: it needs what one of them leaves behind.",
    "order": "It depends on the order of the tests.",
    "random": "The same run gave different results: it depends on time, on chance or on what runs beside it.",
}
_ADVICE = {
    "fails-after-others": "Find the test that changes what both use (a file, a variable), and let it clean up.",
    "needs-others": "Let the test set up itself what it needs.",
    "order": "Let each test set up what it needs and clean up what it changes.",
    "random": "Let the test choose what clock, chance and network say, and wait for conditions, not for time.",
}


@dataclass(frozen=True, slots=True)
class Rerun:
    """One run of the wanted tests: in which surroundings, and whether they passed."""

    how: str
    passed: bool


def lucky(failure: Failure) -> Failure:
    """Return a failure as the flaky one of a test that failed, and then passed without any edit."""
    return as_flaky(failure, (Rerun(ALONE, passed=False), Rerun(ALONE, passed=True)))


def investigate(
    cancel: Cancellation, ports: Ports, task: Task, bench: Workbench, alone: TestRun, everything: TestRun
) -> tuple[Rerun, ...]:
    """Run the wanted tests again, alone, in their file, with all others and in another order; return all runs."""
    first = (_judged(ALONE, alone, task.wanted), _judged(WITH_ALL, everything, task.wanted))
    found = [rerun for rerun in first if rerun is not None]
    for how, selection in _plan(task, everything):
        ports.emit(Step(f"Flaky: running it again {how}"))
        run = run_pristine(cancel, ports, task, bench, selection)
        rerun = _judged(how, run, task.wanted)
        found += [] if rerun is None else [rerun]
    return tuple(found)


def pattern_of(reruns: tuple[Rerun, ...]) -> str:
    """Tell what a test depends on by its runs: a key of the meanings above."""
    by_how: dict[str, set[bool]] = defaultdict(set)
    for rerun in reruns:
        by_how[rerun.how].add(rerun.passed)
    if any(1 < len(outcomes) for outcomes in by_how.values()):
        return "random"
    alone, together = by_how[ALONE], by_how[WITH_ALL]
    if alone == {True} and together == {False}:
        return "fails-after-others"
    if alone == {False} and together == {True}:
        return "needs-others"
    return "order" if by_how[SHUFFLED] and by_how[SHUFFLED] != together else "random"


def as_flaky(failure: Failure, reruns: tuple[Rerun, ...]) -> Failure:
    """Return a failure as a flaky one that keeps what it was, what was run, and what that means."""
    pattern = pattern_of(reruns)
    slots = {
        **dict(failure.slots),
        "runs": "; ".join(f"{rerun.how}: {'passed' if rerun.passed else 'failed'}" for rerun in reruns),
        "pattern": pattern,
        "underlying": failure.kind.label,
    }
    return replace(failure, kind=FailureKind.FLAKY, slots=tuple(sorted(slots.items())), advice=_ADVICE[pattern])


def story(reruns: tuple[Rerun, ...]) -> str:
    """Tell a person what was run, what came out, and what to do."""
    pattern = pattern_of(reruns)
    told = ", ".join(f"{rerun.how} it {'passed' if rerun.passed else 'failed'}" for rerun in reruns)
    return (
        f"The test gave different results on the same files: {told}. "
        f"{_MEANING[pattern]} {_ADVICE[pattern]} No code was changed."
    )


def _plan(task: Task, everything: TestRun) -> Iterator[tuple[str, Selection]]:
    """Yield what to run: what is cheap several times, since chance shows only by repetition."""
    alone = (ALONE, select(task.wanted))
    places = tuple(dict.fromkeys(test.name.partition("::")[0] for test in task.wanted))
    yield alone
    if all(_is_there(place, task) for place in places):
        yield IN_FILE, Selection(paths=places)
        yield IN_FILE, Selection(paths=places)
    yield alone
    yield alone
    if everything.seconds < _LONG:
        yield WITH_ALL, Selection()
        if task.project.shuffles:
            yield SHUFFLED, Selection(seed=_SEED)


def _is_there(place: str, task: Task) -> bool:
    """Tell whether a place of tests is a file or folder, rather than a name of its own."""
    path = place if task.project.cwd == "." else f"{task.project.cwd}/{place}"
    return _knows(task.model, path)


def _knows(model: WorkspaceModel, path: str) -> bool:
    return path in model.files or any(known.startswith(f"{path}/") for known in model.files)


def _judged(how: str, run: TestRun, wanted: tuple[TestId, ...]) -> Rerun | None:
    """Return what a run says of the wanted tests; None when it did not run them."""
    ran = (*(result.id for result in run.results), *run.collected)
    if not all(any(test.covers(each) or each.covers(test) for each in ran) for test in wanted):
        return None
    return Rerun(how, all(run.has_passed(test) for test in wanted))
