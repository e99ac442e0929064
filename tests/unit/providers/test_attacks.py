"""What may go wrong around a model: odd streams and keys, damaged files, wrong clocks, processes that spend at once."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun, QuotaExhausted
from regreen.core.trace import SystemClock
from regreen.providers.models.budget import Amount, Budget, Cap, Scope
from regreen.providers.models.daybook import DayBook
from regreen.providers.models.faults import Fault, FaultKind
from regreen.providers.models.http import ServiceFailed, ask
from regreen.providers.models.ledger import Ledger
from regreen.providers.models.stream import BrokenStream, Events
from regreen.providers.models.values import Endpoint, Message, ModelRequest, Role
from regreen.providers.models.wires import WIRES
from tests.support.model_server import Answer, serving

NOON = 1_795_003_200.0
DAY = 86_400.0
ASKED = ModelRequest("system", (Message(Role.USER, "text"),))
SPENDER = """
import sys
from pathlib import Path
from regreen.core.errors import QuotaExhausted
from regreen.core.trace import SystemClock
from regreen.providers.models.budget import Amount, Budget, Cap, Scope
from regreen.providers.models.daybook import DayBook

budget = Budget({Scope.DAY: Cap(calls=30, tokens=2500)}, None, DayBook(Path(sys.argv[1]), SystemClock()))
sent = 0
for _ in range(20):
    try:
        taken = budget.reserve(Amount(100, 0.0, 1))
    except QuotaExhausted:
        continue
    sent += 1
    taken.settle(Amount(90, 0.0, 1))
print(sent)
"""


@dataclass
class WrongClock:
    """A clock that anybody may set."""

    at: float = NOON

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


def test_processes_that_spend_at_once_do_not_pass_the_cap_of_a_day(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SPENDER, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    sent = sum(int(each.communicate(timeout=60)[0]) for each in running)
    spent = DayBook(tmp_path, SystemClock()).read()
    assert (spent.calls, spent.tokens) == (sent, 90 * sent)
    assert spent.calls <= 30
    assert spent.tokens <= 2500
    assert 24 <= sent  # What was set aside and not spent was given back.


def test_what_a_killed_process_had_set_aside_counts_as_spent(tmp_path: Path) -> None:
    caps, clock = {Scope.DAY: Cap(tokens=150)}, WrongClock()
    Budget(caps, None, DayBook(tmp_path, clock)).reserve(Amount(100, 0.0, 1))
    with pytest.raises(QuotaExhausted):
        Budget(caps, None, DayBook(tmp_path, clock)).reserve(Amount(100, 0.0, 1))


def test_a_clock_that_is_set_back_forgets_nothing(tmp_path: Path) -> None:
    clock = WrongClock()
    book = DayBook(tmp_path, clock)
    assert book.take(Amount(10, 0.5, 1), Cap()) == ""
    clock.at = NOON - 40 * DAY
    assert book.read() == Amount(10, 0.5, 1)
    assert book.take(Amount(10, 0.5, 1), Cap()) == ""
    clock.at = NOON - 39 * DAY
    assert book.read() == Amount()


def test_a_new_day_begins_at_nothing(tmp_path: Path) -> None:
    clock = WrongClock()
    book = DayBook(tmp_path, clock)
    book.take(Amount(10, 0.5, 1), Cap())
    clock.at = NOON + DAY
    assert book.read() == Amount()
    book.correct(Amount(10, 0.5, 1), Amount(4, 0.1, 1))  # Of a call that was sent before midnight.
    assert book.read() == Amount()


DAMAGED = (
    "", "{", "[]", "null", "7", '{"day": 7}', '{"day": "2999-01-01", "tokens": NaN, "money": 0, "calls": 1}',
    '{"day": "2999-01-01", "tokens": 1, "money": NaN, "calls": 1}', "[" * 100_000,
    '{"day": "2999-01-01", "tokens": Infinity, "money": 0, "calls": 1}', "\x00\xff",
)  # fmt: skip


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_book_keeps_a_limit_and_counts_from_nothing_where_there_is_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "spent-today.json"
    file.write_text(text, encoding="latin-1")
    book = DayBook(tmp_path, WrongClock())
    for each in (book.read, lambda: book.take(Amount(1, 0.1, 1), Cap(calls=1))):
        with pytest.raises(CannotRun, match="is damaged: what today has cost is not known") as caught:
            each()
    assert "Remove the file" in caught.value.next_step
    assert file.read_text(encoding="latin-1") == text
    assert book.take(Amount(1, 0.1, 1), Cap()) == ""
    assert book.take(Amount(1, 0.1, 1), Cap(calls=1)) == "1 calls"


def folder_in_place(path: Path) -> None:
    path.mkdir(parents=True)


def link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize("name", ["services.json", ".services.json.lock", "spent-today.json", ".spent-today.json.lock"])
@pytest.mark.parametrize("instead", [folder_in_place, link_to_itself])
def test_what_stands_in_the_place_of_a_file_of_ours_is_told_by_name(
    tmp_path: Path, name: str, instead: Callable[[Path], None]
) -> None:
    instead(tmp_path / name)
    ledger, book = Ledger(tmp_path), DayBook(tmp_path, WrongClock())
    with pytest.raises(CannotRun, match=re.escape(str(tmp_path / name)) + " cannot be"):
        if "services" in name:
            ledger.failed("one", "k", Fault(FaultKind.CREDIT, "No credit.", 100.0), NOON)
        else:
            book.take(Amount(1, 0.1, 1), Cap())
    assert not [file for file in tmp_path.iterdir() if file.suffix == ".tmp"]


@pytest.mark.parametrize("until", ["NaN", "Infinity", "1e999", '"soon"', "null"])
def test_a_damaged_ledger_row_keeps_no_service_out(tmp_path: Path, until: str) -> None:
    ledger = Ledger(tmp_path)
    ledger.failed("one", "k", Fault(FaultKind.CREDIT, "No credit.", 100.0), NOON)
    assert ledger.standing("one", "k", NOON).is_out
    file = tmp_path / "services.json"
    rows = json.loads(file.read_text())
    file.write_text(json.dumps(rows).replace(str(rows["rows"]["one"]["until"]), until))
    assert not ledger.standing("one", "k", NOON).is_out
    assert not ledger.claim("one", "k", NOON).is_out


@pytest.mark.parametrize(("field", "value"), [("kind", "bogus"), ("until", NOON + 8 * DAY), ("message", 7)])
def test_a_row_that_no_fault_can_have_written_keeps_no_service_out(tmp_path: Path, field: str, value: object) -> None:
    ledger = Ledger(tmp_path)
    ledger.failed("one", "k", Fault(FaultKind.CREDIT, "No credit.", 100.0), NOON)
    file = tmp_path / "services.json"
    document = json.loads(file.read_text())
    document["rows"]["one"][field] = value
    file.write_text(json.dumps(document))
    assert not ledger.standing("one", "k", NOON).is_out
    assert not ledger.claim("one", "k", NOON).is_out


def fault_with_key(key: str) -> Fault:
    wire = WIRES["openai"]
    with serving(Answer(503)) as server:
        endpoint = Endpoint("one", "openai", server.url, "m")
        with pytest.raises(ServiceFailed) as failed:
            ask(Cancellation(), endpoint, wire.request(endpoint, key, ASKED), wire.piece)
        assert server.asked == []
    return failed.value.fault


@pytest.mark.parametrize("key", ["schlüssel-1234", "line\nbreak-1234", "nul\x00-1234", "日本-1234"])
def test_a_key_that_no_header_can_carry_is_a_fault_at_once_that_does_not_show_it(key: str) -> None:
    fault = fault_with_key(key)
    assert fault.kind is FaultKind.NETWORK
    assert "1234" not in fault.message


def test_certificates_that_are_not_there_are_a_fault_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere.pem"))
    assert fault_with_key("plain").kind is FaultKind.NETWORK


def test_a_proxy_that_is_not_there_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    with serving(Answer(200, [b"{}"])) as server:
        endpoint = Endpoint("one", "openai", server.url.replace("127.0.0.1", "models.invalid"), "m")
        with pytest.raises(ServiceFailed) as failed:
            ask(Cancellation(), endpoint, WIRES["openai"].request(endpoint, "", ASKED), WIRES["openai"].piece)
    assert failed.value.fault.kind is FaultKind.NETWORK
    assert server.asked == []


def read(chunks: list[bytes]) -> list[object]:
    events = Events()
    found: list[object] = []
    try:
        for chunk in chunks:
            found += events.feed(chunk)
        found += events.end()
    except BrokenStream as broken:
        found.append(broken.body)
    return found


LINES = st.lists(
    st.sampled_from(
        [
            'data: {"a": 1}',
            "data: [DONE]",
            ": ping",
            "event: x",
            "",
            '{"b": 2}',
            "data: {",
            "}",
            'data: {"error": 1}',
            "ä",
        ]
    )
)


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.lists(st.integers(0, 60), max_size=6))
def test_a_stream_means_the_same_however_it_is_cut(lines: list[str], ending: str, cuts: list[int]) -> None:
    whole = ending.join(lines).encode()
    places = [0, *sorted(cut for cut in cuts if cut < len(whole)), len(whole)]
    assert read([whole[start:end] for start, end in pairwise(places)]) == read([whole])


@given(st.lists(st.binary()))
def test_no_bytes_break_the_reader(chunks: list[bytes]) -> None:
    read(chunks)


def test_a_line_that_never_ends_is_not_read_again_with_each_piece() -> None:
    events = Events()
    for _ in range(100_000):  # With each piece read again, these are 200 gigabytes.
        assert list(events.feed(b"data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")) == []
    assert events.length == 4_000_000
