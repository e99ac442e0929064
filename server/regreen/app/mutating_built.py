"""Judges mutants of languages that are built: all of them in one build behind a switch, one process for each."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from regreen.core.cancel import Cancellation
from regreen.core.mutation import Fate, Judged, Mutant, Strength
from regreen.core.ports import Hearing, Mutation, Workbench
from regreen.core.testing import TestId
from regreen.core.workspace import Project
from regreen.languages import UNENDED, Batching, Order, Switched, Variant, batching_for, languages, switch_text
from regreen.syntax import grammar_of

from .batch_files import inside, laid
from .batch_run import Said, Trial, run_batch
from .mutating_alone import Baseline, PlainCourt
from .mutating_reach import Reach, Surveyor
from .runner import ToolRunner

_BUILD = 300  # mutants in one build
_START = 1200  # mutants in one start of a runner, where nothing is built
_ROUNDS = 14  # builds of the same mutants, each without those that did not compile in the one before
_MOST_TEXT = 1_500_000  # characters of variants in one build
_WALL = 20.0  # seconds that one process may take at the very most
_FATES = {
    "passes": Fate.SURVIVED, "fails": Fate.KILLED, "hangs": Fate.TIMEOUT, "unseen": Fate.NO_COVERAGE,
}  # fmt: skip
_FAILED = re.compile(r"^(?:--- FAIL: (\S+)|---- (\S+) stdout ----|test (\S+) \.\.\. FAILED)", re.MULTILINE)
# The lines of what is printed are those of the build, which nobody else sees: the reason is told without them.
_REASON = re.compile(r"^\s*(?:\S+\.go:\d+: |.*panicked at .+\n|panic: |(?=\w*Error\b))(.+)", re.MULTILINE)


@dataclass(slots=True)
class _Case:
    """Everything about one hearing. `waiting` and `fates` go by a mutant's number, from 1."""

    court: PlainCourt
    baseline: Baseline
    hearing: Hearing
    deadline: float
    tests: dict[int, tuple[TestId, ...]]  # those that may notice a mutant
    waiting: dict[int, Mutant]
    fates: dict[int, Judged] = field(default_factory=dict)
    texts: dict[str, Switched] = field(default_factory=dict)
    alone: dict[int, Mutant] = field(default_factory=dict)  # what no build could hold
    later: dict[int, Mutant] = field(default_factory=dict)  # what comes into the next build
    left_out: tuple[TestId, ...] = ()  # tests that no build holds
    unnoticed: dict[int, Mutant] = field(default_factory=dict)  # what the others do not notice, and these may
    doubtful: set[TestId] = field(default_factory=set)  # those that noticed something and did not run as they are since
    flaky: str = ""  # why the tests cannot be believed after all

    def tell(self, number: int, judged: Judged) -> None:
        """Take a fate down, once."""
        self.waiting.pop(number, None)
        self.alone.pop(number, None)
        self.fates[number] = judged
        self.hearing.on_judged(judged)

    @property
    def seconds_left(self) -> float:
        """Return the seconds of the budget that are left; 0 when there is no budget."""
        return max(0.001, self.deadline - time.monotonic()) if self.hearing.seconds else 0.0

    @property
    def is_over(self) -> bool:
        """Tell whether the budget is used up."""
        return bool(self.hearing.seconds) and self.deadline <= time.monotonic()


@dataclass(frozen=True, slots=True)
class BuiltMutation:
    """Judges mutants by builds that they share: `core.ports.Mutation`."""

    runner: ToolRunner
    batching: Batching | None  # None: each mutant costs a run of its own

    def judge(
        self,
        cancel: Cancellation,
        bench: Workbench,
        project: Project,
        mutants: tuple[Mutant, ...],
        tests: tuple[TestId, ...],
        hearing: Hearing,
    ) -> Strength:
        """Judge mutants of the texts as they stand in the workbench, which is as before afterwards.

        Raises:
            Cancelled: the token was set.
            CannotRun: the tests cannot be started.
        """
        begun = time.monotonic()
        shares = self.batching is not None and self.batching.shares_process(project)
        court = PlainCourt(self.runner, bench, project, shares)
        baseline = court.baseline(cancel, tests)
        if baseline.refused:
            return Strength((), seconds=_since(begun), refused=baseline.refused)
        case = _Case(court, baseline, hearing, begun + hearing.seconds, {}, dict(enumerate(mutants, 1)))
        if self.batching is not None:
            left_out = self.batching.leaves_out
            case.left_out = tuple(test for test in baseline.tests if left_out(test.name))
        self._cover(cancel, case)
        if self.batching is not None:
            self._build(cancel, case, self.batching)
        case.alone |= case.waiting
        if not case.flaky:
            _hear_the_rest(cancel, case)
            _hear_the_left_out(cancel, case)
            _look_again(cancel, case)
        if case.flaky:
            return Strength((), seconds=_since(begun), refused=case.flaky)
        judged = tuple(case.fates[number] for number in sorted(case.fates))
        return Strength(judged, complete=len(judged) == len(mutants), seconds=_since(begun))

    def _cover(self, cancel: Cancellation, case: _Case) -> None:
        """Find the tests that may notice each mutant; settle what no test runs and what is known already."""
        reach = self._reach(cancel, case)
        for number, mutant in tuple(case.waiting.items()):
            found = reach(mutant)
            case.tests[number] = case.baseline.tests if found is None else found
            known = case.hearing.recall(mutant, case.tests[number])
            if known is not None:
                case.tell(number, known)
            elif not case.tests[number]:
                case.tell(number, Judged(mutant, Fate.NO_COVERAGE))

    def _reach(self, cancel: Cancellation, case: _Case) -> Reach:
        """Return who tells the tests that reach a mutant, where that is measured."""
        # Nobody knows what the tests run that no build holds: then all are asked, and a measure would be in vain.
        if self.batching is None or self.batching.measure is None or case.left_out:
            return lambda _mutant: None
        surveyor = Surveyor(self.runner, self.batching, case.court, _WALL)
        paths = tuple(sorted({mutant.path for mutant in case.waiting.values()}))
        return surveyor.survey(cancel, case.baseline.tests, paths)

    def _build(self, cancel: Cancellation, case: _Case, batching: Batching) -> None:
        """Judge what a switch can hold, so many mutants in one build."""
        most = _BUILD if batching.is_built else _START
        while case.waiting and not case.is_over and not case.flaky:
            for number in tuple(case.waiting)[most:]:
                case.later[number] = case.waiting.pop(number)
            self._build_some(cancel, case, batching)
            case.alone |= case.waiting
            case.waiting, case.later = dict(sorted(case.later.items())), {}

    def _build_some(self, cancel: Cancellation, case: _Case, batching: Batching) -> None:
        for _ in range(_ROUNDS):
            _switch(case, batching)
            if not case.waiting or case.is_over:
                return
            said = self._laid(cancel, case, batching)
            if said.untouched == "flaky":
                case.flaky = _called_flaky(f"{_unsteady(case, said.why)} fails on the untouched code.")
                return
            if said.untouched == "fails":
                _ask_again(cancel, case, case.baseline.tests)
                return
            _settle(case, said)
            if said.finished or (not said.begun and not _drop(case, said)):
                return

    def _laid(self, cancel: Cancellation, case: _Case, batching: Batching) -> Said:
        """Lay the texts of a build over the workbench, run it, and put back what was there."""
        court = case.court
        order = Order(
            tuple(test.name for test in case.baseline.tests),
            (),
            switched=tuple(sorted(case.texts)),
            wall=_WALL,
            mutants=tuple((number, tuple(test.name for test in case.tests[number])) for number in sorted(case.waiting)),
            homes=tuple(home for held in case.texts.values() for home in held.homes),
            seconds=case.seconds_left,
        )
        with laid(court.bench, {path: held.text for path, held in case.texts.items()}):
            return run_batch(
                cancel, self.runner, court.bench, court.project, batching, order, lambda trial: _hear(case, trial)
            )


def built_mutation(runner: ToolRunner) -> Mapping[str, Mutation]:
    """Return who judges the mutants of each language that is built."""
    built = ((language.name, batching_for(language.name)) for language in languages())
    return {name: BuiltMutation(runner, batching) for name, batching in built if batching is not None}


def _switch(case: _Case, batching: Batching) -> None:
    """Write the texts of the next build; what no switch can hold leaves it."""
    by_path: dict[str, list[Variant]] = {}
    for number, mutant in case.waiting.items():
        by_path.setdefault(mutant.path, []).append(Variant(number, (mutant.edit,)))
    case.texts = {}
    for path, variants in sorted(by_path.items()):
        text = case.court.bench.read(path).text
        held = switch_text(path, text, grammar_of(path), tuple(variants), batching.writings)
        while _MOST_TEXT <= len(held.text) and 1 < len(variants):
            half = (len(variants) + 1) // 2
            case.later |= {variant.pick: case.waiting.pop(variant.pick) for variant in variants[half:]}
            variants = variants[:half]
            held = switch_text(path, text, grammar_of(path), tuple(variants), batching.writings)
        if held.picks and len(held.text) < _MOST_TEXT:
            case.texts[path] = held
    picks = {pick for held in case.texts.values() for pick in held.picks}
    case.alone |= {number: mutant for number, mutant in case.waiting.items() if number not in picks}
    case.waiting = {number: mutant for number, mutant in case.waiting.items() if number in picks}


def _hear(case: _Case, trial: Trial) -> None:
    """Take down what the tests said to a mutant."""
    mutant = case.waiting.get(trial.pick)
    if mutant is None:
        return
    fate = _FATES.get(trial.verdict, Fate.RUNTIME_ERROR)
    if fate is Fate.SURVIVED and case.left_out and not trial.is_whole:
        case.unnoticed[trial.pick] = case.waiting.pop(trial.pick)
        return
    if fate is Fate.KILLED and UNENDED in trial.text:
        case.tell(trial.pick, Judged(mutant, Fate.COMPILE_ERROR, why=UNENDED.partition(": ")[2]))
        return
    killers: tuple[TestId, ...] = ()
    if fate is Fate.KILLED and trial.is_whole:
        killers = case.left_out if len(case.left_out) == 1 else ()
    elif fate is Fate.KILLED:
        killers = _killers(case, trial.pick, trial.text, trial.failed)
    if not trial.checked:
        case.doubtful.update(killers)
    why = "" if fate is Fate.SURVIVED else _reason(trial.text)
    case.tell(trial.pick, Judged(mutant, fate, killers, case.tests[trial.pick], trial.seconds, why))


def _settle(case: _Case, said: Said) -> None:
    """Take down the mutant with which the driver itself went down."""
    if said.begun and said.begun in case.waiting:
        mutant = case.waiting[said.begun]
        case.tell(said.begun, Judged(mutant, Fate.KILLED, (), case.tests[said.begun], why="The process died."))


def _drop(case: _Case, said: Said) -> bool:
    """Drop the mutants that did not compile; False when the builds cannot go on."""
    bad: dict[int, str] = {}
    for path, line, text in said.broken:
        held = case.texts.get(inside(case.court.bench, path))
        stretch = held.at(line) if held is not None else None
        if stretch is not None and stretch.pick in case.waiting:
            bad.setdefault(stretch.pick, text)
    for number, text in bad.items():
        case.tell(number, Judged(case.waiting[number], Fate.COMPILE_ERROR, why=text.partition("\n")[0]))
    return bool(bad)


def _killers(case: _Case, number: int, text: str, failed: tuple[int, ...]) -> tuple[TestId, ...]:
    """Return the first test that failed, as far as what it printed tells."""
    if failed:
        return (case.baseline.tests[failed[0]],)
    found = _FAILED.search(text)
    if found is None:
        return case.tests[number] if len(case.tests[number]) == 1 else ()
    name = next(group for group in found.groups() if group).partition("/")[0]
    return tuple(test for test in case.tests[number] if test.name.partition("::")[2] == name)[:1]


def _reason(text: str) -> str:
    found = _REASON.search(text)
    said = found[1] if found is not None else next((line for line in text.splitlines() if line.strip()), "")
    return said.strip()[:200]


def _look_again(cancel: Cancellation, case: _Case) -> None:
    """Run the tests that noticed something once more on the untouched code, unless time is short."""
    noticed = case.doubtful & set(case.baseline.tests)
    if noticed and not case.hearing.seconds:
        _ask_again(cancel, case, tuple(sorted(noticed)))


def _ask_again(cancel: Cancellation, case: _Case, tests: tuple[TestId, ...]) -> None:
    """Take down which of the tests fails on the untouched code now, where all of them passed before."""
    again = case.court.baseline(cancel, tests) if tests else case.baseline
    if again.refused:
        case.flaky = _called_flaky(again.refused)


def _called_flaky(failed: str) -> str:
    return f"{failed} It passed there before: it is flaky."


def _unsteady(case: _Case, text: str) -> str:
    """Return the name of the test that failed, as far as what it printed tells."""
    found = _FAILED.search(text)
    name = next((group for group in found.groups() if group), "") if found is not None else ""
    known = (test.name for test in case.baseline.tests)
    return next((each for each in known if each.partition("::")[2] == name.partition("/")[0]), "A test")


def _hear_the_rest(cancel: Cancellation, case: _Case) -> None:
    """Give each mutant that no build could hold a run of its own, as long as there is time."""
    for number, mutant in sorted(case.alone.items()):
        if case.is_over:
            return
        tests = case.tests[number]
        asked = tests if tests != case.baseline.tests else ()
        judged = case.court.judge(cancel, mutant, asked, case.baseline.seconds)
        case.doubtful.update(judged.killed_by)
        case.tell(number, replace(judged, covered_by=tests))


def _hear_the_left_out(cancel: Cancellation, case: _Case) -> None:
    """Give each mutant that no build's tests notice a run of those that no build holds, as long as there is time."""
    for number, mutant in sorted(case.unnoticed.items()):
        if case.is_over:
            return
        judged = case.court.judge(cancel, mutant, case.left_out, case.baseline.seconds)
        case.doubtful.update(judged.killed_by)
        case.tell(number, replace(judged, covered_by=case.tests[number]))


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 3)
