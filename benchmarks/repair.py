"""Measures the search engine on the small bugs of tests/bugs, each judged by tests that it never saw.

    python -m benchmarks.repair [--twice] [--notes FILE] [--seconds N] [NAME | LANGUAGE ...]

Prints a line for each bug: right (held-out tests pass), wrong, asked, not repaired, or refused where nothing should be
edited; with the candidates tried and the CPU seconds. At last a table with a row for each language, and for each how
often more than one attempt was needed, how often one was rolled back, and how sure the engine was of what was right and
of what was wrong. Every file of a workspace is compared before and after: nothing but the delivered patch may differ.

With --twice each bug is repaired twice, and both patches must be the same, byte for byte. With --notes what became of
each bug is noted in a file, and what is noted there already is not measured again; with --seconds no further bug is
begun after so many. So the whole set can be measured in pieces.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.children import adopt, cpu_seconds
from benchmarks.machine import describe
from benchmarks.workplace import workplace

from regreen.core.repair import Confidence, RepairReport, Verdict
from tests.support.bugs import Bug, digests, is_right, read_bugs, repair_bug, verdict_on

_NOT_RUN = (Verdict.NO_IDEA, Verdict.REFUSED, Verdict.UNDECIDED)  # nothing of it was written anywhere
_COLUMNS = "bugs that an edit cures, fixed, right, wrong, asked, not repaired, to be left alone, left alone"


@dataclass(frozen=True)
class Result:
    """What became of one bug."""

    bug: str
    language: str
    curable: bool
    verdict: str
    tried: int
    cpu: float
    attempts: int  # those that were run
    rolled_back: int
    sure: str  # the engine's own word on what it delivered, "asked" when it did not choose
    digest: str  # of what it delivered or asked; "" when that is nothing
    touched: tuple[str, ...]  # files that differ afterwards and that no delivered patch changes
    again: str | None = None  # the digest of the second run, when there was one


def main(arguments: list[str]) -> int:
    """Run the benchmark; the exit status is 1 when two runs differ or a workspace was touched."""
    options = _read(arguments)
    adopt()
    print(describe())
    results = _noted(options.notes)
    known, begun = {result.bug for result in results}, time.monotonic()
    with workplace() as (base, venv):
        for bug in read_bugs(*options.names):
            if bug.name in known or options.seconds < time.monotonic() - begun:
                continue
            root = base / bug.language / bug.name
            result = measure(bug, root, venv)
            if options.twice:
                result = Result(**{**asdict(result), "again": measure(bug, root, venv).digest})
            print(f"{bug.name:32} {result.verdict:14} {result.tried:5} {result.cpu:6.1f} s", flush=True)
            results.append(result)
            if options.notes:
                with options.notes.open("a", encoding="utf-8") as notes:
                    print(json.dumps(asdict(result)), file=notes)
    show(results)
    return show_promises(results)


def measure(bug: Bug, root: Path, venv: Path) -> Result:
    """Repair one bug in a fresh folder and judge the repair."""
    shutil.rmtree(root, ignore_errors=True)
    files: dict[str, str] = {}
    before = cpu_seconds()
    report = repair_bug(bug, root, once_red=lambda red: files.update(digests(red)))
    spent = cpu_seconds() - before
    after, patched = digests(root), report.patch.paths if report.patch is not None else ()
    python = venv / "bin" / "python"
    verdict = verdict_on(bug, report, root, python)
    if verdict == "not repaired":
        print(f"{bug.name}: {report.reason}")
    if verdict == "asked" and report.question is not None:
        rights = [is_right(bug, choice.patch, root, python) for choice in report.question.choices]
        print(f"{bug.name}: {report.question.text} Right: {rights}; it would have guessed {rights[0]}")
    ran = [attempt for attempt in report.attempts if attempt.verdict not in _NOT_RUN]
    return Result(
        bug.name,
        bug.language,
        bug.is_curable,
        verdict,
        sum(attempt.tried for attempt in report.attempts),
        round(spent, 2),
        attempts=len(ran),
        rolled_back=sum(attempt.verdict is not Verdict.GREEN for attempt in ran),
        sure=_sure(report),
        digest=_digest(report),
        touched=tuple(
            path for path in sorted(files | after) if path not in patched and files.get(path) != after.get(path)
        ),
    )


def show(results: list[Result]) -> None:
    """Print a table of all languages, and for each what the loop needed and how sure the engine was."""
    columns = f"language, {_COLUMNS}, candidates (median), CPU seconds (median)".split(", ")
    print("\n| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|")
    languages = dict.fromkeys(result.language for result in sorted(results, key=lambda one: one.language))
    for language in languages:
        print(_row(language, [result for result in results if result.language == language]))
    print(_row("all", results) if results else "nothing was measured")
    for language in languages:
        _show_loop(language, [result for result in results if result.language == language])


def show_promises(results: list[Result]) -> int:
    """Print whether what must always hold held; return 1 when it did not."""
    touched = [result for result in results if result.touched]
    unrepaired = sum(result.sure in ("", "asked") for result in results)
    print(f"\nworkspaces in which anything but a delivered patch changed: {len(touched)} of {len(results)}", end="")
    print(f" (nothing was delivered in {unrepaired}) " + "; ".join(f"{one.bug}: {one.touched}" for one in touched))
    twice = [result for result in results if result.again is not None]
    differing = [result.bug for result in twice if result.again != result.digest]
    if twice:
        print(f"repaired twice: {len(twice)}, differing patches: {len(differing)} {' '.join(differing)}")
    return int(bool(touched or differing))


def _row(language: str, results: list[Result]) -> str:
    curable = [result for result in results if result.curable]
    alone = [result for result in results if not result.curable]
    counts = Counter(result.verdict for result in curable)
    repaired = [result for result in curable if result.verdict in ("right", "wrong")]
    middle = (f"{median(one.tried for one in repaired):g}", f"{median(one.cpu for one in repaired):.1f}")
    cells: Iterable[object] = (
        len(curable),
        len(repaired),
        *(counts[verdict] for verdict in ("right", "wrong", "asked", "not repaired")),
        len(alone),
        sum(result.verdict == "refused" for result in alone),
        *(middle if repaired else ("", "")),
    )
    return f"| {language} | " + " | ".join(map(str, cells)) + " |"


def _show_loop(language: str, results: list[Result]) -> None:
    repaired = [result for result in results if result.verdict in ("right", "wrong")]
    attempts, back = sum(one.attempts for one in results), sum(one.rolled_back for one in results)
    print(f"\n{language}: attempts that were run: {attempts}, rolled back: {back}", end="")
    further = sum(one.attempts - 1 for one in repaired)
    print(f"; repairs of a repair, for each success: {further / max(1, len(repaired)):.2f}")
    sure = Counter((one.verdict, one.sure) for one in results if one.sure)
    print("  " + ", ".join(f"{verdict} and {grade}: {number}" for (verdict, grade), number in sorted(sure.items())))
    print("  " + ", ".join(f"{one.bug}: {one.verdict}" for one in results if one.verdict not in ("right", "refused")))


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.repair")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--twice", action="store_true")
    parser.add_argument("--notes", type=Path)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    return parser.parse_args(arguments)


def _noted(notes: Path | None) -> list[Result]:
    if notes is None or not notes.exists():
        return []
    return [Result(**json.loads(line)) for line in notes.read_text(encoding="utf-8").splitlines()]


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
