"""Writes tests that notice what the tests did not: the only time that tests are edited, and only when a person asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, patch_between
from regreen.core.errors import Refused
from regreen.core.events import Emit, Step
from regreen.core.mutation import Judged, Strength
from regreen.core.policy import Policy
from regreen.core.ports import Mutation, Runner, Workbench
from regreen.core.testing import TestId
from regreen.core.workspace import WorkspaceModel
from regreen.guard import check_actions, check_blast, check_paths
from regreen.syntax import grammar_of

from .strengthened import Strengthened
from .strengthening_built import BuiltAuthor
from .strengthening_python import PythonAuthor
from .strengthening_task import Author, Task, Written
from .trials import TrialOpener


@dataclass(frozen=True, slots=True)
class Strengthener:
    """Strengthens the tests of one workspace."""

    runner: Runner
    open_trials: TrialOpener
    mutation: Mutation
    model: Callable[[], WorkspaceModel]
    emit: Emit
    policy: Policy

    def strengthen(self, cancel: Cancellation, bench: Workbench, strength: Strength) -> Strengthened:
        """Write and prove tests for survivors, function by function; the workbench's texts are as before afterwards.

        Raises:
            Cancelled: the token was set.
            CannotRun: the tests cannot be started.
            Refused: nobody allows edits of these tests.
        """
        covering = _covering(strength)
        before: dict[str, str] = {}  # the texts of tests, as they were
        noticed: list[Judged] = []
        tests: list[TestId] = []
        is_crowded = False
        try:
            for (path, function), found in groupby(strength.survivors, _place):
                cancel.check()
                asked = covering.get((path, function), ())
                if not function or not asked:
                    continue
                self.emit(Step(f"Looking for inputs that tell mutants of {function or path} apart", None))
                written = self._written(cancel, bench, asked, tuple(found), before)
                is_crowded = is_crowded or written.is_crowded
                tests += written.tests
                noticed += written.noticed
            patch = patch_between(before, {path: bench.read(path).text for path in before})
        finally:
            now = {path: bench.read(path).text for path in before}
            bench.apply(patch_between(now, before))
        known = {one.mutant for one in noticed}
        left = tuple(one for one in strength.survivors if one.mutant not in known)
        self._refuse(patch)
        most_lines = self.policy.max_lines if is_crowded else 0
        return Strengthened(patch, tuple(noticed), tuple(tests), left, most_lines=most_lines)

    def _written(
        self,
        cancel: Cancellation,
        bench: Workbench,
        asked: tuple[TestId, ...],
        survivors: tuple[Judged, ...],
        before: dict[str, str],
    ) -> Written:
        """Have tests written and proved for the survivors of one function; keep how their file was before."""
        path, function = survivors[0].mutant.path, survivors[0].mutant.function
        project = self.model().project_of(path)
        if project is None or "." in function:
            return Written()
        task = Task(self.model(), project, path, function, asked, survivors, self._n_left(bench, before))
        author = self._author(path)
        home = author.home(bench, task)
        if not home or (home not in before and self.policy.max_files <= len(before)):
            return Written()
        before.setdefault(home, bench.read(home).text)
        return author.write(cancel, bench, task, home)

    def _author(self, path: str) -> Author:
        if grammar_of(path) == "python":
            return PythonAuthor(self.runner, self.open_trials, self.mutation, self.policy)
        return BuiltAuthor(self.runner, self.mutation)

    def _refuse(self, patch: Patch) -> None:
        """Refuse what the person's envelope does not hold; that tests are edited is what they asked for."""
        policy = replace(self.policy, allow_tests=True)
        refusal = check_paths(policy, patch, self.model()) or check_actions(policy, patch) or check_blast(policy, patch)
        if refusal is not None:
            raise Refused(
                f"The new tests may not be written: {refusal.message}",
                next_step="regreen config --show tells who says so.",
                rule=refusal.rule,
            )

    def _n_left(self, bench: Workbench, before: Mapping[str, str]) -> int:
        """Return how many more lines may be written in this run."""
        now = {path: bench.read(path).text for path in before}
        return self.policy.max_lines - patch_between(before, now).n_lines


def _place(one: Judged) -> tuple[str, str]:
    return one.mutant.path, one.mutant.function


def _covering(strength: Strength) -> Mapping[tuple[str, str], tuple[TestId, ...]]:
    """Return the tests that run some line of each function, sorted."""
    found: dict[tuple[str, str], set[TestId]] = {}
    for one in strength.judged:
        found.setdefault(_place(one), set()).update(one.covered_by)
    return {place: tuple(sorted(tests)) for place, tests in found.items() if tests}
