"""Reads a run of `go test -json` while it goes on."""

from __future__ import annotations

from regreen.core.testing import GOOD, Ended, RawRun, TestId, TestOutcome, TestResult, TestRun
from regreen.core.workspace import Project

from .builds import build_results, loose_result
from .log import GoLog, Package
from .results import PackageReading
from .where import Whereabouts


class GoReader:
    """Reads one run. What it hands out at once is a first word; the whole run has the last."""

    def __init__(self, project: Project, where: Whereabouts) -> None:
        self._project = project
        self._where = where
        self._log = GoLog()
        self._n_lines = 0
        self._told: dict[TestId, TestResult] = {}

    def feed(self, line: str) -> tuple[TestResult, ...]:
        """Read one line of standard output; return the tests that ended with it."""
        self._n_lines += 1
        found: list[TestResult] = []
        for package, name in self._log.feed(line):
            reading = PackageReading(package, self._where, self._project.key)
            result = reading.ended(name) if name else None
            fresh = reading.results() if not name else () if result is None else (result,)
            found += [each for each in fresh if self._told.get(each.id) != each]
            self._told.update((each.id, each) for each in fresh)
        return tuple(found)

    def collected(self) -> tuple[TestId, ...]:
        """Return the tests that started so far."""
        return tuple(
            TestId(self._project.key, self._where.test_name(package.path, part.name))
            for package in self._log.packages.values()
            for part in package.parts.values()
            if part.started
        )

    def finish(self, raw: RawRun) -> TestRun:
        """Return the whole run."""
        if not self._n_lines:
            for line in (raw.report or raw.stdout).splitlines():
                self.feed(line)
        for line in raw.stderr.splitlines():
            self._log.feed(line)
        packages = tuple(package for package in self._log.packages.values() if package.path)
        readings = [PackageReading(package, self._where, self._project.key) for package in packages]
        results = [
            *build_results(self._log.builds.values(), self._where, self._project.key),
            *(result for package, reading in zip(packages, readings, strict=True) for result in _of(package, reading)),
            *(each for package in packages for each in self._interrupted(package)),
        ]
        if raw.exit_code and not any(result.outcome not in GOOD for result in results):
            found = loose_result(raw.stderr + self._log.loose.text, self._where, self._project.key)
            results += [found] if found is not None else []
        settled = all(package.action for package in packages) and all(each.is_settled for each in readings)
        return TestRun(
            project=self._project.key,
            results=tuple(results),
            collected=self.collected(),
            exit_code=raw.exit_code,
            ended=raw.ended,
            seconds=raw.seconds,
            complete=raw.ended is Ended.EXITED and settled and bool(packages),
            output=_said(packages, self._log, raw),
            command=raw.spec.argv,
        )

    def _interrupted(self, package: Package) -> list[TestResult]:
        """Return the tests that were running when the run itself was ended."""
        if package.action:
            return []
        running = [part for part in package.parts.values() if part.started and not part.action]
        innermost = [part for part in running if not any(other in running for other in package.children(part.name))]
        return [
            TestResult(
                TestId(self._project.key, self._where.test_name(package.path, part.name)),
                TestOutcome.UNFINISHED,
                "",
                0,
                text=part.printed.text,
            )
            for part in innermost
        ]


def _of(package: Package, reading: PackageReading) -> tuple[TestResult, ...]:
    if package.action:
        return reading.results()
    found = (reading.ended(name) for name in package.ended)
    return tuple(result for result in found if result is not None)


def _said(packages: tuple[Package, ...], log: GoLog, raw: RawRun) -> str:
    """Return what a person would have read without JSON, of everything that is no test's own."""
    notes = "".join(f"{package.path} {package.note}\n" for package in packages if package.note)
    printed = "".join(package.printed.text for package in packages)
    return (printed + notes + log.loose.text + raw.stderr)[-200_000:]
