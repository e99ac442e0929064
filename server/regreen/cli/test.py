"""regreen test: run, classify, say."""

from __future__ import annotations

import argparse

from regreen.app import Session, Settings, TestRequest, all_green, resolve
from regreen.core.errors import ExitStatus
from regreen.core.failure import FailureKind, Strategy
from regreen.core.testing import TestRun

from .documents import dump, test_document
from .text import failures_text
from .workspace import add_path, add_trust, opened, run_job

_NOT_RUN = (FailureKind.RUNNER_CONFIG, FailureKind.ENVIRONMENT, FailureKind.DEPENDENCY_MISSING)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_path(parser)
    add_trust(parser)
    parser.add_argument("--test", action="append", default=[], metavar="ID", help="run this test only (repeatable)")
    parser.add_argument("--timeout", type=float, default=600.0, metavar="SECONDS", help="limit of one run")


def run(options: argparse.Namespace) -> int:
    """Run the tests and print what failed."""
    with opened(options.path, Settings(test_timeout=options.timeout), untrusted=options.untrusted) as session:
        request = request_of(session, options)
        runs = run_job(session, "Run tests", lambda cancel, trace: session.run_tests(cancel, trace, request))
        failures = session.board.failures
        if options.json:
            dump(test_document(runs, failures))
        else:
            print(failures_text(runs, failures))
        return _status(session, runs)


def request_of(session: Session, options: argparse.Namespace) -> TestRequest:
    """Return what the arguments select."""
    if options.test:
        return TestRequest(tests=tuple(resolve(name, session.board, session.model) for name in options.test))
    if options.path.is_file():
        return TestRequest(paths=(options.path.resolve().relative_to(session.root).as_posix(),))
    return TestRequest()


def _status(session: Session, runs: tuple[TestRun, ...]) -> int:
    if all_green(runs, session.board.failures):
        return ExitStatus.DONE
    kinds = [failure.kind for failure in session.board.failures]
    nothing_ran = not any(run.passed_ids for run in runs)
    cannot = all(kind in _NOT_RUN or kind.strategy is Strategy.ENVIRONMENT for kind in kinds)
    return ExitStatus.CANNOT_RUN if nothing_ran and cannot else ExitStatus.NOT_REPAIRED
