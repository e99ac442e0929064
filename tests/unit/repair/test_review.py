"""A second opinion holds a green patch back, and never makes a red one green."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from regreen.core.cancel import Cancellation
from regreen.core.policy import Policy
from regreen.core.repair import Outcome, Proposal, RepairReport, RepairRequest, Review, Spent, Verdict
from regreen.core.testing import TestId
from regreen.repair import Ports, Task, repair
from tests.support.fakes import (
    PROJECT,
    TRACE,
    FakeCheckpoints,
    FakeClock,
    FakeGates,
    FakeRunner,
    ScriptedProvider,
    fake_classify,
    model_of,
    no_trials,
)

FILES = {"calc.py": "def add(a, b):\n    return a - b\n", "test_calc.py": "tests\n"}
TEST = "test_calc.py::test_add"
CHEAT = ("calc.py", "return a - b", "return 3 if b == 2 else a + b")
CURE = ("calc.py", "a - b", "a + b")
WRONG = ("calc.py", "a - b", "a * b")


@dataclass
class FakeReviewer:
    """Objects to patches that hold a text."""

    to: str = ""
    name: str = "second"
    seen: list[Proposal] = field(default_factory=list)

    def review(self, cancel: Cancellation, request: RepairRequest, proposal: Proposal) -> Review:
        self.seen.append(proposal)
        usage = Spent(calls=1, sent=10)
        if self.to and self.to in proposal.patch.files[0].after:
            return Review(self.name, objection="it answers the test's input only.", usage=usage)
        return Review(self.name, note="second has no objection.", usage=usage)


def is_red(texts: Mapping[str, str]) -> str:
    return "" if "a + b" in texts["calc.py"] else "assert -1 == 3"


def repaired(
    reviewer: FakeReviewer | None, *answers: tuple[str, str, str], provider: list[ScriptedProvider]
) -> RepairReport:
    checkpoints = FakeCheckpoints(dict(FILES), {}, ())
    provider.append(ScriptedProvider(list(answers)))
    ports = Ports(
        checkpoints, FakeRunner(checkpoints, {TEST: is_red}), provider[0], no_trials, fake_classify, FakeClock(),
        lambda event: None, FakeGates(checkpoints), reviewer=reviewer,
    )  # fmt: skip
    task = Task(TRACE, (TestId(".", TEST),), PROJECT, model_of(FILES), dict, Policy())
    return repair(Cancellation(), ports, task)


def test_a_patch_that_is_objected_to_is_not_delivered_and_the_reason_goes_on() -> None:
    provider: list[ScriptedProvider] = []
    report = repaired(FakeReviewer("if b == 2"), CHEAT, CURE, provider=provider)
    assert [attempt.verdict for attempt in report.attempts] == [Verdict.OBJECTED, Verdict.GREEN]
    assert report.outcome is Outcome.REPAIRED
    told = provider[0].requests[1].attempts[0]
    assert told.reason == "The tests pass, and second objects: it answers the test's input only."
    assert "return a + b" in report.patch.files[0].after if report.patch else False


def test_what_is_objected_to_each_time_is_rolled_back() -> None:
    report = repaired(FakeReviewer("return"), CHEAT, CURE, provider=[])
    assert (report.outcome, report.patch) == (Outcome.EXHAUSTED, None)


def test_a_red_patch_is_not_shown_to_the_reviewer() -> None:
    reviewer = FakeReviewer()
    report = repaired(reviewer, WRONG, provider=[])
    assert (report.outcome, reviewer.seen) == (Outcome.EXHAUSTED, [])


def test_an_agreement_is_told_and_its_price_is_counted() -> None:
    report = repaired(FakeReviewer(), CURE, provider=[])
    assert report.attempts[0].evidence == ("second has no objection.",)
    assert (report.usage.calls, report.usage.sent) == (1, 10)


def test_without_a_reviewer_the_tests_decide() -> None:
    assert repaired(None, CHEAT, provider=[]).outcome is Outcome.REPAIRED
