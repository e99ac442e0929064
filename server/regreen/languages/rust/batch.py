"""Many candidates of a Cargo workspace in one build: its test binaries, run once for each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from regreen.core.testing import CommandSpec, Place, Selection
from regreen.core.workspace import Project
from regreen.languages.batching import Batching, Order, driven

from .marks import lines_told, marked, places_told
from .run import command
from .switch import WRITING

_MOST_NAMED = 200  # tests that a mutant is told to meet
_EXAMPLE = re.compile(r" \(line \d+\)$")  # how the name of an example in documentation ends


def batch(project: Project, order: Order, place: Place, timeout: float) -> CommandSpec | None:
    """Say how to build the candidates and to run them.

    Raises:
        ToolMissing: cargo was not found.
    """
    facts = {
        "picks": order.picks,
        "mutants": [(pick, _numbers(names, order.wanted)) for pick, names in order.mutants],
        "seconds": order.seconds,
    }
    return _driven(project, order, place, timeout, facts)


def _numbers(names: tuple[str, ...], tests: tuple[str, ...]) -> tuple[int, ...]:
    """Return the places of some tests among all of them; () for all, and for so many that they cannot be listed."""
    if _MOST_NAMED < len(names) or len(names) == len(tests):
        return ()
    places = {name: number for number, name in enumerate(tests)}
    return tuple(places[name] for name in names)


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
    places=places_told,
    leaves_out=lambda name: _EXAMPLE.search(name) is not None,
)
