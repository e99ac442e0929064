"""regreen fix: the repair loop from the shell."""

from __future__ import annotations

import argparse

from regreen.app import LIFTED_BY_OPTION, FixRequest, Session, Settings, TestRequest, keep_back, question_of, resolve
from regreen.core.cancel import Cancellation
from regreen.core.errors import ExitStatus, UsageError
from regreen.core.repair import Outcome, RepairReport
from regreen.core.testing import TestId
from regreen.core.trace import Trace

from .documents import VERSION, dump, report_document
from .text import report_text
from .workspace import add_path, add_profile, add_trust, opened, run_job

_STATUS = {
    Outcome.REPAIRED: ExitStatus.DONE,
    Outcome.ALREADY_GREEN: ExitStatus.DONE,
    Outcome.REPAIRED_NOT_APPLIED: ExitStatus.NOT_REPAIRED,
    Outcome.NOT_CODE: ExitStatus.CANNOT_RUN,
    Outcome.UNDECIDED: ExitStatus.REFUSED,
    Outcome.REFUSED: ExitStatus.REFUSED,
    Outcome.CANCELLED: ExitStatus.CANCELLED,
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_path(parser)
    add_trust(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--test", metavar="ID", help="repair this test (default: the first that fails)")
    which.add_argument("--all", action="store_true", help="repair every failing test, one after the other")
    which.add_argument("--choose", type=int, metavar="N", help="answer a question of an earlier repair")
    parser.add_argument(
        "--run", dest="asked", default="", metavar="RUN", help="the repair that asked (default: the last that did)"
    )
    parser.add_argument(
        "--provider",
        metavar="NAME",
        default="search",
        help="where patches come from: search (default), cascade, or a model of your config.toml",
    )
    parser.add_argument(
        "--replay", metavar="DIR", default="", help="take every answer from a recording: no network, no key"
    )
    parser.add_argument("--max-attempts", type=int, choices=[1, 2, 3], default=3, metavar="N", help="1 to 3")
    add_profile(parser)
    parser.add_argument("--dry-run", action="store_true", help="show the diff and change nothing")
    parser.add_argument("--allow-tests", action="store_true", help="let this repair edit test files")
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        choices=LIFTED_BY_OPTION,
        metavar="RULE",
        help="lift this rule of the guard for this repair (repeatable; docs/guardrails.md lists them)",
    )
    bench = parser.add_mutually_exclusive_group()
    bench.add_argument("--copy", action="store_true", help="work in a private copy even where an overlay works")
    bench.add_argument("--in-place", action="store_true", help="work on your own files, over a checkpoint")
    parser.add_argument("--sandbox", choices=["auto", "off"], default="auto", help="off: nothing confines the tests")
    parser.add_argument(
        "--network", choices=["loopback", "none", "full"], default="loopback", help="what tests may reach"
    )
    parser.add_argument("--timeout", type=float, default=600.0, metavar="SECONDS", help="limit of one run of tests")


def run(options: argparse.Namespace) -> int:
    """Repair, print the story, return the exit status."""
    settings = Settings(
        test_timeout=options.timeout,
        max_attempts=options.max_attempts,
        profile=options.profile,
        provider=options.provider,
        workbench="copy" if options.copy else "in-place" if options.in_place else "auto",
        sandbox=options.sandbox,
        network=options.network,
    )
    if options.choose is not None and options.choose < 1:
        raise UsageError("Choices are counted from 1.", next_step="regreen show lists the choices of a run.")
    with opened(options.path, settings, writes=True, untrusted=options.untrusted) as session:
        reports = _repair_all(session, options) if options.all else _repair_one(session, options)
        shown = session.shown(reports)
        if options.json:
            dump(_document(shown, every=options.all))
        else:
            print("\n\n".join(report_text(report) for report in shown) or "Every test passes; nothing to repair.")
        return max((status_of(report, options.dry_run) for report in reports), default=ExitStatus.DONE)


def status_of(report: RepairReport, dry_run: bool) -> int:
    """Return the exit status of a repair; a dry run that found a proved fix has done what it was asked."""
    if dry_run and report.outcome is Outcome.REPAIRED_NOT_APPLIED:
        return ExitStatus.DONE
    return _STATUS.get(report.outcome, ExitStatus.NOT_REPAIRED)


def _repair_one(session: Session, options: argparse.Namespace) -> tuple[RepairReport, ...]:
    if options.choose is not None:
        return (_fix(session, options, question_of(session.board, options.asked).wanted[0]),)
    tests = (resolve(options.test, session.board, session.model),) if options.test else _red(session, options)[:1]
    return (_fix(session, options, tests[0]),) if tests else ()


def _repair_all(session: Session, options: argparse.Namespace) -> tuple[RepairReport, ...]:
    """Repair red tests until none is left that was not tried; a repair may cure more than one."""
    reports: list[RepairReport] = []
    tried: set[TestId] = set()
    while left := [test for test in _red(session, options) if test not in tried]:
        tried.add(left[0])
        reports.append(_fix(session, options, left[0]))
        if reports[-1].outcome in (Outcome.NOT_CODE, Outcome.CANCELLED):
            break
    return tuple(reports)


def _red(session: Session, options: argparse.Namespace) -> tuple[TestId, ...]:
    paths = (options.path.resolve().relative_to(session.root).as_posix(),) if options.path.is_file() else ()
    request = TestRequest(paths=paths)
    run_job(session, "Run tests", lambda cancel, trace: session.run_tests(cancel, trace, request))
    return tuple(dict.fromkeys(failure.test for failure in session.board.failures))


def _fix(session: Session, options: argparse.Namespace, test: TestId) -> RepairReport:
    request = FixRequest(
        tests=(test,),
        dry_run=options.dry_run,
        max_attempts=options.max_attempts,
        allow_tests=options.allow_tests,
        lifted=frozenset(options.allow),
        choice=options.choose or 0,
        asked=options.asked,
        replay=options.replay,
    )

    def work(cancel: Cancellation, trace: Trace) -> RepairReport:
        deliver = keep_back if options.dry_run else session.to_files(trace.run_id)
        return session.fix(cancel, trace, request, deliver)

    report = run_job(session, f"Fix {test.name}", work)
    session.refresh()
    return report


def _document(reports: tuple[RepairReport, ...], *, every: bool) -> dict[str, object]:
    if len(reports) == 1 and not every:
        return report_document(reports[0])
    outcome = "repaired" if all(report.outcome is Outcome.REPAIRED for report in reports) else "incomplete"
    return {
        "version": VERSION,
        "outcome": outcome if reports else "already-green",
        "repairs": [report_document(report) for report in reports],
    }
