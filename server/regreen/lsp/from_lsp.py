"""Values of the wire to values of ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from regreen.app import FixRequest, TestRequest
from regreen.core.errors import UsageError
from regreen.core.testing import TestId

from .folders import Folder, Folders
from .protocol import FixArgs, FolderArgs, RunTestsArgs, TestRef


def test_id(ref: TestRef) -> TestId:
    """Return the test that is meant."""
    return TestId(ref.project, ref.name)


def folder_of(folders: Folders, args: FolderArgs) -> Folder:
    """Return the folder that a message means.

    Raises:
        UsageError: there is none, or it is not clear which.
    """
    return folders.choose(args.uri)


def test_request(folders: Folders, folder: Folder, args: RunTestsArgs) -> Callable[[], TestRequest]:
    """Return what is to be run, as a call for the job: what a file affects takes a while to find.

    Raises:
        UsageError: a file is in another folder.
    """
    if args.tests or args.uris:
        paths = tuple(_path_in(folders, folder, uri) for uri in args.uris)
        return partial(TestRequest, tuple(test_id(ref) for ref in args.tests), paths)
    path = file_of(folders, folder, args)
    if not path:
        return TestRequest
    test = test_at(folder, path, args)
    return partial(folder.session.affected_by, path) if test is None else partial(TestRequest, (test,))


def fix_request(folders: Folders, folder: Folder, args: FixArgs) -> FixRequest:
    """Return what is to be repaired.

    Raises:
        UsageError: the file is outside of every folder.
    """
    path = file_of(folders, folder, args)
    return FixRequest(
        tests=tuple(test_id(ref) for ref in args.tests) or _red_at(folder, path, args),
        path=path,
        generation=args.generation,
        dry_run=args.dry_run,
        max_attempts=args.max_attempts,
        allow_tests=args.allow_tests,
        lifted=frozenset(args.allow),
        choice=args.choice,
        asked=args.apply_run,
    )


def _red_at(folder: Folder, path: str, args: FixArgs) -> tuple[TestId, ...]:
    """Return the test that a position means: a red one that blames the line, else the one around it.

    That one may be green, or red only for somebody else who ran it: the repair finds out.
    """
    if args.position is None or not path:
        return ()
    board = folder.session.board
    blaming = board.failures_at(path, args.position.line + 1)
    around = test_at(folder, path, args)
    if blaming or around is None:
        return tuple(failure.test for failure in blaming[:1])
    return (around,)


def file_of(folders: Folders, folder: Folder, args: FolderArgs) -> str:
    """Return the file that a message means, "" when it means the folder.

    Raises:
        UsageError: the file is outside of every folder.
    """
    path = _path_in(folders, folder, args.uri) if args.uri else ""
    return "" if path == "." else path


def test_at(folder: Folder, path: str, args: FolderArgs) -> TestId | None:
    """Return the test whose definition is around the position that a message means."""
    if args.position is None:
        return None
    line = args.position.line + 1
    before = [case for case in folder.session.model.tests_in(path) if case.line <= line]
    if not before:
        return None
    last = max(before, key=lambda case: case.line)
    symbols = folder.session.model.files[path].symbols
    end = next((symbol.end_line for symbol in symbols if symbol.line == last.line), last.line)
    return TestId(last.project, last.name) if line <= end else None


def _path_in(folders: Folders, folder: Folder, uri: str) -> str:
    owner, path = folders.locate(uri)
    if owner is not folder:
        raise UsageError(f"{uri} is in another workspace folder.", next_step="Ask for each folder on its own.")
    return path
