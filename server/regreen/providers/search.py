"""The embedded engine: suspects times templates, tried in the workbench, in the same order on every run."""

from __future__ import annotations

from regreen.core.cancel import Cancellation
from regreen.core.ports import Trials, TrialVerdict
from regreen.core.repair import NoIdea, Proposal, RepairRequest

from .candidates import Candidate, candidates

_ENOUGH = 4  # passing candidates among which the best is chosen
_PATIENCE = 40  # candidates that are still tried after the first that passed
_PER_LINE = 0.1  # what each changed line takes from a candidate's chance


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
        spent = {attempt.patch.digest for attempt in request.attempts if attempt.patch}
        passing: list[Candidate] = []
        tried = since_first = 0
        for candidate in candidates(cancel, request, trials):
            if request.policy.max_candidates <= tried or len(passing) == _ENOUGH or _PATIENCE <= since_first:
                break
            if candidate.patch.digest in spent:
                continue
            spent.add(candidate.patch.digest)
            tried += 1
            since_first += bool(passing)
            if trials.evaluate(cancel, candidate.patch).verdict is TrialVerdict.PASSES:
                passing.append(candidate)
        if not passing:
            return NoIdea(self.name, _nothing(tried), tried)
        best = max(passing, key=_merit)
        return Proposal(self.name, best.hypothesis, best.patch, rivals=len(passing) - 1, tried=tried)


def _merit(candidate: Candidate) -> float:
    return candidate.score / (1 + _PER_LINE * candidate.patch.n_lines)


def _nothing(tried: int) -> str:
    if not tried:
        return "The search engine knows no small change for this kind of failure here."
    return f"None of {tried} small changes makes the test pass."
