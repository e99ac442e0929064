"""Arguments in, exit status out."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence

from regreen import __version__
from regreen.core.cancel import Cancelled
from regreen.core.errors import ExitStatus, RegreenError

from .commands import COMMANDS


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    try:
        return int(arguments.run(arguments))
    except RegreenError as error:
        return _explain(error, as_json=getattr(arguments, "json", False))
    except (Cancelled, KeyboardInterrupt):
        print("Cancelled; nothing was changed.", file=sys.stderr)
        return ExitStatus.CANCELLED
    except BrokenPipeError:
        # The reader of our output went away, as `head` does: not an error of ours.
        sys.stderr.close()
        return ExitStatus.DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="regreen",
        description="Classified test failures and a checkpoint-protected repair loop.",
        epilog="Exit status: 0 done (green); 1 not repaired or tests red; 2 wrong use or configuration; "
        "3 refused by gate or policy; 4 the environment cannot run it; 130 cancelled.",
    )
    parser.add_argument("--version", action="version", version=f"regreen {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        sub = subparsers.add_parser(command.name, help=command.summary, description=command.summary)
        command.arguments(sub)
        sub.set_defaults(run=command.run)
    return parser


def _explain(error: RegreenError, *, as_json: bool) -> int:
    print(f"regreen: {error.message}\n  {error.next_step}", file=sys.stderr)
    if as_json:
        document = {"version": 1, "error": {"message": error.message, "next_step": error.next_step}}
        print(json.dumps(document, ensure_ascii=False))
    return error.status
