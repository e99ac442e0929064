"""regreen inspect: what the oracle knows."""

from __future__ import annotations

import argparse

from regreen.core.errors import ExitStatus
from regreen.oracle import inspect_document, inspect_text

from .documents import dump
from .workspace import add_path, add_trust, opened


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_path(parser)
    add_trust(parser)


def run(options: argparse.Namespace) -> int:
    """Print the oracle's report."""
    with opened(options.path, untrusted=options.untrusted) as session:
        if options.json:
            dump(inspect_document(session.model))
        else:
            print(inspect_text(session.model))
        return ExitStatus.DONE if session.model.projects else ExitStatus.CANNOT_RUN
