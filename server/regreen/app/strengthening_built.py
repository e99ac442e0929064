"""Writes tests in languages without a warm worker: tests tell what they call, and one more test asks for answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regreen.core.cancel import Cancellation
from regreen.core.edit import patch_between
from regreen.core.errors import UnreadableSource
from regreen.core.mutation import Judged
from regreen.core.ports import Hearing, Mutation, Runner, Workbench
from regreen.core.testing import Selection, TestId, TestRun
from regreen.mutation import Answer, Draft, Fact, Words, told_answers, told_calls

from .strengthening_choice import killed, named, noticed, noticing, numbered, within
from .strengthening_desk import Desk, calls_near, complained, desk_of
from .strengthening_task import Task, Written

_RECORDED = 40  # calls of the tests that are repeated
_TRIED = 240  # calls that become tests, to see which notice something
_ASKED = 100  # tests whose calls are looked at
_FILES = 20  # or files of them
_ROUNDS = 4  # times that what does not compile or pass is left out


@dataclass(frozen=True, slots=True)
class BuiltAuthor:
    """Writes tests in languages for which there is a pen."""

    runner: Runner
    mutation: Mutation

    def home(self, bench: Workbench, task: Task) -> str:
        """Return the path of the file of tests that can call the function, "" when there is none."""
        desk = desk_of(bench, task)
        return "" if desk is None else desk.sheet.path

    def write(self, cancel: Cancellation, bench: Workbench, task: Task, home: str) -> Written:
        """Write and prove tests for the survivors of one function.

        Raises:
            Cancelled: the token was set.
            CannotRun: the tests cannot be started.
        """
        del home
        desk = desk_of(bench, task)
        if desk is None:
            return Written()
        kept, tests = self._passing(cancel, bench, desk, desk.state(self._facts(cancel, bench, desk)))
        first = self._judged(cancel, bench, desk, tests)
        # Those that are harder to read come first now: what they notice, too, needs no test of its own.
        kept, tests = self._passing(cancel, bench, desk, desk.state(numbered(noticing(kept, tests, first)[::-1])))
        judged = self._judged(cancel, bench, desk, tests)
        found = noticing(kept, tests, judged)
        chosen = within(desk, found, killed(kept, tests, judged))
        is_crowded = len(chosen) < len(found)
        old = [test for fact, test in zip(kept, tests, strict=True) if fact in chosen]
        kept, tests = self._passing(cancel, bench, desk, desk.state(named(chosen, old, judged)))
        if not tests or len(kept) != len(chosen):
            self._lay(bench, desk, desk.sheet.text)
            return Written(is_crowded=is_crowded)
        return Written(tests, noticed(judged, dict(zip(old, tests, strict=True))), is_crowded)

    def _facts(self, cancel: Cancellation, bench: Workbench, desk: Desk) -> tuple[Fact, ...]:
        """Return what the untouched code answers to the calls of the tests and to calls near them."""
        recorded = self._recorded(cancel, bench, desk)
        answers = self._answers(cancel, bench, desk, recorded) if recorded else {}
        plain = sorted((Fact(*each) for each in answers.items()), key=lambda fact: fact.plainness)[:_TRIED]
        return numbered(tuple(plain))

    def _recorded(self, cancel: Cancellation, bench: Workbench, desk: Desk) -> tuple[Words, ...]:
        """Run the tests of a function that tells what it is called with."""
        sink, task = desk.sink("calls"), desk.task
        text = desk.pen.record(desk.sheet, f"{bench.enclosure.root}/{sink}")
        if not text:
            return ()
        laid = patch_between({task.path: desk.sheet.source}, {task.path: text})
        bench.apply(laid)
        try:
            self._run(cancel, bench, desk, _selected(desk))
        finally:
            bench.apply(patch_between({task.path: text}, {task.path: desk.sheet.source}))
        calls = (call for call in told_calls(_read(bench, sink)) if desk.pen.fits(desk.sheet, call))
        return tuple(sorted(calls, key=lambda call: (sum(map(len, call)), call)))[:_RECORDED]

    def _answers(
        self, cancel: Cancellation, bench: Workbench, desk: Desk, recorded: tuple[Words, ...]
    ) -> Mapping[Words, Answer]:
        """Ask for answers to calls; those that do not compile are left out, and in need all but the recorded ones."""
        calls = calls_near(desk, recorded)
        for turn in range(_ROUNDS):
            sink = desk.sink(f"answers-{turn}")
            draft = desk.pen.ask(desk.sheet, desk.reach, calls, f"{bench.enclosure.root}/{sink}")
            self._lay(bench, desk, draft.text)
            try:
                run = self._run(cancel, bench, desk, Selection(names=draft.tests))
            finally:
                self._lay(bench, desk, desk.sheet.text)
            found = told_answers(_read(bench, sink))
            if found:
                return {calls[number]: answer for number, answer in sorted(found.items()) if number < len(calls)}
            bad = complained(desk, draft, run)[1]
            calls = tuple(call for number, call in enumerate(calls) if number not in bad) if bad else recorded
        return {}

    def _passing(
        self, cancel: Cancellation, bench: Workbench, desk: Desk, draft: Draft
    ) -> tuple[tuple[Fact, ...], tuple[TestId, ...]]:
        """Lay tests into their file and run all of it, without those that do not pass; none when another one fails."""
        for _ in range(_ROUNDS):
            tests = tuple(TestId(desk.task.project.key, name) for name in draft.tests)
            if not tests:
                break
            self._lay(bench, desk, draft.text)
            run = self._run(cancel, bench, desk, Selection(paths=(desk.place,)))
            good = tuple(fact for fact, test in zip(draft.facts, tests, strict=True) if test in run.passed_ids)
            if not run.passed_ids:
                bad = complained(desk, draft, run)[0]
                good = tuple(fact for number, fact in enumerate(draft.facts) if bad and number not in bad)
            elif not all(failed.id in tests for failed in run.failed):
                break
            if len(good) == len(tests):
                return draft.facts, tests
            draft = desk.state(good)
        self._lay(bench, desk, desk.sheet.text)
        return (), ()

    def _judged(
        self, cancel: Cancellation, bench: Workbench, desk: Desk, tests: tuple[TestId, ...]
    ) -> tuple[Judged, ...]:
        """Judge the survivors by tests that stand in the workbench."""
        if not tests:
            return ()
        mutants = tuple(one.mutant for one in desk.task.survivors)
        return self.mutation.judge(cancel, bench, desk.task.project, mutants, tests, Hearing()).judged

    def _run(self, cancel: Cancellation, bench: Workbench, desk: Desk, selection: Selection) -> TestRun:
        cancel.check()
        return self.runner.run(cancel, desk.task.project, selection, bench.enclosure)

    def _lay(self, bench: Workbench, desk: Desk, text: str) -> None:
        path = desk.sheet.path
        bench.apply(patch_between({path: bench.read(path).text}, {path: text}))


def _selected(desk: Desk) -> Selection:
    """Return the tests that run the function: their files, since a title that a run completes selects nothing."""
    task = desk.task
    cwd = "" if task.project.cwd == "." else f"{task.project.cwd}/"
    places = dict.fromkeys([desk.sheet.test.partition("::")[0], *(test.name.partition("::")[0] for test in task.asked)])
    if all(f"{cwd}{place}" in task.model.files for place in places):
        return Selection(paths=tuple(places)[:_FILES])
    return Selection(names=tuple(test.name for test in task.asked[:_ASKED]))


def _read(bench: Workbench, path: str) -> str:
    """Return what was told; "" when nobody told anything."""
    try:
        return bench.read(path).text
    except UnreadableSource:
        return ""
