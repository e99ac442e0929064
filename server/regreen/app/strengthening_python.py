"""Writes tests in Python: a warm worker makes the calls, on the code as it is and on each mutant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, apply, make_patch, patch_between
from regreen.core.mutation import Judged
from regreen.core.policy import Policy
from regreen.core.ports import Hearing, Mutation, Runner, Workbench
from regreen.core.testing import Selection, TestId
from regreen.core.workspace import FileFacts, Project
from regreen.mutation import Example, appended, more_of_each, telling
from regreen.providers import near_inputs

from .strengthening_task import Task, Written
from .trials import TrialOpener

_RECORDED = 40  # calls of the tests that are repeated
_INPUTS = 160  # calls in all
_DEFINED = re.compile(r"^(?:async )?(?:def|class) (\w+)", re.MULTILINE)
_LINES = 7  # of one more test
_ASKED = 30  # tests whose calls are looked at


@dataclass(frozen=True, slots=True)
class _Page:
    """A file of tests, as it was before."""

    task: Task
    home: str
    text: str

    @property
    def place(self) -> str:
        """Return its path as its tests name it."""
        cwd = self.task.project.cwd
        return self.home if cwd == "." else self.home.removeprefix(f"{cwd}/")

    @property
    def facts(self) -> FileFacts | None:
        """Return what is known of it."""
        return self.task.model.files.get(self.home)


@dataclass(frozen=True, slots=True)
class PythonAuthor:
    """Writes tests in Python."""

    runner: Runner
    open_trials: TrialOpener
    mutation: Mutation
    policy: Policy

    def home(self, bench: Workbench, task: Task) -> str:
        """Return the path of the file of the first test that runs the function."""
        del bench
        place = task.asked[0].name.partition("::")[0]
        return place if task.project.cwd == "." else f"{task.project.cwd}/{place}"

    def write(self, cancel: Cancellation, bench: Workbench, task: Task, home: str) -> Written:
        """Write and prove tests for the survivors of one function.

        Raises:
            Cancelled: the token was set.
            CannotRun: the tests cannot be started.
        """
        page = _Page(task, home, bench.read(home).text)
        found = tuple(self._examples(cancel, bench, task))
        told = found[: max(0, task.n_lines // _LINES)]
        is_crowded = len(told) < len(found)
        kept = tuple(example for example, _ in told)
        good, tests = self._tried(cancel, bench, page, kept)
        if not all(good):
            kept = tuple(example for example, passed in zip(kept, good, strict=True) if passed)
            good, tests = self._tried(cancel, bench, page, kept)
        if not kept or not all(good):
            _lay(bench, page, ())
            return Written(is_crowded=is_crowded)
        mutants = tuple(one.mutant for example, own in told if example in kept for one in own)
        judged = self.mutation.judge(cancel, bench, task.project, mutants, tests, Hearing()).judged
        # A test that is never the first to fail notices nothing that the others do not.
        killers = {test for one in judged for test in one.killed_by}
        telling_ones = tuple(example for example, test in zip(kept, tests, strict=True) if test in killers)
        names = _lay(bench, page, telling_ones)
        noticed = tuple(one for one in judged if one.fate.is_detected and killers.issuperset(one.killed_by))
        return Written(names, noticed, is_crowded)

    def _tried(
        self, cancel: Cancellation, bench: Workbench, page: _Page, examples: tuple[Example, ...]
    ) -> tuple[tuple[bool, ...], tuple[TestId, ...]]:
        """Lay tests into their file and run it; tell which of them pass, none when another one fails beside them."""
        tests = _lay(bench, page, examples)
        if not tests:
            return (), ()
        run = self.runner.run(cancel, page.task.project, Selection(paths=(page.place,)), bench.enclosure)
        alone = all(failed.id in tests for failed in run.failed)
        return tuple(alone and test in run.passed_ids for test in tests), tests

    def _examples(
        self, cancel: Cancellation, bench: Workbench, task: Task
    ) -> Iterator[tuple[Example, tuple[Judged, ...]]]:
        """Yield calls to which the mutants of a function answer otherwise, each with the mutants that it tells."""
        text = bench.read(task.path).text
        patches = tuple(make_patch({task.path: (text, (one.mutant.edit,))}) for one in task.survivors)
        with self.open_trials(cancel, bench, task.project, task.asked[:_ASKED], (), self.policy) as trials:
            recorded = trials.calls(cancel, task.path, task.function)[:_RECORDED]
            calls = (*recorded, *near_inputs(recorded, _INPUTS - len(recorded)))
            calls = tuple(dict.fromkeys((*calls, *more_of_each(recorded))))
            rows = trials.probe(cancel, (Patch(()), *patches), calls) if calls else ()
        told = telling(rows, calls) if len(rows) == len(patches) + 1 else {}
        for n in dict.fromkeys(told.values()):
            own = tuple(task.survivors[number - 1] for number in sorted(told) if told[number] == n)
            yield Example(calls[n], rows[0][n], own[0].mutant.operator), own


def _lay(bench: Workbench, page: _Page, examples: tuple[Example, ...]) -> tuple[TestId, ...]:
    """Put the file of tests with these examples into the workbench; return their names."""
    project = page.task.project
    module = _module(project, page.task.path)
    edits, names = appended(page.text, page.facts, module, examples, reserved=frozenset(_DEFINED.findall(page.text)))
    now = bench.read(page.home).text
    bench.apply(patch_between({page.home: now}, {page.home: apply(page.text, edits)}))
    return tuple(TestId(project.key, f"{page.place}::{name}") for name in names)


def _module(project: Project, path: str) -> str:
    """Return the name by which tests import a file."""
    roots = [root for root in project.source_roots if root not in ("", ".") and path.startswith(f"{root}/")]
    base = max(roots, key=len, default="" if project.cwd == "." else project.cwd)
    inside = path.removeprefix(f"{base}/") if base else path
    return inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
