"""The test explorer, for clients that ask for it: the tests of the languages that they follow, and what runs bring."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from regreen.app import TestRequest
from regreen.core.events import Event, JobEnded, JobStarted, ModelChanged, RunEnded, TestEnded, TestsStarted
from regreen.core.failure import Failure
from regreen.core.testing import TestResult
from regreen.core.workspace import TestCase, WorkspaceModel
from regreen.lsp.explorer import chosen, file_of_tests, followed, state_of, state_of_place
from regreen.lsp.folders import Folder
from regreen.lsp.host import RegreenServer
from regreen.lsp.protocol import (
    TEST_RUN,
    TESTS,
    FollowTestsParams,
    TestFile,
    TestRunParams,
    TestsParams,
    TestState,
)

_GATHER_SECONDS = 0.2
_RESULT_SECONDS = 0.1
_FILES_AT_ONCE = 50


def follow(server: RegreenServer, params: Any) -> None:
    """Send the tests of these languages from here on, and all of them once."""
    server.following = followed(FollowTestsParams.model_validate(params or {}))
    for folder in server.folders:
        folder.explorer.sent = None
        send_soon(server, folder)


def on_event(server: RegreenServer, folder: Folder, event: Event) -> None:
    """Send what is new."""
    match event:
        case ModelChanged():
            send_soon(server, folder)
        case JobStarted(trace=trace, title=title):
            folder.explorer.job = (trace.run_id, title)
        case TestsStarted(project=project):
            _begin(server, folder, project)
        case TestEnded(result=result, failure=failure):
            _take(server, folder, result, failure)
        case RunEnded():
            _take_rest(server, folder, event)
        case JobEnded():
            _end(server, folder)
        case _:
            pass


def send_soon(server: RegreenServer, folder: Folder) -> None:
    """Send a folder's tests as far as they are new, once for everything that happens now."""
    if server.following and not folder.explorer.due:
        folder.explorer.due = True
        server.later(_GATHER_SECONDS, _send_due, server, folder)


def clear(server: RegreenServer, folder: Folder) -> None:
    """Take a closed folder's tests away."""
    if folder.explorer.sent:
        _send(server, gone=tuple(map(folder.uri_of, sorted(folder.explorer.sent))))


def _send_due(server: RegreenServer, folder: Folder) -> None:
    folder.explorer.due = False
    if not folder.closed:
        server.spawn(_send_changes(server, folder))


async def _send_changes(server: RegreenServer, folder: Folder) -> None:
    async with folder.explorer.lock:
        before, following, model = folder.explorer.sent or {}, server.following, folder.session.model
        now = await server.in_background(_tests_of, model, following)
        gone = tuple(map(folder.uri_of, sorted(before.keys() - now.keys())))
        changed = sorted(path for path in now if now[path] != before.get(path))
        folder.explorer.sent = now
        if gone:
            _send(server, gone=gone)
        for at in range(0, len(changed), _FILES_AT_ONCE):
            files = await server.in_background(_files, folder, model, now, changed[at : at + _FILES_AT_ONCE])
            if folder.closed or server.following != following:
                return
            _send(server, files=files)


def _tests_of(model: WorkspaceModel, following: frozenset[str]) -> dict[str, tuple[TestCase, ...]]:
    return {path: facts.tests for path, facts in model.files.items() if facts.tests and facts.language in following}


def _files(
    folder: Folder, model: WorkspaceModel, tests: Mapping[str, tuple[TestCase, ...]], paths: list[str]
) -> tuple[TestFile, ...]:
    return tuple(
        file_of_tests(folder.uri, folder.uri_of(path), path, model.files[path].language, tests[path]) for path in paths
    )


def _send(server: RegreenServer, *, gone: tuple[str, ...] = (), files: tuple[TestFile, ...] = ()) -> None:
    server.protocol.notify(TESTS, TestsParams(gone=gone, files=files).on_wire())


def requested(folder: Folder, nodes: tuple[str, ...], without: tuple[str, ...]) -> TestRequest | None:
    """Return what some nodes mean in a folder, None for nothing."""
    sent = folder.explorer.sent or {}
    return chosen(folder.uri, {path: (folder.uri_of(path), cases) for path, cases in sent.items()}, nodes, without)


# -- runs


def _begin(server: RegreenServer, folder: Folder, key: str) -> None:
    project = folder.session.model.project(key)
    followed = project is not None and not server.following.isdisjoint(project.languages)
    if followed and not folder.explorer.run:
        folder.explorer.run, title = folder.explorer.job
        folder.explorer.results.clear()
        _tell(
            server,
            TestRunParams(uri=folder.uri, run=folder.explorer.run, phase="begin", title=title, token=folder.token),
        )


def _take(server: RegreenServer, folder: Folder, result: TestResult, failure: Failure | None) -> None:
    if not folder.explorer.run or folder.explorer.results.get(result.id) is not None:
        return  # A test that failed once in a run has failed.
    folder.explorer.results[result.id] = failure
    _add(server, folder, _state(folder, result, failure))


def _take_rest(server: RegreenServer, folder: Folder, event: RunEnded) -> None:
    """Take what did not come while the run went on, and failures that are understood only now."""
    if not folder.explorer.run:
        return
    failures = {failure.test: failure for failure in reversed(event.failures)}
    for result in event.run.results:
        told = folder.explorer.results.get(result.id, _NEVER)
        if told is _NEVER or (told is not None and failures.get(result.id, told) != told):
            folder.explorer.results[result.id] = failures.get(result.id)
            _add(server, folder, _state(folder, result, failures.get(result.id)))
    with_result = {result.id for result in event.run.results}
    for test in sorted(failures.keys() - with_result):
        _add(server, folder, state_of_place(folder.uri, failures[test], folder.uri_of))


def _state(folder: Folder, result: TestResult, failure: Failure | None) -> TestState:
    cases = folder.session.model.tests_in(result.path)
    return state_of(folder.uri, result, failure, folder.uri_of, cases)


def _add(server: RegreenServer, folder: Folder, state: TestState) -> None:
    folder.explorer.waiting.append(state)
    if len(folder.explorer.waiting) == 1:
        server.later(_RESULT_SECONDS, partial(_flush, server, folder, folder.explorer.run))


def _flush(server: RegreenServer, folder: Folder, run: str) -> None:
    if folder.explorer.waiting and folder.explorer.run == run:
        states = tuple(folder.explorer.waiting)
        folder.explorer.waiting.clear()
        _tell(server, TestRunParams(uri=folder.uri, run=run, phase="results", results=states))


def _end(server: RegreenServer, folder: Folder) -> None:
    if folder.explorer.run:
        _flush(server, folder, folder.explorer.run)
        _tell(server, TestRunParams(uri=folder.uri, run=folder.explorer.run, phase="end"))
        folder.explorer.run = ""


def _tell(server: RegreenServer, params: TestRunParams) -> None:
    server.protocol.notify(TEST_RUN, params.on_wire())


_NEVER = object()
