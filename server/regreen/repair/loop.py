"""The loop. Everything it touches is a port; everything it decides stands in `decide`."""

from __future__ import annotations

from dataclasses import replace

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch
from regreen.core.errors import Conflict, NoTests
from regreen.core.events import AttemptEnded, Step
from regreen.core.ports import Workbench
from regreen.core.repair import Attempt, Outcome, RepairReport
from regreen.guard import check_gate

from .attempt import make_attempt
from .baseline import Baseline, reproduce
from .decide import Stop, next_step
from .flaky import lucky
from .inquiry import asking
from .overtaken import is_overtaken, prove_again
from .strength import strength_of
from .task import Layer, Ports, Task

_OVERTAKEN = "Files changed while this was found out: run the fix again for a verdict on the present ones."


def repair(cancel: Cancellation, ports: Ports, task: Task) -> RepairReport:
    """Walk the road once. Outcome REPAIRED means proved in the workbench; delivering is the caller's.

    The person's tree is not touched, whatever happens.

    Raises:
        Cancelled: the token was set; nothing is left behind.
        CannotRun: the checkpoint or the runner could not be started.
        WorkbenchRefused: the tests load code from the person's tree instead of the workbench.
        Conflict: files went on changing, so that no verdict could be reached.
    """
    started, clock = ports.clock.now(), ports.clock.monotonic()
    report, overtaken = _walk_once(cancel, ports, task)
    if overtaken and (report is None or not report.attempts):
        ports.emit(Step("Files changed meanwhile: starting over on the present ones"))
        report, overtaken = _walk_once(cancel, ports, task)
    if report is None:
        raise Conflict(
            "Files went on changing while the tests ran.",
            next_step="Nothing was overwritten; run the fix again when they are saved.",
            paths=(),
        )
    if overtaken and report.patch is not None:
        report = prove_again(cancel, ports, task, report, report.patch)
    elif overtaken:
        report = replace(report, reason=f"{report.reason} {_OVERTAKEN}")
    return replace(report, started=started, seconds=round(ports.clock.monotonic() - clock, 3))


def _walk_once(cancel: Cancellation, ports: Ports, task: Task) -> tuple[RepairReport | None, bool]:
    """Walk in a workbench of its own; return the report, None when a save was in the way, and whether files changed."""
    buffers = task.buffers()
    ports.emit(Step("Making a checkpoint"))
    with ports.checkpoints.open(cancel, buffers) as bench:
        try:
            report = _walk(cancel, ports, task, bench)
        except (Conflict, NoTests):
            # In a workbench that shows the person's files a save can take away what was just read there.
            if not is_overtaken(bench):
                raise
            return None, True
        return report, is_overtaken(bench) or dict(task.buffers()) != dict(buffers)


def _walk(cancel: Cancellation, ports: Ports, task: Task, bench: Workbench) -> RepairReport:
    ports.emit(Step("Reproducing the failure", 5))
    found = reproduce(cancel, ports, task, bench)
    if isinstance(found, Stop):
        return _report(task, bench, found, ())
    asked = None if Layer.GATE in ports.without else check_gate(task.policy, found.failure, task.model)
    if asked is not None:
        held = _report(task, bench, Stop(Outcome.REFUSED, f"{asked.text} Nothing was tried.", found.failure), (), found)
        return replace(held, inquiry=asked)
    attempts: tuple[Attempt, ...] = ()
    last: Patch | None = None
    while True:
        step = next_step(found.failure, attempts, task.policy)
        if isinstance(step, Stop):
            report = _report(task, bench, step, attempts, found, last)
            if step.outcome is Outcome.EXHAUSTED:
                return asking(report, found.failure, attempts)
            if report.patch is None:
                return report
            return replace(report, strength=strength_of(cancel, ports, task, bench, found, report.patch))
        cancel.check()
        attempt = make_attempt(cancel, ports, task, bench, found, attempts, step, last if step.on_top else None)
        attempts += (attempt,)
        last = attempt.patch
        ports.emit(AttemptEnded(task.trace.run_id, attempt))


def _report(
    task: Task,
    bench: Workbench,
    stop: Stop,
    attempts: tuple[Attempt, ...],
    found: Baseline | None = None,
    patch: Patch | None = None,
) -> RepairReport:
    failure = found.failure if found else stop.failure
    if found and stop.outcome is Outcome.FLAKY:
        failure = lucky(found.failure)
    return RepairReport(
        run_id=task.trace.run_id,
        trace_id=task.trace.trace_id,
        started=0.0,
        seconds=0.0,
        wanted=task.wanted,
        failure=failure,
        outcome=stop.outcome,
        reason=stop.reason,
        attempts=attempts,
        patch=patch if stop.outcome is Outcome.REPAIRED else None,
        before=found.run if found else None,
        after=attempts[-1].run if patch is not None and stop.outcome is Outcome.REPAIRED else None,
        workbench=bench.kind,
    )
