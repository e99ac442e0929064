"""regreen stats: the figures of the repairs that were made in a workspace, against their targets."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from regreen.app import Figures, Target, figures, sample_of, targets
from regreen.core.errors import ExitStatus

from .dates import add_dates, within
from .documents import VERSION, dump
from .workspace import add_path, opened


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_path(parser)
    add_dates(parser)


def run(options: argparse.Namespace) -> int:
    """Print the figures."""
    with opened(options.path) as session:
        found = figures([sample_of(report) for report in within(options, session.board.reports)])
    rows = targets(found)
    if options.json:
        dump({"version": VERSION, "figures": figures_document(found), "targets": [asdict(row) for row in rows]})
    else:
        print("\n".join(figures_text(found, rows)) if found.runs else "No repair was made in that time.")
    return ExitStatus.DONE


def figures_document(found: Figures) -> dict[str, object]:
    """Return figures for a script."""
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(found).items()}


def figures_text(found: Figures, rows: tuple[Target, ...]) -> list[str]:
    """Return figures for a person, one a line, the targets first."""
    lines = [f"{_MARKS[row.met]} {row.words}: {_shown(row)} (target: {row.aim})" for row in rows]
    lines.append(
        f"  repairs: {found.runs}, of these {found.proved} proved, {found.rolled_back} rolled back, "
        f"{found.declined} declined, {found.taken_back} taken back"
    )
    more = (
        ("first patch could be built", found.first_pass_build_rate, "{:.0%}"),
        ("attempts on average", found.attempts_average, "{:.2f}"),
        ("seconds, median", found.seconds_median, "{:.1f}"),
        ("seconds on average", found.seconds_average, "{:.1f}"),
        ("CPU seconds on average", found.cpu_seconds_average, "{:.1f}"),
        ("tokens for each call of a model", found.tokens_per_call, "{:.0f}"),
        ("money for each success", found.money_per_success if found.money else None, "{:.4f}"),
    )
    return lines + [f"  {words}: {form.format(value)}" for words, value, form in more if value is not None]


def _shown(row: Target) -> str:
    if row.value is None:
        return "nothing measured yet"
    return f"{row.value:.2f}" if row.name == "repairs_per_success" else f"{row.value:.1%}"


_MARKS = {True: "✓", False: "✗", None: "–"}
