"""One attempt: ask, guard, edit, run, judge."""

from __future__ import annotations

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, patch_between
from regreen.core.errors import Refused, WorkbenchRefused
from regreen.core.events import Step
from regreen.core.ports import Workbench
from regreen.core.repair import Attempt, NoIdea, Proposal, RepairRequest, Verdict
from regreen.core.testing import TestId
from regreen.guard import Refusal, admit

from .baseline import Baseline
from .decide import Try
from .proof import Proof, prove
from .sources import BenchSources
from .task import Ports, Task


def make_attempt(
    cancel: Cancellation,
    ports: Ports,
    task: Task,
    bench: Workbench,
    baseline: Baseline,
    attempts: tuple[Attempt, ...],
    step: Try,
    below: Patch | None,
) -> Attempt:
    """Make one attempt; `below` is the patch that it stands on, None when it starts from the checkpoint."""
    n, begun = len(attempts) + 1, ports.clock.monotonic()
    ports.emit(Step(f"Attempt {n}: looking for a fix", 10 + 25 * (n - 1)))
    bench.reset()
    if below is not None:
        bench.apply(below)
    request, answer = _ask(cancel, ports, task, bench, baseline, attempts, step)

    def attempt(patch: Patch | None, proof: Proof | None, verdict: Verdict, reason: str) -> Attempt:
        return Attempt(
            n=n,
            provider=answer.provider,
            hypothesis=answer.hypothesis if isinstance(answer, Proposal) else "",
            patch=patch,
            verdict=verdict,
            reason=reason,
            failure=proof.failure if proof else None,
            seconds=round(ports.clock.monotonic() - begun, 3),
            tried=answer.tried,
            rivals=answer.rivals if isinstance(answer, Proposal) else 0,
        )

    if isinstance(answer, NoIdea):
        return attempt(None, None, Verdict.NO_IDEA, answer.reason)
    admitted = admit(task.policy, request, answer)
    if isinstance(admitted, Refusal):
        return attempt(answer.patch, None, Verdict.REFUSED, f"{admitted.message} {admitted.next_step}")
    patch = stack(below, admitted)
    ports.emit(Step(f"Attempt {n}: {answer.hypothesis}", 20 + 25 * (n - 1)))
    try:
        proof = prove(cancel, ports, task, bench, baseline, patch)
    except WorkbenchRefused:
        raise
    except Refused as refused:  # A path that only the disk shows to be out of bounds, such as a link.
        return attempt(patch, None, Verdict.REFUSED, str(refused))
    return attempt(patch, proof, proof.verdict, proof.reason)


def stack(below: Patch | None, patch: Patch) -> Patch:
    """Return one patch that does what both do, one after the other."""
    if below is None:
        return patch
    before = {file.path: file.base for file in patch.files} | {file.path: file.base for file in below.files}
    after = {file.path: file.after for file in below.files} | {file.path: file.after for file in patch.files}
    return patch_between(before, after)


def _ask(
    cancel: Cancellation,
    ports: Ports,
    task: Task,
    bench: Workbench,
    baseline: Baseline,
    attempts: tuple[Attempt, ...],
    step: Try,
) -> tuple[RepairRequest, Proposal | NoIdea]:
    """Ask for a patch that cures everything that looks like the same cause; failing that, the wanted tests alone."""
    tried = 0
    for wanted in _groups(task.wanted, baseline.related):
        request = RepairRequest(
            failure=step.failure,
            wanted=wanted,
            keep=baseline.keep,
            project=task.project,
            model=task.model,
            sources=BenchSources(bench, tuple(sorted(task.model.files))),
            attempts=attempts,
            policy=task.policy,
        )
        with ports.open_trials(cancel, bench, task.project, wanted, baseline.keep, task.policy) as trials:
            answer = ports.provider.propose(cancel, request, trials)
        tried += answer.tried
        if isinstance(answer, Proposal):
            break
    return request, answer if tried == answer.tried else _with_tried(answer, tried)


def _with_tried(answer: Proposal | NoIdea, tried: int) -> Proposal | NoIdea:
    if isinstance(answer, Proposal):
        return Proposal(answer.provider, answer.hypothesis, answer.patch, answer.rivals, tried)
    return NoIdea(answer.provider, answer.reason, tried)


def _groups(wanted: tuple[TestId, ...], related: tuple[TestId, ...]) -> tuple[tuple[TestId, ...], ...]:
    return ((*wanted, *related), wanted) if related else (wanted,)
