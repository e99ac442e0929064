"""regreen replay: a past repair once more, with every answer from its recording, compared with what it gave."""

from __future__ import annotations

import argparse

from regreen.app import Replayed
from regreen.core.errors import ExitStatus
from regreen.core.repair import RepairReport

from .documents import VERSION, dump, report_document
from .runs import add_run, find_run
from .workspace import opened, run_job


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_run(parser)


def run(options: argparse.Namespace) -> int:
    """Replay, say what differs, return 0 when nothing does."""
    with opened(options.path, writes=True) as session:
        run_id = find_run(session, options.run_id).run_id
        replayed = session.shown(
            run_job(session, f"Replay {run_id}", lambda cancel, trace: session.replay(cancel, trace, run_id))
        )
    if options.json:
        dump(_document(replayed))
    else:
        print(_text(replayed))
    return ExitStatus.DONE if replayed.same else ExitStatus.NOT_REPAIRED


def _document(replayed: Replayed) -> dict[str, object]:
    return {
        "version": VERSION,
        "run_id": replayed.past.run_id,
        "same": replayed.same,
        "differences": list(replayed.differences),
        "recorded": report_document(replayed.past),
        "replayed": report_document(replayed.now) if replayed.now else None,
    }


def _text(replayed: Replayed) -> str:
    if replayed.same:
        return f"The same: {_summary(replayed.past)} (run {replayed.past.run_id}). No provider was asked."
    return "\n".join([f"Run {replayed.past.run_id} does not replay:", *(f"  {one}" for one in replayed.differences)])


def _summary(report: RepairReport) -> str:
    attempts = f"{len(report.attempts)} attempt{'' if len(report.attempts) == 1 else 's'}"
    return f"{attempts}, {'the same patch' if report.patch else 'no patch'}"
