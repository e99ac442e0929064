"""Dates as a person types them."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta

from regreen.core.errors import UsageError
from regreen.core.repair import RepairReport


def add_dates(parser: argparse.ArgumentParser) -> None:
    """Add --since and --until."""
    parser.add_argument("--since", metavar="DATE", default="", help="from this day on, e.g. 2026-01-31")
    parser.add_argument("--until", metavar="DATE", default="", help="up to the end of this day")


def within(options: argparse.Namespace, reports: tuple[RepairReport, ...]) -> tuple[RepairReport, ...]:
    """Return the repairs that began in the chosen time.

    Raises:
        UsageError: a date is none.
    """
    since = _moment(options.since, "--since") if options.since else None
    until = _moment(options.until, "--until", is_end=True) if options.until else None
    return tuple(
        report
        for report in reports
        if (since is None or since <= report.started) and (until is None or report.started < until)
    )


def _moment(text: str, option: str, *, is_end: bool = False) -> float:
    """Return a day's begin (or end), or the moment itself, where the person is; as epoch seconds."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{option} {text} is no date.", next_step="Write a day like 2026-01-31, or a moment like 2026-01-31T14:00."
        ) from error
    whole_day = is_end and len(text) <= len("2026-01-31")
    return (found + timedelta(days=1) if whole_day else found).timestamp()
