"""Arguments in, exit status out."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from regreen import __version__
from regreen.app import Secrets, log_discreetly
from regreen.core.cancel import Cancelled
from regreen.core.errors import ExitStatus, RegreenError, exhausted
from regreen.pages import told

from .commands import COMMANDS
from .screen import as_json, screened
from .workspace import LOG


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = _parser().parse_args(argv)
    secrets = Secrets(os.environ)
    log_discreetly(LOG, secrets.clean)
    try:
        with screened():
            return int(arguments.run(arguments))
    except RegreenError as error:
        return _explain(error, secrets.clean, in_json=getattr(arguments, "json", False))
    except (Cancelled, KeyboardInterrupt):
        print("Cancelled; nothing was changed.", file=sys.stderr)
        return ExitStatus.CANCELLED
    except BrokenPipeError:
        # The reader of our output went away, as `head` does: not an error of ours.
        sys.stderr.close()
        return ExitStatus.DONE
    except OSError as error:
        problem = exhausted(error)
        if problem is None:
            raise
        return _explain(problem, secrets.clean, in_json=getattr(arguments, "json", False))


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


def _explain(error: RegreenError, clean: Callable[[str], str], *, in_json: bool) -> int:
    message, next_step = clean(error.message), clean(error.next_step)
    print(f"regreen: {told(message)}\n  {told(next_step)}", file=sys.stderr)
    if in_json:
        document = {"version": 1, "error": {"message": message, "next_step": next_step}}
        print(as_json(document, indent=None))
    return error.status
