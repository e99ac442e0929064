"""What may be spent: tokens, money and calls, for a task, a session and a day. Reserved before a call, settled after.

What a call may cost at most is set aside before it is sent, so that several at once cannot pass the cap together; a
call that would pass it is not sent.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from regreen.core.errors import QuotaExhausted

from .values import Usage


class Scope(StrEnum):
    """What a cap is for."""

    TASK = "task"
    SESSION = "session"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Price:
    """Money for a million tokens, in the person's own currency."""

    sent: float = 0.0
    cached: float | None = None  # None: as those that are not cached
    received: float = 0.0

    def of(self, usage: Usage) -> float:
        """Return what some tokens cost."""
        cached = self.sent if self.cached is None else self.cached
        fresh = max(0, usage.sent - usage.cached)
        return (fresh * self.sent + usage.cached * cached + usage.received * self.received) / 1e6


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens, money and calls."""

    tokens: int = 0
    money: float = 0.0
    calls: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.tokens + other.tokens, self.money + other.money, self.calls + other.calls)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.tokens - other.tokens, self.money - other.money, self.calls - other.calls)

    @property
    def not_negative(self) -> Amount:
        """Return it with nothing below zero."""
        return Amount(max(0, self.tokens), max(0.0, self.money), max(0, self.calls))


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that may be spent; None: no limit."""

    tokens: int | None = None
    money: float | None = None
    calls: int | None = None

    def passed_by(self, amount: Amount) -> str:
        """Return which of the limits an amount passes, "" when none."""
        if self.calls is not None and self.calls < amount.calls:
            return f"{self.calls} calls"
        if self.tokens is not None and self.tokens < amount.tokens:
            return f"{self.tokens} tokens"
        return f"{self.money:g} of money" if self.money is not None and self.money < amount.money else ""


class Day(Protocol):
    """Keeps what a day has cost, for all sessions together."""

    def read(self) -> Amount:
        """Return what was spent today."""

    def take(self, most: Amount, cap: Cap) -> str:
        """Count what a call may cost at most, for all processes at once; return which limit it would pass."""

    def correct(self, most: Amount, real: Amount) -> None:
        """Count what a call did cost in place of what it might have."""


class Budget:
    """What the scopes may spend and have spent. What a day costs is kept by `day`, where there is one."""

    def __init__(
        self, caps: Mapping[Scope, Cap], spent: Mapping[Scope, Amount] | None = None, day: Day | None = None
    ) -> None:
        self._caps = dict(caps)
        self._day = day
        self._spent = {scope: (spent or {}).get(scope, Amount()) for scope in Scope}
        self._reserved = Amount()
        self._lock = threading.Lock()

    @property
    def spent(self) -> Mapping[Scope, Amount]:
        """Return what was spent, without what is set aside."""
        with self._lock:
            return dict(self._spent)

    def reserve(self, most: Amount) -> Reservation:
        """Set aside what a call may cost at most.

        Raises:
            QuotaExhausted: it would pass a cap; nothing was set aside.
        """
        with self._lock:
            for scope in Scope:
                limit = self._caps.get(scope, Cap()).passed_by(self._spent[scope] + self._reserved + most)
                if limit and (self._day is None or scope is not Scope.DAY):
                    raise _does_not_suffice(limit, scope)
            if self._day is not None:
                limit = self._day.take(most, self._caps.get(Scope.DAY, Cap()))
                if limit:
                    raise _does_not_suffice(limit, Scope.DAY)
            self._reserved += most
        return Reservation(self, most)

    def settle(self, most: Amount, real: Amount) -> None:
        """Give back what was set aside, and count what was spent."""
        with self._lock:
            self._reserved -= most
            self._spent = {scope: amount + real for scope, amount in self._spent.items()}
        if self._day is not None and real != most:
            self._day.correct(most, real)

    def new_task(self) -> None:
        """Begin a task."""
        with self._lock:
            self._spent[Scope.TASK] = Amount()


def _does_not_suffice(limit: str, scope: Scope) -> QuotaExhausted:
    return QuotaExhausted(
        f"The budget of {limit} for a {scope.value} does not suffice for another call.",
        next_step="Raise it in the settings of the budget, or go on with the search engine alone.",
        resets_at=None,
    )


@dataclass(slots=True)
class Reservation:
    """What is set aside for one call, until it is settled."""

    budget: Budget
    most: Amount
    settled: bool = False

    def settle(self, real: Amount) -> None:
        """Count what the call really cost; a second time changes nothing."""
        if not self.settled:
            self.settled = True
            self.budget.settle(self.most, real)

    def settle_at_most(self) -> None:
        """Count the whole of it: the call was sent and nobody said what it cost."""
        self.settle(self.most)

    def cancel(self) -> None:
        """Count nothing: the call was not sent, or it was refused."""
        self.settle(replace(self.most, tokens=0, money=0.0, calls=0))
