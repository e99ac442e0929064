"""regreen history, show, undo: past repairs."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from regreen.app import Session, damaged_records, refuse_if_damaged
from regreen.core.errors import ExitStatus, UsageError
from regreen.core.repair import RepairReport
from regreen.core.trace import RunId
from regreen.pages import repair_page

from .dates import add_dates, within
from .documents import VERSION, dump, report_document
from .text import report_text
from .workspace import add_path, opened, run_job


def history_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_path(parser)
    add_dates(parser)


def history(options: argparse.Namespace) -> int:
    """List the repairs, newest first."""
    with opened(options.path) as session:
        reports = session.shown(tuple(reversed(within(options, session.board.reports))))
        recordings = {report.run_id: session.recording(report.run_id) for report in reports}
        damaged = damaged_records(session.root)
        for problem in damaged:
            print(f"warning: {problem}", file=sys.stderr)
        if options.json:
            runs = [{**report_document(report), "recording": recordings[report.run_id]} for report in reports]
            dump({"version": VERSION, "runs": runs, "damaged": list(damaged)})
        else:
            lines = [_line(report, recorded=bool(recordings[report.run_id])) for report in reports]
            print("\n".join(lines) or ("" if damaged else "No repair was made in this workspace yet."))
    return ExitStatus.DONE


def show_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_run(parser)
    parser.add_argument("--html", metavar="FILE", default="", help="write it as a page with pictures, for any browser")


def show(options: argparse.Namespace) -> int:
    """Print one repair, or write its page."""
    with opened(options.path) as session:
        report = session.shown(find_run(session, options.run_id))
        if options.html:
            _write_page(Path(options.html), repair_page(report, session.board.reports))
        if options.json:
            dump(report_document(report))
        else:
            print(report_text(report))
    return ExitStatus.DONE


def undo_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_run(parser)


def undo(options: argparse.Namespace) -> int:
    """Take a repair's edits back, or make them again."""
    with opened(options.path, writes=True) as session:
        report = find_run(session, options.run_id)
        deliver = session.to_files(report.run_id)
        after = run_job(session, "Undo", lambda cancel, trace: session.undo(cancel, trace, report.run_id, deliver))
        if options.json:
            dump(report_document(session.shown(after)))
        else:
            print(f"{after.run_id}: {after.outcome.value}. {after.reason}")
    return ExitStatus.DONE


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the run and the workspace."""
    parser.add_argument("run_id", nargs="?", default="", help="the run as regreen history names it (default: the last)")
    add_path(parser)


def _write_page(file: Path, page: str) -> None:
    try:
        file.write_text(page, encoding="utf-8", errors="replace")
    except OSError as error:
        problem = error.strerror or str(error)
        raise UsageError(
            f"The page cannot be written to {file}: {problem}.",
            next_step="Name a file in a folder that exists and that you may write to.",
        ) from error
    print(f"Wrote {file}", file=sys.stderr)


def find_run(session: Session, run_id: str) -> RepairReport:
    """Return the repair that is named, the last one when none is.

    Raises:
        UsageError: there is none.
        CannotRun: its record is damaged.
    """
    reports = session.board.reports
    if run_id:
        refuse_if_damaged(session.root, RunId(run_id))
    if not reports:
        raise UsageError("No repair was made in this workspace yet.", next_step="regreen fix makes one.")
    if not run_id:
        return reports[-1]
    found = session.board.report(RunId(run_id))
    if found is None:
        raise UsageError(f"There is no run {run_id}.", next_step="regreen history lists the runs of this workspace.")
    return found


def _line(report: RepairReport, *, recorded: bool) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(report.started))
    tests = ", ".join(test.name for test in report.wanted)
    return f"{report.run_id}  {when}  {report.outcome.value:<21} {'●' if recorded else ' '} {tests}"
