"""Providers fail all the time: the next one is asked, waits are short, and what is out stays out."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.edit import Patch
from regreen.core.errors import ProviderDown, QuotaExhausted, RateLimited
from regreen.core.ports import Trials
from regreen.core.repair import NoIdea, Proposal, RepairRequest, Spent, Verdict
from regreen.providers.models.budget import Amount, Budget, Cap, Price, Scope
from regreen.providers.models.cascade import Cascade, Member
from regreen.providers.models.faults import Fault, FaultKind
from regreen.providers.models.http import ServiceFailed
from regreen.providers.models.ledger import Ledger
from regreen.providers.models.values import Usage

NOW = 1_795_000_000.0
REQUEST = cast(RepairRequest, SimpleNamespace(attempts=()))
TRIALS = cast(Trials, object())


@dataclass
class Time:
    """A clock that only waits move."""

    at: float = NOW

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


class Patient(Cancellation):
    """Waits by moving the clock."""

    def __init__(self, time: Time) -> None:
        super().__init__()
        self.time = time
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.check()
        self.waits.append(seconds)
        self.time.at += seconds


@dataclass
class Scripted:
    """A provider that does what is written, the last line for ever."""

    name: str
    script: list[Any]
    calls: int = 0

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Proposal | NoIdea:
        self.calls += 1
        step = self.script.pop(0) if 1 < len(self.script) else self.script[0]
        if isinstance(step, Fault):
            raise ServiceFailed(step)
        if isinstance(step, Exception):
            raise step
        return cast("Proposal | NoIdea", step)


@dataclass
class Scene:
    """A cascade, its clock and what it says."""

    folder: Path
    time: Time = field(default_factory=Time)
    said: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)

    def cascade(self, *providers: Scripted, patience: float = 20.0) -> Cascade:
        def key(name: str) -> Callable[[], str]:
            return lambda: self.keys.get(name, "k")

        members = tuple(
            Member(cast(Any, each), "" if each.name == "search" else each.name, key(each.name)) for each in providers
        )
        return Cascade(members, Ledger(self.folder), self.time, patience, self.said.append)

    def ask(self, *providers: Scripted, patience: float = 20.0) -> tuple[Any, list[float]]:
        cancel = Patient(self.time)
        return self.cascade(*providers, patience=patience).propose(cancel, REQUEST, TRIALS), cancel.waits


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "state")


def proposal(name: str) -> Proposal:
    return Proposal(name, "It is so.", Patch(()))


def fault(kind: FaultKind, wait: float = 0.0, said: bool = False) -> Fault:
    return Fault(kind, f"words of {kind.value}", wait, said)


def test_the_first_that_has_a_proposal_wins(scene: Scene) -> None:
    search, one = Scripted("search", [NoIdea("search", "Nothing small.", 9)]), Scripted("one", [proposal("one")])
    answer, _ = scene.ask(search, one, two := Scripted("two", [proposal("two")]))
    assert answer.provider == "one"
    assert (search.calls, one.calls, two.calls) == (1, 1, 0)


def test_a_short_limit_is_waited_for(scene: Scene) -> None:
    one = Scripted("one", [fault(FaultKind.TEMPORARY, 4.0, said=True), proposal("one")])
    answer, waits = scene.ask(one)
    assert answer.provider == "one"
    assert len(waits) == 1
    assert 4.0 <= waits[0] <= 5.0


def test_a_long_limit_is_left_to_the_next(scene: Scene) -> None:
    one = Scripted("one", [fault(FaultKind.TEMPORARY, 60.0, said=True)])
    answer, waits = scene.ask(one, Scripted("two", [proposal("two")]))
    assert (answer.provider, waits, one.calls) == ("two", [], 1)


def test_a_limit_that_names_no_end_is_tried_once_more(scene: Scene) -> None:
    one = Scripted("one", [fault(FaultKind.TEMPORARY, 2.0)])
    answer, waits = scene.ask(one, Scripted("two", [proposal("two")]))
    assert (answer.provider, len(waits), one.calls) == ("two", 1, 2)


def test_all_waits_of_a_proposal_share_one_patience(scene: Scene) -> None:
    limited = [Scripted(name, [fault(FaultKind.TEMPORARY, 8.0, said=True)]) for name in ("one", "two", "three")]
    answer, waits = scene.ask(*limited, Scripted("last", [proposal("last")]))
    assert answer.provider == "last"
    assert sum(waits) <= 20.0


@pytest.mark.parametrize("kind", [FaultKind.CREDIT, FaultKind.DAILY, FaultKind.AUTH, FaultKind.MODEL])
def test_what_is_out_is_asked_once_and_not_again_after_a_restart(scene: Scene, kind: FaultKind) -> None:
    out, two = Scripted("out", [fault(kind, 3600.0)]), Scripted("two", [proposal("two")])
    for _ in range(3):
        answer, waits = scene.ask(out, two)
        assert (answer.provider, waits) == ("two", [])
    assert out.calls == 1
    scene.time.at += 3601
    scene.ask(out, two)
    assert out.calls == 2


def test_another_key_makes_a_service_free(scene: Scene) -> None:
    out, two = Scripted("out", [fault(FaultKind.AUTH, 3600.0), proposal("out")]), Scripted("two", [proposal("two")])
    scene.ask(out, two)
    scene.keys["out"] = "another"
    assert scene.ask(out, two)[0].provider == "out"


def test_an_overloaded_service_is_asked_later_and_rarer_each_time(scene: Scene) -> None:
    busy, two = Scripted("busy", [fault(FaultKind.OVERLOADED, 30.0)]), Scripted("two", [proposal("two")])
    asked_at = []
    for _ in range(2000):
        before = busy.calls
        scene.ask(busy, two)
        if before < busy.calls:
            asked_at.append(scene.time.at - NOW)
        scene.time.at += 1.0
    pauses = [after - before for before, after in itertools.pairwise(asked_at)]
    assert pauses[:5] == [30.0, 60.0, 120.0, 240.0, 480.0]
    assert max(pauses) <= 601.0


def test_one_request_at_a_time_tries_a_service_again(scene: Scene) -> None:
    ledger = Ledger(scene.folder)
    ledger.failed("busy", "k", fault(FaultKind.OVERLOADED, 30.0), NOW)
    claims = [ledger.claim("busy", "k", NOW + 31).is_out for _ in range(5)]
    assert claims == [False, True, True, True, True]
    ledger.answered("busy")
    assert not ledger.claim("busy", "k", NOW + 31).is_out


def test_an_answer_makes_all_well_again(scene: Scene) -> None:
    busy = Scripted("busy", [fault(FaultKind.OVERLOADED, 30.0), proposal("busy"), fault(FaultKind.OVERLOADED, 30.0)])
    two = Scripted("two", [proposal("two")])
    scene.ask(busy, two)
    scene.time.at += 31
    assert scene.ask(busy, two)[0].provider == "busy"
    scene.ask(busy, two)
    scene.time.at += 31
    scene.ask(busy, two)
    assert busy.calls == 4


@pytest.mark.parametrize("kind", [FaultKind.TOO_LARGE, FaultKind.REFUSED])
def test_what_concerns_one_request_only_is_not_remembered(scene: Scene, kind: FaultKind) -> None:
    one, two = Scripted("one", [fault(kind), proposal("one")]), Scripted("two", [proposal("two")])
    assert scene.ask(one, two)[0].provider == "two"
    assert scene.ask(one, two)[0].provider == "one"


def test_when_nobody_has_an_idea_all_reasons_are_told(scene: Scene) -> None:
    answer, _ = scene.ask(
        Scripted("search", [NoIdea("search", "Nothing small.", 9)]),
        Scripted("one", [fault(FaultKind.CREDIT, 3600.0)]),
        Scripted("two", [NoIdea("two", "It does not know.", 0)]),
    )
    assert isinstance(answer, NoIdea)
    assert answer.tried == 9
    assert answer.reason == (
        "search: Nothing small. two: It does not know. one could not be asked: it has no credit left (words of credit)."
    )


def test_when_nobody_can_be_asked_the_error_says_why_and_when(scene: Scene) -> None:
    with pytest.raises(RateLimited, match=r"one: it is overloaded .* Try again in 30 s") as limited:
        scene.ask(
            Scripted("one", [fault(FaultKind.OVERLOADED, 30.0)]), Scripted("two", [fault(FaultKind.DAILY, 900.0)])
        )
    assert limited.value.retry_at == NOW + 30
    with pytest.raises(QuotaExhausted, match="does not accept its key") as out:
        scene.ask(Scripted("three", [fault(FaultKind.AUTH, 3600.0)]))
    assert out.value.resets_at == NOW + 3600
    with pytest.raises(ProviderDown, match="Check the network"):
        scene.ask(Scripted("four", [fault(FaultKind.REFUSED)]))


def test_a_cancel_ends_a_wait(scene: Scene) -> None:
    cancel = Cancellation()
    one = Scripted("one", [fault(FaultKind.TEMPORARY, 15.0, said=True)])
    threading.Timer(0.1, cancel.cancel).start()
    with pytest.raises(Cancelled):
        scene.cascade(one).propose(cancel, REQUEST, TRIALS)
    assert one.calls == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 1}', '{"version": 1, "rows": {"a": 7}}', '{"version": 9, "rows": {}}']
)
def test_a_torn_file_is_forgotten(scene: Scene, text: str) -> None:
    scene.folder.mkdir()
    (scene.folder / "services.json").write_text(text)
    ledger = Ledger(scene.folder)
    assert not ledger.claim("a", "k", NOW).is_out
    ledger.failed("a", "k", fault(FaultKind.DAILY, 60.0), NOW)
    assert ledger.claim("a", "k", NOW).message == "words of daily"


def test_the_file_holds_no_key_and_is_private(scene: Scene) -> None:
    Ledger(scene.folder).failed("a", "sk-very-secret", fault(FaultKind.DAILY, 60.0), NOW)
    file = scene.folder / "services.json"
    assert "secret" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_what_many_write_at_once_is_all_there(scene: Scene) -> None:
    def write(n: int) -> None:
        Ledger(scene.folder).failed(f"service-{n}", "k", fault(FaultKind.DAILY, 60.0), NOW)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(Ledger(scene.folder).claim(f"service-{n}", "k", NOW).is_out for n in range(12))


AMOUNTS = st.builds(Amount, st.integers(0, 1000), st.floats(0, 10), st.integers(0, 3))


@given(st.lists(st.tuples(AMOUNTS, st.floats(0, 1), st.booleans()), max_size=30))
def test_no_order_of_calls_passes_a_cap(calls: list[tuple[Amount, float, bool]]) -> None:
    cap = Cap(tokens=2000, money=15.0, calls=10)
    budget = Budget({Scope.TASK: cap})
    open_ones = []
    for most, share, keep in calls:
        try:
            reservation = budget.reserve(most)
        except QuotaExhausted:
            continue
        real = Amount(int(most.tokens * share), most.money * share, most.calls)
        if keep:
            open_ones.append((reservation, real))
        else:
            reservation.settle(real)
            reservation.settle(most)
    for reservation, real in open_ones:
        reservation.settle(real)
    assert cap.passed_by(budget.spent[Scope.TASK] - Amount(0, 1e-6, 0)) == ""


def test_a_call_that_would_pass_a_cap_is_not_sent(tmp_path: Path) -> None:
    budget = Budget({Scope.DAY: Cap(money=1.0)}, {Scope.DAY: Amount(money=0.7)})
    with pytest.raises(QuotaExhausted, match="budget of 1 of money for a day"):
        budget.reserve(Amount(money=0.4))
    kept = budget.reserve(Amount(money=0.2))
    with pytest.raises(QuotaExhausted):
        budget.reserve(Amount(money=0.2))
    kept.cancel()
    budget.reserve(Amount(money=0.2)).settle_at_most()
    assert budget.spent[Scope.DAY].money == pytest.approx(0.9)


def test_a_new_task_has_its_own_budget() -> None:
    budget = Budget({Scope.TASK: Cap(calls=1), Scope.SESSION: Cap(calls=2)})
    for _ in range(2):
        budget.reserve(Amount(calls=1)).settle_at_most()
        budget.new_task()
    with pytest.raises(QuotaExhausted, match="for a session"):
        budget.reserve(Amount(calls=1))


def test_prices_know_what_is_cached() -> None:
    usage = Usage(sent=1_000_000, cached=400_000, received=100_000)
    assert Price(3.0, 0.3, 15.0).of(usage) == pytest.approx(1.8 + 0.12 + 1.5)
    assert Price(3.0, None, 15.0).of(usage) == pytest.approx(4.5)


def test_a_reply_that_cannot_be_followed_costs_the_attempt_and_asks_nobody_else(scene: Scene) -> None:
    bad = NoIdea("one", "The reply is empty.", refused=True, usage=Spent(1, 10))
    search = Scripted("search", [NoIdea("search", "Nothing small.", 9)])
    answer, _ = scene.ask(search, Scripted("one", [bad]), two := Scripted("two", [proposal("two")]))
    assert (answer.refused, answer.reason, answer.usage.sent, two.calls) == (True, "The reply is empty.", 10, 0)


@pytest.mark.parametrize(
    ("provider", "verdict", "calls"),
    [
        ("one", Verdict.STILL_RED, 0),
        ("one", Verdict.REFUSED, 0),
        ("one", Verdict.MOVED, 1),
        ("search", Verdict.BROKE_OTHERS, 1),
    ],
)
def test_search_that_had_nothing_is_not_asked_the_same_again(
    scene: Scene, provider: str, verdict: Verdict, calls: int
) -> None:
    search, one = Scripted("search", [NoIdea("search", "Nothing small.", 9)]), Scripted("one", [proposal("one")])
    tried = SimpleNamespace(provider=provider, verdict=verdict)
    request = cast(RepairRequest, SimpleNamespace(attempts=(tried,)))
    scene.cascade(search, one).propose(Patient(scene.time), request, TRIALS)
    assert search.calls == calls
