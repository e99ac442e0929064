"""The loop. Everything it touches is a port; everything it decides stands in `decide`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, rebase
from regreen.core.errors import Conflict, RollbackConflict
from regreen.core.events import AttemptEnded, Step
from regreen.core.ports import Workbench
from regreen.core.repair import Attempt, Outcome, RepairReport, Verdict

from .attempt import make_attempt
from .baseline import Baseline, reproduce
from .decide import Stop, next_step
from .proof import prove
from .task import Ports, Task


def repair(cancel: Cancellation, ports: Ports, task: Task) -> RepairReport:
    """Walk the road once. Outcome REPAIRED means proved in the workbench; delivering is the caller's.

    The person's tree is not touched, whatever happens.

    Raises:
        Cancelled: the token was set; nothing is left behind.
        CannotRun: the checkpoint or the runner could not be started.
        WorkbenchRefused: the tests load code from the person's tree instead of the workbench.
    """
    started, clock = ports.clock.now(), ports.clock.monotonic()
    buffers = task.buffers()
    ports.emit(Step("Making a checkpoint"))
    with ports.checkpoints.open(cancel, buffers) as bench:
        report = _walk(cancel, ports, task, bench)
        stale = report.outcome is Outcome.REPAIRED and _changed_meanwhile(task, bench, buffers)
    if stale and report.patch is not None:
        report = _prove_again(cancel, ports, task, report, report.patch)
    return replace(report, started=started, seconds=round(ports.clock.monotonic() - clock, 3))


def _walk(cancel: Cancellation, ports: Ports, task: Task, bench: Workbench) -> RepairReport:
    ports.emit(Step("Reproducing the failure", 5))
    found = reproduce(cancel, ports, task, bench)
    if isinstance(found, Stop):
        return _report(task, bench, found, ())
    attempts: tuple[Attempt, ...] = ()
    last: Patch | None = None
    while True:
        step = next_step(found.failure, attempts, task.policy)
        if isinstance(step, Stop):
            return _report(task, bench, step, attempts, found, last)
        cancel.check()
        attempt = make_attempt(cancel, ports, task, bench, found, attempts, step, last if step.on_top else None)
        attempts += (attempt,)
        last = attempt.patch
        ports.emit(AttemptEnded(task.trace.run_id, attempt))


def _changed_meanwhile(task: Task, bench: Workbench, buffers: Mapping[str, str]) -> bool:
    try:
        bench.verify()
    except RollbackConflict:
        return True
    return dict(task.buffers()) != dict(buffers)


def _prove_again(cancel: Cancellation, ports: Ports, task: Task, report: RepairReport, patch: Patch) -> RepairReport:
    """Take the verdict again on the files as they are now: they changed while the repair ran."""
    ports.emit(Step("Files changed meanwhile: testing the fix on the present ones", 90))
    with ports.checkpoints.open(cancel, task.buffers()) as bench:
        try:
            moved = rebase(patch, {path: bench.read(path).text for path in patch.paths})
        except Conflict as clash:
            return replace(report, outcome=Outcome.EXHAUSTED, patch=None, reason=str(clash))
        baseline = reproduce(cancel, ports, task, bench)
        if isinstance(baseline, Stop):
            return replace(report, outcome=baseline.outcome, patch=None, reason=baseline.reason)
        proof = prove(cancel, ports, task, bench, baseline, moved)
    if proof.verdict is Verdict.GREEN:
        return replace(report, patch=moved, after=proof.run)
    reason = f"The files changed while the repair ran, and on the present ones the fix fails: {proof.reason}"
    return replace(report, outcome=Outcome.EXHAUSTED, patch=None, reason=reason, after=proof.run)


def _report(
    task: Task,
    bench: Workbench,
    stop: Stop,
    attempts: tuple[Attempt, ...],
    found: Baseline | None = None,
    patch: Patch | None = None,
) -> RepairReport:
    return RepairReport(
        run_id=task.trace.run_id,
        trace_id=task.trace.trace_id,
        started=0.0,
        seconds=0.0,
        wanted=task.wanted,
        failure=found.failure if found else stop.failure,
        outcome=stop.outcome,
        reason=stop.reason,
        attempts=attempts,
        patch=patch if stop.outcome is Outcome.REPAIRED else None,
        before=found.run if found else None,
        workbench=bench.kind,
    )
