"""The test explorer: a tree of tests, a run's results on it, and what its nodes mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from regreen.app import TestRequest
from regreen.core.failure import Failure, FailureKind
from regreen.core.testing import Frame, TestId, TestOutcome, TestResult
from regreen.core.text import Span
from regreen.core.workspace import TestCase
from regreen.lsp.explorer import chosen, file_of_tests, followed, state_of, state_of_place
from regreen.lsp.protocol import FollowTestsParams, TestNode
from tests.support.vscode import Window

HOME = "file:///w"
NOWHERE = Span(0, 0)
FAILURE = Failure(
    FailureKind.ASSERTION,
    TestId(".", "test_a.py::test_x"),
    "a.py",
    7,
    "1 == 2",
    (("actual", "1"), ("expected", "2")),
    (Frame("test_a.py", 12, "test_x"), Frame("/usr/lib/b.py", 1, "b", inside=False), Frame("a.py", 7, "x")),
    "test_a.py",
    10,
    advice="Look.",
)


def case(name: str, line: int) -> TestCase:
    return TestCase(name, ".", name.partition("::")[0], line, NOWHERE, NOWHERE)


def uri_of(path: str) -> str:
    return f"{HOME}/{path}"


def check_tree(names: list[str], expected: str, language: str = "python") -> None:
    cases = [case(name, line) for line, name in enumerate(names, 1)]
    found = file_of_tests(HOME, uri_of("test_a.py"), "test_a.py", language, cases)
    assert "\n".join(_lines(found.nodes)) == expected


def _lines(nodes: tuple[TestNode, ...], depth: int = 0) -> Iterator[str]:
    for node in nodes:
        yield f"{'  ' * depth}{node.label} @{node.line} {node.id.removeprefix(HOME)}"
        yield from _lines(node.children, depth + 1)


def test_tests_stand_in_the_order_of_the_text() -> None:
    check_tree(
        ["test_a.py::test_b", "test_a.py::test_a"],
        "test_b @0 ::.::test_a.py::test_b\ntest_a @1 ::.::test_a.py::test_a",
    )


def test_classes_and_suites_are_groups() -> None:
    check_tree(
        ["test_a.py::TestX::test_b", "test_a.py::TestX::test_c"],
        "TestX @0 ::.::test_a.py::TestX::\n"
        "  test_b @0 ::.::test_a.py::TestX::test_b\n"
        "  test_c @1 ::.::test_a.py::TestX::test_c",
    )
    check_tree(
        ["a.test.ts::adds > small", "a.test.ts::adds"],
        "adds @1 ::.::a.test.ts::adds\n  small @0 ::.::a.test.ts::adds > small",
        "typescript",
    )


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"show": "off"}, set()),
        ({"show": "nonsense"}, set()),
        ({"languages": ("go",)}, {"go"}),
        ({"show": "on", "extensions": ("golang.go",)}, {"python", "go", "javascript", "typescript", "rust"}),
        ({"show": "auto", "extensions": ("Golang.Go", "vitest.explorer")}, {"python", "rust"}),
    ],
)
def test_a_language_is_left_to_the_extension_that_shows_its_tests(params: dict[str, Any], expected: set[str]) -> None:
    assert followed(FollowTestsParams(**params)) == expected


def check_state(result: TestResult, failure: Failure | None, **expected: object) -> None:
    found = state_of(HOME, result, failure, uri_of).model_dump()
    assert {name: found[name] for name in expected} == expected


def test_a_failure_stands_in_the_test_with_difference_and_stack() -> None:
    result = TestResult(FAILURE.test, TestOutcome.FAILED, "test_a.py", 10, seconds=0.25, sections=(("stdout", "hi"),))
    check_state(
        result,
        FAILURE,
        id=f"{HOME}::.::test_a.py::test_x",
        state="failed",
        milliseconds=250.0,
        message="RG301 assertion: 1 == 2\nLook.",
        uri=f"{HOME}/test_a.py",
        line=11,
        expected="2",
        actual="1",
        stack=(
            {"label": "x", "uri": f"{HOME}/a.py", "line": 6},
            {"label": "test_x", "uri": f"{HOME}/test_a.py", "line": 11},
        ),
        output="--- stdout ---\nhi\n",
    )
    check_state(result, replace(FAILURE, slots=(("actual", "1"),)), expected="", actual="")


def test_a_case_belongs_to_its_definition_and_a_new_test_to_its_file() -> None:
    cased = TestResult(TestId(".", "test_a.py::test_x[1-2]"), TestOutcome.PASSED, "test_a.py", 10)
    check_state(cased, None, parent=f"{HOME}::.::test_a.py::test_x", label="[1-2]", state="passed")
    check_state(
        TestResult(TestId(".", "test_a.py::test_new"), TestOutcome.SKIPPED, "test_a.py", 3),
        None, parent=f"{HOME}/test_a.py", label="test_new", state="skipped",
    )  # fmt: skip


def test_a_case_of_a_table_belongs_to_the_definition_that_made_it() -> None:
    test = TestId(".", "a.test.ts::sums > adds 1")
    result = TestResult(test, TestOutcome.PASSED, "a.test.ts", 3)
    state = state_of(HOME, result, None, uri_of, [case("a.test.ts::sums > adds %i", 3)])
    assert (state.parent, state.label) == (f"{HOME}::.::a.test.ts::sums > adds %i", "adds 1")


def test_what_keeps_a_file_from_being_collected_is_the_files_own() -> None:
    failure = replace(FAILURE, test=TestId(".", "test_a.py"), test_path="test_a.py", test_line=0)
    found = state_of_place(HOME, failure, uri_of)
    assert (found.id, found.state) == (f"{HOME}/test_a.py", "errored")


FILES = {
    "test_a.py": (uri_of("test_a.py"), (case("test_a.py::T::one", 1), case("test_a.py::T::two", 2))),
    "test_b.py": (uri_of("test_b.py"), (case("test_b.py::three", 1),)),
}
ONE, TWO, THREE = (TestId(".", name) for name in ("test_a.py::T::one", "test_a.py::T::two", "test_b.py::three"))
A = f"{HOME}::.::test_a.py::"


def check_chosen(nodes: tuple[str, ...], without: tuple[str, ...], expected: TestRequest | None) -> None:
    assert chosen(HOME, FILES, nodes, without) == expected


def test_nodes_mean_tests_and_files() -> None:
    check_chosen((), (), TestRequest())
    check_chosen((uri_of("test_a.py"),), (), TestRequest((), ("test_a.py",)))
    check_chosen((f"{A}T::",), (), TestRequest((ONE, TWO)))
    check_chosen((f"{A}T::one",), (), TestRequest((ONE,)))
    check_chosen((f"{A}T::one[1]",), (), TestRequest((TestId(".", "test_a.py::T::one[1]"),)))
    check_chosen(("file:///elsewhere/test_a.py", "file:///elsewhere::.::x::y"), (), None)


def test_what_is_left_out_is_not_run() -> None:
    check_chosen((), (f"{A}T::two",), TestRequest((ONE,), ("test_b.py",)))
    check_chosen((), (uri_of("test_a.py"),), TestRequest((), ("test_b.py",)))
    check_chosen((f"{A}T::",), (f"{A}T::one",), TestRequest((TWO,)))
    check_chosen((f"{A}T::one",), (f"{A}T::",), None)


# -- over the wire


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    found = Window(tmp_path)
    with found.editor:
        found.editor.notify("regreen/followTests", {"languages": ["python"]})
        yield found


def nodes_of(window: Window) -> dict[str, str]:
    """Wait for the tests; return ids by label."""
    files = window.editor.wait_for("regreen/tests")["files"]
    assert [(file["uri"], file["label"]) for file in files] == [(window.at.tests, "test_calc.py")]
    return {node["label"]: node["id"] for node in files[0]["nodes"]}


def runs(window: Window) -> list[dict[str, Any]]:
    window.editor.until(lambda: any(one["phase"] == "end" for one in window.editor.told("regreen/testRun")))
    return window.editor.told("regreen/testRun")


def states(told: list[dict[str, Any]]) -> dict[str, str]:
    return {state["label"]: state["state"] for one in told for state in one["results"]}


def test_tests_are_sent_and_what_is_new_of_them(window: Window) -> None:
    assert sorted(nodes_of(window)) == ["test_add", "test_double", "test_service"]
    window.editor.change(window.at.tests, {"text": "def test_one():  # calc.py: a not b\n"})
    window.editor.until(lambda: len(window.editor.told("regreen/tests")) == 2)
    (file,) = window.told_last("regreen/tests")["files"]
    assert [node["label"] for node in file["nodes"]] == ["test_one"]
    window.editor.change(window.at.tests, {"text": "\n"})
    window.editor.wait_for("regreen/tests", gone=[window.at.tests])


def test_a_run_of_nodes_tells_its_results_on_the_clients_token(window: Window) -> None:
    nodes = nodes_of(window)
    wanted = [nodes["test_add"], nodes["test_double"]]
    result = window.editor.request("regreen/runTests", {"nodes": wanted, "workDoneToken": "mine"})
    assert result["counts"] == {"passed": 1, "failed": 1, "skipped": 0}
    told = runs(window)
    assert [one["phase"] for one in told] == ["begin", "results", "end"]
    assert (told[0]["token"], told[0]["title"], {one["run"] for one in told}) == (
        "mine",
        "Running tests",
        {told[0]["run"]},
    )
    assert states(told) == {"test_add": "failed", "test_double": "passed"}


def test_everything_runs_when_no_node_is_named(window: Window) -> None:
    nodes = nodes_of(window)
    window.editor.request("regreen/runTests", {"nodes": [], "without": [nodes["test_add"]]})
    assert sorted(states(runs(window))) == ["test_double", "test_service"]


def test_a_run_that_nobody_asked_for_in_the_explorer_is_told_too(window: Window) -> None:
    nodes_of(window)
    window.editor.save(window.at.tests)
    told = runs(window)
    assert told[0]["token"] is None
    assert len(states(told)) == 3


def test_a_cancelled_run_ends(window: Window) -> None:
    nodes_of(window)
    (window.at.root / ".wait").touch()
    window.editor.ask("regreen/runTests", {"nodes": []})
    window.editor.wait_for("regreen/status", state="running")
    window.at.execute("regreen.cancel")
    (window.at.root / ".wait").unlink()
    window.editor.until(lambda: window.told_last("regreen/status")["state"] == "idle")
    phases = [one["phase"] for one in window.editor.told("regreen/testRun")]
    assert phases.count("begin") == phases.count("end")


def test_a_node_is_fixed(window: Window) -> None:
    nodes = nodes_of(window)
    window.at.run()
    fixed = window.editor.request("regreen/fix", {"nodes": [nodes["test_add"]], "dryRun": True})
    assert [test["name"] for test in fixed["tests"]] == ["test_calc.py::test_add"]


def test_a_test_of_another_explorer_is_found_by_its_place(window: Window) -> None:
    window.at.run()
    menu = {"nodes": ["/elsewhere::test_add"], "uri": window.at.tests, "position": {"line": 3, "character": 0}}
    fixed = window.editor.request("regreen/fix", {**menu, "dryRun": True})
    assert [test["name"] for test in fixed["tests"]] == ["test_calc.py::test_add"]


def test_other_languages_and_other_clients_are_told_nothing(window: Window) -> None:
    nodes_of(window)
    window.editor.notify("regreen/followTests", {"languages": ["go"]})
    n_told = len(window.editor.told("regreen/testRun"))
    window.at.run()
    window.at.hover(window.at.calc, 0)
    assert len(window.editor.told("regreen/testRun")) == n_told


def test_nothing_runs_from_the_explorer_in_an_untrusted_workspace(tmp_path: Path) -> None:
    window = Window(tmp_path, options={"trusted": False})
    with window.editor, pytest.raises(Exception, match="not trusted"):
        window.editor.request("regreen/runTests", {"nodes": []})
