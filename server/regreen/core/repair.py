"""The values of a repair: request, proposal, attempt, report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .edit import Patch
from .failure import Failure
from .mutation import Strength
from .policy import Policy
from .testing import TestId, TestRun
from .trace import RunId, TraceId
from .workspace import Project, WorkspaceModel


class Verdict(StrEnum):
    """What became of an attempt."""

    GREEN = "green"  # proved: the wanted tests ran and passed, nothing that passed before fails
    STILL_RED = "still-red"  # the same failure
    MOVED = "moved"  # the wanted test fails in another way
    FLAKY = "flaky"  # the untouched files pass now and then, so the patch proves nothing
    BROKE_OTHERS = "broke-others"  # the wanted test passes, a neighbour fails
    UNPROVED = "unproved"  # the tests pass, but what judges them cannot be believed
    REFUSED = "refused"  # the guard said no; nothing was run
    OBJECTED = "objected"  # proved by the tests, and a second model objects
    UNDECIDED = "undecided"  # the provider asks instead of proposing; nothing was edited
    NO_IDEA = "no-idea"  # the provider had nothing (left) to propose


class Outcome(StrEnum):
    """How a repair ended."""

    REPAIRED = "repaired"  # green, and delivered
    REPAIRED_NOT_APPLIED = "repaired-not-applied"  # green; the edit was refused, failed or is a dry run: kept
    UNDONE = "undone"  # delivered once, and taken back by the person; may be applied again
    ALREADY_GREEN = "already-green"
    EXHAUSTED = "exhausted"  # all attempts used; rolled back
    UNDECIDED = "undecided"  # the tests cannot tell which change is right: a question; nothing was edited
    FLAKY = "flaky"  # red and green on the same tree; nothing was edited
    NOT_CODE = "not-code"  # environment, configuration: no edit can cure it; nothing was edited
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Suspect:
    """A place that may be at fault: 1-based line, and how likely (0 to 1, for ordering only)."""

    path: str
    line: int
    score: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Which lines which tests ran (program spectrum; Abreu et al. 2007).

    path -> line -> (number of failing tests, number of passing tests) that executed it.
    """

    lines: Mapping[str, Mapping[int, tuple[int, int]]]
    n_failing: int
    n_passing: int


@dataclass(frozen=True, slots=True)
class Unnoticed:
    """What a change does in tests that pass before and after it."""

    n_tests: int = 0  # that run a function which it changes
    n_changed: int = 0  # of them, those in which the function then answers something else, and no test minds


class Confidence(StrEnum):
    """How sure a provider is of what it proposes."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Rival:
    """Another patch that the tests let pass, and an input on which it differs from the one proposed."""

    hypothesis: str
    patch: Patch
    differs_on: str = ""  # e.g. "median([])"; "" when no input is known on which it does
    answer: str = ""  # what the proposed patch answers to it
    rival_answer: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question: a patch, and what it makes of the input that is asked about."""

    hypothesis: str
    patch: Patch
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person can tell: which of some patches is meant. Invariant: at least one choice."""

    text: str  # e.g. "Which is right for median([])?"
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One answer to an inquiry, as it stands on a button; the others leave everything as it is."""

    label: str
    lifts: str = ""  # the rule that it lifts for one run; "" lifts none
    again: bool = False  # it tries once more


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What a person is asked where a gate holds a repair back, or where its attempts lead nowhere."""

    rule: str  # "security-scope", "not-converging"
    text: str
    evidence: tuple[str, ...]  # sentences: what is known
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class RepairRequest:
    """What a provider is asked. Facts only: never raw output, never an absolute path."""

    failure: Failure
    wanted: tuple[TestId, ...]  # must pass
    keep: tuple[TestId, ...]  # passed before and must go on passing
    project: Project
    model: WorkspaceModel
    sources: Mapping[str, str]  # path -> text, as in the workbench at the start of this attempt
    attempts: tuple[Attempt, ...]
    policy: Policy
    recent: Mapping[str, frozenset[int]] = field(default_factory=dict)  # path -> lines edited lately
    state: str = ""  # facts of the running system that the person lets models be told, a line each
    memory: tuple[str, ...] = ()  # what earlier repairs of this failure tried without success, a sentence each
    left_red: tuple[TestId, ...] = ()  # failed in the same way, and nothing was found that cures them along


@dataclass(frozen=True, slots=True)
class Spent:
    """What asking models cost; nothing, for a provider that asks none."""

    calls: int = 0
    sent: int = 0  # tokens
    cached: int = 0  # of those sent
    received: int = 0  # tokens
    money: float = 0.0  # by the person's own price table

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.calls + other.calls,
            self.sent + other.sent,
            self.cached + other.cached,
            self.received + other.received,
            self.money + other.money,
        )

    @property
    def in_words(self) -> str:
        """Return it for a person, "" when nothing was asked."""
        if not self.calls:
            return ""
        calls = "1 call" if self.calls == 1 else f"{self.calls} calls"
        cached = f" ({self.cached} of them cached)" if self.cached else ""
        money = f", {self.money:.4g} of money" if self.money else ""
        return f"{calls}, {self.sent} tokens sent{cached}, {self.received} received{money}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a provider says. Untrusted until the guard has made a patch of it."""

    provider: str
    hypothesis: str  # one sentence for a person
    patch: Patch
    rivals: int = 0  # other candidates that passed just as well
    tried: int = 0  # candidates that were evaluated to find it
    confidence: Confidence | None = None  # None: it does not say
    evidence: tuple[str, ...] = ()  # sentences for a person: what speaks for it, and against
    others: tuple[Rival, ...] = ()  # the likeliest rivals, best first
    usage: Spent = Spent()


@dataclass(frozen=True, slots=True)
class Undecided:
    """A provider has patches that the tests let pass, and nothing that tells which one is meant."""

    provider: str
    question: Question
    evidence: tuple[str, ...] = ()  # sentences for a person: why it does not choose
    tried: int = 0
    usage: Spent = Spent()


@dataclass(frozen=True, slots=True)
class NoIdea:
    """A provider has nothing to propose, and says why."""

    provider: str
    reason: str
    tried: int = 0
    refused: bool = False  # it answered, and what it said cannot be followed: the next attempt tells it why
    usage: Spent = Spent()


Answer = Proposal | Undecided | NoIdea


@dataclass(frozen=True, slots=True)
class Review:
    """What a second model says of a proved patch; it can hold one back, and never make one green."""

    reviewer: str
    objection: str = ""  # why it should not be delivered, "" when nothing speaks against it
    note: str = ""  # for a person: that it agrees, or why it was not asked
    usage: Spent = Spent()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One turn of the loop."""

    n: int  # 1-based
    provider: str
    hypothesis: str
    patch: Patch | None
    verdict: Verdict
    reason: str  # one sentence for a person: why this verdict
    failure: Failure | None  # what is red after it, None when green or not run
    seconds: float
    tried: int = 0
    rivals: int = 0
    confidence: Confidence | None = None
    evidence: tuple[str, ...] = ()
    others: tuple[Rival, ...] = ()
    question: Question | None = None  # what the person is asked, when undecided
    usage: Spent = Spent()
    rule: str = ""  # of the guard, by which it was refused
    run: TestRun | None = field(default=None, compare=False)  # of everything, where it is green; the report keeps it


@dataclass(frozen=True, slots=True)
class RepairReport:
    """The whole story of one repair."""

    run_id: RunId
    trace_id: TraceId
    started: float  # epoch seconds
    seconds: float
    wanted: tuple[TestId, ...]
    failure: Failure | None  # the one that was to be repaired
    outcome: Outcome
    reason: str  # one sentence: why it ended so, and what to do next
    attempts: tuple[Attempt, ...]
    patch: Patch | None  # what was, or can be, delivered; None unless repaired
    before: TestRun | None = None
    after: TestRun | None = None
    workbench: str = ""  # which kind, in words
    strength: Strength | None = None  # of the tests of what was repaired; None: not asked
    inquiry: Inquiry | None = None  # what the person is asked, where a gate or failing attempts ended it

    @property
    def usage(self) -> Spent:
        """Return what asking models cost, all attempts together."""
        return sum((attempt.usage for attempt in self.attempts), start=Spent())

    @property
    def question(self) -> Question | None:
        """Return what the person is asked; None unless the outcome is undecided."""
        return self.attempts[-1].question if self.outcome is Outcome.UNDECIDED and self.attempts else None
