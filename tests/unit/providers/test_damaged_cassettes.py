"""A recording comes from anywhere: whatever stands in it, a replay answers, or says what is wrong with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.core.cancel import Cancellation
from regreen.core.errors import CannotRun, RegreenError, UsageError
from regreen.core.failure import Failure, FailureKind
from regreen.core.policy import Policy
from regreen.core.repair import Answer, Choice, Confidence, NoIdea, Proposal, Question, RepairRequest, Rival, Undecided
from regreen.core.testing import TestId
from regreen.guard import Redactor, Refusal, admit
from regreen.providers import Replay, Tape, read_cassette
from regreen.providers.models.budget import Budget, Price
from regreen.providers.models.provider import ModelProvider, Purse
from regreen.providers.models.values import Endpoint, Reply
from tests.support.fakes import PROJECT, TRACE, FakeClock, FixedTrials, model_of, replacing

FILES = {"calc.py": "def add(a, b):\n    return a - b\n", "test_calc.py": "def test_add(): ...\n"}
TEST = TestId(".", "test_calc.py::test_add")
FAILURE = Failure(FailureKind.ASSERTION, TEST, "calc.py", 2, "assert -1 == 3", test_path="test_calc.py")
REQUEST = RepairRequest(FAILURE, (TEST,), (), PROJECT, model_of(FILES), FILES, (), Policy())
PLAN = (
    '{"hypothesis": "It subtracts.", "notes": [], "edits": '
    '[{"path": "calc.py", "search": "return a - b", "replace": "return a + b"}]}'
)
PATCH = replacing(FILES, "calc.py", "a - b", "a + b")
RIVAL = Rival("h2", PATCH, "add(1, 2)", "3", "4")
ANSWERS: tuple[Answer, ...] = (
    Proposal("search", "h", PATCH, 1, 7, Confidence.LOW, ("It passes.",), (RIVAL,)),
    Undecided("search", Question("Which?", (Choice("h", PATCH, "3"),)), ("Both pass.",), 9),
    NoIdea("search", "Nothing.", 3),
)
GARBAGE: tuple[Any, ...] = (None, True, -1, 10**30, 1.5, "", "\ud800", "../../etc/passwd", "x" * 5000, [], {}, [[]])


class Engine:
    """Answers always the same."""

    name = "search"

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: object) -> Answer:
        return self.answer


def tape_in(folder: Path) -> Tape:
    return Tape(folder, TRACE, "runs/x.jsonl", FakeClock(), Redactor().clean, lambda _: None)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Return a recording of an engine's answer of each kind, and one of a model's reply."""
    home = tmp_path_factory.mktemp("recorded")
    for n, answer in enumerate(ANSWERS):
        tape_in(home / str(n)).engine(Engine(answer)).propose(Cancellation(), REQUEST, FixedTrials())
    endpoint, purse = Endpoint("one", "openai", "https://models.invalid/v1", "m-1"), Purse(Budget({}), Price())
    ask = tape_in(home / "model").model(endpoint, lambda *_: Reply(PLAN), lambda _: Redactor().clean)
    ModelProvider(endpoint, ask, purse, lambda _: Redactor().clean).propose(Cancellation(), REQUEST, FixedTrials())
    return tuple(sorted(home.iterdir()))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where in a document something stands."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield from places(each, (*path, name))


def put(value: Any, path: tuple[Any, ...], instead: Any) -> Any:
    if not path:
        return instead
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = put(value[path[0]], path[1:], instead)
    return copied


def check_replay_answers_or_tells(folder: Path) -> None:
    try:
        answer = Replay(read_cassette(folder)).propose(Cancellation(), REQUEST, FixedTrials())
    except RegreenError:
        return
    if isinstance(answer, Proposal):
        admitted = admit(Policy(), REQUEST, answer)
        assert isinstance(admitted, Refusal) or set(admitted.paths) <= set(FILES)


@given(choose=st.data())
def test_whatever_stands_in_the_place_of_a_value_is_told_or_replayed(
    recorded: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory, choose: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("altered") / "cassette"
    shutil.copytree(choose.draw(st.sampled_from(recorded)), folder)
    file = choose.draw(st.sampled_from(sorted(folder.iterdir())))
    document = json.loads(file.read_text())
    place = choose.draw(st.sampled_from(sorted(places(document), key=str)))
    file.write_text(json.dumps(put(document, place, choose.draw(st.sampled_from(GARBAGE)))))
    check_replay_answers_or_tells(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"[]", b"\xff\xfe\x00", b"[" * 200_000, b'{"version": 1}'])
def test_a_file_that_is_no_recording_is_named(recorded: tuple[Path, ...], tmp_path: Path, content: bytes) -> None:
    for n, original in enumerate(recorded):
        for name in sorted(file.name for file in original.iterdir()):
            folder = tmp_path / f"{n}-{name}"
            shutil.copytree(original, folder)
            (folder / name).write_bytes(content)
            with pytest.raises((CannotRun, UsageError)) as caught:
                read_cassette(folder)
            assert str(folder / name) in caught.value.message
