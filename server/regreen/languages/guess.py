"""Which runner printed a text, by what only that runner prints."""

from __future__ import annotations

import re

from regreen.core.errors import UsageError

# Signs of a runner, each worth one point for each kind that is found. A sign that several share stands with the most
# general of them. Order decides between equals: the more special runner comes first.
_SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "pytest",
        (
            r"^=+ test session starts =+$",
            r"^(?:FAILED|ERROR) \S+\.py(?:::| - |$)",
            r"^=+ .*\b\d+ (?:failed|passed|errors?)\b.* in [\d.]+s",
            r"^E   +\S",
            r"^_{3,} .+ _{3,}$",
            r"^rootdir: |^plugins: ",
            r"^ImportError while loading conftest|No module named '?pytest|^ERROR: usage: .*pytest",
            r'<testsuite\b[^>]* name="pytest"',
            r"^(?:__main__|pytest)\.py: error: |^pytest: error",
            r"^ERROR: not found: \S+\.py|^ERROR: \S+\.(?:toml|ini|cfg):",
        ),
    ),
    (
        "unittest",
        (
            r"^Ran \d+ tests? in [\d.]+s$",
            r"^(?:FAIL|ERROR): \w+ \([\w.]+\)",
            r"^FAILED \((?:failures|errors|skipped)=",
            r"^\w+ \([\w.]+\)(?: .*)? \.\.\. (?:ok|FAIL|ERROR|skipped)?",
            r"unittest[./]",
        ),
    ),
    (
        "nextest",
        (
            r"^\s*(?:PASS|FAIL|SIGABRT|SIGSEGV|TIMEOUT|TRY \d+ \w+|SLOW) \[[ \d.><s]+\]",
            r"^\s*Nextest run ID ",
            r"^\s*Summary \[",
            r"\berror: test run failed\b",
            r'<testsuites name="nextest-run"|"nextest":',
            r"\bno tests to run\b.*\n?.*nextest|--no-tests",
        ),
    ),
    (
        "cargo-test",
        (
            r"^\s*Running (?:unittests |tests/)\S+",
            r"^test \S.* \.\.\. (?:ok|FAILED|ignored)?",
            r"^test result: (?:ok|FAILED)\.",
            r"^error(?:\[E\d{4}\])?: .*\n\s*-->\s\S+:\d+:\d+",
            r"^\s*Compiling \S+ v[\d.]+",
            r"^error: could not compile `",
            r"^thread '.*?'.* panicked at ",
            r"^\s*Doc-tests \S+",
            r"^error: (?:no such|package|failed to|test failed|cannot)\b",
            r'^\{ ?"type": ?"(?:suite|test)"|"reason": ?"compiler-message"',
            r"^error: no matching package|^required by package `",
            r"^error: .*(?:cargo|Cargo\.toml|rustc|linker|build script)",
            r"^error: (?:test|could not|process)",
        ),
    ),
    (
        "go-test",
        (
            r"^\s*--- (?:FAIL|PASS|SKIP): \w+",
            r"^(?:ok|FAIL|\?)\s*\t\S+",
            r"^=== (?:RUN|PAUSE|CONT|NAME)\s",
            r"^# \S+(?: \[\S+\])?\n\S+\.go:\d+:\d+: ",
            r"^\s*\S+\.go:\d+(?::\d+)?: ",
            r'^\{"(?:Time|ImportPath|Action)":',
            r"^panic: .*\n|^goroutine \d+ \[",
            r"^go: |^no required module provides",
            r"\[(?:build|setup) failed\]",
        ),
    ),
    (
        "vitest",
        (
            r"^\s*(?:RUN|DEV)\s+v\d+\.\d+",
            r"^\s*Test Files\s+\d+",
            r"⎯{3,}",
            r'name="vitest tests"',
            r"\bvitest\b",
            r"^\s*❯ \S+\.[cm]?[jt]sx?\b",
        ),
    ),
    (
        "jest",
        (
            r"^Test Suites: \d+",
            r"^(?:PASS|FAIL) \S+\.[cm]?[jt]sx?",
            r"^\s+● ",
            r"^Ran all test suites",
            r"^Tests:\s+\d+",
            r"\bjest\b",
            r'name="jest tests"|"numTotalTestSuites"',
        ),
    ),
    (
        "mocha",
        (
            r"^\s+\d+ (?:passing|failing|pending)\b",
            r"^\s+\d+\) .+",
            r"\bmocha\b",
            r'name="Mocha Tests"|"fullTitle"',
            r"^\s+✔ .+\n",
        ),
    ),
    ("ava", (r"^\s+✘ \[fail\]: ", r"^\s+\d+ tests? (?:failed|passed)$", r"\bava\b", r"^\s+─$")),
    (
        "bun",
        (r"^bun test v\d", r"^\(fail\) |^\(pass\) ", r"^Ran \d+ tests? across \d+ files?", r"^\s*\d+ (?:pass|fail)$"),
    ),
    (
        "deno",
        (
            r"^running \d+ tests? from \./",
            r"^Check file://|^Check \S+\.ts$",
            r"^ ?(?:FAILURES|ERRORS) $",
            r"\.\.\. (?:ok|FAILED) \(\d+",
            r"^(?:FAILED|ok) \| \d+ passed",
            r"\bdeno\b",
        ),
    ),
    (
        "node-test",
        (
            r"^ℹ (?:tests|pass|fail|suites) \d+",
            r"^TAP version 1\d$",
            r"^# (?:tests|pass|fail|suites) \d+$",
            r"^✖ .+\(\d[\d.]*ms\)",
            r"^(?:✔|✖) failing tests:|^test at \S+:\d+:\d+$",
            r"\bnode:internal/|^Node\.js v\d+",
            r"ERR_TEST_FAILURE|node:test|TestsStream",
        ),
    ),
    ("tsc", (r"^\S+\.[cm]?tsx?\(\d+,\d+\): error TS\d+: ", r"^error TS\d+: ", r"^\S+\.tsx?:\d+:\d+ - error TS\d+")),
    (
        "mypy",
        (
            r"^\S+\.pyi?:\d+(?::\d+)?: (?:error|note): .*\S$",
            r"^Found \d+ errors? in \d+ files? \((?:checked|errors prevented)",
            r"^Success: no issues found in \d+ source",
        ),
    ),
    ("pyright", (r"^ +\S+\.pyi?:\d+:\d+ - (?:error|warning): ", r"^\d+ errors?, \d+ warnings?(?:, \d+ |$)")),
    (
        "ruff",
        (
            r"^ *--> \S+\.pyi?:\d+:\d+$",
            r"^\S+\.pyi?:\d+:\d+: [A-Z]+\d+:? ",
            r"^\[\*\] \d+ fixable with|^All checks passed!$",
        ),
    ),
    (
        "pnpm",
        (
            r"\bERR_PNPM_\w+",
            r"^Scope: \d+ of \d+ workspace|^No projects matched the filters",
            r"^\s?ELIFECYCLE\b|^> \S+@\S+ test \S+",
        ),
    ),
    ("npm", (r"^npm (?:ERR!|error) ",)),
    ("yarn", (r"^yarn run v|^error Command failed with exit code", r"^YN\d{4}|➤ YN\d{4}")),
)
_COMPILED = tuple((name, tuple(re.compile(sign, re.MULTILINE) for sign in signs)) for name, signs in _SIGNS)
# Runners whose output one reader understands.
_LANGUAGES = {
    name: language
    for language, names in (
        ("python", ("pytest", "unittest", "mypy", "pyright", "ruff")),
        ("rust", ("nextest", "cargo-test")),
        ("javascript", ("vitest", "jest", "mocha", "ava", "bun", "deno", "node-test", "tsc", "pnpm", "npm", "yarn")),
    )
    for name in names
}
_LONGEST = 2_000_000  # characters that are looked at: of more, the beginning and the end


def guess_runner(text: str) -> str:
    """Return the name of the runner that printed a text.

    Raises:
        UsageError: it looks like no runner's, or as much like one language's as like another's.
    """
    looked_at = text if len(text) <= _LONGEST else text[: _LONGEST // 2] + "\n" + text[-_LONGEST // 2 :]
    scores = [(sum(sign.search(looked_at) is not None for sign in signs), name) for name, signs in _COMPILED]
    most = max(score for score, _ in scores)
    best = [name for score, name in scores if score == most]
    if most == 0:
        raise UsageError(
            "This output looks like that of no test runner that is known.",
            next_step=f"Name the runner with --runner: {', '.join(name for name, _ in _SIGNS)}.",
        )
    spoken = {_LANGUAGES.get(name, name) for name in best}
    if 1 < len(spoken):
        raise UsageError(
            f"This output may be that of {' or '.join(best)}.", next_step=f"Name the one with --runner {best[0]}."
        )
    return best[0]
