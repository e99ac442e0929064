"""regreen prepare: make the environment of a project ready."""

from __future__ import annotations

import argparse
import shlex

from regreen.app import Session, planned_steps
from regreen.core.errors import ExitStatus
from regreen.core.preparation import Preparation, PrepareStep
from regreen.core.testing import Ended

from .documents import VERSION, dump
from .workspace import add_path, add_trust, opened, run_job


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_path(parser)
    add_trust(parser)
    parser.add_argument("--project", default="", metavar="KEY", help="this project only, as regreen inspect names it")
    parser.add_argument("--dry-run", action="store_true", help="show the steps and run none")


def run(options: argparse.Namespace) -> int:
    """Run the steps, or show them, and say what became of each."""
    with opened(options.path, untrusted=options.untrusted) as session:
        found = planned_steps(session.model, options.project) if options.dry_run else _run(session, options.project)
    ran = not options.dry_run
    if options.json:
        dump({"version": VERSION, "outcome": _outcome(found, ran=ran), "projects": [_project(each) for each in found]})
    else:
        print("\n".join(_text(each) for each in found) or "Nothing needs to be prepared here.")
    return ExitStatus.CANNOT_RUN if ran and not all(each.ok for each in found) else ExitStatus.DONE


def _run(session: Session, key: str) -> tuple[Preparation, ...]:
    return run_job(session, "Prepare", lambda cancel, trace: session.prepare(cancel, trace, key))


def _outcome(found: tuple[Preparation, ...], *, ran: bool) -> str:
    if not found:
        return "nothing-to-do"
    if not ran:
        return "dry-run"
    return "prepared" if all(each.ok for each in found) else "failed"


def _project(found: Preparation) -> dict[str, object]:
    return {
        "project": found.project,
        "steps": [
            {
                "argv": list(step.argv),
                "cwd": step.cwd,
                "ended": None if step.ended is None else step.ended.value,
                "exit_code": None if step.ended is None else step.exit_code,
                "seconds": round(step.seconds, 3),
                "tail": step.tail,
            }
            for step in found.steps
        ],
    }


def _text(found: Preparation) -> str:
    return "\n".join([f"Project {found.project}", *(_step_text(step) for step in found.steps)])


def _step_text(step: PrepareStep) -> str:
    lines = [f"  {shlex.join(step.argv)}  (in {step.cwd}): {_became(step)}"]
    if step.ended is not None and not step.ok:
        lines += [f"    {line}" for line in step.tail.splitlines()]
    return "\n".join(lines)


def _became(step: PrepareStep) -> str:
    if step.ended is None:
        return "not run"
    if step.ended is Ended.EXITED:
        return "done" if step.ok else f"failed with status {step.exit_code}"
    return step.ended.value
