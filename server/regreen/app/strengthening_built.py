"""Writes tests in languages without a warm worker: tests tell what they call, and one more test asks for answers."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from regreen.core.cancel import Cancellation
from regreen.core.edit import patch_between
from regreen.core.errors import UnreadableSource
from regreen.core.mutation import Judged
from regreen.core.ports import Call, Hearing, Mutation, Runner, Workbench
from regreen.core.testing import Selection, TestId, TestRun
from regreen.core.workspace import Symbol
from regreen.mutation import (
    PENS,
    Answer,
    Draft,
    Fact,
    Pen,
    Reach,
    Sheet,
    Words,
    further,
    near,
    swapped,
    told_answers,
    told_calls,
)
from regreen.providers import near_inputs
from regreen.syntax import grammar_of

from .strengthening_task import Task, Written

_RECORDED = 40  # calls of the tests that are repeated
_INPUTS = 160  # those and calls near them
_SWAPPED = 120  # calls with what the code names, and as many less simple ones
_TRIED = 240  # of those that become tests, to see which notice something
_ASKED = 100  # tests whose calls are looked at
_ROUNDS = 3  # times that tests which do not pass are left out
_SINK = ".regreen-told-{}"  # a file of the workbench


@dataclass(frozen=True, slots=True)
class _Desk:
    """A file of tests, and what is needed to write more of them."""

    task: Task
    pen: Pen
    sheet: Sheet
    reach: Reach

    @property
    def place(self) -> str:
        """Return the file's path as the runner knows it."""
        cwd = self.task.project.cwd
        return self.sheet.path if cwd == "." else self.sheet.path.removeprefix(f"{cwd}/")

    def sink(self, purpose: str) -> str:
        """Return the path of the file into which something is told; each is used once."""
        cwd = self.task.project.cwd
        return ("" if cwd == "." else f"{cwd}/") + _SINK.format(
            f"{zlib.crc32(f'{self.task.path}:{self.task.function}'.encode()):x}-{purpose}"
        )

    def state(self, facts: tuple[Fact, ...]) -> Draft:
        """Return the file of tests with a test for each fact that can be stated."""
        return self.pen.state(self.sheet, self.reach, facts) if facts else Draft(self.sheet.text)


@dataclass(frozen=True, slots=True)
class BuiltAuthor:
    """Writes tests in languages for which there is a pen."""

    runner: Runner
    mutation: Mutation

    def home(self, bench: Workbench, task: Task) -> str:
        """Return the path of the file of tests that can call the function, "" when there is none."""
        desk = self._desk(bench, task)
        return "" if desk is None else desk.sheet.path

    def write(self, cancel: Cancellation, bench: Workbench, task: Task, home: str) -> Written:
        """Write and prove tests for the survivors of one function.

        Raises:
            Cancelled: the token was set.
            CannotRun: the tests cannot be started.
        """
        del home
        desk = self._desk(bench, task)
        if desk is None:
            return Written()
        kept, tests = self._passing(cancel, bench, desk, desk.state(self._facts(cancel, bench, desk)))
        first = self._judged(cancel, bench, desk, tests)
        # Those that are harder to read come first now: what they notice, too, needs no test of its own.
        kept, tests = self._passing(cancel, bench, desk, desk.state(_numbered(_noticing(kept, tests, first)[::-1])))
        judged = self._judged(cancel, bench, desk, tests)
        found = _noticing(kept, tests, judged)
        chosen = _within(desk, found, _killed(kept, tests, judged))
        is_crowded = len(chosen) < len(found)
        old = [test for fact, test in zip(kept, tests, strict=True) if fact in chosen]
        kept, tests = self._passing(cancel, bench, desk, desk.state(_named(chosen, old, judged)))
        if not tests or len(kept) != len(chosen):
            self._lay(bench, desk, desk.sheet.text)
            return Written(is_crowded=is_crowded)
        return Written(tests, _noticed(judged, dict(zip(old, tests, strict=True))), is_crowded)

    def _desk(self, bench: Workbench, task: Task) -> _Desk | None:
        """Return the first file of tests that calls the function, or else one that can be made to."""
        pen, symbol = PENS.get(grammar_of(task.path)), _symbol(task)
        if pen is None or symbol is None:
            return None
        source = bench.read(task.path).text
        desks = []
        for path, test in _homes(task).items():
            text, facts = bench.read(path).text, task.model.files[path]
            sheet = Sheet(path, text, facts, test, task.path, source, symbol, _taken(task, test))
            reach = pen.reach(sheet)
            if reach is not None:
                desks.append(_Desk(task, pen, sheet, reach))
        return min(desks, key=lambda desk: len(desk.reach.imports), default=None)

    def _facts(self, cancel: Cancellation, bench: Workbench, desk: _Desk) -> tuple[Fact, ...]:
        """Return what the untouched code answers to the calls of the tests and to calls near them."""
        recorded = self._recorded(cancel, bench, desk)
        calls = _near(desk, recorded)
        answers = self._answers(cancel, bench, desk, calls) if calls else {}
        if calls and not answers:  # One call that does not compile or does not end spoils all of them.
            calls = recorded
            answers = self._answers(cancel, bench, desk, calls)
        facts = (Fact(calls[number], answer) for number, answer in sorted(answers.items()) if number < len(calls))
        plain = sorted(facts, key=lambda fact: fact.plainness)[:_TRIED]
        return _numbered(tuple(plain))

    def _recorded(self, cancel: Cancellation, bench: Workbench, desk: _Desk) -> tuple[Words, ...]:
        """Run the tests of a function that tells what it is called with."""
        sink, task = desk.sink("calls"), desk.task
        text = desk.pen.record(desk.sheet, f"{bench.enclosure.root}/{sink}")
        if not text:
            return ()
        names = tuple(test.name for test in task.asked[:_ASKED])
        laid = patch_between({task.path: desk.sheet.source}, {task.path: text})
        bench.apply(laid)
        try:
            self._run(cancel, bench, desk, Selection(names=names))
        finally:
            bench.apply(patch_between({task.path: text}, {task.path: desk.sheet.source}))
        calls = (call for call in told_calls(_read(bench, sink)) if desk.pen.fits(desk.sheet, call))
        return tuple(sorted(calls, key=lambda call: (sum(map(len, call)), call)))[:_RECORDED]

    def _answers(
        self, cancel: Cancellation, bench: Workbench, desk: _Desk, calls: tuple[Words, ...]
    ) -> Mapping[int, Answer]:
        sink = desk.sink(f"answers-{len(calls)}")
        draft = desk.pen.ask(desk.sheet, desk.reach, calls, f"{bench.enclosure.root}/{sink}")
        self._lay(bench, desk, draft.text)
        try:
            self._run(cancel, bench, desk, Selection(names=draft.tests))
        finally:
            self._lay(bench, desk, desk.sheet.text)
        return told_answers(_read(bench, sink))

    def _passing(
        self, cancel: Cancellation, bench: Workbench, desk: _Desk, draft: Draft
    ) -> tuple[tuple[Fact, ...], tuple[TestId, ...]]:
        """Lay tests into their file and run all of it, without those that do not pass; none when another one fails."""
        for _ in range(_ROUNDS):
            tests = tuple(TestId(desk.task.project.key, name) for name in draft.tests)
            if not tests:
                break
            self._lay(bench, desk, draft.text)
            run = self._run(cancel, bench, desk, Selection(paths=(desk.place,)))
            good = tuple(fact for fact, test in zip(draft.facts, tests, strict=True) if test in run.passed_ids)
            if not all(failed.id in tests for failed in run.failed):
                break
            if len(good) == len(tests):
                return draft.facts, tests
            draft = desk.state(good)
        self._lay(bench, desk, desk.sheet.text)
        return (), ()

    def _judged(
        self, cancel: Cancellation, bench: Workbench, desk: _Desk, tests: tuple[TestId, ...]
    ) -> tuple[Judged, ...]:
        """Judge the survivors by tests that stand in the workbench."""
        if not tests:
            return ()
        mutants = tuple(one.mutant for one in desk.task.survivors)
        return self.mutation.judge(cancel, bench, desk.task.project, mutants, tests, Hearing()).judged

    def _run(self, cancel: Cancellation, bench: Workbench, desk: _Desk, selection: Selection) -> TestRun:
        cancel.check()
        return self.runner.run(cancel, desk.task.project, selection, bench.enclosure)

    def _lay(self, bench: Workbench, desk: _Desk, text: str) -> None:
        path = desk.sheet.path
        bench.apply(patch_between({path: bench.read(path).text}, {path: text}))


def _noticing(facts: tuple[Fact, ...], tests: tuple[TestId, ...], judged: tuple[Judged, ...]) -> tuple[Fact, ...]:
    """Return the facts whose tests are the first to notice a mutant."""
    killers = {test for one in judged for test in one.killed_by}
    return tuple(fact for fact, test in zip(facts, tests, strict=True) if test in killers)


def _numbered(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Return the facts with numbers, so that their tests come in this order by name, too: runners go by either."""
    return tuple(replace(fact, about=f"example {number:03}") for number, fact in enumerate(facts, 1))


def _killed(facts: tuple[Fact, ...], tests: tuple[TestId, ...], judged: tuple[Judged, ...]) -> Mapping[Fact, int]:
    """Return how many mutants each test is the first to notice."""
    counts = Counter(test for one in judged for test in one.killed_by)
    return {fact: counts[test] for fact, test in zip(facts, tests, strict=True)}


def _within(desk: _Desk, facts: tuple[Fact, ...], killed: Mapping[Fact, int]) -> tuple[Fact, ...]:
    """Return as many of the facts as may be written, those that notice most before others."""
    chosen = facts
    path, text = desk.sheet.path, desk.sheet.text
    while chosen and desk.task.n_lines < patch_between({path: text}, {path: desk.state(chosen).text}).n_lines:
        least = min(reversed(chosen), key=lambda fact: killed[fact])
        chosen = tuple(fact for fact in chosen if fact is not least)
    return chosen


def _named(facts: tuple[Fact, ...], tests: list[TestId], judged: tuple[Judged, ...]) -> tuple[Fact, ...]:
    """Return the facts, each called by the operator of the first mutant that its test notices."""
    operators: dict[TestId, str] = {}
    for one in judged:
        for test in one.killed_by:
            operators.setdefault(test, one.mutant.operator)
    return tuple(replace(fact, about=operators[test]) for fact, test in zip(facts, tests, strict=True))


def _noticed(judged: tuple[Judged, ...], names: Mapping[TestId, TestId]) -> tuple[Judged, ...]:
    """Return the mutants that tests notice, under the names that the tests have in the end."""
    return tuple(
        replace(one, killed_by=tuple(names[test] for test in one.killed_by))
        for one in judged
        if one.fate.is_detected and one.killed_by and all(test in names for test in one.killed_by)
    )


def _symbol(task: Task) -> Symbol | None:
    facts = task.model.files.get(task.path)
    return next((one for one in (facts.symbols if facts else ()) if one.qualname == task.function), None)


def _homes(task: Task) -> Mapping[str, str]:
    """Return the files of the tests that run the function, each with the name of a test in it; in a steady order."""
    asked = {test.name for test in task.asked}
    found = {}
    for path, facts in sorted(task.model.files.items()):
        case = next((case for case in facts.tests if case.name in asked), None)
        if case is not None and task.model.project_of(path) == task.project:
            found[path] = case.name
    return found


def _taken(task: Task, test: str) -> frozenset[str]:
    """Return the names of all tests at the place of one."""
    place = test.partition("::")[0]
    names = (case.name for facts in task.model.files.values() for case in facts.tests)
    return frozenset(name for name in names if name.partition("::")[0] == place)


def _near(desk: _Desk, recorded: tuple[Words, ...]) -> tuple[Words, ...]:
    """Return the recorded calls and others near them."""
    literals = desk.pen.literals(desk.sheet)
    known = tuple(Call(desk.sheet.tested, desk.sheet.function, tuple(("", text) for text in call)) for call in recorded)
    others = near_inputs(known, _INPUTS - len(known), partial(near, literals))
    span = desk.sheet.symbol.span
    made = (
        *swapped(literals, desk.sheet.source[span.start : span.end], recorded)[:_SWAPPED],
        *(tuple(text for _, text in call.arguments) for call in others),
        *further(literals, recorded)[:_SWAPPED],
    )
    return tuple(dict.fromkeys((*recorded, *(call for call in made if desk.pen.fits(desk.sheet, call)))))


def _read(bench: Workbench, path: str) -> str:
    """Return what was told; "" when nobody told anything."""
    try:
        return bench.read(path).text
    except UnreadableSource:
        return ""
