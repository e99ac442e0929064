"""What was asked and answered in a repair, in the order in which it happened, for whoever learns from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regreen.providers import Cassette


def interactions_of(cassette: Cassette) -> tuple[dict[str, Any], ...]:
    """Return each reply of a run with its request; all texts are without secrets already."""
    rows: list[tuple[int, dict[str, Any]]] = [
        (
            reply.n,
            {
                "n": reply.n,
                "attempt": reply.attempt,
                "provider": reply.provider,
                "kind": recorded.kind,
                "key": recorded.key,
                "request": recorded.request,
                "reply": reply.model_dump(mode="json", exclude={"n", "attempt", "provider"}, exclude_defaults=True),
            },
        )
        for recorded in cassette.recorded
        for reply in recorded.replies
    ]
    return tuple(_frozen(row) for _, row in sorted(rows, key=lambda each: each[0]))


def _frozen(value: Any) -> Any:
    """Return a document with tuples for lists, as values are."""
    if isinstance(value, Mapping):
        return {name: _frozen(each) for name, each in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
