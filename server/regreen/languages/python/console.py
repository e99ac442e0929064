"""Reads what pytest printed: one session of a saved log to a TestRun. For logs only; a run of ours has a report."""

from __future__ import annotations

import re
from dataclasses import replace

from regreen.core.testing import Ended, ExceptionFacts, Frame, TestId, TestOutcome, TestResult, TestRun
from regreen.languages.paths import SavedPaths, inferred_roots

from .blocks import PROJECT, SummaryLine, results_of
from .checkers import with_check
from .stack import Dump, dumped_stacks
from .traceback import stack_facts

_HEADER = re.compile(
    r"^=+ (?P<name>FAILURES|ERRORS|PASSES|XPASSES|XFAILURES|short test summary info|warnings summary.*) =+$"
)
_ANY_HEADER = re.compile(r"^=+ .+ =+$|^!+ .+ !+$|^-+ (?:generated |JSON report|coverage: ).*-+$")
_SUMMARY = re.compile(
    r"^(?:FAILED|(?P<error>ERROR)|SUBFAIL(?:ED)?(?P<part>(?:\[.*?\])?(?: ?\(.*?\))?)"
    # The plugin that came before pytest's own sub-tests has the part in front.
    r"|(?P<before>(?:\[.*?\])?(?: ?\(.*?\))?) SUBFAIL(?:ED)?) (?P<rest>\S.*)$"
)
_OTHER = re.compile(r"^(?:PASSED|SKIPPED|XFAIL|XPASS|RERUN|SUBPASS\w*|SUBSKIP\w*)\b")
_COUNTED = r"\d+ (?:failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?|rerun|subtests \w+)"
_LAST = re.compile(rf"^(?:=+ )?(?P<counts>{_COUNTED}(?:, {_COUNTED})*|no tests (?:ran|collected).*?) in [\d.]+ ?s")
_PROGRESS = re.compile(r"^(?P<id>\S+\.py(?:::[^\s\[]+(?:\[.*?\](?= |$))?)?)(?: +(?P<rest>.*))?$")
_ENDED = re.compile(r"\b(?:PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b|\[ *\d+%\]")
_INTERRUPTED = re.compile(
    r"^!+ (?:_pytest\.outcomes\.)?(?P<what>(?:KeyboardInterrupt|Exit)\b.*?) !+$"
    r"(?:\n(?P<path>\S.*):(?P<line>\d+): KeyboardInterrupt$)?",
    re.MULTILINE,
)
_THRESHOLD = re.compile(r"^(?:FAIL Required test coverage of|ERROR: Coverage failure: )", re.MULTILINE)
_FAILED = re.compile(r"^(?:FAILED|ERROR)\b")
_ROOTDIR = re.compile(r"^rootdir: (?P<root>/?[^,\n]+)", re.MULTILINE)
_PLATFORM = re.compile(r"^platform \S+ -- Python (?P<python>[\d.]+)", re.MULTILINE)
_RED_FILE = re.compile(r"^(?P<path>\S+\.py) [.sxXEF]*[FE][.sxXEF]*(?: +\[ *\d+%\])?$", re.MULTILINE)
_SESSION = re.compile(r"^=+ test session starts =+$", re.MULTILINE)


def sessions(text: str) -> tuple[str, ...]:
    """Cut a log into the sessions of pytest that it holds."""
    starts = [match.start() for match in _SESSION.finditer(text)]
    if len(starts) < 2:
        return (text,)
    ends = [*starts[1:], len(text)]
    return tuple(text[0 if n == 0 else start : end] for n, (start, end) in enumerate(zip(starts, ends, strict=True)))


def surroundings(text: str) -> str:
    """Return what makes two sessions comparable: interpreter, folder, number of tests."""
    found = re.findall(r"^(?:platform .*|rootdir: .*|collected \d+ items?.*)$", text, re.MULTILINE)
    return "\n".join(found)


def read_pytest(text: str, paths: SavedPaths) -> TestRun:
    """Read one session of pytest as it was printed."""
    lines = text.splitlines()
    sections = _sections(lines)
    summary = _summary(sections.get("short test summary info", ()))
    paths = _with_roots(text, paths, summary)
    last = next((match for line in reversed(lines) if (match := _LAST.match(line))), None)
    counts = last["counts"] if last else ""
    clean = bool(counts) and not re.search(r"\d+ (?:failed|error)", counts)
    results = () if clean else results_of(sections, summary, paths)
    results = tuple(_with_stack(found, dumped_stacks(text), paths) for found in results)
    if not results and not counts:
        results = _unfinished(text, lines, paths)
    results = tuple(with_check(_with_file(found, text, paths)) for found in results)
    python = match["python"] if (match := _PLATFORM.search(text)) else ""
    if not results and (found := _INTERRUPTED.search(text)):
        results = (_interrupted(found, lines, paths),)
    results = tuple(replace(found, exception=_with_python(found.exception, python)) for found in results)
    none_ran = clean and not re.search(r"\d+ (?:passed|skipped|xfailed|xpassed)", counts)
    exit_code = 5 if none_ran else 0 if clean and not _THRESHOLD.search(text) else 1
    return TestRun(PROJECT, results, (), exit_code, Ended.EXITED, 0.0, bool(counts), text)


def _with_file(result: TestResult, text: str, paths: SavedPaths) -> TestResult:
    """Add the file to a test without a traceback that no summary names, where only one file has failures."""
    name, red = result.id.name, {match["path"] for match in _RED_FILE.finditer(text)}
    if not name or ".py" in name or result.phase == "collect" or len(red) != 1:
        return result
    (path,) = red
    return replace(result, id=TestId(PROJECT, f"{path}::{name}"), path=paths.place(path)[0])


def _sections(lines: list[str]) -> dict[str, tuple[str, ...]]:
    """Cut the output at its headings; what a test printed earlier loses against the runner's own, later heading."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in lines:
        if match := _HEADER.match(line):
            current = found[match["name"]] = []
        elif _ANY_HEADER.match(line):
            current = None
        elif current is not None:
            current.append(line)
    return {name: tuple(kept) for name, kept in found.items()}


def _summary(lines: tuple[str, ...]) -> tuple[SummaryLine, ...]:
    found: list[SummaryLine] = []
    is_open = False
    for line in lines:
        if match := _SUMMARY.match(line):
            name, message = _split(match["rest"])
            found.append(
                SummaryLine(name, (match["part"] or match["before"] or "").strip(), message, bool(match["error"]))
            )
            is_open = True
        elif _OTHER.match(line) or _LAST.match(line):
            is_open = False
        elif is_open:
            found[-1] = replace(found[-1], message=f"{found[-1].message}\n{line}")
    return tuple(found)


def _split(rest: str) -> tuple[str, str]:
    """Split node id and message; " - " inside of a parameter's brackets does not count."""
    pieces = rest.split(" - ")
    for n in range(1, len(pieces) + 1):
        name = " - ".join(pieces[:n])
        if name.count("[") <= name.count("]"):
            return name, " - ".join(pieces[n:])
    return pieces[0], " - ".join(pieces[1:])


def _with_roots(text: str, paths: SavedPaths, summary: tuple[SummaryLine, ...]) -> SavedPaths:
    printed = tuple(match["root"].strip() for match in _ROOTDIR.finditer(text))
    files = (line.id.partition("::")[0] for line in summary)
    absolute = re.findall(r'(?:^|File ")(/[^\s":]+\.py)', text, re.MULTILINE)
    return SavedPaths((*printed, *paths.roots, *inferred_roots(absolute, files)), paths.known)


def _with_python(facts: ExceptionFacts | None, python: str) -> ExceptionFacts | None:
    if facts is None or not python or "SyntaxError" not in facts.lineage:
        return facts
    return replace(facts, attributes=tuple(sorted((*facts.attributes, ("python", python)))))


def _with_stack(result: TestResult, dumps: tuple[Dump, ...], paths: SavedPaths) -> TestResult:
    """Add the stack that a worker of a parallel run wrote when it died to the test that it was running."""
    facts, name = result.exception, result.id.definition.name.rpartition("::")[2]
    own = [dump for dump in dumps if any(function == name for _, _, function in dump.frames)]
    if facts is None or facts.type or facts.frames or "crashed while running" not in facts.message or not own:
        return result
    return replace(result, exception=replace(facts, frames=stack_facts(tuple(own), paths.place).frames))


def _unfinished(text: str, lines: list[str], paths: SavedPaths) -> tuple[TestResult, ...]:
    """Read a log that stops in the middle: the test that was running, and its stack when there is one."""
    dumps = dumped_stacks(text)
    facts = stack_facts(dumps, paths.place) if dumps else None
    running = [match for line in lines if (match := _PROGRESS.match(line))]
    if facts is None and not running:
        return ()
    name = running[-1]["id"] if running else ""
    if "::" in name and _ENDED.search(running[-1]["rest"] or "") and facts is None:
        return _failed_by_progress(running, paths)
    if "::" not in name and facts is not None:
        name = _test_on_stack(facts) or name
    rest = (running[-1]["rest"] or "") if running else ""
    path = paths.place(name.partition("::")[0])[0]
    return (TestResult(TestId(PROJECT, name), TestOutcome.UNFINISHED, path, 0, exception=facts, text=rest),)


def _failed_by_progress(running: list[re.Match[str]], paths: SavedPaths) -> tuple[TestResult, ...]:
    """Return the tests that a log calls failed and that it ends before explaining."""
    failed = [match["id"] for match in running if "::" in match["id"] and _FAILED.match(match["rest"] or "")]
    text = "The output ends before it says why."
    return tuple(
        TestResult(TestId(PROJECT, name), TestOutcome.FAILED, paths.place(name.partition("::")[0])[0], 0, text=text)
        for name in dict.fromkeys(failed)
    )


def _interrupted(found: re.Match[str], lines: list[str], paths: SavedPaths) -> TestResult:
    """Read a session that an interrupt, or a test that asked for it, ended: the test that was running."""
    running = [match for line in lines if (match := _PROGRESS.match(line))]
    name = running[-1]["id"] if running else ""
    frames: tuple[Frame, ...] = ()
    if found["path"]:
        path, inside = paths.place(found["path"])
        frames = (Frame(path, int(found["line"]), "", inside=inside),)
    facts = ExceptionFacts("", (), found["what"], frames=frames)
    rest = (running[-1]["rest"] or "") if running else ""
    path = paths.place(name.partition("::")[0])[0] if name else ""
    return TestResult(TestId(PROJECT, name), TestOutcome.UNFINISHED, path, 0, exception=facts, text=rest)


def _test_on_stack(facts: ExceptionFacts) -> str:
    test = next((frame for frame in facts.frames if frame.inside and frame.function.startswith("test")), None)
    return f"{test.path}::{test.function}" if test else ""
