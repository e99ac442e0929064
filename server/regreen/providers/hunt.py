"""The hunt for candidates that pass: in batches, in a fixed order, within limits that count and never time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from regreen.core.cancel import Cancellation
from regreen.core.ports import Pace, Trial, Trials, TrialVerdict

from .candidates import Candidate, combined

_AGAIN = 20  # candidates that hung and are asked about again, with more time
_HANGING = 4  # what one that hangs costs, in others
_FIRST_STEPS = 3  # candidates that moved the failure, to which a second edit is added


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a hunt goes on, above all after the first candidate that passed."""

    enough: int  # passing candidates among which the best is chosen
    patience: int  # candidates that are still tried after the first that passed
    window: float  # share of the first one's score below which a later one could not win any more
    most: int = 1_000_000  # candidates in all; policy may allow fewer


LIMITS: Mapping[Pace, Limits] = {
    Pace.WARM: Limits(enough=10, patience=120, window=0.25),
    Pace.BUILT: Limits(enough=6, patience=60, window=0.25),
    Pace.LOADED: Limits(enough=6, patience=60, window=0.25, most=1000),
    Pace.DEAR: Limits(enough=5, patience=30, window=0.25, most=400),
    Pace.SLOW: Limits(enough=3, patience=5, window=0.25),
}
# Where what passes is not what the function's docstring says.
FURTHER = Limits(enough=25, patience=700, window=0.03)


@dataclass(frozen=True, slots=True)
class Survivor:
    """A candidate that passes, and how many were tried up to it."""

    candidate: Candidate
    rank: int


@dataclass(slots=True)
class Hunt:
    """What was tried so far, and what came of it."""

    cancel: Cancellation
    trials: Trials
    spent: set[str]  # digests, of earlier attempts too
    limits: Limits
    survivors: list[Survivor] = field(default_factory=list)
    failing: list[tuple[Candidate, Trial]] = field(default_factory=list)
    hung: list[Survivor] = field(default_factory=list)
    tried: int = 0
    cost: int = 0  # the same, those that are dearer than others counted several times
    strain: int = 0  # what was tried since the first that passed, by what it costs

    def try_all(self, found: Iterable[Candidate], most: int) -> None:
        """Try candidates until enough pass, patience ends, or `most` were tried altogether."""
        fresh = self._fresh(found)
        while not self._is_over():
            batch = tuple(islice(fresh, min(max(1, self.trials.batch), max(0, most - self.cost))))
            if not batch:
                return
            trials = self.trials.evaluate_many(self.cancel, tuple(candidate.patch for candidate in batch))
            for candidate, trial in zip(batch, trials, strict=True):
                self._note(candidate, trial)

    def ask_again(self) -> None:
        """Give the likeliest candidates that hung more time: the limit may come from a test that fails early."""
        again = tuple(self.hung[:_AGAIN])
        trials = self.trials.evaluate_many(self.cancel, tuple(one.candidate.patch for one in again)) if again else ()
        self.survivors += [
            one for one, trial in zip(again, trials, strict=True) if trial.verdict is TrialVerdict.PASSES
        ]

    def moved(self) -> tuple[Candidate, ...]:
        """Return the likeliest candidates after which the test fails elsewhere than it mostly does."""
        places = Counter((trial.path, trial.line) for _, trial in self.failing)
        usual = max(places, key=lambda place: (places[place], place), default=("", 0))
        moved = [candidate for candidate, trial in self.failing if trial.line and (trial.path, trial.line) != usual]
        return tuple(moved[:_FIRST_STEPS])

    def _fresh(self, found: Iterable[Candidate]) -> Iterator[Candidate]:
        for candidate in found:
            if self.survivors and candidate.score < self.limits.window * self.survivors[0].candidate.score:
                return
            if candidate.patch.digest not in self.spent:
                self.spent.add(candidate.patch.digest)
                yield candidate

    def _is_over(self) -> bool:
        if not self.survivors:
            return False
        return self.limits.enough <= len(self.survivors) or self.limits.patience <= self.strain

    def _note(self, candidate: Candidate, trial: Trial) -> None:
        self.tried += 1
        self.cost += trial.weight
        self.strain += (_HANGING if trial.verdict is TrialVerdict.HANGS else 1) if self.survivors else 0
        if trial.verdict is TrialVerdict.PASSES:
            self.survivors.append(Survivor(candidate, self.tried))
        elif trial.verdict is TrialVerdict.FAILS:
            self.failing.append((candidate, trial))
        elif trial.verdict is TrialVerdict.HANGS:
            self.hung.append(Survivor(candidate, self.tried))


def pairs(first_steps: tuple[Candidate, ...], found: tuple[Candidate, ...]) -> Iterator[Candidate]:
    """Join each second edit to each first step, the likeliest seconds first."""
    for second in found:
        for first in first_steps:
            pair = combined(first, second)
            if pair is not None:
                yield pair
