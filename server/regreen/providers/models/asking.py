"""Asks one model within a budget, in the strictest form that its service takes, and without what it does not take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.repair import Spent

from .budget import Amount, Budget, Price
from .faults import THINKING, Fault, FaultKind
from .http import ServiceFailed
from .request import Clean, tokens_of
from .values import Endpoint, ModelRequest, Reply, Structured, Usage

Ask = Callable[[Cancellation, Endpoint, ModelRequest], Reply]
"""Really asks, or replays.

Raises:
    Cancelled: the token was set.
    ServiceFailed: no reply came.
"""
CleanNow = Callable[[Cancellation], Clean]  # returns what takes secrets out, the model's own key among them

_PLAINER = {
    Structured.SCHEMA: Structured.GRAMMAR,
    Structured.TOOL: Structured.GRAMMAR,
    Structured.GRAMMAR: Structured.JSON,
    Structured.JSON: Structured.NONE,
}


@dataclass(frozen=True, slots=True)
class Purse:
    """What pays for a model's calls."""

    budget: Budget
    price: Price


class Asker:
    """One model, and what pays for it."""

    def __init__(
        self,
        endpoint: Endpoint,
        ask: Ask,
        purse: Purse,
        clean: CleanNow,
        learn: Callable[[Endpoint], None] | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._learn = learn  # is told how the service takes its requests, for the next repair
        self._ask = ask
        self._purse = purse
        self._clean = clean

    def clean(self, cancel: Cancellation) -> Clean:
        """Return what takes secrets out.

        Raises:
            NoKey: the model has no key.
        """
        return self._clean(cancel)

    def __call__(self, cancel: Cancellation, asked: ModelRequest) -> tuple[Reply, Spent]:
        """Ask; a service that refuses a field or a form is asked without it or more plainly, and so from then on.

        Raises:
            Cancelled: the token was set.
            ServiceFailed: the service gave no reply; what it said of that holds no secret.
            QuotaExhausted: the budget does not suffice; nothing was sent.
        """
        while True:
            try:
                return self._paid(cancel, asked)
            except ServiceFailed as failed:
                simpler = _simpler(self.endpoint, failed.fault)
                if simpler is None:
                    raise self._discreet(cancel, failed) from None
                self.endpoint = simpler
                if self._learn is not None:
                    self._learn(simpler)

    def _paid(self, cancel: Cancellation, asked: ModelRequest) -> tuple[Reply, Spent]:
        """Set aside what it may cost at most, ask, and count what it did cost."""
        price = self._purse.price
        n_sent = tokens_of(asked)
        longest = asked.max_tokens + self.endpoint.thinking
        most = Amount(n_sent + longest, price.of(Usage(n_sent, 0, longest)), 1)
        reservation = self._purse.budget.reserve(most)
        try:
            reply = self._ask(cancel, self.endpoint, asked)
            usage = reply.usage if reply.usage.sent or reply.usage.received else Usage(n_sent, 0, longest)
            reservation.settle(Amount(usage.sent + usage.received, price.of(usage), 1))
        except Cancelled:
            reservation.settle_at_most()  # It was sent, and nobody said what it cost.
            raise
        except ServiceFailed as failed:
            if failed.fault.kind is FaultKind.NETWORK:  # It may have broken off in the middle of an answer.
                reservation.settle_at_most()
            raise
        finally:
            reservation.cancel()  # Changes nothing when it is settled.
        return reply, Spent(1, usage.sent, usage.cached, usage.received, price.of(usage))

    def _discreet(self, cancel: Cancellation, failed: ServiceFailed) -> ServiceFailed:
        """Return a fault without secrets: services like to repeat a key that they do not accept."""
        message = self._clean(cancel)(failed.fault.message)
        return ServiceFailed(replace(failed.fault, message=message))


def _simpler(endpoint: Endpoint, fault: Fault) -> Endpoint | None:
    """Return how a service may be asked that did not take a request as it was; None when that would not help."""
    if fault.field == THINKING:
        return replace(endpoint, thinking=0) if endpoint.thinking else None
    if fault.kind is not FaultKind.FORM:
        return None
    if fault.field and fault.field not in endpoint.left_out:
        return replace(endpoint, left_out=endpoint.left_out | {fault.field})
    plainer = _PLAINER.get(endpoint.structured)
    return None if plainer is None else replace(endpoint, structured=plainer)
