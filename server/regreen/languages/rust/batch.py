"""Many candidates of a Cargo workspace in one build: its test binaries, run once for each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from regreen.core.testing import CommandSpec, Place, Selection
from regreen.core.workspace import Project
from regreen.languages.batching import Batching, Order, driven

from .marks import lines_told, marked
from .run import command
from .switch import WRITING

_EXAMPLE = re.compile(r" \(line \d+\)$")  # how the name of an example in documentation ends


def batch(project: Project, order: Order, place: Place, timeout: float) -> CommandSpec | None:
    """Say how to build the candidates and to run them.

    Raises:
        ToolMissing: cargo was not found.
    """
    facts = {
        "picks": order.picks,
        "mutants": [(pick, ()) for pick, _ in order.mutants],
        "seconds": order.seconds,
    }
    return _driven(project, order, place, timeout, facts)


def measure(project: Project, order: Order, place: Place, timeout: float) -> CommandSpec:
    """Say how to learn which marked lines each test runs.

    Raises:
        ToolMissing: cargo was not found.
    """
    return _driven(project, order, place, timeout, {"measure": (*order.wanted, *order.keep)})


def _driven(project: Project, order: Order, place: Place, timeout: float, facts: Mapping[str, object]) -> CommandSpec:
    spec = command(project, Selection(names=(*order.wanted, *order.keep)), place, timeout)
    told = {"wanted": order.wanted, "keep": order.keep, "wall": order.wall, "memory": order.memory, **facts}
    return driven(spec, place, {"cargo": json.loads(spec.argv[-1]), **told})


BATCHING = Batching(
    writings={"rust": WRITING},
    command=batch,
    measure=measure,
    lines=lambda _project, told: lines_told(told),
    mark=marked,
    leaves_out=lambda name: _EXAMPLE.search(name) is not None,
)
