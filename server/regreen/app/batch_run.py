"""Runs the driver of a batch in a workbench, and reads what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun
from regreen.core.ports import Workbench
from regreen.core.testing import CommandSpec, Place
from regreen.core.workspace import Project
from regreen.languages import Batching, Order, report_event

from .runner import ToolRunner, confined

_LONGEST = 60.0  # seconds that a batch may take beside what its candidates may


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one candidate."""

    pick: int
    verdict: str
    text: str  # what the tests printed
    failed: tuple[int, ...] = ()  # which of the wanted tests failed, where that is told
    seconds: float = 0.0  # of CPU time, where that is told
    is_whole: bool = False  # whether the tests that no build holds were asked as well
    checked: bool = False  # whether the test that failed passed on the text as it is afterwards


def _unheard(trial: Trial) -> None:
    """Pass over a trial."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a driver said. Untrusted: what passes is run again."""

    untouched: str = ""  # what became of the wanted tests as they are
    trials: tuple[tuple[int, str, str], ...] = ()  # pick, verdict, what the tests printed
    broken: tuple[tuple[str, int, str], ...] = ()  # path, line, what the compiler says
    profiles: tuple[tuple[str, bool, str], ...] = ()  # test, whether it passed, the lines that it ran
    begun: int = 0  # the candidate with which the driver itself went down
    finished: bool = False
    why: str = ""  # nothing was tried


def run_batch(
    cancel: Cancellation,
    runner: ToolRunner,
    bench: Workbench,
    project: Project,
    batching: Batching,
    order: Order,
    on_trial: Callable[[Trial], None] = _unheard,
) -> Said:
    """Build and run the candidates that stand in the workbench; tell of each as soon as it was tried.

    Raises:
        Cancelled: the token was set.
        ToolMissing: the runner is not there.
    """
    return _run(
        cancel, runner, bench, lambda place: batching.command(project, order, place, _time(runner, order)), on_trial
    )


def run_measure(
    cancel: Cancellation, runner: ToolRunner, bench: Workbench, project: Project, batching: Batching, order: Order
) -> Said:
    """Run each test on its own to see which lines it runs.

    Raises:
        Cancelled: the token was set.
        ToolMissing: the runner is not there.
    """
    measure = batching.measure
    if measure is None:
        return Said()
    return _run(cancel, runner, bench, lambda place: measure(project, order, place, _time(runner, order)))


def _time(runner: ToolRunner, order: Order) -> float:
    return runner.timeout() + _LONGEST + order.wall * max(1, len(order.picks), len(order.mutants))


def _run(
    cancel: Cancellation,
    runner: ToolRunner,
    bench: Workbench,
    command: Callable[[Place], CommandSpec | None],
    on_trial: Callable[[Trial], None] = _unheard,
) -> Said:
    cancel.check()
    where = bench.enclosure
    with runner.place(where) as place:
        spec = command(place)
        if spec is None:
            return Said()

        def on_line(line: str) -> None:
            event = report_event(line, place)
            trial = _trial(event) if event is not None and event.get("event") == "trial" else None
            if trial is not None:
                on_trial(trial)

        raw = runner.executor.run(cancel, confined(spec, where, place), on_line)
        events = [event for line in raw.report.splitlines() if (event := report_event(line, place)) is not None]
    trials, broken, profiles = [], [], []
    untouched, begun, finished, why = "", 0, False, ""
    try:
        for event in events:
            kind = event.get("event")
            if kind == "untouched":
                untouched = str(event["wanted"])
            elif kind == "begin":
                begun = int(event["pick"])
            elif kind == "trial":
                trials.append((int(event["pick"]), str(event["verdict"]), str(event["text"])))
            elif kind == "broken":
                broken.append((str(event["path"]), int(event["line"]), str(event["text"])))
            elif kind == "lines":
                profiles.append((str(event["test"]), bool(event["passed"]), str(event["profile"])))
            elif kind == "unbuilt":
                why = str(event["text"])
            elif kind == "finish":
                finished = True
    except (KeyError, TypeError, ValueError) as error:
        raise CannotRun(
            f"What the trial of candidates reports cannot be read: {error!r}.",
            next_step="Run the fix again; if it stays so, report it with the log.",
        ) from error
    is_over = finished or any(pick == begun for pick, _, _ in trials)
    return Said(
        untouched,
        tuple(trials),
        tuple(broken),
        tuple(profiles),
        0 if is_over else begun,
        finished,
        why,
    )


def _trial(event: Mapping[str, Any]) -> Trial | None:
    """Read what became of a candidate; None where it cannot be read, which the end of the run complains of."""
    try:
        failed = tuple(int(each) for each in event.get("failed", ()))
        return Trial(
            int(event["pick"]),
            str(event["verdict"]),
            str(event["text"]),
            failed,
            float(event.get("seconds", 0.0)),
            is_whole=event.get("whole") is True,
            checked=event.get("checked") is True,
        )
    except (KeyError, TypeError, ValueError):
        return None
