"""The embedded engine: suspects times templates, tried in the workbench, in the same order on every run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from regreen.core.cancel import Cancellation
from regreen.core.ports import Trial, Trials, TrialVerdict
from regreen.core.repair import NoIdea, Proposal, RepairRequest

from .candidates import Candidate, candidates, combined

_ENOUGH = 4  # passing candidates among which the best is chosen
_PATIENCE = 40  # candidates that are still tried after the first that passed
_SLOW_ENOUGH = 3  # the same two, where each candidate costs a whole run
_SLOW_PATIENCE = 5
_PER_LINE = 0.1  # what each changed line takes from a candidate's chance
_SINGLE = 0.8  # share of the candidates that are single edits; the rest is for pairs
_FIRST_STEPS = 3  # candidates that moved the failure, to which a second edit is added


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
        hunt = _Hunt(cancel, trials, {attempt.patch.digest for attempt in request.attempts if attempt.patch})
        found = candidates(cancel, request, trials)
        policy = request.policy
        most = min(policy.max_candidates, policy.max_runs) if trials.is_slow else policy.max_candidates
        hunt.try_all(found, max(1, int(_SINGLE * most)))
        if not hunt.passing:
            hunt.try_all(_pairs(hunt.moved(), found), most)
        if not hunt.passing:
            return NoIdea(self.name, _nothing(hunt.tried), hunt.tried)
        best = max(hunt.passing, key=_merit)
        return Proposal(self.name, best.hypothesis, best.patch, rivals=len(hunt.passing) - 1, tried=hunt.tried)


@dataclass(slots=True)
class _Hunt:
    """What was tried so far, and what came of it."""

    cancel: Cancellation
    trials: Trials
    spent: set[str]  # digests, of earlier attempts too
    passing: list[Candidate] = field(default_factory=list)
    failing: list[tuple[Candidate, Trial]] = field(default_factory=list)
    tried: int = 0

    def try_all(self, found: Iterable[Candidate], most: int) -> None:
        """Try candidates until enough pass, patience ends, or `most` were tried altogether."""
        enough, patience = (_SLOW_ENOUGH, _SLOW_PATIENCE) if self.trials.is_slow else (_ENOUGH, _PATIENCE)
        since_first = 0
        for candidate in found:
            if most <= self.tried or enough <= len(self.passing) or patience <= since_first:
                return
            if candidate.patch.digest in self.spent:
                continue
            self.spent.add(candidate.patch.digest)
            self.tried += 1
            since_first += bool(self.passing)
            trial = self.trials.evaluate(self.cancel, candidate.patch)
            if trial.verdict is TrialVerdict.PASSES:
                self.passing.append(candidate)
            elif trial.verdict is TrialVerdict.FAILS:
                self.failing.append((candidate, trial))

    def moved(self) -> tuple[Candidate, ...]:
        """Return the likeliest candidates after which the test fails elsewhere than it mostly does."""
        places = Counter((trial.path, trial.line) for _, trial in self.failing)
        usual = max(places, key=lambda place: (places[place], place), default=("", 0))
        moved = [candidate for candidate, trial in self.failing if trial.line and (trial.path, trial.line) != usual]
        return tuple(moved[:_FIRST_STEPS])


def _pairs(first_steps: tuple[Candidate, ...], found: tuple[Candidate, ...]) -> Iterator[Candidate]:
    for second in found:
        for first in first_steps:
            pair = combined(first, second)
            if pair is not None:
                yield pair


def _merit(candidate: Candidate) -> float:
    return candidate.score / (1 + _PER_LINE * candidate.patch.n_lines)


def _nothing(tried: int) -> str:
    if not tried:
        return "The search engine knows no small change for this kind of failure here."
    return f"None of {tried} small changes makes the test pass."
