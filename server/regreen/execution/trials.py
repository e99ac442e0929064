"""Candidates are tried in a warm worker: started when first asked, bound to one workbench, gone at the end."""

from __future__ import annotations

import contextlib
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from regreen.core.cancel import Cancellation
from regreen.core.edit import Patch, invert
from regreen.core.errors import CannotRun, Conflict, WorkbenchRefused
from regreen.core.policy import Policy
from regreen.core.ports import Call, Trial, Trials, TrialVerdict, Workbench
from regreen.core.repair import Spectrum, Unnoticed
from regreen.core.testing import CommandSpec, TestId
from regreen.core.workspace import Symbol

from .door import WorkerGone
from .footprint import Footprint, footprint_of
from .heard import Heard, changed
from .rooted import Rooted
from .sandbox import Sandbox
from .start import Starter, start_plainly
from .worker import Message, Worker

MEMORY = 4 << 30  # bytes that a candidate may take beyond what the worker has
_FIRST_TIME = 978_307_200  # seconds; each candidate's files get a time of their own, which no bytecode carries
_RESTARTS = 1
_BATCH = 40  # candidates that are handed over at once
_FROM_FILE = 5  # what a candidate costs that is loaded from its file, in swapped ones
_UNSURE = "unsure"  # what the worker says of a candidate that it has to load from its file
_NOTHING = Patch(())


@contextlib.contextmanager
def open_trials(
    cancel: Cancellation,
    spec: CommandSpec,
    workbench: Workbench,
    wanted: tuple[TestId, ...],
    keep: tuple[TestId, ...],
    policy: Policy,
    *,
    sandbox: Sandbox | None = None,
) -> Iterator[Trials]:
    """Hand out trials of these tests in this workbench; no process of theirs is left afterwards.

    With a sandbox the worker is confined to the place that the CommandSpec names.

    The worker starts with the first question, so that a provider which asks nothing costs nothing.

    Raises:
        Cancelled: the token was set.
    """
    cancel.check()
    # In the folder that is the run's anyway, and goes with it even if this process is killed.
    home = next(iter(spec.writable), None)
    with tempfile.TemporaryDirectory(prefix="regreen-", dir=home, ignore_cleanup_errors=True) as scratch:
        real = str(Path(scratch).resolve())
        spec = replace(spec, writable=(*spec.writable, real))
        starter = start_plainly if sandbox is None else sandbox.start
        trials = WorkerTrials(spec, workbench, wanted, keep, policy, real, starter)
        try:
            yield trials
        finally:
            trials.close()


class WorkerTrials(Trials):
    """Trials by way of the worker that a CommandSpec starts."""

    def __init__(
        self,
        spec: CommandSpec,
        workbench: Workbench,
        wanted: tuple[TestId, ...],
        keep: tuple[TestId, ...],
        policy: Policy,
        scratch: str,
        starter: Starter = start_plainly,
    ) -> None:
        self._spec = spec
        self._starter = starter
        self._workbench = workbench
        self._wanted = tuple(dict.fromkeys(test.name for test in wanted))
        self._keep = tuple(test.name for test in keep if test.name not in set(self._wanted))
        self._wall = policy.candidate_timeout
        self._scratch = scratch
        self._worker: Worker | None = None
        self._footprint: Footprint | None = None
        self._n_starts = 0
        self._n_written = 0
        self._patient: set[str] = set()  # digests of candidates that get more time

    @property
    def is_slow(self) -> bool:
        """Tell that a candidate costs no run of its own."""
        return False

    def spectrum(self, cancel: Cancellation, among: tuple[str, ...] = ()) -> Spectrum:
        """Return which lines the failing and the passing tests run; empty when it cannot be measured.

        Raises:
            Cancelled: the token was set.
            CannotRun: the worker cannot be started.
        """
        del among  # Every line of the workspace is looked at.
        wall = 3 * self._wall
        answer = self._ask(cancel, {"op": "spectrum", "wall": wall}, wall + 30)
        return _spectrum(answer, self._wanted)

    def evaluate(self, cancel: Cancellation, patch: Patch) -> Trial:
        """Judge one candidate; the workbench is as before afterwards.

        A candidate that hung has the whole of `Policy.candidate_timeout` when it is asked about again.

        Raises:
            Cancelled: the token was set.
            CannotRun: the worker cannot be started, or died twice.
            Conflict: the workbench does not hold the text that the patch was made for.
        """
        message: Message = {"op": "try", "paths": list(patch.paths), "generous": patch.digest in self._patient}
        answer = self._ask(cancel, message, 4 * self._wall + 60, patch)
        trial = _trial(answer)
        if trial.verdict is TrialVerdict.HANGS:
            self._patient.add(patch.digest)
        return trial

    @property
    def is_warm(self) -> bool:
        """Tell whether the worker runs."""
        return self._worker is not None

    def unpatched(self, cancel: Cancellation, tests: tuple[TestId, ...]) -> Trial:
        """Judge the files as they are by some of the wanted tests alone.

        Raises:
            Cancelled: the token was set.
            CannotRun: the worker cannot be started, or died twice.
        """
        message: Message = {"op": "try", "paths": [], "names": [test.name for test in tests]}
        return _trial(self._ask(cancel, message, 4 * self._wall + 60))

    @property
    def batch(self) -> int:
        """Return how many candidates are worth handing over at once."""
        return _BATCH

    def evaluate_many(self, cancel: Cancellation, patches: tuple[Patch, ...]) -> tuple[Trial, ...]:
        """Judge a batch of candidates, by swapping functions where that can be done.

        What passes there is judged once more from its files, with the tests to keep. A batch of candidates that all
        hung before has more time.

        Raises:
            Cancelled: the token was set.
            CannotRun: the worker cannot be started, or died twice.
            Conflict: the workbench does not hold the text that a patch was made for.
        """
        texts = [{file.path: file.after for file in patch.files} for patch in patches]
        message: Message = {
            "op": "many",
            "texts": texts,
            "generous": all(patch.digest in self._patient for patch in patches),
        }
        verdicts = self._ask(cancel, message, 3 * self._wall * (2 + len(patches)) + 60)["verdicts"]
        return tuple(self._settled(cancel, *pair) for pair in zip(patches, verdicts, strict=True))

    def _settled(self, cancel: Cancellation, patch: Patch, verdict: Message) -> Trial:
        if verdict["verdict"] == TrialVerdict.PASSES:
            # Its tests all run, where those of the untouched files end with the first that fails: that takes longer.
            self._patient.add(patch.digest)
        if verdict["verdict"] == _UNSURE:
            return replace(self.evaluate(cancel, patch), weight=_FROM_FILE)
        if verdict["verdict"] == TrialVerdict.PASSES:
            return self.evaluate(cancel, patch)
        if verdict["verdict"] == TrialVerdict.HANGS:
            self._patient.add(patch.digest)
        return _trial(verdict)

    def calls(self, cancel: Cancellation, path: str, function: str) -> tuple[Call, ...]:
        """Return calls of a function that the wanted tests make, each different one once.

        Raises:
            Cancelled: the token was set.
            CannotRun: the worker cannot be started, or died twice.
        """
        answer = self._ask(cancel, {"op": "calls", "path": path, "function": function}, 10 * self._wall + 60)
        return tuple(
            Call(path, function, tuple((str(keyword), str(text)) for keyword, text in entry["call"]))
            for entry in answer["entries"]
        )

    def probe(
        self, cancel: Cancellation, patches: tuple[Patch, ...], calls: tuple[Call, ...]
    ) -> tuple[tuple[str, ...], ...]:
        """Return for each patch what it answers to each call: calls of one function.

        Raises:
            Cancelled: the token was set.
            CannotRun: the worker cannot be started, or died twice.
        """
        if len({(call.path, call.function) for call in calls}) != 1:
            return ()
        found = tuple(self._answers(cancel, patch, calls) for patch in patches)
        return found if any(any(answers) for answers in found) else ()

    def unnoticed(self, cancel: Cancellation, patch: Patch, functions: tuple[Symbol, ...]) -> Unnoticed:
        """Return in how many tests to keep these functions answer something else with a patch, and nobody minds.

        Raises:
            Cancelled: the token was set.
            CannotRun: the worker cannot be started, or died twice.
        """
        places = [[path, one.name, one.line, one.end_line] for path in patch.paths[:1] for one in functions]
        before = self._watched(cancel, places, _NOTHING)
        after = self._watched(cancel, places, patch) if before else {}
        other = changed(before, after, patch.files[0]) if after else ()
        if other:
            # What is another answer each time, such as the time of day, says nothing of the change.
            again = self._watched(cancel, places, _NOTHING)
            other = tuple(test for test in other if again.get(test) == before[test])
        return Unnoticed(len(before.keys() & after.keys()), len(other))

    def _watched(self, cancel: Cancellation, places: list[list[object]], patch: Patch) -> dict[str, Heard]:
        message: Message = {"op": "watch", "paths": list(patch.paths), "places": places}
        answer = self._ask(cancel, message, 3 * self._wall + 60, patch)
        tests = [entry for entry in answer["tests"] if entry["good"] and entry["n"]]
        return {entry["test"]: Heard(entry["said"], frozenset(entry["lines"])) for entry in tests}

    def _answers(self, cancel: Cancellation, patch: Patch, calls: tuple[Call, ...]) -> tuple[str, ...]:
        message: Message = {
            "op": "probe",
            "path": calls[0].path,
            "function": calls[0].function,
            "texts": {file.path: file.after for file in patch.files},
            "calls": [list(call.arguments) for call in calls],
        }
        told = {}
        for entry in self._ask(cancel, message, 10 * self._wall + 60)["entries"]:
            told[entry["n"]] = str(entry["answer"])
        return tuple(told.get(n, "") for n in range(len(calls)))

    def close(self) -> None:
        """End the worker with everything that it started, and remove what its tests left in the workbench."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None
        if self._footprint is not None:
            self._footprint.clean()

    def _ask(self, cancel: Cancellation, message: Message, seconds: float, patch: Patch = _NOTHING) -> Message:
        while True:
            # A worker takes its measures from the tests as they are: it starts before a candidate is laid.
            worker, footprint = self._start(cancel)
            try:
                with self._laid(patch):
                    return worker.ask(cancel, message, seconds)
            except WorkerGone as gone:
                self._worker = None
                if _RESTARTS < self._n_starts:
                    raise CannotRun(
                        f"The process that tries candidates ended again and again: {gone}.",
                        next_step="Run the test once with regreen test; it may be ending its own parent process.",
                    ) from gone
            finally:
                footprint.clean()

    def _start(self, cancel: Cancellation) -> tuple[Worker, Footprint]:
        if self._footprint is None:
            self._footprint = footprint_of(self._workbench.enclosure)
        if self._worker is not None:
            return self._worker, self._footprint
        self._n_starts += 1
        opening: Message = {
            "op": "open",
            "root": self._workbench.enclosure.root,
            "scratch": self._scratch,
            "wanted": list(self._wanted),
            "keep": list(self._keep),
            "wall": self._wall,
            "memory": MEMORY,
        }
        self._worker = Worker.start(cancel, self._spec, opening, self._scratch, 5 * self._wall + 60, self._starter)
        self._footprint.clean()
        return self._worker, self._footprint

    @contextlib.contextmanager
    def _laid(self, patch: Patch) -> Iterator[None]:
        """Write the candidate's texts, and put back the very bytes and times that were there."""
        if patch.files and self._workbench.enclosure.own:
            # By compare and swap, both ways: what the person saves meanwhile is not written over.
            self._workbench.apply(patch)
            try:
                yield
            finally:
                self._workbench.apply(invert(patch))
            return
        laid = []
        try:
            for file in patch.files:
                source = self._workbench.read(file.path)
                if source.text != file.base:
                    raise Conflict(
                        f"{file.path} is not the text that the candidate was made for.",
                        next_step="Run the fix again on the present text.",
                        paths=(file.path,),
                    )
                laid.append(_Original.of(self._workbench.enclosure.tree, file.path))
                self._n_written += 1
                laid[-1].replace(source.encode(file.after), _FIRST_TIME + self._n_written)
            yield
        finally:
            for original in laid:
                original.restore()


@dataclass(frozen=True, slots=True)
class _Original:
    """A file as it was before a candidate was laid over it."""

    files: Rooted
    path: str
    content: bytes
    mode: int
    times: tuple[int, int]

    @classmethod
    def of(cls, tree: str, path: str) -> _Original:
        """Look at a file that was just read.

        Raises:
            WorkbenchRefused: a link has taken its place, or one on the way.
        """
        files = Rooted(tree)
        try:
            content, found = files.read(path)
        except OSError as error:
            raise WorkbenchRefused(
                f"{path} leads out of the workbench, or through a link ({error.strerror}).",
                next_step="Replace the link by a file; Regreen edits nothing outside of the workspace.",
                rule="trial-outside",
            ) from error
        return cls(files, path, content, stat.S_IMODE(found.st_mode), (found.st_atime_ns, found.st_mtime_ns))

    def replace(self, content: bytes, seconds: int) -> None:
        """Write other bytes, into a read-only file too: the workbench is ours."""
        self.files.write(self.path, content, self.mode, (seconds * 1_000_000_000,) * 2)

    def restore(self) -> None:
        """Put back what was there, whatever the tests have put in its place.

        Raises:
            CannotRun: that is not possible.
        """
        try:
            self.files.write(self.path, self.content, self.mode, self.times)
        except (OSError, RecursionError) as error:
            raise CannotRun(
                f"The tests left {self.path} in a state in which it cannot be put back: {error}.",
                next_step="Run the tests once with regreen test, and see what they do to that file.",
            ) from error


def _trial(answer: Message) -> Trial:
    return Trial(
        TrialVerdict(str(answer["verdict"])), str(answer["detail"]), int(str(answer["line"])), str(answer["path"])
    )


def _spectrum(answer: Message, wanted: tuple[str, ...]) -> Spectrum:
    lines: dict[str, dict[int, tuple[int, int]]] = {}
    n_failing = n_passing = 0
    tests = answer["tests"]
    for entry in tests if isinstance(tests, list) else []:
        failing = not entry["good"] and _is_wanted(entry["test"], wanted)
        if not failing and not entry["good"]:
            continue
        n_failing, n_passing = n_failing + failing, n_passing + (not failing)
        for path, numbers in entry["lines"].items():
            counts = lines.setdefault(path, {})
            for number in numbers:
                n_bad, n_good = counts.get(number, (0, 0))
                counts[number] = (n_bad + failing, n_good + (not failing))
    ordered: Mapping[str, Mapping[int, tuple[int, int]]] = {
        path: dict(sorted(lines[path].items())) for path in sorted(lines)
    }
    return Spectrum(ordered, n_failing, n_passing)


def _is_wanted(name: str, wanted: tuple[str, ...]) -> bool:
    return any(name == each or name.startswith((each + "[", each + "::")) for each in wanted)
