"""One model is asked in the strictest form that its service takes, is paid for, and its faults hold no secret."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from regreen.core.cancel import Cancellation
from regreen.providers.models.asking import Asker, Purse
from regreen.providers.models.budget import Budget, Cap, Price, Scope
from regreen.providers.models.faults import THINKING, Fault, FaultKind
from regreen.providers.models.http import ServiceFailed
from regreen.providers.models.values import Endpoint, Message, ModelRequest, Reply, Role, Structured, Usage
from regreen.providers.models.wires import WIRES

ASKED = ModelRequest("system", (Message(Role.USER, "text"),), 100, {"type": "object"})
FORM = Fault(FaultKind.FORM, "response_format is not supported", 0.0)


class Service:
    """Takes some forms only."""

    def __init__(self, *takes: Structured, fault: Fault = FORM) -> None:
        self.takes = takes
        self.fault = fault
        self.asked: list[Structured] = []

    def __call__(self, cancel: Cancellation, endpoint: Endpoint, asked: ModelRequest) -> Reply:
        self.asked.append(endpoint.structured)
        if endpoint.structured not in self.takes:
            raise ServiceFailed(self.fault)
        return Reply("{}", usage=Usage(10, 0, 5))


def asker(service: Service, budget: Budget | None = None, form: Structured = Structured.SCHEMA) -> Asker:
    endpoint = Endpoint("one", "openai", "http://127.0.0.1:1", "m", structured=form)
    purse = Purse(budget or Budget({}), Price(1.0, None, 1.0))
    return Asker(endpoint, service, purse, lambda cancel: lambda text: text.replace("sesame", "[secret:known]"))


@pytest.mark.parametrize(
    ("takes", "asked"),
    [
        (Structured.SCHEMA, ["schema"]),
        (Structured.GRAMMAR, ["schema", "grammar"]),
        (Structured.JSON, ["schema", "grammar", "json"]),
        (Structured.NONE, ["schema", "grammar", "json", "none"]),
    ],
)
def test_a_form_that_is_refused_is_asked_for_more_plainly(takes: Structured, asked: list[str]) -> None:
    service = Service(takes)
    _, spent = asker(service)(Cancellation(), ASKED)
    assert ([form.value for form in service.asked], spent.calls) == (asked, 1)


def test_the_form_that_was_taken_is_asked_for_from_then_on() -> None:
    service = Service(Structured.JSON)
    one = asker(service)
    one(Cancellation(), ASKED)
    one(Cancellation(), ASKED)
    assert [form.value for form in service.asked] == ["schema", "grammar", "json", "json"]


def test_a_service_that_takes_no_form_at_all_has_failed() -> None:
    with pytest.raises(ServiceFailed) as failed:
        asker(Service())(Cancellation(), ASKED)
    assert failed.value.fault.kind is FaultKind.FORM


@dataclass
class Picky:
    """Takes no request that has one of some fields, and says so of one at a time."""

    fields: list[str]
    asked: list[Endpoint] = field(default_factory=list)

    def __call__(self, cancel: Cancellation, endpoint: Endpoint, asked: ModelRequest) -> Reply:
        self.asked.append(endpoint)
        left = (name for name in self.fields if name not in endpoint.left_out)
        refused = next((name for name in left if name != THINKING or endpoint.thinking), None)
        if refused is not None:
            raise ServiceFailed(Fault(FaultKind.FORM, "unsupported", 0.0, field=refused))
        return Reply("{}", usage=Usage(10, 0, 5))


def test_what_a_service_does_not_take_is_left_out_and_remembered() -> None:
    service, learned = Picky(["temperature", "max_tokens", THINKING]), list[Endpoint]()
    one = Endpoint("one", "openai", "http://127.0.0.1:1", "m", thinking=4000)
    purse = Purse(Budget({}), Price())
    Asker(one, service, purse, lambda _: str, learned.append)(Cancellation(), ASKED)
    assert [sorted(each.left_out) for each in service.asked] == [
        [], ["temperature"], ["max_tokens", "temperature"], ["max_tokens", "temperature"],
    ]  # fmt: skip
    assert [each.thinking for each in service.asked] == [4000, 4000, 4000, 0]
    assert learned[-1] == service.asked[-1]
    assert {each.structured for each in service.asked} == {Structured.SCHEMA}


def test_a_service_that_refuses_a_field_which_is_not_sent_is_not_asked_for_ever() -> None:
    always = Service(fault=Fault(FaultKind.FORM, "unsupported", 0.0, field="seed"))
    with pytest.raises(ServiceFailed):
        asker(always)(Cancellation(), ASKED)
    assert [form.value for form in always.asked] == ["schema", "schema", "grammar", "json", "none"]
    long = Service(fault=Fault(FaultKind.FORM, "too large", 0.0, field=THINKING))
    with pytest.raises(ServiceFailed):
        asker(long)(Cancellation(), ASKED)
    assert len(long.asked) == 1


def test_credit_that_does_for_a_shorter_reply_is_used_for_one() -> None:
    def ask(cancel: Cancellation, endpoint: Endpoint, asked: ModelRequest) -> Reply:
        if endpoint.thinking:
            raise ServiceFailed(Fault(FaultKind.CREDIT, "fewer max_tokens", 3600.0, field=THINKING))
        return Reply("{}", usage=Usage(10, 0, 5))

    one = Endpoint("one", "openai", "http://127.0.0.1:1", "m", thinking=4000)
    reply, _ = Asker(one, ask, Purse(Budget({}), Price()), lambda _: str)(Cancellation(), ASKED)
    assert reply.text == "{}"


@pytest.mark.parametrize("wire", sorted(WIRES))
def test_a_request_holds_no_field_that_is_left_out(wire: str) -> None:
    fields = ("temperature", "seed", "stream_options", "max_tokens")
    whole = Endpoint("one", wire, "http://127.0.0.1:1", "m", thinking=1000)
    plain, less = (
        WIRES[wire].request(endpoint, "", ASKED).body.decode()
        for endpoint in (whole, replace(whole, left_out=frozenset(fields)))
    )
    assert '"temperature":0' in plain
    assert not [name for name in fields[:3] if f'"{name}"' in less]
    assert ":1100" in plain
    assert ":1100" in less


def test_a_form_that_is_refused_costs_nothing() -> None:
    budget = Budget({Scope.TASK: Cap(calls=1)})
    asker(Service(Structured.NONE), budget)(Cancellation(), ASKED)
    assert (budget.spent[Scope.TASK].calls, budget.spent[Scope.TASK].tokens) == (1, 15)


def test_a_key_that_a_service_repeats_is_taken_out_of_what_it_said() -> None:
    refused = Fault(FaultKind.AUTH, "Incorrect API key provided: sesame", 3600.0)
    with pytest.raises(ServiceFailed) as failed:
        asker(Service(fault=refused))(Cancellation(), ASKED)
    assert failed.value.fault.message == "Incorrect API key provided: [secret:known]"
    assert "sesame" not in str(failed.value)
