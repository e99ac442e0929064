"""What becomes of a fix when the person saved something while it was being proved: it is proved once more."""

from __future__ import annotations

from dataclasses import replace

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, rebase
from regreen.core.errors import Conflict, NoTests, RollbackConflict
from regreen.core.events import Step
from regreen.core.ports import Workbench
from regreen.core.repair import Outcome, RepairReport, Verdict

from .baseline import reproduce
from .decide import Stop
from .proof import prove
from .task import Ports, Task

_ROUNDS = 3


def is_overtaken(bench: Workbench) -> bool:
    """Tell whether the person's files are not any more what the workbench was made of."""
    try:
        bench.verify()
    except RollbackConflict:
        return True
    return False


def prove_again(cancel: Cancellation, ports: Ports, task: Task, report: RepairReport, patch: Patch) -> RepairReport:
    """Take the verdict again on the files as they are now, a few times if they go on changing.

    A fix that passed each time and was overtaken each time is kept, and not applied.
    """
    last = report
    for _ in range(_ROUNDS):
        ports.emit(Step("Files changed meanwhile: testing the fix on the present ones", 90))
        with ports.checkpoints.open(cancel, task.buffers()) as bench:
            try:
                last = _prove_on(cancel, ports, task, bench, report, patch)
            except (Conflict, NoTests) as clash:
                if not is_overtaken(bench):
                    raise
                last = replace(report, outcome=Outcome.EXHAUSTED, patch=None, reason=str(clash))
            if not is_overtaken(bench):
                return last
    if last.outcome is not Outcome.REPAIRED:
        return last
    return replace(
        last,
        outcome=Outcome.REPAIRED_NOT_APPLIED,
        reason="The fix passed each time, but files were saved again while it was being proved, so it was not applied. "
        "Apply it when you have stopped, then run the tests.",
    )


def _prove_on(
    cancel: Cancellation, ports: Ports, task: Task, bench: Workbench, report: RepairReport, patch: Patch
) -> RepairReport:
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
