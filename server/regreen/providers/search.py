"""The embedded engine: suspects times templates, tried in the workbench, in the same order on every run."""

from __future__ import annotations

from regreen.core.cancel import Cancellation
from regreen.core.ports import Pace, Trials, TrialVerdict
from regreen.core.repair import Answer, Confidence, NoIdea, Proposal, RepairRequest

from .behaviour import Behaviour, observe
from .candidates import candidates
from .heed import heeded
from .hunt import FURTHER, LIMITS, Hunt, pairs
from .verdict import answer

_SINGLE = 0.8  # share of the candidates that are single edits; the rest is for pairs


class SearchProvider:
    """Patches without a model: deterministic, with no key and no network."""

    name = "search"

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Answer:
        """Try candidates in order of likelihood and propose the best of the first few that pass.

        Raises:
            Cancelled: the token was set.
            CannotRun: the worker that tries candidates cannot be started.
        """
        if not request.failure.kind.editable:
            return NoIdea(self.name, "This kind of failure is not cured by an edit.")
        again = _kept(cancel, request, trials)
        if again is not None:
            return again
        hunt = Hunt(cancel, trials, _proposed(request), LIMITS[trials.pace])
        found = candidates(cancel, request, trials)
        policy = request.policy
        most = min(policy.max_candidates, policy.max_runs if trials.is_slow else hunt.limits.most)
        hunt.try_all(found, max(1, int(_SINGLE * most)))
        if not hunt.survivors and not trials.is_slow:
            hunt.ask_again()
        if not hunt.survivors:
            hunt.try_all(pairs(hunt.moved(), found), most)
        if not hunt.survivors:
            return NoIdea(self.name, _nothing(hunt.tried), hunt.tried)
        behaviour = _observed(cancel, request, trials, hunt)
        if behaviour.said and all(behaviour.n_against(one.candidate.patch) for one in hunt.survivors):
            # The tests are content with all of them, the function's own words with none: there may be a better one.
            n_known = len(hunt.survivors)
            hunt.limits = FURTHER
            hunt.try_all(found, most)
            behaviour = _observed(cancel, request, trials, hunt) if n_known < len(hunt.survivors) else behaviour
        survivors = tuple(hunt.survivors)
        judged, seen = heeded(cancel, request, trials, survivors, behaviour)
        return answer(self.name, request, judged, behaviour, hunt.tried, seen)


def _observed(cancel: Cancellation, request: RepairRequest, trials: Trials, hunt: Hunt) -> Behaviour:
    if trials.pace is not Pace.WARM:
        return Behaviour()
    return observe(cancel, request, trials, tuple(one.candidate.patch for one in hunt.survivors))


def _kept(cancel: Cancellation, request: RepairRequest, trials: Trials) -> Proposal | None:
    """Return the best rival of the last attempt that was not proposed yet and still passes."""
    proposed = _proposed(request)
    last = request.attempts[-1] if request.attempts else None
    for rival in last.others if last is not None else ():
        is_fresh = rival.patch.digest not in proposed
        if is_fresh and all(request.sources.get(file.path) == file.base for file in rival.patch.files):
            trial = trials.evaluate(cancel, rival.patch)
            if trial.verdict is TrialVerdict.PASSES:
                left = tuple(other for other in last.others if other is not rival) if last is not None else ()
                evidence = ("It was the next likeliest when the one before it was proposed.",)
                return Proposal(
                    SearchProvider.name, rival.hypothesis, rival.patch, len(left), 1, Confidence.LOW, evidence, left
                )
    return None


def _proposed(request: RepairRequest) -> set[str]:
    return {attempt.patch.digest for attempt in request.attempts if attempt.patch}


def _nothing(tried: int) -> str:
    if not tried:
        return "The search engine knows no small change for this kind of failure here."
    return f"None of {tried} small changes makes the test pass."
