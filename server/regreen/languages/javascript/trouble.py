"""Runs without a result to judge: the runner was not there, could not start, found nothing, or died."""

from __future__ import annotations

import re

from regreen.core.failure import FailureKind as Kind
from regreen.core.testing import Ended, ExceptionFacts, TestId, TestOutcome, TestResult, TestRun
from regreen.languages.case import Verdict
from regreen.languages.paths import SavedPaths

from .console import PASSED, read_text
from .printed.nodetest import crash_of
from .stack import facts_of, plain_path

# What a runner or a package manager prints when it cannot do its work; groups are slots. First match wins.
_PRINTED: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.MULTILINE))
    for kind, pattern in (
        (Kind.RESOURCE_EXHAUSTED, r"(?P<kind>JavaScript heap out of memory)"),
        (Kind.ENVIRONMENT, r"(?:EBADENGINE|Unsupported engine|ERR_PNPM_UNSUPPORTED_ENGINE|The engine \"node\" is"
                 r" incompatible)(?P<reason>[^\n]*)"),
        (Kind.ENVIRONMENT, r"(?P<reason>does not expose the JavaScript compiler API|NODE_MODULE_VERSION \d+"
                 r"|ERR_DLOPEN_FAILED)"),
        (Kind.ENVIRONMENT, r"(?P<reason>E(?:CONNREFUSED|NOTFOUND|AI_AGAIN|TIMEDOUT|NETUNREACH|NOSPC|ACCES"
                 r"|PERM)\b[^\n]*)"),
        (Kind.ENVIRONMENT, r"^(?:sh: (?:\d+: |line \d+: )?|/bin/sh: (?:\d+: )?|bash: )?(?P<missing>[\w@./-]+):"
                 r" (?:command )?not found"),
        (Kind.ENVIRONMENT, r"[Cc]ommand (?:failed|not found):? [\"'`]?(?P<missing>[\w-]+)[\"'`]?$|Command"
                 r" \"(?P<program>[\w-]+)\" not found"),
        (Kind.RUNNER_CONFIG, r"Missing script:? [\"']?(?P<selector>[\w:.-]+)|ERR_PNPM_NO_SCRIPT\S*\s+Missing"
                 r" script: (?P<script>\S+)"),
        (Kind.RUNNER_CONFIG, r"^Error: (?P<reason>no test specified)$"),
        (Kind.RUNNER_CONFIG, r"No projects matched the filters|No workspaces found|couldn't find a script named"
                 r" \"(?P<selector>[^\"]+)\""),
        (Kind.RUNNER_CONFIG, r"EJSONPARSE|JSON\.parse .*package\.json|Failed to parse JSON|JSONParseError"
                 r"|ERR_INVALID_PACKAGE_CONFIG"),
        (Kind.RUNNER_CONFIG, r"No tests? (?:files? )?found[^\n]*"),
        (Kind.RUNNER_CONFIG, r"^Error: No test files found[^\n]*|No test (?:modules|suites?) found|Couldn.t find"
                 r" any (?:files|matching tests)"),
        (Kind.RUNNER_CONFIG, r"Pattern: (?P<selector>.+?) - 0 matches|no (?:matching )?tests? (?:were|was) (?:found"
                 r"|run)"),
        (Kind.RUNNER_CONFIG, r"(?:Unknown|Unrecognized) (?:CLI )?(?:[Oo]ption|[Aa]rgument|[Pp]arameter)s?:?"
                 r" [\"'`]?(?P<selector>[-\w.]+)"),
        (Kind.RUNNER_CONFIG, r"bad option: (?P<selector>\S+)|CACError: (?P<reason>[^\n]+)"),
        (Kind.RUNNER_CONFIG, r"Could not find '(?P<selector>[^']+)'|Can't find a root directory|no such file or"
                 r" directory.*(?P<file>(?:tsconfig|package)\S*\.json)"),
        (Kind.RUNNER_CONFIG, r"● Validation (?:Error|Warning):|failed to load config from (?P<file>\S+)|Startup Error"),
        (Kind.RUNNER_CONFIG, r"coverage threshold|Coverage for \w+ \([\d.]+%\) does not meet"),
        (Kind.RUNNER_CONFIG, r"^(?:ℹ|#) tests 0$|^ *Tests +no tests$|^ *Test Files +no tests|^  0 passing|^ 0 pass$"
                 r"|^Ran 0 tests|\| 0 passed \| 0 failed"),
        (Kind.RUNNER_CONFIG, r"^ *Tests +\d+ (?:skipped|todo)(?: \| \d+ todo)?(?: \(\d+\))?$|^(?:ℹ|#) pass 0\n(?:ℹ"
                 r"|#) fail 0$"),
        (Kind.RUNNER_CONFIG, r"^Tests: +(?:\d+ skipped, )?\d+ (?:skipped|todo|total)[^\n]*$"),
        (Kind.PROCESS_CRASH, r"(?P<signal>Segmentation fault|Aborted|SIGSEGV|SIGABRT|SIGKILL|Bus error|Illegal"
                 r" instruction)"),
        (Kind.PROCESS_CRASH, r"process\.exit called with \"(?P<exit_code>\d+)\"|ELIFECYCLE.*[Ee]xit code"
                 r" (?P<code>\d+)"),
    )
)  # fmt: skip
_CONFIG = re.compile(
    r"failed to load config from (?P<path>\S+)|[Ff]ailed to (?:parse|read|load) (?:the )?(?:Jest |TypeScript"
    r" )?config(?:uration)?(?: file)? (?P<other>\S+\.\w+)"
    r"|Error: (?:Jest: )?Failed to (?:parse|load)[^\n]*? (?P<third>/\S+\.\w+)"
)
_FILE = re.compile(r"(?P<path>\S*(?:vitest|vite|jest|ava)\.config\.[cm]?[jt]s|\S*\.mocharc\.\w+|\S*package\.json)")
_UNSPECIFIED = re.compile(r"^Error: no test specified$", re.MULTILINE)  # the script of a package without tests
_OPTIONS = re.compile(r"^CACError: |bad option: ", re.MULTILINE)
_OWN = re.compile(r"^(?P<path>\S+(?:\.config\.[cm]?[jt]s|\.mocharc\.\w+)):(?P<line>\d+)$", re.MULTILINE)
_STAMP = re.compile(r"(?P<path>\S+?\.(?:config|workspace)\.[cm]?[jt]s)\.timestamp-[\w-]+\.m?js:(?P<line>\d+)")
_AT = r":(?P<line>\d+):\d+"


def before_any_test(run: TestRun, paths: SavedPaths) -> TestResult | None:
    """Return what stopped a run before its first test: its settings, or a file that could not be loaded."""
    output = run.output
    if _OPTIONS.search(output) or _UNSPECIFIED.search(output):
        return None  # The runner refused its own options, or there is none: nothing of the workspace was loaded.
    config = _config_failure(run, paths)
    if config is not None:
        return config
    if run.complete and run.exit_code == 0:
        return None
    printed = read_text(output, "", paths)
    if printed.results:
        return next((result for result in printed.results if result.outcome is not TestOutcome.PASSED), None)
    crash = crash_of(output, paths)
    if crash is None:
        return None
    path = crash.attribute("filename") or next((frame.path for frame in reversed(crash.frames) if frame.inside), "")
    return TestResult(
        TestId(run.project, ""), TestOutcome.ERROR, path, 0, "collect", exception=crash, text=output[:4000]
    )


def _config_failure(run: TestRun, paths: SavedPaths) -> TestResult | None:
    match = _CONFIG.search(run.output)
    startup = re.search(r"Startup Error ⎯+\n|^● Validation Error:", run.output, re.MULTILINE)
    own = _OWN.search(run.output[:2000])
    if match is None and startup is None and own is not None:
        path = paths.place(plain_path(own["path"]))[0]
        known = (("config", "yes"), ("filename", path), ("lineno", own["line"]))
        facts = facts_of(run.output[own.start() : own.start() + 4000], paths.place)
        facts = ExceptionFacts(facts.type, facts.lineage, facts.message, known)
        return TestResult(TestId(run.project, ""), TestOutcome.ERROR, path, 0, "collect", exception=facts)
    if match is None and startup is None:
        return None
    text = run.output[(startup.end() if startup is not None else match.end() if match is not None else 0) :].strip()
    named = next(filter(None, match.groups()), "") if match is not None else ""
    path = paths.place(plain_path(named))[0] if named else _mentioned(text, paths)
    facts = facts_of(text[:6000], paths.place)
    line = _line_in(path, run.output, facts)
    attributes = {
        **dict(facts.attributes),
        "config": "yes",
        **({"filename": path, "lineno": line} if path and line else {}),
    }
    facts = ExceptionFacts(facts.type, facts.lineage, facts.message, tuple(sorted(attributes.items())), facts.frames)
    return TestResult(TestId(run.project, ""), TestOutcome.ERROR, path, 0, "collect", exception=facts, text=text[:4000])


def _mentioned(text: str, paths: SavedPaths) -> str:
    match = _FILE.search(text)
    if match is None:
        return ""
    path, inside = paths.place(plain_path(match["path"]))
    return path if inside else ""


def _line_in(path: str, text: str, facts: ExceptionFacts) -> str:
    """Return the line of a configuration that failed: of its compiled copy, of its own frames, or as printed."""
    stamped = _STAMP.search(text)
    if stamped is not None:
        return stamped["line"]
    own = [frame.line for frame in facts.frames if frame.path == path]
    if own:
        return str(own[-1])
    printed = re.search(re.escape(path) + _AT, text) if path else None
    return printed["line"] if printed is not None else ""


def trouble(run: TestRun) -> Verdict | None:
    """Judge a run without a failed test; None when nothing is wrong with it."""
    if run.ended is Ended.TIMED_OUT:
        return Verdict(Kind.TIMEOUT, {"limit": f"{run.seconds:.0f} s"})
    if run.ended is Ended.SIGNALLED:
        return Verdict(Kind.PROCESS_CRASH, {"signal": str(-run.exit_code)})
    passed = any(result.outcome is TestOutcome.PASSED for result in run.results)
    if run.exit_code == 0 and run.complete and (passed or PASSED.search(run.output)):
        return None
    for kind, pattern in _PRINTED:
        if match := pattern.search(run.output):
            return Verdict(kind, {name: value.strip() for name, value in match.groupdict().items() if value})
    if run.exit_code == 0 and run.complete:
        return Verdict(Kind.RUNNER_CONFIG, {"reason": "no test ran"})
    if run.exit_code == 0:
        return Verdict(Kind.PROCESS_CRASH, {"exit_code": "0"})
    if run.results:
        # Every test is good and the runner says that the run is not: a threshold, an error outside of all tests.
        return Verdict(Kind.RUNNER_CONFIG, {"exit_code": str(run.exit_code)})
    return Verdict(Kind.UNKNOWN, {"exit_code": str(run.exit_code)})


def headline(run: TestRun, verdict: Verdict) -> str:
    """Say in one line what became of a run without results."""
    if run.ended is Ended.TIMED_OUT:
        return f"The run did not end within {run.seconds:.0f} s and was killed."
    for kind, pattern in _PRINTED:
        if kind is verdict.kind and (match := pattern.search(run.output)):
            start = run.output.rfind("\n", 0, match.start() + 1) + 1
            return run.output[start:].partition("\n")[0].strip(" =●")[:300] or match[0].strip()[:300]
    if run.results and run.exit_code:
        return f"No test failed, but the runner ended with exit code {run.exit_code}."
    if run.ended is Ended.SIGNALLED:
        return f"The runner was ended by signal {verdict.slots.get('signal', '')}."
    last = next((line for line in reversed(run.output.splitlines()) if line.strip()), "")
    return last.strip()[:300] or f"The runner ended with exit code {run.exit_code} and reported nothing."
