"""Mutants are judged by a warm worker that forks for them (docs/mutation-protocol.md)."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from regreen.core.cancel import Cancellation
from regreen.core.mutation import Fate, Judged, Mutant, Strength
from regreen.core.ports import Hearing, Workbench
from regreen.core.testing import CommandSpec, TestId

from .baseline import Baseline, Refused, doubtful, measured
from .door import WorkerGone
from .footprint import Footprint, footprint_of
from .sandbox import Sandbox
from .start import start_plainly
from .trials import MEMORY
from .worker import Message, Worker

_BATCH = 8  # mutants that are handed over at once: as often progress is told, a cancel and the time looked at
_MOST, _SOON = 32, 0.5  # so many, as long as the last ones took less than so many seconds: they share processes
_COLLECTING = 600.0  # seconds
_AT_LEAST = 30.0  # seconds that an interpreter and the collection have, however little time there is for the rest
_EACH = 400.0  # seconds for one mutant, at the very most
_NOT_BEGUN = "The time was up before the tests had run once on the untouched code."


def judge_mutants(
    cancel: Cancellation,
    spec: CommandSpec,
    workbench: Workbench,
    mutants: tuple[Mutant, ...],
    tests: tuple[TestId, ...],
    hearing: Hearing,
    project: str,
    *,
    sandbox: Sandbox | None = None,
) -> Strength:
    """Judge mutants of the texts in the workbench by the worker that a CommandSpec starts; nothing is left behind.

    Raises:
        Cancelled: the token was set.
        ToolMissing: the interpreter or pytest is not there.
        CannotRun: the worker cannot be started, or died.
    """
    begun = time.monotonic()
    collecting = min(_COLLECTING, max(_AT_LEAST, hearing.seconds)) if hearing.seconds else _COLLECTING
    texts = {path: workbench.read(path).text for path in _paths(mutants)}
    # Asserts that explain themselves cost half of a start. What fails without may pass with them.
    for explain in (False, True):
        with _started(cancel, spec, workbench, tests, sandbox, collecting, explain) as (worker, opened, footprint):
            court = _Court(cancel, worker, footprint, project, hearing, begun)
            try:
                found = court.hear(opened, mutants, texts)
            except WorkerGone as gone:
                found = Refused(_why_gone(gone, hearing))
        if not (isinstance(found, Refused) and found.is_red) or court.is_late:
            break
    strength = Strength((), complete=False, refused=found.why) if isinstance(found, Refused) else found
    return replace(strength, seconds=round(time.monotonic() - begun, 3))


@contextlib.contextmanager
def _started(
    cancel: Cancellation,
    spec: CommandSpec,
    workbench: Workbench,
    tests: tuple[TestId, ...],
    sandbox: Sandbox | None,
    collecting: float,
    explain: bool,
) -> Iterator[tuple[Worker, Message, Footprint]]:
    home = next(iter(spec.writable), None)
    with tempfile.TemporaryDirectory(prefix="regreen-", dir=home, ignore_cleanup_errors=True) as scratch:
        real = str(Path(scratch).resolve())
        opening: Message = {
            "op": "open",
            "root": workbench.enclosure.root,
            "scratch": real,
            "names": list(dict.fromkeys(test.name for test in tests)),
            "wall": collecting,
            "memory": MEMORY,
            "explain": explain,
        }
        footprint = footprint_of(workbench.enclosure)
        starter = start_plainly if sandbox is None else sandbox.start
        spec = replace(spec, writable=(*spec.writable, real))
        worker, opened = Worker.opened(cancel, spec, opening, real, collecting, starter)
        try:
            yield worker, opened, footprint
        finally:
            worker.close()
            footprint.clean()


@dataclass(frozen=True, slots=True)
class _Court:
    """One hearing of many mutants."""

    cancel: Cancellation
    worker: Worker
    footprint: Footprint
    project: str
    hearing: Hearing
    begun: float

    def hear(self, opened: Message, mutants: tuple[Mutant, ...], texts: dict[str, str]) -> Strength | Refused:
        baseline = measured(self._ask, opened, texts, self._left())
        if isinstance(baseline, Refused):
            return baseline
        covered = self._covered(mutants, baseline)
        judged, fresh, waiting = [], [], []
        for mutant, tests in zip(mutants, covered, strict=True):
            known = self.hearing.recall(mutant, tests)
            if known is None:
                waiting.append((mutant, tests))
            else:
                judged.append(known)
                self.hearing.on_judged(known)
        n_next = _BATCH
        while waiting and not self.is_late:
            batch, waiting = waiting[:n_next], waiting[n_next:]
            started = time.monotonic()
            fresh += self._judged(batch)
            n_next = _MOST if time.monotonic() - started < _SOON else _BATCH
        steady = self._steady(fresh, baseline, texts)
        if isinstance(steady, Refused):
            return steady
        ordered = sorted([*judged, *steady], key=lambda one: (one.mutant.path, one.mutant.edit))
        return Strength(tuple(ordered), complete=not waiting, note=_slowly(opened))

    @property
    def is_late(self) -> bool:
        return self._left() <= 0.0

    def _steady(self, fresh: list[Judged], baseline: Baseline, texts: dict[str, str]) -> list[Judged] | Refused:
        """Return the verdicts of tests that say the same of the untouched code each time."""
        noticing = sorted({test.name for one in fresh for test in one.killed_by})
        names = [test["test"] for test in baseline if test["test"] in noticing]
        doubted = doubtful(self._ask, names, texts, len(fresh), self._left)
        if isinstance(doubted, Refused) or not doubted:
            return doubted if isinstance(doubted, Refused) else fresh
        wrong = [one.mutant for one in fresh if any(test.name in doubted for test in one.killed_by)]
        believed = tuple(test for test in baseline if test["test"] not in doubted)
        again = self._judged(list(zip(wrong, self._covered(tuple(wrong), believed), strict=True)))
        return [one for one in fresh if one.mutant not in set(wrong)] + again

    def _covered(self, mutants: tuple[Mutant, ...], baseline: Baseline) -> list[tuple[TestId, ...]]:
        orders = [_order(mutant) for mutant in mutants]
        answer = self._ask({"op": "cover", "tests": list(baseline), "mutants": orders}, 60.0)
        return [tuple(TestId(self.project, name) for name in names) for names in answer["covered"]]

    def _judged(self, batch: list[tuple[Mutant, tuple[TestId, ...]]]) -> list[Judged]:
        orders = [_order(mutant) for mutant, _ in batch]
        answer = self._ask({"op": "judge", "mutants": orders}, _EACH * len(batch))
        found = []
        for (mutant, tests), said in zip(batch, answer["fates"], strict=True):
            killed = (TestId(self.project, said["test"]),) if said["test"] else ()
            seconds = round(float(said["seconds"]), 4)
            found.append(Judged(mutant, Fate(said["fate"]), killed, tests, seconds, str(said["why"])))
            self.hearing.on_judged(found[-1])
        return found

    def _ask(self, message: Message, seconds: float) -> Message:
        try:
            return self.worker.ask(self.cancel, message, seconds)
        finally:
            self.footprint.clean()

    def _left(self) -> float:
        """Return the seconds that are left; an hour where nobody set a limit."""
        return self.hearing.seconds - (time.monotonic() - self.begun) if self.hearing.seconds else 3600.0


def _order(mutant: Mutant) -> Message:
    edit = mutant.edit
    return {
        "path": mutant.path,
        "start": edit.start,
        "end": edit.end,
        "replacement": edit.text,
        "function": mutant.function,
    }


def _slowly(opened: Message) -> str:
    """Return in a sentence why each mutant is loaded anew, "" when those of functions are not."""
    if not opened["why"]:
        return ""
    what = "a process that loads the files" if opened["forks"] else "an interpreter of its own"
    return f"Each mutant got {what}, which takes longer: {opened['why']}."


def _paths(mutants: tuple[Mutant, ...]) -> tuple[str, ...]:
    return tuple(sorted({mutant.path for mutant in mutants}))


def _why_gone(gone: WorkerGone, hearing: Hearing) -> str:
    return (
        _NOT_BEGUN if hearing.seconds and "in time" in str(gone) else f"The process that runs the tests ended: {gone}."
    )
