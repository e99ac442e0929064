"""Measures the search engine on the small bugs of tests/bugs, each judged by tests that it never saw.

    python -m benchmarks.repair [--twice] [NAME | LANGUAGE ...]

Prints a line for each bug, then one for each kind: right (held-out tests pass), wrong, asked, not repaired,
or refused where nothing should be edited; with the candidates tried and the CPU seconds. At last, for each language,
how often more than one attempt was needed, how often one was rolled back, and how sure the engine was of what was
right and of what was wrong. With --twice each bug is repaired twice, and both patches must be the same, byte for byte.
"""

from __future__ import annotations

import shutil
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.children import adopt, cpu_seconds
from benchmarks.machine import describe
from benchmarks.workplace import workplace

from regreen.core.repair import Confidence, RepairReport, Verdict
from tests.support.bugs import Bug, is_right, read_bugs, repair_bug, verdict_on

_NOT_RUN = (Verdict.NO_IDEA, Verdict.REFUSED, Verdict.UNDECIDED)  # nothing of it was written anywhere


@dataclass(frozen=True)
class Result:
    """What became of one bug."""

    verdict: str
    tried: int
    cpu: float
    attempts: int  # those that were run
    rolled_back: int
    sure: str  # the engine's own word on what it delivered, "asked" when it did not choose
    digest: str  # of what it delivered or asked; "" when that is nothing


def main(arguments: list[str]) -> int:
    """Run the benchmark; the exit status is 1 when two runs differ."""
    names = [argument for argument in arguments if argument != "--twice"]
    adopt()
    print(describe())
    by_kind: dict[str, list[Result]] = defaultdict(list)
    differing = []
    with workplace() as (base, venv):
        for bug in read_bugs(*names):
            root = base / bug.language / bug.name
            result = measure(bug, root, venv)
            kind = bug.head["kind"]
            by_kind[bug.language].append(result)
            by_kind[f"{bug.language}: {kind}"].append(result)
            print(f"{bug.name:32} {kind:20} {result.verdict:14} {result.tried:5} {result.cpu:6.1f} s", flush=True)
            if "--twice" in arguments and measure(bug, root, venv).digest != result.digest:
                differing.append(bug.name)
    show(by_kind)
    show_loop({kind: results for kind, results in by_kind.items() if ":" not in kind})
    if "--twice" in arguments:
        print(f"two runs differ: {', '.join(differing)}" if differing else "two runs: the same patches, byte for byte")
    return 1 if differing else 0


def measure(bug: Bug, root: Path, venv: Path) -> Result:
    """Repair one bug in a fresh folder and judge the repair."""
    shutil.rmtree(root, ignore_errors=True)
    before = cpu_seconds()
    report = repair_bug(bug, root)
    spent = cpu_seconds() - before
    python = venv / "bin" / "python"
    verdict = verdict_on(bug, report, root, python)
    if verdict == "not repaired":
        print(f"{bug.name}: {report.reason}")
    if verdict == "asked" and report.question is not None:
        rights = [is_right(bug, choice.patch, root, python) for choice in report.question.choices]
        print(f"{bug.name}: {report.question.text} Right: {rights}; it would have guessed {rights[0]}")
    ran = [attempt for attempt in report.attempts if attempt.verdict not in _NOT_RUN]
    return Result(
        verdict,
        sum(attempt.tried for attempt in report.attempts),
        spent,
        attempts=len(ran),
        rolled_back=sum(attempt.verdict is not Verdict.GREEN for attempt in ran),
        sure=_sure(report),
        digest=_digest(report),
    )


def show(by_kind: dict[str, list[Result]]) -> None:
    """Print what became of each language and kind."""
    for kind, results in sorted(by_kind.items()):
        counts = Counter(result.verdict for result in results)
        told = ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items()))
        tried, cpu = sum(result.tried for result in results), sum(result.cpu for result in results)
        print(f"{kind:32} {told}; {tried} candidates, {cpu:.1f} CPU s")


def show_loop(by_language: dict[str, list[Result]]) -> None:
    """Print for each language what the loop needed, and how sure the engine was."""
    for language, results in sorted(by_language.items()):
        repaired = [result for result in results if result.verdict in ("right", "wrong")]
        attempts, back = sum(one.attempts for one in results), sum(one.rolled_back for one in results)
        print(f"\n{language}: {len(repaired)} of {len(results)} repaired")
        if repaired:
            further = sum(one.attempts - 1 for one in repaired)
            print(f"  repairs of a repair, for each success: {further / len(repaired):.2f}")
            tried, cpu = median(one.tried for one in repaired), median(one.cpu for one in repaired)
            print(f"  median of a repair: {tried:g} candidates, {cpu:.1f} CPU s")
        print(f"  attempts that were run: {attempts}, rolled back: {back} ({100 * back / max(1, attempts):.0f} %)")
        sure = Counter((one.verdict, one.sure) for one in results if one.sure)
        for (verdict, grade), number in sorted(sure.items()):
            print(f"  {verdict}, {grade}: {number}")


def _sure(report: RepairReport) -> str:
    if report.question is not None:
        return "asked"
    last = report.attempts[-1] if report.attempts else None
    return str(last.confidence or Confidence.LOW) if last is not None and report.patch is not None else ""


def _digest(report: RepairReport) -> str:
    if report.question is not None:
        return " ".join(choice.patch.digest for choice in report.question.choices)
    return report.patch.digest if report.patch is not None else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
