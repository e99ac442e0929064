"""One provider made of several, asked in order; what one cannot do now the next one does.

A limit that is over soon is waited for. A spent quota, missing credit, a bad key or an unknown model take a service
out, also for the next session. Which attempt of a repair it is never changes when the next service is asked.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from regreen.core.cancel import Cancellation
from regreen.core.errors import ProviderDown, QuotaExhausted, RateLimited
from regreen.core.ports import Provider, Trials
from regreen.core.repair import Answer, NoIdea, Proposal, RepairRequest, Spent, Undecided, Verdict
from regreen.core.trace import Clock

from .faults import OUT, FaultKind
from .http import ServiceFailed
from .ledger import Ledger

_TRIES = 3  # of one service for one proposal, waits between them
_WORTH_A_WAIT = frozenset({FaultKind.TEMPORARY})
_JITTER = 0.25  # of the wait, so that several editors do not come back at the same moment
_WORDS = {
    FaultKind.CREDIT: "has no credit left",
    FaultKind.DAILY: "has used up its quota",
    FaultKind.TEMPORARY: "asks to slow down",
    FaultKind.OVERLOADED: "is overloaded",
    FaultKind.AUTH: "does not accept its key",
    FaultKind.MODEL: "does not know its model or address",
    FaultKind.TOO_LARGE: "finds the request too large",
    FaultKind.FORM: "does not take the form of the request",
    FaultKind.REFUSED: "refuses the request",
    FaultKind.NETWORK: "cannot be reached",
}


@dataclass(frozen=True, slots=True)
class Member:
    """A provider of the cascade. `service` is "" for one that needs no network, which is never out."""

    provider: Provider
    service: str = ""
    key: Callable[[], str] = str  # what a person would change when the service does not accept it


@dataclass(frozen=True, slots=True)
class _Down:
    """Why a service gave no answer, and until when."""

    name: str
    kind: str
    message: str
    until: float  # epoch seconds
    step: str = ""  # what a person can do


class Cascade:
    """Asks its members in order until one has a proposal."""

    def __init__(
        self,
        members: tuple[Member, ...],
        ledger: Ledger,
        clock: Clock,
        patience: float = 20.0,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._members = members
        self._ledger = ledger
        self._clock = clock
        self._patience = patience  # seconds that are waited for one proposal, all services together
        self._tell = tell or _quietly
        self._random = random.Random()  # spreads waits, decides nothing

    @property
    def name(self) -> str:
        """Return the names in their order."""
        return " → ".join(member.provider.name for member in self._members)

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Answer:
        """Return the first proposal, or reply that cannot be followed; else the first question or reason for none.

        Raises:
            Cancelled: the token was set.
            ProviderDown: no member could answer; the message says why for each.
        """
        nothing: list[NoIdea] = []
        question: Undecided | None = None
        down: list[_Down] = []
        patience = self._patience
        spent = Spent()
        for member in self._members:
            cancel.check()
            if not member.service and had_nothing(request, member.provider.name):
                continue
            answer, patience = self._ask(cancel, member, request, trials, patience)
            if not isinstance(answer, _Down):
                spent += answer.usage
            # A reply that cannot be followed costs the attempt; the next one tells the model why.
            if isinstance(answer, Proposal) or (isinstance(answer, NoIdea) and answer.refused):
                return replace(answer, usage=spent)
            if isinstance(answer, Undecided):
                question = question or answer
            elif isinstance(answer, NoIdea):
                nothing.append(answer)
            else:
                down.append(answer)
        if question is not None:
            return replace(question, usage=spent)
        if nothing:
            return replace(_nothing(nothing, down), usage=spent)
        raise _all_down(down, self._clock.now())

    def _ask(
        self, cancel: Cancellation, member: Member, request: RepairRequest, trials: Trials, patience: float
    ) -> tuple[Answer | _Down, float]:
        """Ask one member, with waits between tries; return its answer and the patience that is left."""
        name, key = member.provider.name, member.key() if member.service else ""
        left = _TRIES
        while True:
            left -= 1
            now = self._clock.now()
            standing = self._ledger.claim(member.service, key, now) if member.service else None
            if standing is not None and standing.is_out:
                return _Down(name, standing.kind, standing.message, standing.until), patience
            try:
                answer = member.provider.propose(cancel, request, trials)
            except ServiceFailed as failed:
                fault = failed.fault
                self._ledger.failed(member.service, key, fault, now)
                wait = fault.wait * (1 + _JITTER * self._random.random())
                tries = left if fault.said else left - (_TRIES - 2)  # a limit that names no end is tried once more
                if not tries or fault.kind not in _WORTH_A_WAIT or patience < wait:
                    self._tell(f"{name} {_in_words(name, fault.kind, fault.message)}")
                    return _Down(name, fault.kind.value, fault.message, now + fault.wait), patience
                self._tell(f"{name} asks to slow down: waiting {wait:.0f} s")
                patience -= wait
                cancel.wait(wait)
            except ProviderDown as error:
                return _Down(name, "", error.message, 0.0, error.next_step), patience
            else:
                if member.service:
                    self._ledger.answered(member.service)
                return answer, patience


def _quietly(_: str) -> None:
    """Tell nobody."""


def had_nothing(request: RepairRequest, name: str) -> bool:
    """Tell whether a provider that answers the same every time was asked this already, and had nothing."""
    last = request.attempts[-1] if request.attempts else None
    return last is not None and last.provider != name and last.verdict is not Verdict.MOVED


def _nothing(nothing: list[NoIdea], down: list[_Down]) -> NoIdea:
    reasons = [f"{each.provider}: {each.reason}" if 1 < len(nothing) + len(down) else each.reason for each in nothing]
    reasons += [f"{each.name} could not be asked: {_why(each)}." for each in down]
    return replace(nothing[0], reason=" ".join(reasons), tried=sum(each.tried for each in nothing))


def _why(down: _Down) -> str:
    if not down.kind:
        return down.message.rstrip(".")
    return f"it {_in_words(down.name, FaultKind(down.kind), down.message)}"


def _in_words(name: str, kind: FaultKind, message: str) -> str:
    """Say what is wrong with a service, without its name before it."""
    said = message.rstrip(".")
    # What this machine says of a connection is a whole sentence already.
    if said.startswith(f"{name} "):
        return said.removeprefix(f"{name} ")
    return f"{_WORDS[kind]} ({said})"


def _all_down(down: list[_Down], now: float) -> ProviderDown:
    """Return one error for all: with the moment at which the first of them may be asked again."""
    message = "No provider can answer now. " + " ".join(f"{each.name}: {_why(each)}." for each in down)
    kinds = {FaultKind(each.kind) for each in down if each.kind}
    soonest = min((each.until for each in down if now < each.until), default=None)
    if kinds and kinds <= OUT:
        step = "Check keys and credit, or add a provider; the search engine needs neither."
        return QuotaExhausted(message, next_step=step, resets_at=soonest)
    if soonest is not None:
        step = f"Try again in {soonest - now:.0f} s, or add a provider."
        return RateLimited(message, next_step=step, retry_at=soonest)
    step = next((each.step for each in down if each.step), "Check the network and the providers' settings.")
    return ProviderDown(message, next_step=step)
