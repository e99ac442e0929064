"""One attempt: ask, guard, edit, run, judge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, patch_between
from regreen.core.errors import Refused, WorkbenchRefused
from regreen.core.events import Step
from regreen.core.policy import Policy
from regreen.core.ports import Pace, Workbench
from regreen.core.repair import Answer, Attempt, NoIdea, Proposal, Question, RepairRequest, Spent, Undecided, Verdict
from regreen.core.testing import TestId
from regreen.guard import Refusal, admit

from .baseline import Baseline
from .decide import Try
from .proof import BY_LUCK, Proof, passes_in, passes_untouched, prove
from .recent import RecentLines
from .sources import BenchSources
from .task import Layer, Ports, Task

_WIDE = 800  # candidates that are tried for tests which may not have the same cause


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
    request, answer, lucky = _ask(cancel, ports, task, bench, baseline, attempts, step, pristine=below is None)

    def attempt(
        patch: Patch | None, proof: Proof | None, verdict: Verdict, reason: str, question: Question | None = None
    ) -> Attempt:
        proposal = answer if isinstance(answer, Proposal) else None
        return Attempt(
            n=n,
            provider=answer.provider,
            hypothesis=proposal.hypothesis if proposal else "",
            patch=patch,
            verdict=verdict,
            reason=reason,
            failure=proof.failure if proof else None,
            seconds=round(ports.clock.monotonic() - begun, 3),
            tried=answer.tried,
            rivals=proposal.rivals if proposal else 0,
            confidence=proposal.confidence if proposal else None,
            evidence=() if isinstance(answer, NoIdea) else answer.evidence,
            others=proposal.others if proposal else (),
            question=question,
            usage=answer.usage,
            run=proof.run if proof and proof.verdict is Verdict.GREEN else None,
        )

    if isinstance(answer, NoIdea):
        return attempt(None, None, Verdict.REFUSED if answer.refused else Verdict.NO_IDEA, answer.reason)
    if isinstance(answer, Undecided):
        question = _askable(task, request, answer)
        if question is None:
            return attempt(None, None, Verdict.NO_IDEA, "None of the changes that could be meant is allowed here.")
        if lucky is None:
            lucky = passes_untouched(cancel, ports, task, bench, baseline, answer.question.choices[0].patch)
        if lucky:
            return attempt(None, None, Verdict.FLAKY, BY_LUCK)
        return attempt(None, None, Verdict.UNDECIDED, question.text, question)
    admitted = answer.patch if Layer.GUARDRAILS in ports.without else admit(task.policy, request, answer)
    if isinstance(admitted, Refusal):
        return replace(attempt(answer.patch, None, Verdict.REFUSED, str(admitted)), rule=admitted.rule)
    patch = stack(below, admitted)
    if lucky:
        return attempt(patch, None, Verdict.FLAKY, BY_LUCK)
    ports.emit(Step(f"Attempt {n}: {answer.hypothesis}", 20 + 25 * (n - 1)))
    try:
        proof = prove(cancel, ports, task, bench, baseline, patch, controlled=lucky is False)
    except WorkbenchRefused:
        raise
    except Refused as refused:  # A path that only the disk shows to be out of bounds, such as a link.
        return replace(attempt(patch, None, Verdict.REFUSED, str(refused)), rule=refused.rule)
    judged = attempt(patch, proof, proof.verdict, proof.reason)
    return _reviewed(cancel, ports, request, replace(answer, patch=patch), judged)


def _reviewed(
    cancel: Cancellation, ports: Ports, request: RepairRequest, proposal: Proposal, attempt: Attempt
) -> Attempt:
    """Let a second model look at what is proved: it can hold a green patch back, and never turn a red one green."""
    if ports.reviewer is None or attempt.verdict is not Verdict.GREEN:
        return attempt
    ports.emit(Step(f"Attempt {attempt.n}: {ports.reviewer.name} reviews it"))
    review = ports.reviewer.review(cancel, request, proposal)
    usage = attempt.usage + review.usage
    if review.objection:
        reason = f"The tests pass, and {review.reviewer} objects: {review.objection}"
        return replace(attempt, verdict=Verdict.OBJECTED, reason=reason, usage=usage)
    return replace(attempt, evidence=(*attempt.evidence, review.note) if review.note else attempt.evidence, usage=usage)


def stack(below: Patch | None, patch: Patch) -> Patch:
    """Return one patch that does what both do, one after the other."""
    if below is None:
        return patch
    before = {file.path: file.base for file in patch.files} | {file.path: file.base for file in below.files}
    after = {file.path: file.after for file in below.files} | {file.path: file.after for file in patch.files}
    return patch_between(before, after)


def _askable(task: Task, request: RepairRequest, answer: Undecided) -> Question | None:
    """Leave out the choices that the guard would refuse anyway; None when nothing is left."""
    choices = tuple(
        choice
        for choice in answer.question.choices
        if not isinstance(
            admit(task.policy, request, Proposal(answer.provider, choice.hypothesis, choice.patch)), Refusal
        )
    )
    return replace(answer.question, choices=choices) if choices else None


def _ask(
    cancel: Cancellation,
    ports: Ports,
    task: Task,
    bench: Workbench,
    baseline: Baseline,
    attempts: tuple[Attempt, ...],
    step: Try,
    *,
    pristine: bool,
) -> tuple[RepairRequest, Answer, bool | None]:
    """Ask for a patch that cures everything that looks like the same cause; failing that, the wanted tests alone.

    Return with it whether the wanted tests pass now and then on the untouched files, where that costs little to see:
    in trials that run anyway, on a pristine workbench; else None.
    """
    tried, spent = 0, Spent()
    lucky: bool | None = None
    sources = BenchSources(bench, tuple(sorted(task.model.files)))
    recent = RecentLines(sources, partial(ports.before, cancel))
    for group in _groups(task.wanted, baseline):
        request = RepairRequest(
            failure=step.failure,
            wanted=group.tests,
            keep=baseline.keep,
            project=task.project,
            model=task.model,
            sources=sources,
            attempts=attempts,
            policy=_hurried(task.policy) if group.is_wide else task.policy,
            recent=recent,
            state=task.state,
            memory=task.memory,
            left_red=group.left_red,
        )
        with ports.open_trials(cancel, bench, task.project, group.tests, baseline.keep, task.policy) as trials:
            if group.is_wide and trials.pace is not Pace.WARM:
                continue
            answer = ports.provider.propose(cancel, request, trials)
            first = _first_patch(answer)
            if first is not None and pristine and trials.is_warm:
                ports.emit(Step("Making sure that it is not luck"))
                lucky = passes_in(cancel, trials, task, bench, baseline, first)
        tried += answer.tried
        spent += answer.usage
        if not isinstance(answer, NoIdea) or answer.refused:
            break
    return request, replace(answer, tried=tried, usage=spent), lucky


def _first_patch(answer: Answer) -> Patch | None:
    if isinstance(answer, Proposal):
        return answer.patch
    return answer.question.choices[0].patch if isinstance(answer, Undecided) else None


@dataclass(frozen=True, slots=True)
class _Group:
    """Tests that one patch is to cure."""

    tests: tuple[TestId, ...]
    is_wide: bool = False  # what is red in other ways, too: one bug shows in several
    left_red: tuple[TestId, ...] = ()  # red in the same way, and not to be cured by this patch


def _groups(wanted: tuple[TestId, ...], baseline: Baseline) -> tuple[_Group, ...]:
    alike = (*wanted, *baseline.related)
    wide = (_Group((*alike, *baseline.others), is_wide=True),) if baseline.others else ()
    return (*wide, *((_Group(alike),) if baseline.related else ()), _Group(wanted, left_red=baseline.related))


def _hurried(policy: Policy) -> Policy:
    return replace(policy, max_candidates=min(policy.max_candidates, _WIDE))
