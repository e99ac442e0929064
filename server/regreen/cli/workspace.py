"""Opening a workspace from the shell, showing progress, and stopping on Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from regreen.app import PROFILES, Jobs, Secrets, Session, Settings, log_discreetly, open_session, workspace_root
from regreen.core.cancel import Cancellation
from regreen.core.events import Event, Notice, Step, TestEnded, ToolSaid
from regreen.core.testing import GOOD
from regreen.core.trace import Trace

T = TypeVar("T")
LOG = "%(name)s: %(message)s"


def add_path(parser: argparse.ArgumentParser) -> None:
    """Add the workspace argument and --json."""
    parser.add_argument("path", nargs="?", type=Path, default=Path(), help="the workspace, or a file in it")
    add_json(parser)


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Add --untrusted."""
    parser.add_argument(
        "--untrusted", action="store_true", help="execute nothing of the workspace, and let its files have no say"
    )


def add_profile(parser: argparse.ArgumentParser) -> None:
    """Add --profile."""
    parser.add_argument(
        "--profile", choices=PROFILES, default="solo", metavar="NAME", help=f"limits besides: {', '.join(PROFILES)}"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="print exactly one JSON document on standard output")


@contextlib.contextmanager
def opened(
    path: Path, settings: Settings | None = None, *, writes: bool = False, untrusted: bool = False
) -> Iterator[Session]:
    """Open the session of a path, index it once, and close it; what `writes` first ends what was interrupted."""
    secrets = Secrets(os.environ)
    log_discreetly(LOG, secrets.clean)
    session = open_session(str(workspace_root(path)), settings or Settings(), show, secrets=secrets)
    if untrusted:
        session.distrust()
    try:
        if writes:
            session.recover()
        session.refresh()
        yield session
    finally:
        session.close()


def run_job(session: Session, title: str, work: Callable[[Cancellation, Trace], T]) -> T:
    """Run a job of a session and wait for it; Ctrl-C cancels it and waits until it has cleaned up."""
    jobs = Jobs()
    job = jobs.start(session.root, title, show, work)
    try:
        while True:
            with contextlib.suppress(TimeoutError):
                return job.future.result(timeout=0.2)
            if job.future.done():
                return job.future.result()
    except KeyboardInterrupt:
        job.cancel()
        print("Cancelling…", file=sys.stderr)
        return job.future.result(timeout=30)


def show(event: Event) -> None:
    """Say on standard error what happens."""
    match event:
        case Step(message=message):
            print(f"· {message}", file=sys.stderr)
        case TestEnded(result=result, failure=failure) if result.outcome not in GOOD:
            code = f" [{failure.kind.code} {failure.kind.label}]" if failure else ""
            print(f"✗ {result.id.name}{code}", file=sys.stderr)
        case ToolSaid(line=line):
            print(f"  {line}", file=sys.stderr)
        case Notice(level=level, message=message):
            print(f"{level}: {message}", file=sys.stderr)
        case _:
            return
