"""After green: would the tests notice if what was repaired were wrong again?"""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import replace

from regreen.analysis import affected_tests
from regreen.core.cancel import Cancellation
from regreen.core.edit import FileEdit, Patch
from regreen.core.errors import RegreenError
from regreen.core.events import Step
from regreen.core.mutation import Judged, Mutant, Strength, with_diffs
from regreen.core.ports import Hearing, Mutation, Workbench
from regreen.core.testing import TestId
from regreen.core.text import split_lines
from regreen.mutation import mutants_of

from .baseline import Baseline
from .task import Ports, Task

_MOST = 200  # mutants of one repair
_NAMED = 20  # tests that are told of a survivor


def strength_of(
    cancel: Cancellation, ports: Ports, task: Task, bench: Workbench, found: Baseline, patch: Patch
) -> Strength | None:
    """Mutate the functions that a proved patch changed; None when it is not wanted.

    What goes wrong here says nothing of the repair: it is told as the reason why nothing was measured.

    Raises:
        Cancelled: the token was set.
    """
    if ports.mutation is None:
        return None
    ports.emit(Step("Green: asking whether the tests would notice the bug's return", 85))
    try:
        return _measured(cancel, ports, ports.mutation, task, bench, found, patch)
    except RegreenError as problem:
        return Strength((), complete=False, refused=str(problem))


def mutants_in(patch: Patch) -> tuple[Mutant, ...]:
    """Return the mutants of what a patch changed: those of its lines first, then those of the functions around them.

    Of each, one for each line comes first: mutants of one line mostly share their fate, and the time may end.
    """
    on_lines: list[Mutant] = []
    around: list[Mutant] = []
    for file in patch.files:
        lines = _touched(file)
        made = mutants_of(file.path, file.after)
        own = [mutant for mutant in made if mutant.line in lines]
        functions = {mutant.function for mutant in own if mutant.function}
        on_lines += own
        around += [mutant for mutant in made if mutant.function in functions and mutant.line not in lines]
    return (*_one_a_line_first(on_lines), *_one_a_line_first(around))[:_MOST]


def _one_a_line_first(mutants: list[Mutant]) -> list[Mutant]:
    met: Counter[tuple[str, int]] = Counter()
    ranks = []
    for mutant in mutants:
        ranks.append(met[mutant.path, mutant.line])
        met[mutant.path, mutant.line] += 1
    return [mutant for _, mutant in sorted(zip(ranks, mutants, strict=True), key=lambda pair: pair[0])]


def _measured(
    cancel: Cancellation, ports: Ports, mutation: Mutation, task: Task, bench: Workbench, found: Baseline, patch: Patch
) -> Strength:
    mutants = mutants_in(patch)
    if not mutants:
        return Strength(())
    bench.reset()
    bench.apply(patch)
    hearing = Hearing(seconds=ports.mutation_seconds)
    passing = tuple(dict.fromkeys((*task.wanted, *found.keep)))
    # What else failed before may pass by now, and then it has a say.
    others = tuple(dict.fromkeys((*passing, *(result.id for result in found.run.results))))
    strength = mutation.judge(cancel, bench, task.project, mutants, _near(task, others, patch), hearing)
    if strength.refused and others != passing:
        strength = mutation.judge(cancel, bench, task.project, mutants, _near(task, passing, patch), hearing)
    strength = with_diffs(strength, {file.path: file.after for file in patch.files})
    return replace(strength, judged=tuple(map(_short, strength.judged)))


def _near(task: Task, passing: tuple[TestId, ...], patch: Patch) -> tuple[TestId, ...]:
    """Return the tests that reach what a patch changed; all of them where that is not known."""
    reached = [affected_tests(task.model, path) for path in patch.paths]
    if not all(reached):
        return passing
    prefix = "" if task.project.cwd == "." else f"{task.project.cwd}/"
    places = {path.removeprefix(prefix) for paths in reached for path in paths}
    near = tuple(test for test in passing if test in task.wanted or test.name.partition("::")[0] in places)
    return near or passing


def _touched(file: FileEdit) -> frozenset[int]:
    """Return the lines of the patched text, from 1, that are new or stand where something was taken away."""
    matcher = difflib.SequenceMatcher(None, split_lines(file.base), split_lines(file.after), autojunk=False)
    spans = [(j1, max(j2, j1 + 1)) for tag, _, _, j1, j2 in matcher.get_opcodes() if tag != "equal"]
    return frozenset(line + 1 for first, last in spans for line in range(first, last))


def _short(one: Judged) -> Judged:
    """Leave out the tests that nobody asks for: a report is kept for ever."""
    return replace(one, covered_by=one.covered_by[:_NAMED] if one.diff else ())
