"""Trials for languages that are built: many candidates in one build behind a switch, each run in its own process."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch
from regreen.core.errors import UnreadableSource
from regreen.core.policy import Policy
from regreen.core.ports import Pace, Trial, TrialVerdict, Workbench
from regreen.core.repair import Spectrum
from regreen.core.testing import TestId
from regreen.core.workspace import Project
from regreen.languages import Batching, Order, Switched, Variant, switch_text
from regreen.syntax import grammar_of

from .batch_files import inside, laid
from .batch_lines import Marks, spectrum_of
from .batch_run import Said, run_batch, run_measure
from .run_trials import RunTrials
from .runner import ToolRunner

_BATCH = 96  # candidates in one build
_FIRST = 24  # candidates in the first one where nothing is built; further ones hold twice as many as the one before
_ROUNDS = 14  # builds of one batch, each without the candidates that did not compile in the one before
_MOST_TEXT = 1_500_000  # characters of variants in one build
_SLOW_ENOUGH = 3  # passing candidates, after which no further one has a run of its own
_MEASURED = 40  # tests whose lines are measured
_CONFIRMED = 2  # passing candidates that are run alone, before others are believed without
_CONTROLS = (7, 32)  # how often the untouched files are tried in one build: the first one, and each further one
_PLACE = re.compile(r"([\w./@+-]+\.(?:go|rs|[cm]?[jt]sx?)):(\d+)")


@dataclass(slots=True)
class _Batch:
    """Candidates on their way through builds: those without a verdict are in the next one."""

    waiting: dict[int, Patch]
    verdicts: dict[int, Trial] = field(default_factory=dict)
    texts: dict[str, Switched] = field(default_factory=dict)


class BatchTrials(RunTrials):
    """Trials by way of builds that many candidates share. Of what passes in them, the first ones are run alone."""

    def __init__(
        self,
        runner: ToolRunner,
        bench: Workbench,
        project: Project,
        wanted: tuple[TestId, ...],
        keep: tuple[TestId, ...],
        policy: Policy,
        *,
        batching: Batching,
    ) -> None:
        super().__init__(runner, bench, project, wanted, keep, policy)
        self.batching = batching
        self._unusable = False  # this project's tests cannot be run from such a build
        self._n_alone = 0
        self._n_asked = self._n_confirmed = 0  # what passed in a build: run alone, and it passed there, too
        self._controls: list[Trial] = []  # of the untouched files, not handed out yet
        self._n_controlled = 0
        self._is_dear = batching.is_dear(project, _names(wanted))
        self._next = _BATCH if batching.is_built else _FIRST // (1 + self._is_dear)

    @property
    def batch(self) -> int:
        """Return how many candidates are worth handing over at once."""
        return 1 if self._unusable else self._next

    @property
    def pace(self) -> Pace:
        """Return what a candidate costs."""
        if self._unusable:
            return Pace.SLOW
        if self._is_dear:
            return Pace.DEAR
        return Pace.BUILT if self.batching.is_built else Pace.LOADED

    @property
    def is_slow(self) -> bool:
        """Tell whether each candidate costs a run of its own."""
        return self._unusable

    def spectrum(self, cancel: Cancellation, among: tuple[str, ...] = ()) -> Spectrum:
        """Return which lines the failing and the passing tests run; empty where that is not measured.

        Where lines have to be marked for it, those of `among` are.

        Raises:
            Cancelled: the token was set.
            ToolMissing: the runner is not there.
        """
        self._look(cancel)
        if self._unusable or self.batching.measure is None:
            return Spectrum({}, 0, 0)
        order = Order(_names(self._wanted), _names(self._keep[:_MEASURED]), wall=self._policy.candidate_timeout)
        marks = Marks(self._bench, self.batching)
        said, _ = marks.measure(among, lambda: run_measure(
            cancel, self._runner, self._bench, self._project, self.batching, order
        ))  # fmt: skip
        return spectrum_of(self._project, self.batching, said, frozenset(order.wanted))

    def evaluate_many(self, cancel: Cancellation, patches: tuple[Patch, ...]) -> tuple[Trial, ...]:
        """Judge a batch of candidates, each as if it were alone; one verdict for each, in their order.

        Raises:
            Cancelled: the token was set.
            Conflict: the workbench does not hold the text that a patch was made for.
            ToolMissing: the runner is not there.
        """
        self._look(cancel)
        self._next = min(_BATCH, 2 * self._next)
        batch = _Batch({number: patch for number, patch in enumerate(patches, 1) if patch.files})
        if not self._unusable:
            self._build(cancel, batch)
        found: list[Trial] = []
        for number, patch in enumerate(patches, 1):
            trial = batch.verdicts.get(number)
            if trial is None:
                trial = self._alone(cancel, patch, found)
            elif trial.verdict is TrialVerdict.PASSES and not self._is_trusted:
                trial = self._confirmed(cancel, patch)
            found.append(trial)
        return tuple(found)

    def _look(self, cancel: Cancellation) -> None:
        """See the tests as they are, once: where they cannot be built, no build can hold several candidates."""
        untouched = self.untouched(cancel)
        if any(failed.phase in ("build", "collect") for failed in untouched.failed) or not untouched.results:
            self._unusable = True

    def unpatched(self, cancel: Cancellation, tests: tuple[TestId, ...]) -> Trial:
        """Judge the files as they are: many times in one build, of which each question takes one verdict.

        Raises:
            Cancelled: the token was set.
            ToolMissing: the runner is not there.
        """
        del tests
        if not self._controls:
            self._controls = self._control(cancel)
        return self._controls.pop()

    def _control(self, cancel: Cancellation) -> list[Trial]:
        self._look(cancel)
        n_before, self._n_controlled = self._n_controlled, self._n_controlled + 1
        if not n_before:  # What hangs is asked about once: that shall cost one run.
            return [self._judge(self.untouched(cancel))]
        if not self._unusable:
            often = _CONTROLS[min(n_before, len(_CONTROLS)) - 1]
            order = Order(_names(self._wanted), (), tuple(range(1, often + 1)), wall=self._policy.candidate_timeout)
            said = run_batch(cancel, self._runner, self._bench, self._project, self.batching, order)
            if said.finished and said.trials:
                return [Trial(TrialVerdict(verdict), text[:200]) for _, verdict, text in said.trials]
            self._unusable = True
        return [self.evaluate(cancel, Patch(()))]

    @property
    def _is_trusted(self) -> bool:
        """Tell whether the builds were seen to say what ordinary runs say; the proof looks again in any case."""
        return _CONFIRMED <= self._n_confirmed and self._n_confirmed == self._n_asked

    def _confirmed(self, cancel: Cancellation, patch: Patch) -> Trial:
        trial = self.confirm(cancel, patch)
        self._n_asked += 1
        self._n_confirmed += trial.verdict is TrialVerdict.PASSES
        return trial

    def _alone(self, cancel: Cancellation, patch: Patch, before: list[Trial]) -> Trial:
        """Give a candidate a run of its own, as long as there are runs left and few candidates passed so far."""
        passing = sum(trial.verdict is TrialVerdict.PASSES for trial in before)
        if self._policy.max_runs <= self._n_alone or (self._unusable and _SLOW_ENOUGH <= passing):
            return Trial(TrialVerdict.CRASHES, "it was not tried: no runs are left")
        self._n_alone += 1
        return self.evaluate(cancel, patch)

    def _build(self, cancel: Cancellation, batch: _Batch) -> None:
        for _ in range(_ROUNDS):
            self._switch(batch)
            if not batch.waiting:
                return
            said = self._laid(cancel, batch)
            self._take(batch, said)
            if said.untouched and said.untouched != "fails":
                self._unusable = True  # What fails in a run passes here: something else is tested.
                return
            if said.finished:
                return
            if not said.begun and not self._drop(batch, said):
                return

    def _switch(self, batch: _Batch) -> None:
        """Write the texts of the next build; what no switch can hold leaves the batch."""
        by_path: dict[str, list[Variant]] = {}
        size = 0
        for number, patch in batch.waiting.items():
            size += sum(len(edit.text) for file in patch.files for edit in file.edits)
            if len(patch.files) == 1 and size < _MOST_TEXT:
                by_path.setdefault(patch.paths[0], []).append(Variant(number, patch.files[0].edits))
        batch.texts = {}
        for path, variants in sorted(by_path.items()):
            try:
                base = self._bench.read(path).text
                held = switch_text(path, base, grammar_of(path), tuple(variants), self.batching.writings)
            except UnreadableSource:
                continue
            if held.picks:
                batch.texts[path] = held
        picks = {pick for held in batch.texts.values() for pick in held.picks}
        batch.waiting = {number: patch for number, patch in batch.waiting.items() if number in picks}

    def _laid(self, cancel: Cancellation, batch: _Batch) -> Said:
        """Lay the texts of a build over the workbench, run it, and put back what was there."""
        order = Order(
            _names(self._wanted),
            _names(self._keep),
            tuple(sorted(batch.waiting)),
            tuple(sorted(batch.texts)),
            self._policy.candidate_timeout,
        )
        with laid(self._bench, {path: held.text for path, held in batch.texts.items()}):
            return run_batch(cancel, self._runner, self._bench, self._project, self.batching, order)

    def _take(self, batch: _Batch, said: Said) -> None:
        for pick, verdict, text in said.trials:
            if pick in batch.waiting:
                path, line = self._place(batch, text)
                detail = next((row.strip() for row in text.splitlines() if row.strip()), "")[:200]
                batch.verdicts[pick] = Trial(TrialVerdict(verdict), detail, line, path)
        if said.begun:  # The driver went down with it.
            batch.verdicts.setdefault(said.begun, Trial(TrialVerdict.CRASHES, "the process died"))
        batch.waiting = {pick: patch for pick, patch in batch.waiting.items() if pick not in batch.verdicts}

    def _drop(self, batch: _Batch, said: Said) -> bool:
        """Drop the candidates that did not compile; False when the builds cannot go on."""
        bad: dict[int, str] = {}
        for path, line, text in said.broken:
            held = batch.texts.get(inside(self._bench, path))
            stretch = held.at(line) if held is not None else None
            if stretch is not None:
                bad.setdefault(stretch.pick, text)
        for pick, text in bad.items():
            batch.verdicts[pick] = Trial(TrialVerdict.CRASHES, text)
            batch.waiting.pop(pick, None)
        if not bad:
            # Nobody is to blame by name: what the builds cannot hold has runs of its own.
            self._unusable = not batch.verdicts
            batch.waiting.clear()
        return bool(bad)

    def _place(self, batch: _Batch, text: str) -> tuple[str, int]:
        """Return the first place inside of the workspace that a failing test's output names, as it stands there."""
        for name, number in _PLACE.findall(text):
            path = inside(self._bench, name)
            if not path:
                continue
            held = batch.texts.get(path)
            if held is None:
                return path, int(number)
            stretch = held.at(int(number))
            if stretch is not None:
                return path, stretch.origin + int(number) - stretch.first
        return "", 0


def _names(tests: tuple[TestId, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(test.name for test in tests))
