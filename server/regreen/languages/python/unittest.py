"""Reads what unittest printed: a saved log to a TestRun."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regreen.core.testing import Ended, TestId, TestOutcome, TestResult, TestRun
from regreen.languages.paths import SavedPaths, inferred_roots

from .blocks import PROJECT
from .stack import dumped_stacks
from .traceback import read_chain, stack_facts

_RULE = re.compile(r"^={50,}$")
_LINE = re.compile(r"^-{50,}$")
_TITLE = re.compile(
    r"^(?P<status>ERROR|FAIL|UNEXPECTED SUCCESS): (?P<name>\S+)(?: \((?P<owner>[\w.<>]+)\))?(?: (?P<part>[\[(].*))?$"
)
# Twisted's runner names the tests below the traceback that they share.
_TRIAL = re.compile(r"^\[(?P<status>FAIL|ERROR)\]$")
_TRIAL_ID = re.compile(r"^(?P<owner>[\w.]+)\.(?P<name>\w+)(?: (?P<part>[\[(].*))?$")
_RAN = re.compile(r"^Ran (?P<n>\d+) tests? in ", re.MULTILINE)
_VERDICT = re.compile(r"^(?:OK|FAILED|NO TESTS RAN)(?: \(.*\))?$", re.MULTILINE)
_RUNNING = re.compile(r"^(?P<name>\w+) \((?P<owner>[\w.<>]+)\)(?:\n.*)? \.\.\. *(?P<rest>.*)$", re.MULTILINE)
_OUTCOME = re.compile(r"^(?:ok|FAIL|ERROR|skipped.*|expected failure|unexpected success)\b", re.MULTILINE)
_UNEXPECTED = "UNEXPECTED SUCCESS"
_HOOKS = frozenset({"setUpClass", "tearDownClass", "setUpModule", "tearDownModule"})
_PATH = re.compile(r'File "(/[^"]+\.py)"')


def read_unittest(text: str, paths: SavedPaths) -> TestRun:
    """Read one run of unittest as it was printed."""
    blocks = tuple(_blocks(text))
    names = [file for match, _ in blocks for file in _module_path(_id(match))]
    running = [file for match in _RUNNING.finditer(text) for file in _module_path(match["owner"])]
    roots = inferred_roots(_PATH.findall(text), names + running)
    paths = SavedPaths((*paths.roots, *roots), paths.known)
    results = tuple(_result(match, lines, paths) for match, lines in blocks)
    known = {result.id.name for result in results}
    results += tuple(_unexpected(name, paths) for name in _unexpected_lines(text) if name not in known)
    ran = _RAN.search(text)
    if not results and not ran:
        results = _unfinished(text, paths)
    verdicts = _VERDICT.findall(text)
    none_ran = ran is not None and ran["n"] == "0" and not results
    exit_code = 5 if none_ran else 0 if verdicts and verdicts[-1].startswith("OK") and not results else 1
    return TestRun(PROJECT, results, (), exit_code, Ended.EXITED, 0.0, ran is not None, text)


def _blocks(text: str) -> Iterator[tuple[re.Match[str], list[str]]]:
    """Cut at the double rules; each block has a title, a description perhaps, a line, the traceback."""
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines) if _RULE.match(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        if start + 1 < len(lines) and _TRIAL.match(lines[start + 1]):
            yield from _of_trial(lines[start + 1 : end])
        title = _TITLE.match(lines[start + 1]) if start + 1 < len(lines) else None
        rules = [n for n in range(start + 1, end) if _LINE.match(lines[n])]
        if title is not None and title["status"] == _UNEXPECTED:
            yield title, []
        if title is None or not rules or title["status"] == _UNEXPECTED:
            continue
        last = next((n for n in rules[1:] if n + 1 < len(lines) and _RAN.match(lines[n + 1])), end)
        yield title, lines[rules[0] + 1 : last]


def _of_trial(lines: list[str]) -> Iterator[tuple[re.Match[str], list[str]]]:
    """Read a block of Twisted's runner: the status, a traceback, the names of the tests that ended with it."""
    end = next((n for n, line in enumerate(lines) if _LINE.match(line)), len(lines))
    first = end
    while 0 < first and _TRIAL_ID.match(lines[first - 1]):
        first -= 1
    status = lines[0].strip("[]")
    for line in lines[first:end]:
        named = _TRIAL_ID.match(line)
        title = _TITLE.match(f"{status}: {named['name']} ({named['owner']})") if named is not None else None
        if title is not None:
            yield title, lines[1:first]


def _id(title: re.Match[str]) -> str:
    """Return module.Class.test, the class for its hooks, the module for one that cannot be loaded."""
    name, owner = title["name"], title["owner"] or ""
    if owner.startswith("unittest.loader."):
        return name
    if name in _HOOKS:
        return owner
    return owner if owner.endswith("." + name) else f"{owner}.{name}".strip(".")


def _module_path(name: str) -> tuple[str, ...]:
    """Return the files that the name's module may be."""
    parts = name.split(".")
    return tuple("/".join(parts[:n]) + ".py" for n in range(1, len(parts) + 1))


def _result(title: re.Match[str], lines: list[str], paths: SavedPaths) -> TestResult:
    name = _id(title)
    if title["status"] == _UNEXPECTED:
        return _unexpected(name, paths)
    facts = read_chain(_without_loader(lines), paths.place)
    loader = (title["owner"] or "").startswith("unittest.loader.")
    phase = "collect" if loader else "setup" if title["name"] in _HOOKS else "call"
    failed = title["status"] == "FAIL"
    path = next((frame.path for frame in facts.frames if frame.inside), "") if facts else ""
    return TestResult(
        TestId(PROJECT, name),
        TestOutcome.FAILED if failed else TestOutcome.ERROR,
        path,
        0,
        phase,
        exception=facts,
        text="\n".join(lines).strip("\n"),
        subtest=(title["part"] or "").strip(),
    )


def _unexpected(name: str, paths: SavedPaths) -> TestResult:
    """A test that was expected to fail and passed has nothing but its name."""
    return TestResult(
        TestId(PROJECT, name), TestOutcome.FAILED, _file_of(name, paths), 0, text="Unexpected success of a test"
    )


def _file_of(name: str, paths: SavedPaths) -> str:
    return next((file for file in _module_path(name) if file in paths.known), "")


def _unexpected_lines(text: str) -> Iterator[str]:
    """Yield the ids of what older interpreters mark in the progress and nowhere else."""
    for match in _RUNNING.finditer(text):
        if match["rest"].startswith("unexpected success"):
            yield _full_name(match)


def _full_name(match: re.Match[str]) -> str:
    owner, name = match["owner"], match["name"]
    return owner if owner.endswith("." + name) else f"{owner}.{name}"


def _without_loader(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith(("ImportError: Failed to import test module:", "Stdout:"))]


def _unfinished(text: str, paths: SavedPaths) -> tuple[TestResult, ...]:
    dumps = dumped_stacks(text)
    facts = stack_facts(dumps, paths.place) if dumps else None
    running = [match for match in _RUNNING.finditer(text) if not _OUTCOME.match(match["rest"])]
    if facts is None and not running:
        return ()
    if running:
        name = _full_name(running[-1])
    else:
        name = ""
    path = _file_of(name, paths) if name else ""
    return (TestResult(TestId(PROJECT, name), TestOutcome.UNFINISHED, path, 0, exception=facts),)
