"""regreen mutate: would the tests notice?"""

from __future__ import annotations

import argparse
from pathlib import Path

from regreen import __version__
from regreen.app import MutateRequest, Session, Settings, Strengthened, keep_back, write_report
from regreen.core.cancel import Cancellation
from regreen.core.errors import ExitStatus, UsageError
from regreen.core.mutation import Strength
from regreen.core.trace import Trace
from regreen.mutation import report_document

from .documents import VERSION, dump
from .strength import strength_document, strength_text
from .strengthened import strengthened_document, strengthened_text
from .workspace import add_path, opened, run_job


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_path(parser)
    parser.add_argument(
        "--file", action="append", default=[], metavar="F", help="mutate this file or folder only (repeatable)"
    )
    parser.add_argument("--function", default="", metavar="NAME", help="mutate this function, method or class only")
    parser.add_argument("--since", default="", metavar="REV", help="mutate only lines that changed since a revision")
    parser.add_argument("--time", type=float, default=0.0, metavar="S", help="begin no further mutant after S seconds")
    parser.add_argument(
        "--min-score", type=float, default=None, metavar="X", help="end with status 1 below this score (0 to 100)"
    )
    parser.add_argument("--report", type=Path, default=None, metavar="DIR", help="write mutation.json and index.html")
    parser.add_argument(
        "--strengthen", action="store_true", help="write tests that notice survivors into the files of tests"
    )
    parser.add_argument("--dry-run", action="store_true", help="with --strengthen: show the tests, write nothing")
    parser.add_argument("--sandbox", choices=["auto", "off"], default="auto", help="off: nothing confines the tests")
    parser.add_argument("--timeout", type=float, default=600.0, metavar="SECONDS", help="limit of one run of tests")


def run(options: argparse.Namespace) -> int:
    """Mutate, print what would go unnoticed, return the exit status."""
    if options.min_score is not None and not 0 <= options.min_score <= 100:
        raise UsageError("A score is between 0 and 100.", next_step="Give --min-score a number such as 80.")
    if options.time < 0:
        raise UsageError("A time cannot be negative.", next_step="Give --time a number of seconds.")
    with opened(options.path, Settings(test_timeout=options.timeout, sandbox=options.sandbox)) as session:
        request = MutateRequest(_paths(session, options), options.function, options.since, options.time)
        strength, found = _strengthened(session, request, options) if options.strengthen else _only(session, request)
        written = _written(session, options.report, strength)
        if options.json:
            said = strength_document(strength) or {}
            new = {} if found is None else {"strengthened": strengthened_document(found)}
            dump({"version": VERSION, "outcome": _outcome(strength), **said, **new, "report": written})
        else:
            print(strength_text(strength, "this code"))
            if _is_below(strength, options.min_score):
                print(f"The score is below the {options.min_score:g} % that --min-score asks for.")
            print("" if found is None else strengthened_text(found), end="")
            print("".join(f"Report: {path}\n" for path in written), end="")
        return _status(strength, options.min_score)


def _only(session: Session, request: MutateRequest) -> tuple[Strength, None]:
    return run_job(session, "Mutate", lambda cancel, trace: session.mutate(cancel, trace, request)), None


def _strengthened(
    session: Session, request: MutateRequest, options: argparse.Namespace
) -> tuple[Strength, Strengthened]:
    def job(cancel: Cancellation, trace: Trace) -> tuple[Strength, Strengthened]:
        deliver = keep_back if options.dry_run else session.to_files(trace.run_id)
        return session.strengthen(cancel, trace, request, deliver)

    return run_job(session, "Strengthen", job)


def _paths(session: Session, options: argparse.Namespace) -> tuple[str, ...]:
    """Return the files that the arguments name, relative to the workspace."""
    named = [*options.file, *([str(options.path)] if options.path.is_file() else [])]
    root = Path(session.root).resolve()
    found = []
    for name in named:
        candidates = (Path(name).resolve(), (options.path / name).resolve(), (root / name).resolve())
        real = next((path for path in candidates if path.exists() and path.is_relative_to(root)), None)
        if real is None:
            raise UsageError(
                f"There is no file {name} in this workspace.", next_step="Name a file or folder below its root."
            )
        found.append(real.relative_to(root).as_posix())
    return tuple(found)


def _written(session: Session, folder: Path | None, strength: Strength) -> list[str]:
    if folder is None:
        return []
    paths = sorted({one.mutant.path for one in strength.judged})
    sources = {path: text for path in paths if (text := session.text(path)) is not None}
    return [str(path) for path in write_report(folder, report_document(strength, sources, version=__version__))]


def _outcome(strength: Strength) -> str:
    if strength.refused:
        return "refused"
    return "measured" if strength.complete else "incomplete"


def _status(strength: Strength, least: float | None) -> int:
    if strength.refused:
        return ExitStatus.CANNOT_RUN
    return ExitStatus.NOT_REPAIRED if _is_below(strength, least) else ExitStatus.DONE


def _is_below(strength: Strength, least: float | None) -> bool:
    return least is not None and strength.score is not None and 100 * strength.score < least
