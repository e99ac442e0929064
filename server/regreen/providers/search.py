"""The embedded engine: suspects times templates, tried in the workbench, in the same order on every run."""

from __future__ import annotations

from regreen.core.cancel import Cancellation
from regreen.core.ports import Trials
from regreen.core.repair import NoIdea, Proposal, RepairRequest

from .candidates import candidates
from .hunt import FAST, SLOW, Hunt, Survivor, pairs

_PER_LINE = 0.1  # what each changed line takes from a candidate's chance
_SINGLE = 0.8  # share of the candidates that are single edits; the rest is for pairs


class SearchProvider:
    """Patches without a model: deterministic, with no key and no network."""

    name = "search"

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Proposal | NoIdea:
        """Try candidates in order of likelihood and propose the best of the first few that pass.

        Raises:
            Cancelled: the token was set.
            CannotRun: the worker that tries candidates cannot be started.
        """
        if not request.failure.kind.editable:
            return NoIdea(self.name, "This kind of failure is not cured by an edit.")
        hunt = Hunt(cancel, trials, _proposed(request), SLOW if trials.is_slow else FAST)
        found = candidates(cancel, request, trials)
        policy = request.policy
        most = min(policy.max_candidates, policy.max_runs) if trials.is_slow else policy.max_candidates
        hunt.try_all(found, max(1, int(_SINGLE * most)))
        if not hunt.survivors:
            hunt.try_all(pairs(hunt.moved(), found), most)
        if not hunt.survivors:
            return NoIdea(self.name, _nothing(hunt.tried), hunt.tried)
        best = max(hunt.survivors, key=_merit).candidate
        return Proposal(self.name, best.hypothesis, best.patch, rivals=len(hunt.survivors) - 1, tried=hunt.tried)


def _proposed(request: RepairRequest) -> set[str]:
    return {attempt.patch.digest for attempt in request.attempts if attempt.patch}


def _merit(survivor: Survivor) -> float:
    candidate = survivor.candidate
    return candidate.score / (1 + _PER_LINE * candidate.patch.n_lines)


def _nothing(tried: int) -> str:
    if not tried:
        return "The search engine knows no small change for this kind of failure here."
    return f"None of {tried} small changes makes the test pass."
