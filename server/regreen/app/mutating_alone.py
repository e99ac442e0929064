"""Judges a mutant by an ordinary run of the tests that may notice it: what nothing faster can hold."""

from __future__ import annotations

from dataclasses import dataclass, replace

from regreen.core.cancel import Cancellation
from regreen.core.edit import TextEdit, invert, make_patch
from regreen.core.mutation import Fate, Judged, Mutant
from regreen.core.ports import Workbench
from regreen.core.testing import Ended, Selection, TestId, TestRun
from regreen.core.workspace import Project

from .runner import ToolRunner

_BUILD = ("build", "collect")
_AS_LONG = 6  # times the seconds of the tests as they are
_LEAST = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the tests say to the untouched code. Invariant: sorted; `refused` is "" or says why they are no measure."""

    tests: tuple[TestId, ...] = ()
    seconds: float = 0.0
    refused: str = ""


@dataclass(frozen=True, slots=True)
class PlainCourt:
    """Judges mutants one by one in a workbench, each by a run of the project's own runner."""

    runner: ToolRunner
    bench: Workbench
    project: Project
    shares: bool = False  # whether files of tests may share a process as long as that is green

    def baseline(self, cancel: Cancellation, tests: tuple[TestId, ...]) -> Baseline:
        """Run the tests as they are; () is all of them.

        Raises:
            Cancelled: the token was set.
            CannotRun: they cannot be started.
        """
        run = self._run(cancel, tests, self.runner.timeout(), together=self.shares)
        if self.shares and (run.failed or run.ended is not Ended.EXITED):  # What they have in common may be why.
            run = self._run(cancel, tests, self.runner.timeout())
        failed = next(iter(run.failed), None)
        if failed is not None:
            return Baseline(refused=f"{failed.id.name or 'A test'} fails on the untouched code.")
        if run.ended is not Ended.EXITED or not run.passed_ids:
            return Baseline(refused="No test passed on the untouched code.")
        passed = sorted({test.definition for test in run.passed_ids})
        return Baseline(tuple(passed), run.seconds)

    def judge(self, cancel: Cancellation, mutant: Mutant, tests: tuple[TestId, ...], seconds: float) -> Judged:
        """Judge one mutant by the tests that may notice it, which take so many seconds as they are.

        Raises:
            Cancelled: the token was set.
            Conflict: the workbench does not hold the text that the mutant was made for.
        """
        text = self.bench.read(mutant.path).text
        patch = make_patch({mutant.path: (text, (_in_place(mutant),))})
        limit = max(_LEAST, _AS_LONG * seconds)
        self.bench.apply(patch)
        try:
            run = self._run(cancel, tests, limit)
            if run.ended is Ended.TIMED_OUT:  # A busy machine, or bad luck: once more before it is said.
                run = self._run(cancel, tests, limit)
        finally:
            self.bench.apply(invert(patch))
        return _judged(mutant, run, tests)

    def _run(
        self, cancel: Cancellation, tests: tuple[TestId, ...], seconds: float, *, together: bool = False
    ) -> TestRun:
        cancel.check()
        runner = replace(self.runner, timeout=lambda: min(self.runner.timeout(), seconds))
        names = tuple(test.name for test in tests)
        are_files = all("::" not in name for name in names)
        selection = Selection((), names, True) if are_files else Selection(names=names, stop_at_first=True)
        return runner.run(cancel, self.project, replace(selection, together=together), self.bench.enclosure)


def _in_place(mutant: Mutant) -> TextEdit:
    """Return a mutant's edit with as many lines as before: some runners call tests by their lines."""
    n_lost = mutant.original.count("\n") - mutant.edit.text.count("\n")
    is_rust = mutant.path.endswith(".rs")  # where a line may end anywhere
    return replace(mutant.edit, text=mutant.edit.text + "\n" * n_lost) if is_rust and 0 < n_lost else mutant.edit


def _judged(mutant: Mutant, run: TestRun, tests: tuple[TestId, ...]) -> Judged:
    failed = next(iter(run.failed), None)
    why = "" if failed is None or failed.exception is None else failed.exception.message.partition("\n")[0]
    fate = Fate.SURVIVED
    if run.ended is Ended.TIMED_OUT:
        fate = Fate.TIMEOUT
    elif failed is not None and failed.phase in _BUILD:
        fate = Fate.COMPILE_ERROR
    elif failed is not None or not run.passed_ids:
        fate = Fate.KILLED
    killed_by = (failed.id,) if fate is Fate.KILLED and failed is not None else ()
    return Judged(mutant, fate, killed_by, tests, run.seconds, why if fate is not Fate.SURVIVED else "")
