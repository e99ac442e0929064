"""Which arguments of a script's runner are taken over: those whose effect is known and that a run needs.

A script is data of the repository: everything that is not in the tables stays out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .scripts import Call

_WITH_VALUE = True
_ALONE = False

# runner -> option -> whether a value follows it as a word of its own
_KEPT: Mapping[str, Mapping[str, bool]] = {
    "vitest": {
        "--config": _WITH_VALUE, "-c": _WITH_VALUE, "--project": _WITH_VALUE, "--dir": _WITH_VALUE,
        "--root": _WITH_VALUE,
        "-r": _WITH_VALUE, "--workspace": _WITH_VALUE, "--mode": _WITH_VALUE, "--environment": _WITH_VALUE,
        "--pool": _WITH_VALUE, "--globals": _ALONE, "--no-isolate": _ALONE, "--dom": _ALONE, "--exclude": _WITH_VALUE,
        "--no-file-parallelism": _ALONE,
    },
    "jest": {
        "--config": _WITH_VALUE, "-c": _WITH_VALUE, "--rootDir": _WITH_VALUE, "--projects": _WITH_VALUE,
        "--selectProjects": _WITH_VALUE, "--env": _WITH_VALUE, "--runInBand": _ALONE, "-i": _ALONE,
        "--forceExit": _ALONE,
        "--testPathIgnorePatterns": _WITH_VALUE, "--roots": _WITH_VALUE, "--testMatch": _WITH_VALUE,
        "--testEnvironment": _WITH_VALUE,
        "--setupFiles": _WITH_VALUE, "--globals": _WITH_VALUE, "--passWithNoTests": _ALONE,
    },
    "mocha": {
        "--require": _WITH_VALUE, "-r": _WITH_VALUE, "--import": _WITH_VALUE, "--loader": _WITH_VALUE,
        "--recursive": _ALONE,
        "--extension": _WITH_VALUE, "--ext": _WITH_VALUE, "--ui": _WITH_VALUE, "-u": _WITH_VALUE,
        "--check-leaks": _ALONE,
        "--exit": _ALONE, "--timeout": _WITH_VALUE, "-t": _WITH_VALUE, "--timeouts": _WITH_VALUE, "--file": _WITH_VALUE,
        "--config": _WITH_VALUE, "--ignore": _WITH_VALUE, "--exclude": _WITH_VALUE, "--node-option": _WITH_VALUE,
        "-n": _WITH_VALUE, "--sort": _ALONE, "--experimental-loader": _WITH_VALUE, "--expose-gc": _ALONE,
        "--package": _WITH_VALUE,
        "--slow": _WITH_VALUE, "--no-config": _ALONE, "--forbid-pending": _ALONE,
    },
    "node:test": {
        "--import": _WITH_VALUE, "--require": _WITH_VALUE, "-r": _WITH_VALUE, "--loader": _WITH_VALUE,
        "--experimental-loader": _WITH_VALUE, "--conditions": _WITH_VALUE, "-C": _WITH_VALUE, "--env-file": _WITH_VALUE,
        "--expose-gc": _ALONE, "--test-concurrency": _WITH_VALUE, "--test-isolation": _WITH_VALUE,
        "--test-force-exit": _ALONE,
        "--enable-source-maps": _ALONE, "--no-warnings": _ALONE, "--experimental-strip-types": _ALONE,
        "--experimental-transform-types": _ALONE, "--experimental-test-module-mocks": _ALONE,
        "--experimental-sqlite": _ALONE,
        "--experimental-vm-modules": _ALONE, "--test-global-setup": _WITH_VALUE,
        "--experimental-default-type": _WITH_VALUE,
    },
    "ava": {"--config": _WITH_VALUE, "--serial": _ALONE, "-s": _ALONE, "--timeout": _WITH_VALUE, "-T": _WITH_VALUE,
            "--node-arguments": _WITH_VALUE},
    "bun": {"--preload": _WITH_VALUE, "--timeout": _WITH_VALUE, "--conditions": _WITH_VALUE, "--env-file": _WITH_VALUE,
            "--jsx-import-source": _WITH_VALUE, "--tsconfig-override": _WITH_VALUE},
    "lab": {"--assert": _WITH_VALUE, "-a": _WITH_VALUE, "--leaks": _ALONE, "-l": _ALONE, "--typescript": _ALONE,
            "--transform": _WITH_VALUE, "-T": _WITH_VALUE, "--environment": _WITH_VALUE, "-e": _WITH_VALUE},
    "uvu": {"--require": _WITH_VALUE, "-r": _WITH_VALUE, "--ignore": _WITH_VALUE, "-i": _WITH_VALUE},
    "tape": {"--require": _WITH_VALUE, "-r": _WITH_VALUE, "--ignore": _WITH_VALUE, "-i": _WITH_VALUE},
    "qunit": {"--require": _WITH_VALUE},
    "deno": {"--allow-all": _ALONE, "-A": _ALONE, "--allow-read": _ALONE, "--allow-env": _ALONE,
        "--allow-write": _ALONE,
             "--allow-net": _ALONE, "--allow-run": _ALONE, "--allow-sys": _ALONE, "--allow-ffi": _ALONE,
             "--no-check": _ALONE,
             "--config": _WITH_VALUE, "-c": _WITH_VALUE, "--import-map": _WITH_VALUE, "--no-lock": _ALONE,
             "--doc": _ALONE,
             "--unstable-kv": _ALONE, "--unstable-ffi": _ALONE, "--parallel": _ALONE, "--trace-leaks": _ALONE},
}  # fmt: skip
# Options that are left out, with a value that must not be taken for a target.
_DROPPED_WITH_VALUE = frozenset(
    ["--reporter", "-R", "--coverage.provider", "--reporters", "--outputFile",
     "--coverage-provider", "--testNamePattern", "-t", "--grep",
    "-g", "-f",
     "--fgrep", "--bail", "--maxWorkers", "-w", "--retry", "--test-reporter", "--test-reporter-destination",
     "--test-name-pattern", "--reporter-option", "--reporter-options", "-O", "--jobs", "-j",
     "--retries", "--concurrency", "--testTimeout",
     "--test-timeout", "--shard", "--timeout", "--match", "-m", "--max-workers",
     "--color", "--lines", "--functions", "--branches", "--statements", "--coverage-exclude"]
)  # fmt: skip
_WORDS = frozenset({"run", "watch", "related", "dev", "--"})  # sub-commands of Vitest


@dataclass(frozen=True, slots=True)
class Kept:
    """What is taken over from the scripts' calls of one runner."""

    options: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()


def kept_arguments(runner: str, calls: tuple[Call, ...]) -> Kept:
    """Return the options, targets and variables that a run of our own takes over from the calls of a script."""
    options: list[tuple[str, ...]] = []
    targets: list[str] = []
    env: dict[str, str] = {}
    for call in calls:
        found, named = _read(runner, call)
        options += [each for each in found if each not in options]
        targets += [each for each in named if each not in targets]
        env.update(call.env)
    return Kept(tuple(word for each in options for word in each), tuple(targets), tuple(sorted(env.items())))


def _read(runner: str, call: Call) -> tuple[list[tuple[str, ...]], list[str]]:
    kept = _KEPT.get(runner, {})
    options: list[tuple[str, ...]] = []
    targets: list[str] = []
    if call.program[0] == "tsx":
        options.append(("--import", "tsx"))
    words = list(call.arguments)
    while words:
        word = words.pop(0)
        name, equals, _ = word.partition("=")
        if call.program[0] == "borp" and name in ("-p", "--pattern") and words:
            targets.append(words.pop(0))
        elif not word.startswith("-"):
            targets += [word] if word not in _WORDS or runner != "vitest" else []
        elif name in kept:
            takes = kept[name] and not equals and bool(words)
            options.append((word, words.pop(0)) if takes else (word,))
        elif name in _DROPPED_WITH_VALUE and not equals and words and not words[0].startswith("-"):
            words.pop(0)
    return options, targets
