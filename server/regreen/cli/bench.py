"""regreen bench: a folder of cases, each repaired several times; are the patches the same, and what did they cost?"""

from __future__ import annotations

import argparse
import sys
import threading
from dataclasses import asdict
from pathlib import Path

from regreen import __version__
from regreen.app import Bench, Finished, Plan, Target, read_cases, run_bench, targets
from regreen.core.cancel import Cancellation
from regreen.core.errors import ExitStatus

from .documents import VERSION, dump
from .stats import figures_document, figures_text
from .workspace import add_json

_WIDTH = 40  # characters of a case's name that are shown


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("folder", type=Path, help="a folder of cases, or one case")
    parser.add_argument("--runs", type=_count, default=3, metavar="N", help="how often each case is repaired")
    parser.add_argument("--only", action="append", default=[], metavar="CASE", help="this case only (repeatable)")
    parser.add_argument("--provider", metavar="NAME", default="search", help="as in regreen fix")
    parser.add_argument("--max-attempts", type=int, choices=[1, 2, 3], default=3, metavar="N", help="1 to 3")
    parser.add_argument("--replay", action="store_true", help="runs after the first replay the first one's recording")
    parser.add_argument("-j", dest="at_once", type=_count, default=1, metavar="N", help="cases at the same time")
    parser.add_argument(
        "-o", "--results", type=Path, metavar="FOLDER", help="keep each result there, and go on from those that are"
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Run the cases and return 0 when all runs of each case gave the same."""
    plan = Plan(
        cases=read_cases(options.folder, tuple(options.only)),
        n_runs=options.runs,
        provider=options.provider,
        replays=options.replay,
        at_once=options.at_once,
        results=options.results,
        options=("--max-attempts", str(options.max_attempts)),
    )
    bench = _interruptible(plan)
    rows = _targets(bench)
    if options.json:
        dump(_document(plan, bench, rows))
    else:
        print(_text(plan, bench, rows))
    if any(one.difference for one in bench.finished):
        return ExitStatus.NOT_REPAIRED
    return ExitStatus.CANNOT_RUN if any(one.error for one in bench.finished) else ExitStatus.DONE


def _interruptible(plan: Plan) -> Bench:
    """Run it; Ctrl-C ends what is running, and waits until that has cleaned up."""
    cancel = Cancellation()
    lock = threading.Lock()

    def tell(message: str) -> None:
        with lock:
            print(f"· {message}", file=sys.stderr)

    try:
        return run_bench(cancel, plan, tell)
    except KeyboardInterrupt:
        cancel.cancel()
        raise


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("count from 1")
    return number


def _targets(bench: Bench) -> tuple[Target, ...]:
    same = bench.determinism
    return (
        Target(
            "determinism",
            "cases whose runs all gave the same patch",
            "100 %",
            same,
            None if same is None else 1.0 <= same,
        ),
        *targets(bench.figures),
    )


def _document(plan: Plan, bench: Bench, rows: tuple[Target, ...]) -> dict[str, object]:
    passed, tested = bench.held_out
    return {
        "version": VERSION,
        "regreen": __version__,
        "provider": plan.provider,
        "runs": plan.n_runs,
        "determinism": bench.determinism,
        "held_out": {"passed": passed, "tested": tested},
        "figures": figures_document(bench.figures),
        "targets": [asdict(row) for row in rows],
        "cases": [
            {
                "case": one.case,
                "same": None if one.error else not one.difference,
                "difference": one.difference,
                "runs": [_run_document(each.document()) for each in one.runs],
            }
            for one in bench.finished
        ],
    }


def _run_document(run: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in run.items() if name != "case"}


def _text(plan: Plan, bench: Bench, rows: tuple[Target, ...]) -> str:
    width = min(_WIDTH, max(len(one.case) for one in bench.finished))
    head = f"{'case':<{width}}  {'outcome':<20} {'same':<5} {'attempts':>8} {'seconds':>8} {'CPU':>7}  held out"
    lines = [head, *(_line(one, width) for one in bench.finished), ""]
    passed, tested = bench.held_out
    if tested:
        lines.append(f"  tests that were held out passed in {passed} of {tested} runs")
    summary = f"{len(bench.finished)} cases, {plan.n_runs} runs of each, provider {plan.provider}"
    return "\n".join([*lines, *figures_text(bench.figures, rows), f"  {summary}"])


def _line(one: Finished, width: int) -> str:
    first, n = one.runs[0], len(one.runs)
    seconds, cpu = sum(run.seconds for run in one.runs) / n, sum(run.cpu_seconds for run in one.runs) / n
    attempts = sum(sample.attempts for sample in first.samples)
    same = "–" if one.error else "NO" if one.difference else "yes"
    line = (
        f"{one.case[:width]:<{width}}  {first.outcome or 'no verdict':<20} {same:<5} {attempts:>8} {seconds:>8.1f}"
        f" {cpu:>7.1f}  {first.held_out or '–'}"
    )
    return "\n".join(filter(None, [line, one.difference and f"    {one.difference}", one.error and f"    {one.error}"]))
