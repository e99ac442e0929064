"""Servers of models on this machine: looked for on loopback, where they listen unless told otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from regreen.core.cancel import Cancellation

from .presets import LOCAL, PRESETS, Preset
from .values import Endpoint

_SECONDS = 0.5
_MOST = 1_000_000  # characters of an answer


def found_locally(cancel: Cancellation, presets: Mapping[str, Preset] | None = None) -> tuple[Endpoint, ...]:
    """Ask the usual ports which models they have; each server that answers gives one endpoint, with its first model.

    Raises:
        Cancelled: the token was set.
    """
    known = {name: PRESETS[name] for name in LOCAL} if presets is None else presets
    return tuple(_found(cancel, known))


def _found(cancel: Cancellation, known: Mapping[str, Preset]) -> Iterator[Endpoint]:
    with httpx.Client(timeout=_SECONDS, trust_env=False, follow_redirects=False) as client:
        for name, preset in known.items():
            cancel.check()
            try:
                answer = client.get(f"{preset.url}/models")
                found = answer.json() if answer.is_success and len(answer.content) < _MOST else None
            except (httpx.HTTPError, ValueError):  # Nobody listens there, or somebody else does.
                continue
            model = _first_model(found)
            if model:
                yield Endpoint(name, preset.wire, preset.url, model, preset.structured)


def _first_model(found: Any) -> str:
    rows = found.get("data") if isinstance(found, dict) else None
    names = [row.get("id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return next((name for name in names if isinstance(name, str) and name), "")
