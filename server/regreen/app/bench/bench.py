"""All runs of all cases: several cases at once, a case's runs in turn, resumable from a folder of results."""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from regreen import __version__
from regreen.app.figures import Figures, figures
from regreen.core.cancel import Cancellation
from regreen.core.errors import UsageError

from .cases import Case
from .run import CaseRun, run_case

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run."""

    cases: tuple[Case, ...]
    n_runs: int = 3
    provider: str = "search"
    replays: bool = False  # runs after the first take their answers from the first one's recording
    at_once: int = 1
    results: Path | None = None  # where results are kept, and taken from when they are there already
    options: tuple[str, ...] = ()  # further ones of `regreen fix`


@dataclass(frozen=True, slots=True)
class Finished:
    """One case with all its runs, in their order."""

    case: str
    runs: tuple[CaseRun, ...]

    @property
    def difference(self) -> str:
        """Say in what the first run that differs does so; "" when all are the same, byte for byte."""
        first = self.runs[0]
        for other in self.runs[1:]:
            if other.outcome != first.outcome:
                return f"run {first.n} ended {first.outcome or 'without a verdict'}, run {other.n} {other.outcome}"
            if other.diff != first.diff:
                lines = unified_diff(first.diff.splitlines(), other.diff.splitlines(), n=0, lineterm="")
                changed = next(line for line in list(lines)[2:] if line[:1] in "+-")
                whose = first if changed.startswith("-") else other
                return f"the patches of run {first.n} and run {other.n} differ: only run {whose.n} has “{changed[1:]}”"
        return ""

    @property
    def error(self) -> str:
        """Return why a run had no verdict, "" when each had one."""
        return next((run.error for run in self.runs if run.error), "")


@dataclass(frozen=True, slots=True)
class Bench:
    """All results. Invariant: cases sorted by name."""

    finished: tuple[Finished, ...]

    @property
    def figures(self) -> Figures:
        """Return the figures of all runs."""
        return figures([sample for one in self.finished for run in one.runs for sample in run.samples])

    @property
    def determinism(self) -> float | None:
        """Return the share of cases whose runs all gave the same, of those that had verdicts; None without any."""
        judged = [one for one in self.finished if not one.error]
        return sum(not one.difference for one in judged) / len(judged) if judged else None

    @property
    def held_out(self) -> tuple[int, int]:
        """Return in how many runs the tests that were held out passed, and in how many they were run."""
        verdicts = [run.held_out for one in self.finished for run in one.runs if run.held_out]
        return verdicts.count("passed"), len(verdicts)


def run_bench(cancel: Cancellation, plan: Plan, tell: Callable[[str], None]) -> Bench:
    """Run each case as often as is planned; what a folder of results has already is not run again.

    Raises:
        Cancelled: the token was set; what has ended is kept in the folder of results.
        UsageError: the folder of results cannot be written.
    """
    with ThreadPoolExecutor(plan.at_once, thread_name_prefix="regreen-bench") as pool:
        try:
            futures = [pool.submit(_run_all, cancel, plan, case, tell) for case in plan.cases]
            for future in as_completed(futures):
                future.result()
        except BaseException:
            cancel.cancel()  # What is still running must not outlive us.
            raise
    return Bench(tuple(sorted((future.result() for future in futures), key=lambda one: one.case)))


def _run_all(cancel: Cancellation, plan: Plan, case: Case, tell: Callable[[str], None]) -> Finished:
    runs = []
    with _folder() as place:
        recording = place / "recording" if plan.replays else None
        key = _key(plan, case)
        for n in range(1, plan.n_runs + 1):
            cancel.check()
            run = None if plan.replays and n == 1 else _kept(plan, case, n, key)
            if run is None:
                again = ("--replay", str(recording)) if recording is not None and recording.is_dir() else ()
                options = ("--provider", plan.provider, *plan.options, *again)
                run = run_case(cancel, case, n, place, options, recording if n == 1 else None)
                _keep(plan, run, key)
            tell(f"{case.name}, run {n} of {plan.n_runs}: {run.outcome or run.error} ({run.seconds:.1f} s)")
            runs.append(run)
    return Finished(case.name, tuple(runs))


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="regreen-bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()


def _key(plan: Plan, case: Case) -> str:
    """Return what a result is valid for: this case, this version, these options."""
    parts = (__version__, plan.provider, str(plan.replays), *plan.options, case.digest)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _kept(plan: Plan, case: Case, n: int, key: str) -> CaseRun | None:
    if plan.results is None:
        return None
    try:
        found = json.loads(_file(plan.results, case.name, n).read_bytes())
        return CaseRun.read(found["run"]) if (found["version"], found["key"]) == (_VERSION, key) else None
    except (
        FileNotFoundError,
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
    ):  # Not there, torn or another's: it is run.
        return None


def _keep(plan: Plan, run: CaseRun, key: str) -> None:
    if plan.results is None or run.error:
        return
    staged = plan.results / f".{secrets.token_hex(6)}.tmp"
    try:
        plan.results.mkdir(parents=True, exist_ok=True)
        staged.write_text(json.dumps({"version": _VERSION, "key": key, "run": run.document()}, indent=1), "ascii")
        staged.replace(_file(plan.results, run.case, run.n))
    except OSError as error:
        raise UsageError(
            f"The results cannot be written to {plan.results}: {error.strerror}.",
            next_step="Name a folder that you may write to.",
        ) from error


def _file(folder: Path, case: str, n: int) -> Path:
    return folder / f"{case}.{n}.json"
