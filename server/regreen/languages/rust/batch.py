"""Many candidates of a Cargo workspace in one build: its test binaries, run once for each of them."""

from __future__ import annotations

import json

from regreen.core.testing import CommandSpec, Place, Selection
from regreen.core.workspace import Project
from regreen.languages.batching import Batching, Order, driven

from .run import command
from .switch import WRITING


def batch(project: Project, order: Order, place: Place, timeout: float) -> CommandSpec | None:
    """Say how to build the candidates and to run them.

    Raises:
        ToolMissing: cargo was not found.
    """
    spec = command(project, Selection(names=(*order.wanted, *order.keep)), place, timeout)
    facts = {
        "cargo": json.loads(spec.argv[-1]),
        "wanted": order.wanted,
        "keep": order.keep,
        "picks": order.picks,
        "wall": order.wall,
        "memory": order.memory,
        "mutants": [(pick, ()) for pick, _ in order.mutants],
        "seconds": order.seconds,
    }
    return driven(spec, place, facts)


BATCHING = Batching(writings={"rust": WRITING}, command=batch)
