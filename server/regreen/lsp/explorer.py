"""Tests and their results as a test explorer shows them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from regreen.app import TestRequest
from regreen.core.failure import Failure
from regreen.core.testing import Frame, TestId, TestOutcome, TestResult, case_of
from regreen.core.titles import SEPARATOR
from regreen.core.workspace import TestCase
from regreen.pages import one_line, told

from .protocol import FollowTestsParams, StackLine, TestFile, TestNode, TestState
from .to_lsp import place_of

_MAX_OUTPUT = 20_000
_MAX_FRAMES = 20
_SEPARATORS = {"javascript": " > ", "typescript": " > "}  # between suites and their tests, where it is not "::"
_STATES = {
    TestOutcome.PASSED: "passed",
    TestOutcome.XPASSED: "passed",
    TestOutcome.SKIPPED: "skipped",
    TestOutcome.XFAILED: "skipped",
    TestOutcome.FAILED: "failed",
    TestOutcome.ERROR: "errored",
    TestOutcome.UNFINISHED: "errored",
}
_GROUP_ENDS = ("::", " > ")
_OF_JAVASCRIPT = ("vitest.explorer", "orta.vscode-jest", "connor4312.nodejs-testing", "hbenl.vscode-mocha-test-adapter")
# Language -> the extensions of VS Code that show its tests themselves.
_NATIVE: Mapping[str, tuple[str, ...]] = {
    "python": ("ms-python.python",),
    "go": ("golang.go",),
    "javascript": _OF_JAVASCRIPT,
    "typescript": _OF_JAVASCRIPT,
    "rust": ("rust-lang.rust-analyzer",),
}
UriOf = Callable[[str], str]  # path -> URI


def followed(params: FollowTestsParams) -> frozenset[str]:
    """Return the languages whose tests are shown: with `auto` those that no other extension shows."""
    installed = {extension.lower() for extension in params.extensions}
    shown = {
        "on": tuple(_NATIVE),
        "auto": tuple(name for name, others in _NATIVE.items() if installed.isdisjoint(others)),
    }
    return frozenset((*params.languages, *shown.get(params.show, ())))


def node_id(home: str, test: TestId) -> str:
    """Return the id of a test's node; `home` is its folder's URI."""
    return f"{home}::{test.project}::{test.name}"


def file_of_tests(home: str, uri: str, path: str, language: str, cases: Iterable[TestCase]) -> TestFile:
    """Return a file's tests, in the order of the text, nested as they are in it."""
    root = _Group("", "", 0)
    for case in sorted(cases, key=lambda case: (case.line, case.name)):
        _place(root, home, case, _SEPARATORS.get(language, "::"))
    return TestFile(uri=uri, label=one_line(path), nodes=tuple(map(_node, root.members.values())))


def chosen(
    home: str, files: Mapping[str, tuple[str, tuple[TestCase, ...]]], nodes: tuple[str, ...], without: tuple[str, ...]
) -> TestRequest | None:
    """Return what is to be run of a folder, None for nothing. `files`: path -> its URI and its tests.

    No node means everything. A group's id is what the ids of its members begin with.
    """
    ours = tuple(node for node in without if _is_at(home, node, files))
    if not nodes and not ours:
        return TestRequest()
    tests: list[TestId] = []
    paths: list[str] = []
    for path, (uri, cases) in sorted(files.items()):
        whole = not nodes or uri in nodes
        ids = {} if uri in ours else {node_id(home, test): test for test in map(_test_of, cases)}
        wanted = [test for name, test in ids.items() if (whole or _is_under(name, nodes)) and not _is_under(name, ours)]
        if whole and len(wanted) == len(cases):
            paths.append(path)
        else:
            tests += wanted
    meant = [node for node in nodes if not _is_under(node, ours)]
    tests += [test for node in meant if (test := _case_of(home, node)) is not None and test not in tests]
    return TestRequest(tuple(tests), tuple(paths)) if tests or paths else None


def _test_of(case: TestCase) -> TestId:
    return TestId(case.project, case.name)


def _is_at(home: str, node: str, files: Mapping[str, tuple[str, tuple[TestCase, ...]]]) -> bool:
    return node.startswith(f"{home}::") or any(node == uri for uri, _ in files.values())


def _is_under(name: str, nodes: tuple[str, ...]) -> bool:
    return any(name == node or (node.endswith(_GROUP_ENDS) and name.startswith(node)) for node in nodes)


def _case_of(home: str, node: str) -> TestId | None:
    """Return the test of a node that is no group, such as a case of a parametrised test."""
    if not node.startswith(f"{home}::") or node.endswith(_GROUP_ENDS):
        return None
    project, _, name = node.removeprefix(f"{home}::").partition("::")
    return TestId(project, name)


@dataclass(slots=True)
class _Group:
    id: str
    label: str
    line: int
    members: dict[str, _Group] = field(default_factory=dict)


def _place(root: _Group, home: str, case: TestCase, separator: str) -> None:
    place, _, rest = case.name.partition("::")
    group, name = root, f"{home}::{case.project}::{place}::"
    parts = rest.split(separator)
    for part in parts[:-1]:
        name += part + separator
        group = group.members.setdefault(part, _Group(name, part, case.line))
    leaf = group.members.setdefault(parts[-1], _Group("", parts[-1], case.line))
    # A suite may have the name of a test beside it.
    leaf.id, leaf.line = node_id(home, _test_of(case)), case.line


def _node(group: _Group) -> TestNode:
    return TestNode(
        id=group.id,
        label=one_line(group.label) or group.id,
        line=max(0, group.line - 1),
        children=tuple(map(_node, group.members.values())),
    )


def state_of(
    home: str, result: TestResult, failure: Failure | None, uri_of: UriOf, cases: Iterable[TestCase] = ()
) -> TestState:
    """Return what became of a test; cases are the definitions in its file."""
    test = result.id
    name = test.name.partition("::")[2]
    path = result.path or (failure.test_path if failure is not None else "")
    found = case_of(test, cases)
    definition = TestId(test.project, found.name) if found is not None else test.definition
    parent = node_id(home, definition) if definition != test else (uri_of(path) if path else "")
    where, line = _place_of_message(result, failure)
    shown = failure is not None
    expected, actual = (failure.slot("expected"), failure.slot("actual")) if failure is not None else ("", "")
    diffs = bool(expected and actual)
    return TestState(
        id=node_id(home, test) if name else parent,
        parent=parent,
        label=one_line(name.removeprefix(definition.name.partition("::")[2]) or name)
        if not definition.is_table
        else one_line(name.rpartition(SEPARATOR)[2]),
        state=_STATES[result.outcome],
        milliseconds=round(1000 * result.seconds, 1),
        message=_message(failure) if failure is not None else told(result.text[:_MAX_OUTPUT]),
        uri=uri_of(where) if where else "",
        line=max(0, line - 1),
        expected=told(expected) if diffs else "",
        actual=told(actual) if diffs else "",
        stack=tuple(_stack(failure.frames, uri_of)) if shown and failure is not None else (),
        output=told(_output(result))[:_MAX_OUTPUT],
    )


def state_of_place(home: str, failure: Failure, uri_of: UriOf) -> TestState:
    """Return what became of a file or package whose tests could not be collected or built."""
    path = failure.test_path or failure.path
    alone = TestResult(failure.test, TestOutcome.ERROR, path, failure.test_line, text=failure.text)
    return state_of(home, alone, failure, uri_of)


def _message(failure: Failure) -> str:
    words = f"{failure.kind.code} {failure.kind.label}: {failure.message}"
    return told(f"{words}\n{failure.advice}" if failure.advice else words)


def _place_of_message(result: TestResult, failure: Failure | None) -> tuple[str, int]:
    """Return the path and 1-based line at which a message is shown: in the test, where it failed."""
    if failure is None:
        return result.path, result.line
    in_test = [frame for frame in failure.frames if frame.inside and frame.path == failure.test_path]
    if in_test:
        return in_test[-1].path, in_test[-1].line
    return (failure.test_path, failure.test_line) if failure.test_line else place_of(failure)


def _stack(frames: tuple[Frame, ...], uri_of: UriOf) -> Iterable[StackLine]:
    inside = [frame for frame in reversed(frames) if frame.inside]
    for frame in inside[:_MAX_FRAMES]:
        yield StackLine(
            label=one_line(frame.function) or frame.path, uri=uri_of(frame.path), line=max(0, frame.line - 1)
        )


def _output(result: TestResult) -> str:
    parts = [f"--- {title} ---\n{text.rstrip()}\n" for title, text in result.sections if text.strip()]
    return "".join([result.text.rstrip() + "\n" if result.text.strip() else "", *parts])
