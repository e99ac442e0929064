"""When a provider may be asked again: every way of saying it, and no nonsense believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regreen.providers.models.resets import LONGEST, seconds_in_words, seconds_until, wait_in_headers

NOW = 1_795_000_000.0  # 2026-11-18T11:06:40Z


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("30", 30.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("20ms", 0.02),
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("23m16.298s", 1396.298),
        ("24h0m0s", 86_400.0),
        ("2m59.56s", 179.56),
        ("20.04466179s", 20.04466179),
        ("48s", 48.0),
        ('"22s"', 22.0),
        ("1 hour 5 minutes", 3900.0),
        ("2 days", 172_800.0),
        ("2026-11-18T11:07:40Z", 60.0),
        ("2026-11-18T12:07:40+01:00", 60.0),
        ("2026-11-18T11:07:40.5Z", 60.5),
        ("2026-11-18T11:07:40", 60.0),
        ("Wed, 18 Nov 2026 11:08:40 GMT", 120.0),
        ("1795000030", 30.0),
        ("1795000030000", 30.0),
        ("1e6", LONGEST),
        ("9999h", LONGEST),
        ("-5", None),
        ("1794999999", None),
        ("2020-01-01T00:00:00Z", None),
        ("nan", None),
        ("inf", None),
        ("-inf", None),
        ("1e400", None),
        ("", None),
        ("soon", None),
        ("10 parsecs", None),
        ("99999-01-01", None),
    ],
)
def test_every_way_of_saying_it(said: str, wait: float | None) -> None:
    assert seconds_until(said, NOW) == (None if wait is None else pytest.approx(wait))


@pytest.mark.parametrize(
    ("message", "wait"),
    [
        ("Rate limit reached. Limit 200. Please try again in 7m12s.", 432.0),
        ("Please try again in 125ms. Visit the page of limits.", 0.125),
        ("Your tier is exceeded. Please retry after 86400 seconds.", 86_400.0),
        ("Please retry in 20.04466179s.", 20.04466179),
        ("Wait for 1 minute and 30 seconds, then go on.", 90.0),
        ("Try again in 9m38.016s", 578.016),
        ("Try again in a moment", None),
        ("You used 30 seconds of audio", None),
    ],
)
def test_what_a_sentence_asks_for(message: str, wait: float | None) -> None:
    assert seconds_in_words(message) == (None if wait is None else pytest.approx(wait))


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "17"}, 17.0),
        ({"retry-after": "later", "x-ratelimit-reset-requests": "3s", "x-ratelimit-remaining-requests": "0"}, 3.0),
        (
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "8.64s",
                "x-ratelimit-remaining-tokens": "900",
                "x-ratelimit-reset-tokens": "6m0s",
            },
            8.64,
        ),
        (
            {
                "anthropic-ratelimit-input-tokens-remaining": "0",
                "anthropic-ratelimit-input-tokens-reset": "2026-11-18T11:07:10Z",
                "anthropic-ratelimit-requests-remaining": "40",
                "anthropic-ratelimit-requests-reset": "2026-11-18T11:59:10Z",
            },
            30.0,
        ),
        ({"x-rate-limit-reset-tokens": "55"}, 55.0),
        ({"retry-after": "-1"}, None),
        ({"content-type": "application/json"}, None),
    ],
)
def test_what_headers_ask_for(headers: dict[str, str], wait: float | None) -> None:
    assert wait_in_headers(headers, NOW) == (None if wait is None else pytest.approx(wait))


@given(st.text(), st.floats(0, 1e10))
def test_nothing_makes_a_wait_that_is_negative_or_endless(said: str, now: float) -> None:
    for wait in (seconds_until(said, now), seconds_in_words(said), wait_in_headers({"retry-after": said}, now)):
        assert wait is None or 0 <= wait <= LONGEST
