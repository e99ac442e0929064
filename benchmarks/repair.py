"""Measures the search engine on the small bugs of tests/bugs, each judged by tests that it never saw.

    python -m benchmarks.repair [NAME | LANGUAGE ...]

Prints a line for each bug, then one for each kind: right (held-out tests pass), wrong, asked, not repaired,
or refused where nothing should be edited; with the candidates tried and the CPU seconds.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import describe

from tests.support.bugs import Bug, read_bugs, repair_bug, verdict_on
from tests.support.plain import make_plain_venv


@dataclass(frozen=True)
class Result:
    """What became of one bug."""

    verdict: str
    tried: int
    cpu: float


def main(names: list[str]) -> int:
    """Run the benchmark."""
    print(describe())
    by_kind: dict[str, list[Result]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        venv = make_plain_venv(base / "venv")
        os.environ["VIRTUAL_ENV"] = str(venv)
        os.environ["PATH"] = f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
        os.environ["REGREEN_STATE_DIR"] = str(base / "state")
        for bug in read_bugs(*names):
            result = measure(bug, base / bug.language / bug.name, venv)
            kind = bug.head["kind"]
            by_kind[bug.language].append(result)
            by_kind[f"{bug.language}: {kind}"].append(result)
            print(f"{bug.name:32} {kind:20} {result.verdict:14} {result.tried:5} {result.cpu:6.1f} s", flush=True)
    show(by_kind)
    return 0


def measure(bug: Bug, root: Path, venv: Path) -> Result:
    """Repair one bug and judge the repair."""
    before = cpu_seconds()
    report = repair_bug(bug, root)
    spent = cpu_seconds() - before
    verdict = verdict_on(bug, report, root, venv / "bin" / "python")
    if verdict == "not repaired":
        print(f"{bug.name}: {report.reason}")
    return Result(verdict, sum(attempt.tried for attempt in report.attempts), spent)


def show(by_kind: dict[str, list[Result]]) -> None:
    """Print what became of each language and kind."""
    for kind, results in sorted(by_kind.items()):
        counts = Counter(result.verdict for result in results)
        told = ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items()))
        tried, cpu = sum(result.tried for result in results), sum(result.cpu for result in results)
        print(f"{kind:32} {told}; {tried} candidates, {cpu:.1f} CPU s")


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its children that ended."""
    uses = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in uses)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
