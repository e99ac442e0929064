"""What is recorded is given back, strictly: in order, faults included, without secrets, to no other request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun, Unrecorded, UsageError
from regreen.core.failure import Failure, FailureKind
from regreen.core.policy import Policy
from regreen.core.ports import Provider
from regreen.core.repair import (
    Answer,
    Attempt,
    Choice,
    Confidence,
    NoIdea,
    Proposal,
    Question,
    RepairRequest,
    Rival,
    Spent,
    Undecided,
    Verdict,
)
from regreen.core.testing import TestId
from regreen.guard import Redactor
from regreen.providers import Replay, Tape, read_cassette
from regreen.providers.models.budget import Budget, Price
from regreen.providers.models.faults import THINKING, Fault, FaultKind
from regreen.providers.models.http import ServiceFailed
from regreen.providers.models.provider import ModelProvider, Purse
from regreen.providers.models.values import Endpoint, ModelRequest, Reply, Stop, Usage
from tests.support.fakes import PROJECT, TRACE, FakeClock, FixedTrials, model_of, replacing

FILES = {"calc.py": "def add(a, b):\n    return a - b\n", "test_calc.py": "def test_add(): ...\n"}
TEST = TestId(".", "test_calc.py::test_add")
FAILURE = Failure(FailureKind.ASSERTION, TEST, "calc.py", 2, "assert -1 == 3", test_path="test_calc.py")
REQUEST = RepairRequest(FAILURE, (TEST,), (), PROJECT, model_of(FILES), FILES, (), Policy())
ENDPOINT = Endpoint("one", "openai", "https://models.invalid/v1", "m-1")
PLAN = (
    '{"hypothesis": "It subtracts.", "notes": [], "edits": '
    '[{"path": "calc.py", "search": "return a - b", "replace": "return a + b"}]}'
)
SECRET = "sk-proj-" + "a1B2c3D4e5F6g7H8i9J0" * 2


class Desk:
    """A tape in a folder, with what it warned of."""

    def __init__(self, folder: Path, known: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.warned: list[str] = []
        self.clean = Redactor(known).clean
        self.tape = Tape(folder, TRACE, "runs/x.jsonl", FakeClock(), self.clean, self.warned.append)

    def model(self, *replies: Reply | FaultKind | Fault, endpoint: Endpoint = ENDPOINT) -> Provider:
        """Return a model that says these in turn, recorded."""
        left = list(replies)

        def ask(cancel: Cancellation, endpoint: Endpoint, asked: ModelRequest) -> Reply:
            reply = left.pop(0)
            if isinstance(reply, Fault):
                raise ServiceFailed(reply)
            if isinstance(reply, FaultKind):
                raise ServiceFailed(Fault(reply, "No.", 0.0))
            return reply

        recorded = self.tape.model(endpoint, ask, lambda _cancel: self.clean)
        purse = Purse(Budget({}), Price())
        return self.tape.around(ModelProvider(endpoint, recorded, purse, lambda _cancel: self.clean))


class Engine:
    """Answers always the same."""

    name = "search"

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: object) -> Answer:
        return self.answer


def propose(provider: Provider, request: RepairRequest = REQUEST) -> Answer:
    return provider.propose(Cancellation(), request, FixedTrials())


def replayed(folder: Path, request: RepairRequest = REQUEST) -> Answer:
    return propose(Replay(read_cassette(folder)), request)


def after(answer: Answer, verdict: Verdict = Verdict.STILL_RED) -> RepairRequest:
    """Return the request of the next attempt."""
    patch = answer.patch if isinstance(answer, Proposal) else None
    attempt = Attempt(1, answer.provider, "h", patch, verdict, "Still red.", FAILURE, 0.1)
    return replace(REQUEST, attempts=(attempt,))


def test_a_models_proposal_is_given_back_and_costs_nothing(tmp_path: Path) -> None:
    first = propose(Desk(tmp_path).model(Reply(PLAN, usage=Usage(900, 0, 50))))
    assert first.usage.calls == 1
    assert replayed(tmp_path) == replace(first, usage=Spent())


def check_engine(tmp_path: Path, answer: Answer) -> None:
    """Check that an engine's answer survives being recorded."""
    propose(Desk(tmp_path).tape.engine(Engine(answer)))
    assert replayed(tmp_path) == answer


def test_an_engines_answers_are_given_back_whole(tmp_path: Path) -> None:
    patch, other = (replacing(FILES, "calc.py", "a - b", new) for new in ("a + b", "b + a"))
    rival = Rival("h2", other, "add(1, 2)", "3", "4")
    check_engine(tmp_path / "1", Proposal("search", "h", patch, 1, 7, Confidence.LOW, ("It passes.",), (rival,)))
    question = Question("Which?", (Choice("h", patch, "3"), Choice("h2", other)))
    check_engine(tmp_path / "2", Undecided("search", question, ("Both pass.",), 9))
    check_engine(tmp_path / "3", NoIdea("search", "Nothing.", 3))


def test_an_engine_that_reads_other_files_was_not_asked_this(tmp_path: Path) -> None:
    propose(Desk(tmp_path).tape.engine(Engine(NoIdea("search", "Nothing."))))
    changed = replace(REQUEST, sources={**FILES, "calc.py": "x = 1\n"})
    with pytest.raises(Unrecorded, match=r"files, line 1 was recorded as “calc\.py [0-9a-f]{64}” and is “calc\.py "):
        replayed(tmp_path, changed)


def test_a_request_that_was_not_recorded_is_told_with_the_first_line_that_differs(tmp_path: Path) -> None:
    propose(Desk(tmp_path).model(Reply(PLAN)))
    changed = replace(REQUEST, failure=replace(FAILURE, message="assert -1 == 4"))
    with pytest.raises(Unrecorded) as missed:
        replayed(tmp_path, changed)
    assert "“message: assert -1 == 3” and is “message: assert -1 == 4” now" in missed.value.message
    with pytest.raises(Unrecorded, match="“one” to this request"):
        replayed(tmp_path, after(NoIdea("one", "x")))


def test_no_secret_is_in_a_recording_and_a_known_one_does_not_change_the_key(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ("hunter2hunter2",))
    leaky = replace(REQUEST, failure=replace(FAILURE, message=f"key {SECRET} and hunter2hunter2"))
    propose(desk.model(Reply(PLAN, reasoning=f"I see {SECRET}, hunter2hunter2.")), leaky)
    texts = "".join(file.read_text() for file in tmp_path.iterdir())
    assert SECRET not in texts
    assert "hunter2" not in texts
    assert "I see [secret:" in texts


def test_half_a_pair_of_surrogates_can_be_recorded(tmp_path: Path) -> None:
    propose(Desk(tmp_path).model(Reply("no plan \ud800", reasoning="\udfff")))
    answer = replayed(tmp_path)
    assert isinstance(answer, NoIdea)
    assert answer.refused


def test_the_same_request_gets_its_replies_in_their_order(tmp_path: Path) -> None:
    model = Desk(tmp_path).model(Reply("nonsense"), Reply(PLAN))
    answers = [propose(model), propose(model)]
    replay = Replay(read_cassette(tmp_path))
    again = [propose(replay) for _ in range(3)]
    assert [type(answer) for answer in answers] == [NoIdea, Proposal]
    assert [type(answer) for answer in again] == [NoIdea, Proposal, Proposal]


def test_a_model_that_was_down_is_passed_over_and_one_that_found_it_too_long_is_asked_again(tmp_path: Path) -> None:
    desk, two = Desk(tmp_path), replace(ENDPOINT, name="two", model="m-2")
    with pytest.raises(ServiceFailed):
        propose(desk.model(FaultKind.OVERLOADED))
    expected = propose(desk.model(FaultKind.TOO_LARGE, Reply(PLAN), endpoint=two))
    assert replayed(tmp_path) == replace(expected, usage=Spent())


def test_a_service_that_took_fewer_fields_is_asked_as_often_in_the_replay(tmp_path: Path) -> None:
    refused = ("temperature", "max_tokens", "stream_options", "seed", THINKING, "")
    faults = [Fault(FaultKind.FORM, "Not taken.", 0.0, field=name) for name in refused]
    endpoint = replace(ENDPOINT, thinking=4000)
    first = propose(Desk(tmp_path).model(*faults, Reply(PLAN), endpoint=endpoint))
    assert isinstance(first, Proposal)
    assert replayed(tmp_path) == replace(first, usage=Spent())


def test_a_model_that_thought_until_its_limit_is_refused_with_what_helps(tmp_path: Path) -> None:
    answer = propose(Desk(tmp_path).model(Reply("", reasoning="Hm. " * 99, stop=Stop.CUT)))
    assert isinstance(answer, NoIdea)
    assert (answer.refused, "`thinking` in config.toml allows more" in answer.reason) == (True, True)
    assert replayed(tmp_path) == replace(answer, usage=Spent())


def test_in_a_cascade_an_engine_that_had_nothing_is_not_asked_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    engine = desk.tape.engine(Engine(NoIdea("search", "Nothing.")))
    model = desk.model(Reply(PLAN), Reply(PLAN.replace("a + b", "b + a")))
    propose(engine)
    first = propose(model)
    second = propose(model, after(first))
    assert [each.name for each in read_cassette(tmp_path).members] == ["search", "one"]
    assert replayed(tmp_path, after(first)) == replace(second, usage=Spent())


def test_nobody_was_asked_leaves_nothing_and_a_full_disk_is_told_once(tmp_path: Path) -> None:
    Desk(tmp_path / "none").model(Reply(PLAN))
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").write_text("in the way")
    desk = Desk(tmp_path / "file" / "cassette")
    model = desk.model(Reply(PLAN), Reply(PLAN))
    assert isinstance(propose(model), Proposal)
    propose(model)
    assert ["cannot be written" in told for told in desk.warned] == [True]


def test_a_recording_of_a_newer_version_and_a_folder_without_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_cassette(tmp_path)
    propose(Desk(tmp_path / "run").model(Reply(PLAN)))
    assert read_cassette(tmp_path).recorded == read_cassette(tmp_path / "run").recorded
    manifest = tmp_path / "run" / "cassette.json"
    manifest.write_text(manifest.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(CannotRun, match="a newer version"):
        read_cassette(tmp_path)


def test_what_was_told_of_the_system_and_of_before_is_told_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.tape.begin(Policy(), REQUEST.model, "database at /workspace/x.db", (f"It was not {SECRET}.",))
    propose(desk.model(Reply(PLAN)))
    replay = Replay(read_cassette(tmp_path))
    assert (replay.state, replay.memory[0][:19]) == ("database at x.db", "It was not [secret:")
