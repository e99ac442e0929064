"""Which tests may notice a mutant of a built language: those that run its lines, or the statement that it stands in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from regreen.core.cancel import Cancellation
from regreen.core.mutation import Mutant
from regreen.core.testing import TestId
from regreen.core.text import Span
from regreen.languages import Batching, Order

from .batch_lines import Marks
from .batch_run import Said, run_measure
from .mutating_alone import PlainCourt
from .runner import ToolRunner

Reach = Callable[[Mutant], tuple[TestId, ...] | None]  # None: it is not known


@dataclass(frozen=True, slots=True)
class Surveyor:
    """Measures which tests reach what, once for all mutants."""

    runner: ToolRunner
    batching: Batching
    court: PlainCourt
    wall: float  # seconds that one test may take

    def survey(self, cancel: Cancellation, tests: tuple[TestId, ...], paths: tuple[str, ...]) -> Reach:
        """Return who tells which of the tests reach a mutant of these files.

        Raises:
            Cancelled: the token was set.
            ToolMissing: the runner is not there.
        """
        held = tuple(test for test in tests if not self.batching.leaves_out(test.name))
        order = Order(tuple(test.name for test in held), (), wall=self.wall)
        court, batching = self.court, self.batching
        marks = Marks(court.bench, batching)
        said, marked = marks.measure(
            paths, lambda: run_measure(cancel, self.runner, court.bench, court.project, batching, order)
        )
        if {name for name, passed, _ in said.profiles if passed} != set(order.wanted):
            return lambda _mutant: None
        by_name = {test.name: test for test in held}
        if batching.places is None:
            return _by_lines(batching, court, said, by_name)
        places = {name: batching.places(profile) for name, _, profile in said.profiles}
        known = batching.places("\n".join(marked.values()))
        return _by_places(places, known, by_name)


def _by_lines(batching: Batching, court: PlainCourt, said: Said, by_name: Mapping[str, TestId]) -> Reach:
    covered = {name: batching.lines(court.project, profile) for name, _, profile in said.profiles}

    def reach(mutant: Mutant) -> tuple[TestId, ...] | None:
        lines = range(mutant.line, mutant.line + mutant.original.count("\n") + 1)
        running = (name for name, run in covered.items() if not run.get(mutant.path, frozenset()).isdisjoint(lines))
        return None if mutant.is_static else tuple(sorted(by_name[name] for name in running))

    return reach


def _by_places(
    ran: Mapping[str, Mapping[str, frozenset[Span]]],
    known: Mapping[str, frozenset[Span]],
    by_name: Mapping[str, TestId],
) -> Reach:
    """Tell by the smallest marked statement that holds a mutant: who does not run it does not run the mutant."""

    def reach(mutant: Mutant) -> tuple[TestId, ...] | None:
        edit = mutant.edit
        around = [span for span in known.get(mutant.path, ()) if span.start <= edit.start and edit.end <= span.end]
        if not around:
            return None
        home = min(around, key=lambda span: span.end - span.start)
        running = (name for name, places in ran.items() if home in places.get(mutant.path, ()))
        return tuple(sorted(by_name[name] for name in running))

    return reach
