"""Runs that have no failed test to judge: nothing was run, the time was up, or the runner says no without a reason."""

from __future__ import annotations

import re

from regreen.core.failure import FailureKind as Kind
from regreen.core.testing import Ended, TestResult, TestRun
from regreen.languages.case import Verdict
from regreen.languages.paths import SavedPaths

from .module import COMPLAINTS, judge_module

_NOTHING = re.compile(r"no test files|no tests to run|matched no packages|no packages to test")


def trouble(run: TestRun) -> Verdict | None:
    """Judge a run without a failed test; None when nothing is wrong with it."""
    if run.ended is Ended.TIMED_OUT:
        return Verdict(Kind.TIMEOUT, {"limit": f"{run.seconds:.0f} s"})
    if run.ended is Ended.SIGNALLED:
        return Verdict(Kind.PROCESS_CRASH, {"signal": str(-run.exit_code)})
    if run.exit_code == 0 and run.results:
        return None if run.complete else Verdict(Kind.PROCESS_CRASH, {"exit_code": "0"})
    if run.exit_code == 0 and run.complete and not run.command:
        return None  # a saved text names no test that passed
    if run.exit_code == 0:
        return Verdict(Kind.RUNNER_CONFIG, {"reason": "no-tests"})
    if any(pattern.search(run.output) for _, pattern in COMPLAINTS):
        return Verdict(*judge_module(run.output))
    return Verdict(Kind.UNKNOWN, {"exit_code": str(run.exit_code)})


def headline(run: TestRun, verdict: Verdict) -> str:
    """Say in one line what became of a run without results."""
    if run.ended is Ended.TIMED_OUT:
        return f"The run did not end within {run.seconds:.0f} s and was killed."
    if verdict.slots.get("reason") == "no-tests":
        told = next((line for line in run.output.splitlines() if _NOTHING.search(line)), "")
        return f"No test was run: {' '.join(told.split())}" if told else "No test was run."
    if run.ended is Ended.SIGNALLED:
        return f"The runner was ended by signal {verdict.slots.get('signal', '')}."
    for _, pattern in COMPLAINTS:
        if match := pattern.search(run.output):
            start = run.output.rfind("\n", 0, match.start()) + 1
            return run.output[start:].partition("\n")[0].strip()[:300]
    last = next((line for line in reversed(run.output.splitlines()) if line.strip()), "")
    return last.strip()[:300] or f"The runner ended with exit code {run.exit_code} and reported nothing."


def before_any_test(run: TestRun, paths: SavedPaths) -> TestResult | None:
    """Return None: what stops a Go run before its first test is a result of that run already."""
    del run, paths
    return None
