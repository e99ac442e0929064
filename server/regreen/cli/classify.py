"""regreen classify: explain saved runner output."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from regreen.analysis import classify_saved
from regreen.core.errors import ExitStatus, UsageError

from .documents import VERSION, dump, failure_document
from .text import failure_text
from .workspace import add_json, opened

_LIMIT = 64 * 1024 * 1024


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("file", nargs="?", default="-", help="the saved output; - reads standard input")
    parser.add_argument("--runner", default="pytest", help="what wrote the output: pytest, go-test, vitest, …")
    parser.add_argument("--root", type=Path, default=Path(), help="the workspace that the output is about")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the classified failures of a saved output."""
    output = _read(options.file)
    with opened(options.root) as session:
        failures = classify_saved(output, options.runner, session.root, model=session.model, read=session.text)
    if options.json:
        dump({"version": VERSION, "failures": [failure_document(failure) for failure in failures]})
    else:
        print("\n".join(failure_text(failure) for failure in failures) or "No failure found in this output.")
    return ExitStatus.NOT_REPAIRED if failures else ExitStatus.DONE


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
