"""Reads a saved log of go test: the JSON events where there are any, else the text that it printed."""

from __future__ import annotations

import re

from regreen.core.testing import GOOD, Ended, TestId, TestOutcome, TestResult, TestRun
from regreen.languages.explain import SavedLog
from regreen.languages.paths import SavedPaths

from .builds import build_results, errors_of, loose_result
from .log import Build, GoLog, Package
from .results import PackageReading
from .where import There, import_paths

PROJECT = "."  # a log tells nothing of projects

_EVENT = re.compile(r'^\{.*"Action":', re.MULTILINE)
_STATUS = re.compile(r"^(?:ok  |FAIL|\?   )\t(\S+)", re.MULTILINE)
_NUMBERED = re.compile(r"^=+ ?(?:run|attempt) \d+ ?=+$", re.MULTILINE | re.IGNORECASE)
_NUMBER = re.compile(r"\d+")


def read_saved(log: SavedLog, paths: SavedPaths) -> tuple[TestRun, ...]:
    """Read a log run by run; reports go before the text, which is read when they say nothing."""
    runs = [run for text in _reported(log) if (run := _read(text, paths)) is not None]
    if not runs:
        runs = [run for text in _texts(log.text) if (run := _read(text, paths)) is not None]
    return tuple(runs)


def surroundings(text: str) -> str:
    """Return what makes two runs comparable: the packages that they tested."""
    return "\n".join(sorted(set(_STATUS.findall(text))))


def _reported(log: SavedLog) -> list[str]:
    """Return the text of each run's report, with what the same run wrote on its standard error."""
    events = {name: text for name, text in log.reports.items() if _EVENT.search(text)}
    others = [name for name in log.reports if name not in events and name.endswith((".txt", ".log", ".err"))]
    found = []
    for name in sorted(events, key=_order):
        beside = [other for other in others if _NUMBER.findall(other) == _NUMBER.findall(name)]
        found.append("\n".join([events[name], *(log.reports[other] for other in sorted(beside))]))
    return found


def _order(name: str) -> tuple[list[int], str]:
    return [int(number) for number in _NUMBER.findall(name)], name


def _texts(text: str) -> list[str]:
    """Cut a text into runs: where it numbers them, or where a package that had its result begins again."""
    pieces = [piece for piece in _NUMBERED.split(text) if piece.strip()]
    if 1 < len(pieces):
        return pieces
    found: list[list[str]] = [[]]
    seen: set[str] = set()
    for line in text.splitlines():
        match = _STATUS.match(line)
        if match and match[1] in seen:
            # What was printed since the last result belongs to the run that begins here.
            last = max((at for at, each in enumerate(found[-1]) if _STATUS.match(each)), default=-1)
            found.append(found[-1][last + 1 :])
            found[-2] = found[-2][: last + 1]
            seen.clear()
        if match:
            seen.add(match[1])
        found[-1].append(line)
    return ["\n".join(lines) for lines in found] if text.strip() else []


def _read(text: str, paths: SavedPaths) -> TestRun | None:
    log = GoLog()
    for line in text.splitlines():
        log.feed(line)
    log.close()
    packages = tuple(log.packages.values())
    names = (*(package.path for package in packages), *(build.package for build in log.builds.values()))
    where = There(paths, import_paths(names))
    readings = [PackageReading(package, where, PROJECT) for package in packages]
    results: list[TestResult] = [*build_results(log.builds.values(), where, PROJECT)]
    for package, reading in zip(packages, readings, strict=True):
        results += reading.results() if package.action or not _is_cut(package) else _cut(package, reading)
    if not results:
        results += _checked(log, where)
    red = any(result.outcome not in GOOD for result in results)
    if not red and (found := loose_result(log.loose.text, where, PROJECT)) is not None:
        results.append(found)
        red = True
    if not packages and not results and not text.strip():
        return None
    failed = red or any(package.action == "fail" for package in packages)
    return TestRun(
        project=PROJECT,
        results=tuple(results),
        collected=(),
        exit_code=int(failed or not packages),
        ended=Ended.EXITED,
        seconds=0.0,
        complete=_ran(packages, results) and all(package.action for package in packages),
        output=_output(packages, log),
    )


def _checked(log: GoLog, where: There) -> tuple[TestResult, ...]:
    """Return what a checker, or a runner around go test, printed of files without naming their package before."""
    build = Build("")
    for error in errors_of(log.loose.text):
        if error.column:
            build.printed.add(f"{error.path}:{error.line}:{error.column}: {error.text}\n")
    return build_results([build], where, PROJECT)


def _is_cut(package: Package) -> bool:
    """Tell whether a text stops in the middle of a package's tests."""
    return any(part.started and not part.action for part in package.parts.values())


def _cut(package: Package, reading: PackageReading) -> tuple[TestResult, ...]:
    found = reading.results()
    died = [each for each in found if each.exception is not None and each.exception.type != "go.Exit"]
    if died:
        return tuple(found)
    ended = tuple(result for result in found if result.exception is None)
    running = [part for part in package.parts.values() if part.started and not part.action]
    last = running[-1]
    unfinished = TestResult(TestId(PROJECT, last.name), TestOutcome.UNFINISHED, "", 0, text=last.printed.text)
    return (*ended, unfinished)


def _ran(packages: tuple[Package, ...], results: list[TestResult]) -> bool:
    """Tell whether any test was run: of a package that is fine, a text says no more than that."""
    return bool(results) or any(each.action == "pass" and "no tests to run" not in each.note for each in packages)


def _output(packages: tuple[Package, ...], log: GoLog) -> str:
    words = {"pass": "ok  ", "skip": "?   "}
    ends = "".join(f"{words.get(each.action, 'FAIL')}\t{each.path}\t{each.note}\n" for each in packages if each.path)
    return log.loose.text + ends
