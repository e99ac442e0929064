"""regreen classify: explain saved runner output."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from regreen.analysis import classify_saved, plain
from regreen.core.errors import ExitStatus, UsageError
from regreen.languages import guess_runner, language_of_runner, runner_names

from .documents import VERSION, dump, failure_document
from .text import failure_text
from .workspace import add_json, opened

_LIMIT = 64 * 1024 * 1024


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "file", nargs="?", help="the saved output; - reads standard input (default, unless there are reports)"
    )
    names = ", ".join(runner_names())
    parser.add_argument(
        "--runner", default="auto", help=f"what wrote the output: auto (by what it looks like), {names}"
    )
    parser.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="FILE",
        help="a structured report that the runner wrote beside its output (repeatable)",
    )
    parser.add_argument("--root", type=Path, default=Path(), help="the workspace that the output is about")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the classified failures of a saved output."""
    output = "" if options.file is None and options.report else _read(options.file or "-")
    reports = {Path(name).name: _read(name) for name in options.report}
    runner = _runner(options.runner, output, reports)
    with opened(options.root) as session:
        failures = classify_saved(output, runner, session.root, model=session.model, read=session.text, reports=reports)
        failures = session.cleaned(failures)
    if options.json:
        dump({"version": VERSION, "runner": runner, "failures": [failure_document(failure) for failure in failures]})
    else:
        print("\n".join(failure_text(failure) for failure in failures) or "No failure found in this output.")
    return ExitStatus.NOT_REPAIRED if failures else ExitStatus.DONE


def _runner(named: str, output: str, reports: Mapping[str, str]) -> str:
    if named != "auto":
        language_of_runner(named)  # An unknown name is told before anything is read.
        return named
    return guess_runner(plain("\n".join([output, *(reports[name] for name in sorted(reports))])))


def _read(name: str) -> str:
    try:
        if name == "-":
            return sys.stdin.buffer.read(_LIMIT).decode("utf-8", "replace")
        with Path(name).open("rb") as stream:
            return stream.read(_LIMIT).decode("utf-8", "replace")
    except OSError as error:
        raise UsageError(
            f"Cannot read {name}: {error.strerror}.", next_step="Name a file that exists, or - for standard input."
        ) from error
