"""Runs that have no result to judge: cargo could not start, found nothing, or died beside the tests."""

from __future__ import annotations

import re

from regreen.core.failure import FailureKind as Kind
from regreen.core.testing import Ended, ExceptionFacts, TestId, TestOutcome, TestResult, TestRun
from regreen.languages.case import Verdict
from regreen.languages.paths import SavedPaths

from .panics import panics_in
from .printed import resolver

# What cargo prints when it cannot do its work; groups are slots. First match wins.
_PRINTED: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.MULTILINE))
    for kind, pattern in (
        (Kind.ENVIRONMENT, r"toolchain '(?P<toolchain>[^']+)' (?:is not installed|does not support)"),
        (
            Kind.ENVIRONMENT,
            r"rustup could not choose a version of (?P<missing>\w+)|no default toolchain|no override and no default",
        ),
        (Kind.ENVIRONMENT, r"(?P<missing>cargo|rustc|rustup|rustdoc): (?:command not found|not found|No such file)"),
        (Kind.ENVIRONMENT, r"could not execute process `(?P<missing>[^` ]+)[^`]*` \(never executed\)"),
        (
            Kind.ENVIRONMENT,
            r"no such command: `(?P<missing>nextest)`|cargo-(?P<tool>nextest)[`' ].*not (?:found|installed)",
        ),
        (Kind.ENVIRONMENT, r"^error: no such command: `(?P<missing>[\w-]+)`"),
        (Kind.ENVIRONMENT, r"is not supported by the following packages?:\s+\S+ requires rustc (?P<version>[\d.]+)"),
        (Kind.ENVIRONMENT, r"requires rustc (?P<version>[\d.]+)(?: or newer)?|requires Rust (?P<other>[\d.]+)"),
        (Kind.ENVIRONMENT, r"this version of Cargo is older than the `(?P<edition>\d+)` edition"),
        (
            Kind.ENVIRONMENT,
            r"feature `(?P<missing>[\w-]+)` is required"
            r"|The package requires the Cargo feature called `(?P<feature>[\w-]+)`",
        ),
        (
            Kind.ENVIRONMENT,
            r"lock file version `?(?P<version>\d+)`? .*(?:does not understand|requires `-Znext-lockfile-bump`)",
        ),
        (Kind.ENVIRONMENT, r"linker `(?P<missing>[^`]+)` not found"),
        (Kind.ENVIRONMENT, r"(?:unable to find library|cannot find|library not found for) -l(?P<missing>[\w.+-]+)"),
        (Kind.ENVIRONMENT, r"linking with `[^`]+` failed"),
        (
            Kind.ENVIRONMENT,
            r"error while loading shared libraries: (?P<missing>\S+?):|Library not loaded: (?P<library>\S+)",
        ),
        (Kind.ENVIRONMENT, r"No space left on device|Read-only file system|Permission denied \(os error 13\)"),
        (
            Kind.ENVIRONMENT,
            r"Could not find (?:directory of )?(?P<missing>\w+) installation|pkg-config (?:exited|command could not)",
        ),
        (Kind.ENVIRONMENT, r"The system library `(?P<missing>[^`]+)` required by crate"),
        (Kind.ENVIRONMENT, r"failed to run custom build command for `(?P<package>[\w-]+)"),
        (
            Kind.DEPENDENCY_MISSING,
            r"cannot update the lock file|the lock file .* needs to be updated but --(?:locked|frozen) was passed",
        ),
        (Kind.DEPENDENCY_MISSING, r"failed to select a version for the requirement `(?P<missing>[\w-]+)"),
        (Kind.DEPENDENCY_MISSING, r"failed to select a version for `(?P<missing>[\w-]+)`"),
        (
            Kind.DEPENDENCY_MISSING,
            r"package `(?P<package>[\w-]+)` depends on `(?P<missing>[\w-]+)`,? with features? `(?P<feature>[\w-]+)`",
        ),
        (
            Kind.DEPENDENCY_MISSING,
            r"failed to (?:load|get) (?:source for dependency )?`(?P<missing>[\w-]+)`(?s:.*?)No such file or directory",
        ),
        (Kind.ENVIRONMENT, r"no matching package named `(?P<missing>[\w-]+)` found(?s:.*?)offline mode"),
        (Kind.ENVIRONMENT, r"unable to (?:update|fetch)[^\n]*\n(?s:.*?)(?:offline|--offline)"),
        (Kind.DEPENDENCY_MISSING, r"no matching (?:package|versions?)(?: named)?(?: for)? `(?P<missing>[\w-]+)`"),
        (
            Kind.ENVIRONMENT,
            r"(?:failed to download|failed to get|unable to (?:update|get)) (?:from )?`?(?P<missing>[\w:/.-]+)",
        ),
        (
            Kind.ENVIRONMENT,
            r"(?:Could not resolve host|Couldn't resolve host|network failure seems|spurious network error)",
        ),
        (Kind.ENVIRONMENT, r"attempting to make an HTTP request, but --offline was specified"),
        (Kind.ENVIRONMENT, r"Blocking waiting for file lock on (?P<missing>[\w ]+)\s*\Z"),
        (
            Kind.RUNNER_CONFIG,
            r"could not find `(?P<file>Cargo\.toml)`|no Cargo\.toml|manifest path `(?P<selector>[^`]+)` does not exist",
        ),
        (Kind.RUNNER_CONFIG, r"package ID specification `(?P<selector>[^`]+)` did not match any packages"),
        (
            Kind.RUNNER_CONFIG,
            r"package\(s\) `(?P<selector>[^`]+)` not found in workspace|package `(?P<package>[^`]+)` is not a member",
        ),
        (Kind.RUNNER_CONFIG, r"no (?:test|bin|example|bench|library) targets?(?: named)? `?(?P<selector>[^`\n]*)`?"),
        (Kind.RUNNER_CONFIG, r"no test target of this workspace is called `(?P<selector>[^`]+)`"),
        (
            Kind.RUNNER_CONFIG,
            r"(?:does not (?:contain|have)|none of the selected packages contains?)"
            r" (?:this|these|the) features?: ?(?P<selector>[^\n]+)",
        ),
        (Kind.RUNNER_CONFIG, r"unexpected argument '(?P<selector>[^']+)'|Unrecognized option: '(?P<option>[^']+)'"),
        (
            Kind.RUNNER_CONFIG,
            r"The \"(?P<selector>\w+)\" format is only accepted"
            r"|option `(?P<option>\w+)` is only accepted on the nightly",
        ),
        (Kind.RUNNER_CONFIG, r"failed to (?:parse|load|read) manifest (?:at|for workspace member) `(?P<file>[^`]+)`"),
        (Kind.RUNNER_CONFIG, r"^error: [^\n]+\n\s*--> (?P<file>\S*Cargo\.toml):(?P<at>\d+)"),
        (
            Kind.RUNNER_CONFIG,
            r"current package believes it's in a workspace|multiple workspace roots found|root of a workspace",
        ),
        (
            Kind.RUNNER_CONFIG,
            r"cyclic package dependency|could not parse (?:TOML|input as TOML)|error in (?P<file>\S+\.toml)",
        ),
        (Kind.RUNNER_CONFIG, r"failed to parse lock file|error: failed to parse (?P<file>[^\n:]+)"),
        (
            Kind.RUNNER_CONFIG,
            r"(?:nextest|filterset|config)[^\n]*(?:failed to parse|parse error|unknown)|failed to parse nextest config",
        ),
        (
            Kind.RUNNER_CONFIG,
            r"error: (?:operator did not match any|no tests to run|no binaries|a value is required|invalid value)",
        ),
        (Kind.RUNNER_CONFIG, r"duplicate key|virtual manifest|can't have both|is required to have"),
        (Kind.RESOURCE_EXHAUSTED, r"\(signal: 9, SIGKILL: kill\)|Cannot allocate memory|out of memory"),
        (Kind.PROCESS_CRASH, r"\(signal: \d+, (?P<signal>SIG\w+)"),
        (
            Kind.PROCESS_CRASH,
            r"^(?P<signal>Segmentation fault|Aborted|Killed|Bus error|Illegal instruction)(?: \(core dumped\))?$",
        ),
        (Kind.RUNNER_CONFIG, r"\b0 tests? run\b|^running 0 tests$|Starting 0 tests"),
    )
)
_BUILD_SCRIPT = re.compile(r"failed to run custom build command for `(?P<package>[^`]+)`")
_COMMAND = re.compile(r"kind: NotFound|No such file or directory|program not found")
_QUIET = re.compile(r"^(?:running 0 tests|test result: ok\. 0 passed; 0 failed;)", re.MULTILINE)


def build_script_failure(run: TestRun, paths: SavedPaths) -> TestResult | None:
    """Return the failure of a build script: what it printed is all that there is."""
    match = _BUILD_SCRIPT.search(run.output)
    if match is None:
        return None
    text = run.output[match.start() :]
    found = panics_in(text, resolver(run.output, paths))
    panic = next((each for each in found if each.attribute("filename")), None) or next(iter(found), None)
    message = panic.message if panic is not None else match[0]
    missing = _missing(text, message)
    attributes = tuple(each for each in (panic.attributes if panic else ()) if each[0] in ("filename", "lineno"))
    frames = panic.frames if panic is not None else ()
    facts = ExceptionFacts(
        "build-script", ("build-script",), message, tuple(sorted((*attributes, ("missing", missing)))), frames
    )
    path = facts.attribute("filename")
    return TestResult(TestId(run.project, ""), TestOutcome.ERROR, path, 0, "build", exception=facts, text=text[:4000])


def trouble(run: TestRun) -> Verdict | None:
    """Judge a run without a failed test; None when nothing is wrong with it."""
    if run.ended is Ended.TIMED_OUT:
        return Verdict(Kind.TIMEOUT, {"limit": f"{run.seconds:.0f} s"})
    if run.ended is Ended.SIGNALLED:
        return Verdict(Kind.PROCESS_CRASH, {"signal": str(-run.exit_code)})
    if run.exit_code == 0 and run.results:
        return None
    found = _match(run)
    if found is not None:
        kind, match = found
        return Verdict(kind, _slots(match))
    if run.exit_code == 0:
        # Cargo calls a run without any test a success.
        return Verdict(Kind.RUNNER_CONFIG, {"reason": "no tests"})
    return Verdict(Kind.UNKNOWN, {"exit_code": str(run.exit_code)})


def headline(run: TestRun, verdict: Verdict) -> str:
    """Say in one line what became of a run without results."""
    if run.ended is Ended.TIMED_OUT:
        return f"The run did not end within {run.seconds:.0f} s and was killed."
    if verdict.slots.get("reason") == "no tests":
        return "No test was run."
    if (found := _match(run)) is not None:
        start = run.output.rfind("\n", 0, found[1].start()) + 1
        return run.output[start:].partition("\n")[0].strip()[:300]
    if run.ended is Ended.SIGNALLED:
        return f"The runner was ended by signal {verdict.slots.get('signal', '')}."
    first = next((line for line in run.output.splitlines() if line.startswith("error")), "")
    last = next((line for line in reversed(run.output.splitlines()) if line.strip()), "")
    return (first or last).strip()[:300] or f"The runner ended with exit code {run.exit_code} and reported nothing."


def _match(run: TestRun) -> tuple[Kind, re.Match[str]] | None:
    for kind, pattern in _PRINTED:
        if match := pattern.search(run.output):
            return kind, match
    return None


def _slots(match: re.Match[str]) -> dict[str, str]:
    slots = {name: value.strip() for name, value in match.groupdict().items() if value}
    if "lock file" in match[0] and "version" not in slots:
        slots["reason"] = "lock"
    for name, other in (("missing", "tool"), ("missing", "library"), ("version", "other"), ("selector", "option")):
        if other in slots:
            slots[name] = slots.pop(other)
    if slots.get("missing") == "nextest":
        slots["missing"] = "cargo-nextest"
    return slots


def _missing(text: str, message: str) -> str:
    """Return what a build script did not find, as far as its words tell."""
    for pattern in (
        r"(?:Could not find|could not find|Unable to find|unable to find|failed to find|cannot find)"
        r" (?:directory of |an? |the )?[`'\"]?(?P<name>[\w.+-]+)",
        r"[`'\"]?(?P<name>[\w.+-]+)[`'\"]? (?:is required|not found|is not installed|must be (?:set|installed))",
        r"failed to execute (?:command|process)[^`'\"]*[`'\"](?P<name>[\w.+/-]+)",
        r"(?:environment variable|env var) [`'\"]?(?P<name>[A-Z_]+)",
    ):
        if found := re.search(pattern, message) or re.search(pattern, text):
            return found["name"]
    return ""
