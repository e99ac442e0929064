"""A proposal over the wire, in each format, from a server that streams: patch, price, key, and how far it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from regreen.core.cancel import Cancellation
from regreen.core.failure import Failure, FailureKind
from regreen.core.policy import Policy
from regreen.core.repair import Proposal, RepairRequest, Spent
from regreen.core.testing import TestId
from regreen.providers.models.asking import Purse
from regreen.providers.models.budget import Budget, Price
from regreen.providers.models.keys import EnvironmentKey
from regreen.providers.models.live import Live
from regreen.providers.models.provider import ModelProvider
from regreen.providers.models.values import Endpoint
from regreen.providers.models.wires import WIRES
from tests.support.fakes import PROJECT, FixedTrials, model_of, replacing
from tests.support.model_server import Answer, serving

FILES = {"calc.py": "def add(a, b):\n    return a - b\n", "test_calc.py": "def test_add(): ...\n"}
TEST = TestId(".", "test_calc.py::test_add")
FAILURE = Failure(FailureKind.ASSERTION, TEST, "calc.py", 2, "assert -1 == 3", test_path="test_calc.py")
REQUEST = RepairRequest(FAILURE, (TEST,), (), PROJECT, model_of(FILES), FILES, (), Policy())
PLAN = json.dumps(
    {
        "hypothesis": "It subtracts: ä.",
        "edits": [{"path": "calc.py", "search": "a - b", "replace": "a + b"}],
        "notes": [],
    }
)
PARTS = tuple(PLAN[at : at + 20] for at in range(0, len(PLAN), 20))


def openai() -> list[Any]:
    said = [{"choices": [{"delta": {"content": part}}]} for part in PARTS]
    end = [{"choices": [{"delta": {}, "finish_reason": "stop"}]}]
    return [*said, *end, {"choices": [], "usage": {"prompt_tokens": 500, "completion_tokens": 40}}]


def anthropic() -> list[Any]:
    begin = {"type": "message_start", "message": {"usage": {"input_tokens": 500, "output_tokens": 1}}}
    said = [{"type": "content_block_delta", "delta": {"partial_json": part}} for part in PARTS]
    end = {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 40}}
    return [begin, {"type": "ping"}, *said, end, {"type": "message_stop"}]


def gemini() -> list[Any]:
    thought = {"candidates": [{"content": {"parts": [{"text": "Hm.", "thought": True}]}}]}
    said = [{"candidates": [{"content": {"parts": [{"text": part}]}}]} for part in PARTS]
    usage = {"promptTokenCount": 500, "candidatesTokenCount": 30, "thoughtsTokenCount": 10}
    return [thought, *said, {"candidates": [{"finishReason": "STOP"}], "usageMetadata": usage}]


STREAMS: Mapping[str, tuple[Callable[[], list[Any]], str, str]] = {
    "openai": (openai, "/chat/completions", "authorization"),
    "anthropic": (anthropic, "/v1/messages", "x-api-key"),
    "gemini": (gemini, "/v1beta/models/m:streamGenerateContent?alt=sse", "x-goog-api-key"),
}


@pytest.mark.parametrize("wire", sorted(WIRES))
def test_a_streamed_reply_becomes_a_patch_that_is_paid_for(wire: str) -> None:
    events, path, header = STREAMS[wire]
    chunks: list[bytes | float] = [f"data: {json.dumps(event)}\n\n".encode() for event in events()]
    told: list[str] = []
    key = EnvironmentKey("one", "KEY", {"KEY": "sesame"})
    with serving(Answer(200, [chunks[0], 0.6, *chunks[1:]], {"content-type": "text/event-stream"})) as server:
        endpoint = Endpoint("one", wire, server.url, "m")
        provider = ModelProvider(
            endpoint, Live(WIRES[wire], key, told.append), Purse(Budget({}), Price(2.0, None, 10.0)), lambda _: str
        )
        answer = provider.propose(Cancellation(), REQUEST, FixedTrials())
    assert isinstance(answer, Proposal)
    assert (answer.hypothesis, answer.patch) == ("It subtracts: ä.", replacing(FILES, "calc.py", "a - b", "a + b"))
    assert answer.usage == Spent(1, 500, 0, 40, pytest.approx(0.0014))
    (asked,) = server.asked
    assert (asked.path, "sesame" in asked.headers[header], b"sesame" in asked.body) == (path, True, False)
    assert told[0] == "Asking one (m)"
    assert told[1].startswith("one answers: ")
