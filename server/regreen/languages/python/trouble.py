"""Runs that have no result to judge: pytest was not there, could not start, found nothing, or died beside the tests."""

from __future__ import annotations

import re
from dataclasses import replace

from regreen.core.failure import FailureKind as Kind
from regreen.core.testing import Ended, TestId, TestOutcome, TestResult, TestRun
from regreen.languages.case import Verdict
from regreen.languages.globs import is_test_path
from regreen.languages.paths import SavedPaths

from .pytest import DEFAULT_PATTERNS
from .traceback import read_chain

_CONFTEST = re.compile(r"^ImportError while loading conftest '(?P<path>[^']+)'", re.MULTILINE)
_CONFTEST_USAGE = re.compile(r"^(?:_pytest\.config\.)?ConftestImportFailure: .*\(from (?P<path>.+?)\)$", re.MULTILINE)

# What a runner prints when it cannot do its work; groups are slots. First match wins.
_PRINTED: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.MULTILINE))
    for kind, pattern in (
        (Kind.ENVIRONMENT, r"No module named '?(?P<missing>pytest|unittest)'?$"),
        (Kind.ENVIRONMENT, r"requires (?P<missing>pytest-[\d.]+), actual pytest-(?P<version>[\d.]+)"),
        (Kind.ENVIRONMENT, r"'minversion' .*requires (?P<missing>\S+)"),
        (Kind.DEPENDENCY_MISSING, r"Missing required plugins: (?P<missing>[^\n]+)"),
        (Kind.DEPENDENCY_MISSING, r"Error importing plugin \"[^\"]+\": No module named '(?P<missing>[\w.]+)'"),
        (
            Kind.ENVIRONMENT,
            r"(?:cannot open shared object file|error while loading shared libraries): ?(?P<missing>\S+)?",
        ),
        (Kind.ENVIRONMENT, r"(?P<missing>\S*python[\d.]*): (?:command not found|not found|No such file)"),
        (Kind.RUNNER_CONFIG, r"error: unrecognized arguments: (?P<selector>[^\n]+)"),
        (Kind.RUNNER_CONFIG, r"error: argument (?P<selector>[^\n:]+): "),
        (Kind.RUNNER_CONFIG, r"^ERROR: (?P<file>\S+\.(?:toml|ini|cfg)):(?:(?P<at>\d+):)? (?P<reason>[^\n]+)"),
        (Kind.RUNNER_CONFIG, r"^ERROR: Directory '(?P<file>[^']+)' not found\. Check your '(?P<selector>[\w-]+)'"),
        (Kind.RUNNER_CONFIG, r"file or directory not found: (?P<selector>[^\n]+)"),
        (Kind.RUNNER_CONFIG, r"^ERROR: (?:not found|found no collectors for):? (?P<selector>[^\n]+)"),
        (Kind.RUNNER_CONFIG, r"^ImportError: Start directory is not importable: '(?P<selector>[^']+)'"),
        (Kind.RUNNER_CONFIG, r"Unknown config option: (?P<selector>\S+)"),
        (Kind.RUNNER_CONFIG, r"'(?P<selector>\w+)' not found in `markers`"),
        (Kind.RUNNER_CONFIG, r"(?:FAIL Required test coverage of|Coverage failure: total of) (?P<reason>[^\n]+)"),
        (Kind.PROCESS_CRASH, r"unexpected (?P<reason>SystemExit)"),
        (Kind.RESOURCE_EXHAUSTED, r"^(?:INTERNALERROR> )?(?P<kind>MemoryError|RecursionError)\b"),
        (Kind.PROCESS_CRASH, r"Fatal Python error: (?P<signal>[^\n]+)"),
        (
            Kind.PROCESS_CRASH,
            r"^(?P<signal>Segmentation fault|Aborted|Killed|Bus error|Illegal instruction)(?: \(core dumped\))?$",
        ),
        (Kind.TIMEOUT, r"^\++ Timeout \++$|^Timeout \(\d+:\d\d:\d\d"),
        (Kind.RUNNER_CONFIG, r"no tests (?:ran|collected)|^collected 0 items|^NO TESTS RAN|^Ran 0 tests"),
        (Kind.RUNNER_CONFIG, r"^(?:=+ )?(?:[^\n]*, )?\d+ deselected"),
    )
)
_INTERNAL = "INTERNALERROR> "
_TRACEBACK = "Traceback (most recent call last):"
_BEGAN = re.compile(r"test session starts|^Ran \d+ tests? in |\.\.\. (?:ok|FAIL|ERROR)$", re.MULTILINE)
_NAMED_FILE = re.compile(r"['(](?P<path>[^'()\"\n]+\.py)[')]")  # "cannot import name 'x' from 'm' (/ws/m.py)"
_USAGE = 4
_NO_TESTS = 5


def failure_at_start(run: TestRun, paths: SavedPaths) -> TestResult | None:
    """Return what stopped a run before its first test, when that is the workspace's own doing."""
    return _conftest_failure(run, paths) or _crash_of_runner(run, paths)


def _conftest_failure(run: TestRun, paths: SavedPaths) -> TestResult | None:
    """Return the failure of a conftest.py that cannot be loaded: pytest prints it and reports nothing."""
    match = _CONFTEST.search(run.output) or _CONFTEST_USAGE.search(run.output)
    if match is None:
        return None
    path, inside = paths.place(match["path"])
    facts = read_chain(run.output[match.end() :].splitlines(), paths.place)
    if facts is None or not facts.type:
        first = match[0].partition("ConftestImportFailure: ")[2].rpartition(" (from")[0]
        facts = read_chain([f"E   {first}"], paths.place)
    # Pytest names no test here, so nor does what is said of a log; a run of ours needs a place to run again.
    name = TestId(run.project, "" if not run.command else path if inside else "conftest.py")
    if facts is not None and not facts.frames and not facts.attribute("filename"):
        facts = replace(facts, attributes=(*facts.attributes, ("filename", path), ("lineno", "1")))
    return TestResult(
        name, TestOutcome.ERROR, path, 0, "collect", exception=facts, text=run.output[match.start() :][:4000]
    )


def _crash_of_runner(run: TestRun, paths: SavedPaths) -> TestResult | None:
    """Read the traceback of a runner that died of the workspace's code: while it loaded it, or before it began."""
    if run.exit_code == 0 and run.ended is Ended.EXITED:
        return None
    internal = [line.removeprefix(_INTERNAL) for line in run.output.splitlines() if line.startswith(_INTERNAL)]
    began = run.complete or _BEGAN.search(run.output)
    lines = internal or (run.output[run.output.find(_TRACEBACK) :].splitlines() if not began else [])
    facts = read_chain(lines, paths.place) if _TRACEBACK in "\n".join(lines[:1]) else None
    if facts is None or not facts.type:
        return None
    own = [frame for frame in facts.frames if frame.inside]
    named = _NAMED_FILE.search(facts.message)
    path, inside = paths.place(named["path"]) if named else ("", False)
    if not own and inside:
        facts = replace(facts, attributes=(("filename", path), ("inside", "yes"), ("lineno", "1")))
    elif not own and not facts.attribute("inside") and not facts.type.startswith("pytest."):
        return None
    test = next((frame.path for frame in own if is_test_path(frame.path, DEFAULT_PATTERNS)), "")
    name = TestId(run.project, test)
    return TestResult(name, TestOutcome.ERROR, test, 0, "collect", exception=facts, text="\n".join(lines)[-4000:])


def trouble(run: TestRun) -> Verdict | None:
    """Judge a run without a failed test; None when nothing is wrong with it."""
    if run.ended is Ended.TIMED_OUT:
        return Verdict(Kind.TIMEOUT, {"limit": f"{run.seconds:.0f} s"})
    if run.ended is Ended.SIGNALLED:
        return Verdict(Kind.PROCESS_CRASH, {"signal": str(-run.exit_code)})
    if run.exit_code == 0 and (run.complete or run.results):
        return None
    for kind, pattern in _PRINTED:
        if match := pattern.search(run.output):
            return Verdict(kind, {name: value.strip() for name, value in match.groupdict().items() if value})
    if run.exit_code == 0:
        return Verdict(Kind.PROCESS_CRASH, {"exit_code": "0"})
    if run.exit_code in (_USAGE, _NO_TESTS):
        return Verdict(Kind.RUNNER_CONFIG, {"exit_code": str(run.exit_code)})
    if run.results:
        # Every test is good and the runner says that the run is not: a threshold, a plugin, a warning limit.
        return Verdict(Kind.RUNNER_CONFIG, {"exit_code": str(run.exit_code)})
    return Verdict(Kind.UNKNOWN, {"exit_code": str(run.exit_code)})


def headline(run: TestRun, verdict: Verdict) -> str:
    """Say in one line what became of a run without results."""
    if run.ended is Ended.TIMED_OUT:
        return f"The run did not end within {run.seconds:.0f} s and was killed."
    if run.results:
        return f"No test failed, but the runner ended with exit code {run.exit_code}."
    for _, pattern in _PRINTED:
        if match := pattern.search(run.output):
            start = run.output.rfind("\n", 0, match.start()) + 1
            return run.output[start:].partition("\n")[0].strip(" =")[:300]
    if run.ended is Ended.SIGNALLED:
        return f"The runner was ended by signal {verdict.slots.get('signal', '')}."
    last = next((line for line in reversed(run.output.splitlines()) if line.strip()), "")
    return last.strip()[:300] or f"The runner ended with exit code {run.exit_code} and reported nothing."
