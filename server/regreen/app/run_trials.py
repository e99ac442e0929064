"""Trials for languages without a warm worker: each candidate costs a run of its tests."""

from __future__ import annotations

from dataclasses import replace

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, invert
from regreen.core.policy import Policy
from regreen.core.ports import Trial, Trials, TrialVerdict, Workbench
from regreen.core.repair import Spectrum
from regreen.core.testing import Ended, Selection, TestId, TestResult, TestRun
from regreen.core.workspace import Project

from .runner import ToolRunner

_MOST_KEPT = 100  # tests run beside the wanted ones; the proof runs all
_BUILD = ("build", "collect")
_AS_LONG = 3  # times the seconds that the untouched tests take, for one candidate
_NOTHING = Patch(())


class RunTrials(Trials):
    """Trials by way of the runner, in a workbench. Not thread-safe: one caller."""

    def __init__(
        self,
        runner: ToolRunner,
        bench: Workbench,
        project: Project,
        wanted: tuple[TestId, ...],
        keep: tuple[TestId, ...],
        policy: Policy,
    ) -> None:
        self._runner = runner
        self._bench = bench
        self._project = project
        self._wanted = wanted
        self._keep = _nearest(wanted, keep)
        self._policy = policy
        self._known: dict[str, Trial] = {}
        self._untouched: TestRun | None = None

    @property
    def is_slow(self) -> bool:
        """Tell that each candidate costs a run of its own."""
        return True

    def spectrum(self, cancel: Cancellation, among: tuple[str, ...] = ()) -> Spectrum:
        """Return an empty spectrum: which lines a test runs is not measured here."""
        del among
        cancel.check()
        return Spectrum({}, 0, 0)

    def evaluate(self, cancel: Cancellation, patch: Patch) -> Trial:
        """Judge one candidate; the workbench's files are as before afterwards.

        Raises:
            Cancelled: the token was set.
            Conflict: the workbench does not hold the text that the patch was made for.
            ToolMissing: the runner is not there.
        """
        if not patch.files:  # Asked again and again by whoever wants to see luck, so never remembered.
            return self._judge(self._run(cancel, self._wanted))
        if patch.digest not in self._known:
            self.untouched(cancel)
            self._known[patch.digest] = self._with(cancel, patch)
        return self._known[patch.digest]

    @property
    def project(self) -> Project:
        """Return whose tests these are."""
        return self._project

    def untouched(self, cancel: Cancellation) -> TestRun:
        """Return what the wanted tests said before any candidate: run once, with the first question.

        It builds what all candidates share, and tells how long a run takes here.

        Raises:
            Cancelled: the token was set.
            ToolMissing: the runner is not there.
        """
        if self._untouched is None:
            self._untouched = self._run(cancel, self._wanted)
        return self._untouched

    def confirm(self, cancel: Cancellation, patch: Patch) -> Trial:
        """Judge a candidate that is believed to pass: all its tests in one run.

        Raises:
            Cancelled: the token was set.
            Conflict: the workbench does not hold the text that the patch was made for.
            ToolMissing: the runner is not there.
        """
        if patch.digest not in self._known:
            self._known[patch.digest] = self._at_once(cancel, patch)
        return self._known[patch.digest]

    def _at_once(self, cancel: Cancellation, patch: Patch) -> Trial:
        self._bench.apply(patch)
        try:
            run = self._run(cancel, (*self._wanted, *self._keep))
        finally:
            self._bench.apply(invert(patch))
        trial = self._judge(run)
        return trial if trial.verdict is not TrialVerdict.PASSES else self._kept(run)

    def _kept(self, run: TestRun) -> Trial:
        broken = [test for test in self._keep if test not in run.passed_ids]
        return Trial(TrialVerdict.BREAKS, broken[0].name) if broken else Trial(TrialVerdict.PASSES)

    def _with(self, cancel: Cancellation, patch: Patch) -> Trial:
        self._bench.apply(patch)
        try:
            trial = self._judge(self._run(cancel, self._wanted))
            if trial.verdict is not TrialVerdict.PASSES or not self._keep:
                return trial
            return self._kept(self._run(cancel, self._keep))
        finally:
            self._bench.apply(invert(patch))

    def _run(self, cancel: Cancellation, tests: tuple[TestId, ...]) -> TestRun:
        cancel.check()
        runner = replace(self._runner, timeout=self._limit)
        where = self._bench.enclosure
        run = runner.run(cancel, self._project, Selection(names=tuple(test.name for test in tests)), where)
        if run.results or all("::" in test.name for test in tests):
            return run
        # A place without tests of its own, such as a library: the others say whether it can be built.
        return runner.run(cancel, self._project, Selection(), where)

    def _limit(self) -> float:
        if self._untouched is None:
            return self._policy.test_timeout
        return min(self._policy.test_timeout, self._policy.candidate_timeout + _AS_LONG * self._untouched.seconds)

    def _judge(self, run: TestRun) -> Trial:
        if run.green_for(self._wanted):
            return Trial(TrialVerdict.PASSES)
        failed = next(iter(run.failed), None)
        if run.ended is Ended.TIMED_OUT:
            return Trial(TrialVerdict.HANGS)
        if failed is None:
            return Trial(TrialVerdict.CRASHES)
        path, line = _place(failed)
        detail = failed.exception.message.splitlines()[:1] if failed.exception else []
        # What does not build where everything was built is a bad candidate, and no step ahead.
        before = None if self._untouched is None else next(iter(self._untouched.failed), None)
        is_worse = failed.phase in _BUILD and before is not None and before.phase not in _BUILD
        verdict = TrialVerdict.CRASHES if is_worse else TrialVerdict.FAILS
        return Trial(verdict, "".join(detail), line, path)


def _nearest(wanted: tuple[TestId, ...], keep: tuple[TestId, ...]) -> tuple[TestId, ...]:
    """Return the tests to keep that stand in the same places as the wanted ones."""
    places = {test.name.partition("::")[0] for test in wanted}
    return tuple(test for test in keep if test.name.partition("::")[0] in places)[:_MOST_KEPT]


def _place(result: TestResult) -> tuple[str, int]:
    frames = result.exception.frames if result.exception else ()
    own = [frame for frame in frames if frame.inside]
    if own:
        return own[-1].path, own[-1].line
    facts = result.exception
    line = facts.attribute("lineno") if facts else ""
    return (facts.attribute("filename"), int(line)) if facts and line.isdecimal() else (result.path, result.line)
