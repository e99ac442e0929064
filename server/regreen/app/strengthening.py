"""Writes tests that notice what the tests did not: the only time that tests are edited, and only when a person asks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, apply, make_patch, patch_between
from regreen.core.errors import Refused
from regreen.core.events import Emit, Step
from regreen.core.mutation import Judged, Strength
from regreen.core.policy import Policy
from regreen.core.ports import Hearing, Mutation, Runner, Workbench
from regreen.core.testing import Selection, TestId
from regreen.core.workspace import FileFacts, Project, WorkspaceModel
from regreen.guard import check_actions, check_blast, check_paths
from regreen.mutation import Example, appended, more_of_each, telling
from regreen.providers import near_inputs

from .requests import Deliver
from .trials import TrialOpener

_RECORDED = 40  # calls of the tests that are repeated
_INPUTS = 160  # calls in all
_DEFINED = re.compile(r"^(?:async )?(?:def|class) (\w+)", re.MULTILINE)
_LINES = 7  # of one more test
_ASKED = 30  # tests whose calls are looked at


@dataclass(frozen=True, slots=True)
class Strengthened:
    """What came of it. Every test of the patch passes on the code as it is, and fails on the mutant that it is for."""

    patch: Patch
    noticed: tuple[Judged, ...] = ()  # survivors that the new tests notice
    tests: tuple[TestId, ...] = ()  # the new ones
    left: tuple[Judged, ...] = ()  # survivors for which no test was found, or no room was left
    applied: bool = False
    reason: str = ""  # why it was not applied

    @property
    def in_words(self) -> str:
        """Return in a few sentences what the new tests notice, and what is left and why."""
        untried = " ".join(_why_untried(self.left))
        if not self.tests:
            return " ".join(part for part in ("No test was written.", self.reason, untried) if part)
        n_tests, n_noticed, n_left = len(self.tests), len(self.noticed), len(self.left)
        tests = "1 test" if n_tests == 1 else f"{n_tests} tests"
        proof = "It passes" if n_tests == 1 else "Each passes"
        said = [
            f"{tests} {'written' if self.applied else 'not written'}.",
            f"{proof} on the code as it is, and fails on the change that it is for.",
            f"{'It notices' if n_tests == 1 else 'Together they notice'} {_changes(n_noticed)}.",
            f"{n_left} would still go unnoticed." if n_left else "",
            untried,
            self.reason,
        ]
        return " ".join(part for part in said if part)

    def improved(self, strength: Strength) -> Strength:
        """Return what mutating says once the new tests are there."""
        now = {one.mutant: one for one in self.noticed} if self.applied else {}
        return replace(strength, judged=tuple(now.get(one.mutant, one) for one in strength.judged))


@dataclass(frozen=True, slots=True)
class _Page:
    """A file of tests, and the file that they test."""

    model: WorkspaceModel
    project: Project
    place: str  # as its tests name it
    path: str  # of what is tested

    @property
    def home(self) -> str:
        """Return its path relative to the root."""
        return self.place if self.project.cwd == "." else f"{self.project.cwd}/{self.place}"

    @property
    def facts(self) -> FileFacts | None:
        """Return what is known of it."""
        return self.model.files.get(self.home)

    @property
    def module(self) -> str:
        """Return the name by which tests import what they test."""
        return _module(self.project, self.path)

    def reserved(self, text: str) -> frozenset[str]:
        """Return the names that are taken there."""
        return frozenset(_DEFINED.findall(text))


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
        """Write and prove tests for survivors, function by function; the workbench is as before afterwards.

        Raises:
            Cancelled: the token was set.
            CannotRun: the tests cannot be started.
            Refused: nobody allows edits of these tests.
        """
        covering = _covering(strength)
        before: dict[str, str] = {}  # the texts of tests, as they were
        noticed: list[Judged] = []
        tests: list[TestId] = []
        try:
            for (path, function), found in groupby(strength.survivors, _place):
                cancel.check()
                asked = covering.get((path, function), ())
                if not function or not asked or self._n_left(bench, before) < _LINES:
                    continue
                self.emit(Step(f"Looking for inputs that tell mutants of {function or path} apart", None))
                written, caught = self._written(cancel, bench, asked, tuple(found), before)
                tests += written
                noticed += caught
            patch = patch_between(before, {path: bench.read(path).text for path in before})
        finally:
            now = {path: bench.read(path).text for path in before}
            bench.apply(patch_between(now, before))
        known = {one.mutant for one in noticed}
        left = tuple(one for one in strength.survivors if one.mutant not in known)
        self._refuse(patch)
        return Strengthened(patch, tuple(noticed), tuple(tests), left)

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

    def _written(
        self,
        cancel: Cancellation,
        bench: Workbench,
        asked: tuple[TestId, ...],
        survivors: tuple[Judged, ...],
        before: dict[str, str],
    ) -> tuple[tuple[TestId, ...], tuple[Judged, ...]]:
        """Write and prove tests for the survivors of one function; return them, and the survivors that they notice."""
        path, function = survivors[0].mutant.path, survivors[0].mutant.function
        project = self.model().project_of(path)
        if project is None or project.language != "python" or "." in function:
            return (), ()
        page = _Page(self.model(), project, asked[0].name.partition("::")[0], path)
        if page.home not in before and self.policy.max_files <= len(before):
            return (), ()
        text = bench.read(page.home).text
        told = tuple(self._examples(cancel, bench, project, asked, survivors))
        told = told[: max(0, self._n_left(bench, before) // _LINES)]
        kept = tuple(example for example, _ in told)
        before.setdefault(page.home, text)
        good, tests = self._tried(cancel, bench, page, text, kept)
        if not all(good):
            kept = tuple(example for example, passed in zip(kept, good, strict=True) if passed)
            good, tests = self._tried(cancel, bench, page, text, kept)
        if not kept or not all(good):
            self._lay(bench, page, text, ())
            return (), ()
        mutants = tuple(one.mutant for example, own in told if example in kept for one in own)
        judged = self.mutation.judge(cancel, bench, project, mutants, tests, Hearing()).judged
        # A test that is never the first to fail notices nothing that the others do not.
        killers = {test for one in judged for test in one.killed_by}
        names = self._lay(bench, page, text, tuple(
            example for example, test in zip(kept, tests, strict=True) if test in killers
        ))  # fmt: skip
        return names, tuple(one for one in judged if one.fate.is_detected and killers.issuperset(one.killed_by))

    def _tried(
        self, cancel: Cancellation, bench: Workbench, page: _Page, text: str, examples: tuple[Example, ...]
    ) -> tuple[tuple[bool, ...], tuple[TestId, ...]]:
        """Lay tests into their file and run it; tell which of them pass, none when another one fails beside them."""
        tests = self._lay(bench, page, text, examples)
        if not tests:
            return (), ()
        run = self.runner.run(cancel, page.project, Selection(paths=(page.place,)), bench.enclosure)
        alone = all(failed.id in tests for failed in run.failed)
        return tuple(alone and test in run.passed_ids for test in tests), tests

    def _lay(self, bench: Workbench, page: _Page, text: str, examples: tuple[Example, ...]) -> tuple[TestId, ...]:
        """Put the file of tests with these examples into the workbench; return their names."""
        edits, names = appended(text, page.facts, page.module, examples, reserved=page.reserved(text))
        now = bench.read(page.home).text
        bench.apply(patch_between({page.home: now}, {page.home: apply(text, edits)}))
        return tuple(TestId(page.project.key, f"{page.place}::{name}") for name in names)

    def _n_left(self, bench: Workbench, before: Mapping[str, str]) -> int:
        """Return how many more lines may be written in this run."""
        now = {path: bench.read(path).text for path in before}
        return self.policy.max_lines - patch_between(before, now).n_lines

    def _examples(
        self,
        cancel: Cancellation,
        bench: Workbench,
        project: Project,
        asked: tuple[TestId, ...],
        survivors: tuple[Judged, ...],
    ) -> Iterator[tuple[Example, tuple[Judged, ...]]]:
        """Yield calls to which the mutants of a function answer otherwise, each with the mutants that it tells."""
        path = survivors[0].mutant.path
        text = bench.read(path).text
        patches = tuple(make_patch({path: (text, (one.mutant.edit,))}) for one in survivors)
        with self.open_trials(cancel, bench, project, asked[:_ASKED], (), self.policy) as trials:
            recorded = trials.calls(cancel, path, survivors[0].mutant.function)[:_RECORDED]
            calls = (*recorded, *near_inputs(recorded, _INPUTS - len(recorded)))
            calls = tuple(dict.fromkeys((*calls, *more_of_each(recorded))))
            rows = trials.probe(cancel, (Patch(()), *patches), calls) if calls else ()
        told = telling(rows, calls) if len(rows) == len(patches) + 1 else {}
        for n in dict.fromkeys(told.values()):
            own = tuple(survivors[number - 1] for number in sorted(told) if told[number] == n)
            yield Example(calls[n], rows[0][n], own[0].mutant.operator), own


def delivered(cancel: Cancellation, found: Strengthened, deliver: Deliver) -> Strengthened:
    """Hand the new tests over as one edit; say what became of it."""
    if not found.patch.files:
        if found.left and all(map(_untried, found.left)):
            return found
        return replace(found, reason="No input was found that tells a survivor apart.")
    done = deliver(cancel, found.patch, "Regreen: strengthen the tests")
    done.settle()
    return replace(found, applied=done.applied, reason=done.reason)


def _changes(n: int) -> str:
    return "1 change" if n == 1 else f"{n} changes"


def _why_untried(left: tuple[Judged, ...]) -> Iterator[str]:
    """Yield why no inputs were tried for some survivors, a sentence for each reason."""
    reasons = Counter(reason for one in left if (reason := _untried(one)))
    for reason, n in sorted(reasons.items()):
        yield f"{_changes(n)} {'is' if n == 1 else 'are'} left to you: {reason}."


def _untried(one: Judged) -> str:
    """Return why no inputs can be tried for a survivor, "" when they can."""
    if not one.mutant.path.endswith((".py", ".pyi")):
        return "tests are written for Python only"
    if not one.mutant.function:
        return "what runs when a file is loaded cannot be called"
    return "methods are not called, for their objects cannot be written down" if "." in one.mutant.function else ""


def _place(one: Judged) -> tuple[str, str]:
    return one.mutant.path, one.mutant.function


def _covering(strength: Strength) -> Mapping[tuple[str, str], tuple[TestId, ...]]:
    """Return the tests that run some line of each function, sorted."""
    found: dict[tuple[str, str], set[TestId]] = {}
    for one in strength.judged:
        found.setdefault(_place(one), set()).update(one.covered_by)
    return {place: tuple(sorted(tests)) for place, tests in found.items() if tests}


def _module(project: Project, path: str) -> str:
    """Return the name by which tests import a file."""
    roots = [root for root in project.source_roots if root not in ("", ".") and path.startswith(f"{root}/")]
    base = max(roots, key=len, default="" if project.cwd == "." else project.cwd)
    inside = path.removeprefix(f"{base}/") if base else path
    return inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
