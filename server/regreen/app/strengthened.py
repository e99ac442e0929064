"""What came of strengthening tests, in values and words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch
from regreen.core.mutation import Judged, Strength
from regreen.core.testing import TestId
from regreen.mutation import PENS
from regreen.syntax import grammar_of

from .requests import Deliver


@dataclass(frozen=True, slots=True)
class Strengthened:
    """What came of it. Every test of the patch passes on the code as it is, and fails on the mutant that it is for."""

    patch: Patch
    noticed: tuple[Judged, ...] = ()  # survivors that the new tests notice
    tests: tuple[TestId, ...] = ()  # the new ones
    left: tuple[Judged, ...] = ()  # survivors for which no test was found, or no room was left
    applied: bool = False
    reason: str = ""  # why it was not applied
    most_lines: int = 0  # that may be written, where more tests were found than that

    @property
    def in_words(self) -> str:
        """Return in a few sentences what the new tests notice, and what is left and why."""
        untried = " ".join(_why_untried(self.left))
        if not self.tests:
            said = ["No test was written.", self.reason, untried, self._crowded]
            return " ".join(part for part in said if part)
        n_tests, n_noticed, n_left = len(self.tests), len(self.noticed), len(self.left)
        tests = "1 test" if n_tests == 1 else f"{n_tests} tests"
        proof = "It passes" if n_tests == 1 else "Each passes"
        said = [
            f"{tests} {'written' if self.applied else 'not written'}.",
            f"{proof} on the code as it is, and fails on the change that it is for.",
            f"{'It notices' if n_tests == 1 else 'Together they notice'} {_changes(n_noticed)}.",
            f"{n_left} would still go unnoticed." if n_left else "",
            untried,
            self._crowded,
            self.reason,
        ]
        return " ".join(part for part in said if part)

    @property
    def _crowded(self) -> str:
        lines = f"max_lines ({self.most_lines})"
        return f"There is no room for more: {lines} holds for new tests, too." if self.most_lines else ""

    def improved(self, strength: Strength) -> Strength:
        """Return what mutating says once the new tests are there."""
        now = {one.mutant: one for one in self.noticed} if self.applied else {}
        return replace(strength, judged=tuple(now.get(one.mutant, one) for one in strength.judged))


def delivered(cancel: Cancellation, found: Strengthened, deliver: Deliver) -> Strengthened:
    """Hand the new tests over as one edit; say what became of it."""
    if not found.patch.files:
        if found.left and all(map(_untried, found.left)):
            return found
        return replace(found, reason="No input was found that tells a survivor apart.")
    done = deliver(cancel, found.patch, "Regreen: strengthen the tests")
    done.settle()
    return replace(found, applied=done.applied, reason=done.reason)


def _changes(n: int) -> str:
    return "1 change" if n == 1 else f"{n} changes"


def _why_untried(left: tuple[Judged, ...]) -> Iterator[str]:
    """Yield why no inputs were tried for some survivors, a sentence for each reason."""
    reasons = Counter(reason for one in left if (reason := _untried(one)))
    for reason, n in sorted(reasons.items()):
        yield f"{_changes(n)} {'is' if n == 1 else 'are'} left to you: {reason}."


def _untried(one: Judged) -> str:
    """Return why no inputs can be tried for a survivor, "" when they can."""
    grammar = grammar_of(one.mutant.path)
    if grammar != "python" and grammar not in PENS:
        return "no tests are written in its language"
    if not one.mutant.function:
        return "what runs when a file is loaded cannot be called"
    return "methods are not called, for their objects cannot be written down" if "." in one.mutant.function else ""
