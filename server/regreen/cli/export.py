"""regreen export: past repairs as trajectories, one JSON object a line."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from regreen.app import Session
from regreen.core.edit import diff
from regreen.core.errors import ExitStatus, UsageError
from regreen.core.repair import Attempt, RepairReport

from .dates import add_dates, within
from .documents import failure_document, report_document
from .workspace import opened

VERSION = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("path", nargs="?", type=Path, default=Path(), help="the workspace, or a file in it")
    add_dates(parser)
    parser.add_argument("-o", "--output", metavar="FILE", default="", help="where to write (default: standard output)")


def run(options: argparse.Namespace) -> int:
    """Write a line for each repair, oldest first."""
    with opened(options.path) as session, _output(options.output) as file:
        reports = within(options, session.board.reports)
        for report in reports:
            file.write(json.dumps(_trajectory(session, report), ensure_ascii=False) + "\n")
    print(f"{len(reports)} trajectories", file=sys.stderr)
    return ExitStatus.DONE


def _trajectory(session: Session, report: RepairReport) -> dict[str, object]:
    """Return one line. docs/replay.md describes it; `version` grows when a field changes meaning."""
    told = session.shown(report)
    document = report_document(told)
    document["attempts"] = [_attempt(row, attempt) for row, attempt in zip(_rows(document), told.attempts, strict=True)]
    names = ("run_id", "trace_id", "started", "tests", "failure", "outcome", "applied", "reason", "attempts", "diff")
    return {
        "version": VERSION,
        **{name: document[name] for name in names},
        "question": document["question"],
        "strength": document["mutation"],
        "usage": document["usage"],
        "interactions": session.shown(session.interactions(report.run_id)),
        "files": {file.path: file.base for file in told.patch.files} if told.patch else {},
    }


def _rows(document: dict[str, object]) -> list[dict[str, object]]:
    rows = document["attempts"]
    return rows if isinstance(rows, list) else []


def _attempt(row: dict[str, object], attempt: Attempt) -> dict[str, object]:
    """Return an attempt with the failure that it left, which the shell's other documents do not show."""
    failure = failure_document(attempt.failure) if attempt.failure else None
    return {**row, "failure": failure, "diff": diff(attempt.patch) if attempt.patch else ""}


@contextmanager
def _output(name: str) -> Iterator[TextIO]:
    if not name:
        yield sys.stdout
        return
    try:
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(
            f"{name} cannot be written: {error.strerror}.",
            next_step="Name a file in a folder that exists and that you may write to.",
        ) from error
    with open(descriptor, "w", encoding="utf-8", errors="replace") as file:
        yield file
