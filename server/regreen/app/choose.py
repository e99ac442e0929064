"""Which tests a request means, and whether it is still about the present text. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from regreen.core.errors import NoTests, StaleRequest, UsageError
from regreen.core.testing import Selection, TestId
from regreen.core.workspace import Project, WorkspaceModel

from .board import Board
from .requests import FixRequest, TestRequest


def wanted_tests(request: FixRequest, board: Board, model: WorkspaceModel) -> tuple[TestId, ...]:
    """Return the tests that a fix request names, all of one project.

    Raises:
        UsageError: nothing is red there, or the tests belong to several projects.
    """
    tests = request.tests or _at_place(request, board, model)
    if not tests and not request.path:
        tests = tuple(failure.test for failure in board.failures[:1])
    if not tests:
        where = f"{request.path}:{request.line}" if request.path else "this workspace"
        raise UsageError(f"No failing test is known at {where}.", next_step="Run the tests first, then ask again.")
    if 1 < len({test.project for test in tests}):
        raise UsageError("The tests belong to several projects.", next_step="Fix them one project at a time.")
    return tests


def resolve(name: str, board: Board, model: WorkspaceModel) -> TestId:
    """Return the test that a person means by a name: a full id, or a part of one that fits exactly one test.

    Raises:
        UsageError: no test or several tests fit; the message lists some.
    """
    known = {test.definition for test in board.results} | set(board.results)
    known |= {TestId(case.project, case.name) for facts in model.files.values() for case in facts.tests}
    exact = sorted(test for test in known if test.name == name)
    if len(exact) == 1:
        return exact[0]
    definition = TestId("", name).definition.name
    if definition != name:
        owners = sorted(test for test in known if test.name == definition)
        if len(owners) == 1:
            return TestId(owners[0].project, name)
    makers = {test.project for test in known if test.is_table and test.defines(TestId(test.project, name))}
    if not exact and len(makers) == 1:
        return TestId(makers.pop(), name)
    rooted = sorted(test for test in known if _from_root(test) == name)
    near = rooted or exact or sorted(test for test in known if name in test.name)
    definitions = sorted({test.definition for test in near})
    if len(definitions) == 1:
        return definitions[0] if name in definitions[0].name else near[0]
    if not near:
        raise UsageError(
            f"No test is called {name!r}.", next_step="regreen inspect and regreen test list what there is."
        )
    listed = ", ".join(_from_root(test) for test in near[:5])
    raise UsageError(f"{name!r} fits several tests: {listed}.", next_step="Give the whole id of one of them.")


def selections(request: TestRequest, model: WorkspaceModel) -> tuple[tuple[Project, Selection], ...]:
    """Return what to run of each project, in the order of the projects.

    Raises:
        NoTests: the workspace has no project, or the paths belong to none.
    """
    if not model.projects:
        raise NoTests(
            "No project with tests was found in this workspace.",
            next_step="Open the folder that holds your code and its tests; regreen inspect shows what is seen.",
        )
    if not request.tests and not request.paths:
        return tuple((project, Selection()) for project in model.projects)
    chosen: dict[str, tuple[list[str], list[str]]] = {}
    for test in request.tests:
        chosen.setdefault(test.project, ([], []))[0].append(test.name)
    for path in request.paths:
        project = model.project_of(path)
        if project is not None:
            chosen.setdefault(project.key, ([], []))[1].append(_relative(path, project.cwd))
    found = tuple(
        (project, Selection(tuple(chosen[project.key][0]), tuple(chosen[project.key][1])))
        for project in model.projects
        if project.key in chosen
    )
    if not found:
        raise NoTests(
            "These paths belong to no project with tests.", next_step="regreen inspect shows which projects there are."
        )
    return found


def refuse_if_stale(request: FixRequest, tests: tuple[TestId, ...], board: Board, touched: Mapping[str, int]) -> None:
    """Refuse an offer that was made for a text that has changed. `touched`: path -> generation of its last change.

    Raises:
        StaleRequest: the test's file or the culprit's changed since the offer.
    """
    if request.generation is None:
        return
    failures = tuple(failure for test in tests for failure in board.failures_of(test))
    paths = {path for failure in failures for path in (failure.path, failure.test_path) if path} | {request.path}
    changed = sorted(path for path in paths if request.generation < touched.get(path, 0))
    if changed:
        raise StaleRequest(
            f"{', '.join(changed)} changed since this fix was offered.",
            next_step="Run the tests again; the offer is renewed with the new result.",
        )


def _at_place(request: FixRequest, board: Board, model: WorkspaceModel) -> tuple[TestId, ...]:
    if not request.path:
        return ()
    if request.line:
        at_line = board.failures_at(request.path, request.line)
        if at_line:
            return (at_line[0].test,)
        case = next((case for case in model.tests_in(request.path) if case.line == request.line), None)
        return () if case is None else (TestId(case.project, case.name),)
    return tuple(failure.test for failure in board.failures_in(request.path)[:1])


def _from_root(test: TestId) -> str:
    folder = test.project.partition("#")[0]
    return test.name if folder == "." else f"{folder}/{test.name}"


def _relative(path: str, cwd: str) -> str:
    return path if cwd == "." else path.removeprefix(cwd + "/") if path != cwd else "."
