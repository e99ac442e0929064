"""What is wrong with a provider: answers as fourteen services give them, in our own words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.providers.models.faults import Fault, fault_of

NOW = 1_795_000_000.0  # 2026-11-18T11:06:40Z
CASES = json.loads((Path(__file__).parents[2] / "data" / "provider-faults.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_an_answer_means(case: dict[str, Any]) -> None:
    body = case["body"] if isinstance(case["body"], str) else json.dumps(case["body"])
    found = fault_of(case["status"], case["headers"], body, NOW)
    assert found.kind == case["kind"], found
    if case["wait"] is not None:
        assert found.wait == pytest.approx(case["wait"])


def message(words: str) -> dict[str, object]:
    return {"error": {"message": words}}


def test_what_the_provider_said_is_one_short_line() -> None:
    found = fault_of(400, {}, json.dumps(message("first\nsecond " + "x" * 500)), NOW)
    assert found.message.startswith("first second xxx")
    assert len(found.message) == 200
    assert fault_of(503, {}, "", NOW).message == "HTTP 503"


HEADERS = st.dictionaries(st.sampled_from(["retry-after", "x-ratelimit-reset"]), st.text())
KEYS = st.sampled_from(["error", "message", "code", "headers", "retryDelay"])


@given(st.integers(100, 599), HEADERS, st.text())
def test_no_answer_is_too_odd(status: int, headers: dict[str, str], body: str) -> None:
    found = fault_of(status, headers, body, NOW)
    assert isinstance(found, Fault)
    assert 0 <= found.wait <= 7 * 86_400


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
    )
)
def test_no_json_is_too_odd(body: object) -> None:
    assert isinstance(fault_of(429, {}, json.dumps(body), NOW), Fault)
