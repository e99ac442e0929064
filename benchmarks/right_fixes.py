"""Measures what the layers before "green" let through: each bug of tests/bugs is given the fix that is right.

    python -m benchmarks.right_fixes [NAME | LANGUAGE ...]

Nothing should be refused, and nothing asked: whatever is, is a person's time lost. Prints a line for each bug, with
the rule or the reason where its fix did not come through, and at last the counts for each language.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass

from benchmarks.children import adopt
from benchmarks.machine import describe
from benchmarks.workplace import workplace

from regreen.core.cancel import Cancellation
from regreen.core.edit import patch_between
from regreen.core.ports import Trials
from regreen.core.repair import NoIdea, Outcome, Proposal, RepairReport, RepairRequest
from tests.support.bugs import Bug, read_bugs, repair_bug


@dataclass(frozen=True)
class Knowing:
    """A provider that knows the right fix of one bug, and proposes it once."""

    bug: Bug
    name: str = "right"

    def propose(self, cancel: Cancellation, request: RepairRequest, trials: Trials) -> Proposal | NoIdea:
        """Propose the fix, as far as it is not in the files."""
        del cancel, trials
        files = self.bug.files.items()
        after = {path.removeprefix("fix/"): text for path, text in files if path.startswith("fix/")}
        before = {path: request.sources.get(path, "") for path in after}
        if request.attempts or before == after:
            return NoIdea(self.name, "It was proposed already.")
        return Proposal(self.name, self.bug.head["bug"], patch_between(before, after))


def main(names: list[str]) -> int:
    """Run the benchmark; the exit status is 1 when a right fix did not come through."""
    adopt()
    print(describe())
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    with workplace() as (base, _):
        for bug in read_bugs(*names):
            if bug.is_curable:
                report = repair_bug(bug, base / bug.language / bug.name, Knowing(bug))
                came = came_through(report)
                counts[bug.language][came] += 1
                print(f"{bug.language} {bug.name}: {came}{'' if came == 'green' else ': ' + _why(report)}", flush=True)
    for language, found in sorted(counts.items()):
        print(f"{language:12} {', '.join(f'{number} {name}' for name, number in sorted(found.items()))}")
    return int(any(set(found) != {"green"} for found in counts.values()))


def came_through(report: RepairReport) -> str:
    """Return what became of the right fix: "green", "asked", or the verdict that kept it back."""
    if report.outcome is Outcome.REPAIRED:
        return "green"
    if report.inquiry is not None and not report.attempts:
        return "asked"
    return report.attempts[-1].verdict.value if report.attempts else report.outcome.value


def _why(report: RepairReport) -> str:
    reasons = [f"[{attempt.rule}] {attempt.reason}" for attempt in report.attempts]
    return " ".join([*reasons, report.reason]).replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
