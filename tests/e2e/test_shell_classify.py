"""regreen classify: any runner's output, named or told by its looks, with the reports beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.runs import printed
from tests.support.shell import Shell
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
PYTHON = """
-- app.py --
def f():
    return x
-- test_app.py --
import app
class TestF:
    def test_f(self):
        app.f()
def test_ok():
    pass
"""
GO = "--- FAIL: TestAdd (0.00s)\n    add_test.go:7: got 1, want 2\nFAIL\nFAIL\texample.com/a\t0.002s\n"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_the_runner_is_told_by_the_output(shell: Shell, tmp_path: Path) -> None:
    said = shell.regreen("classify", "-", "--root", tmp_path, "--json", stdin="\x1b[31m" + GO)
    assert (said.status, said.document["runner"]) == (1, "go-test")
    assert [(one["code"], one["id"]) for one in said.document["failures"]] == [("RG301", "TestAdd")]


def test_the_junit_report_of_pytest_is_enough(shell: Shell, tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", PYTHON)
    report = tmp_path / "junit.xml"
    output = printed(root, "-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={report}")
    said = shell.regreen("classify", "--report", report, "--root", root, "--json")
    assert said.status == 1
    assert (
        said.document["failures"]
        == shell.regreen("classify", "-", "--root", root, "--json", stdin=output).document["failures"]
    )
    (failure,) = said.document["failures"]
    assert (failure["code"], failure["path"], failure["line"]) == ("RG104", "app.py", 2)
    assert failure["id"] == "test_app.py::TestF::test_f"


def test_the_report_of_jest_is_read_beside_its_output(shell: Shell, tmp_path: Path) -> None:
    lay(tmp_path, "-- ws/a.test.js --\ntest('adds', () => {\n  expect(1).toBe(2);\n});\n")
    message = (
        "Error: expect(received).toBe(expected)\n\nExpected: 2\nReceived: 1\n    at Object.toBe (/ws/a.test.js:2:13)"
    )
    case = {"ancestorTitles": [], "title": "adds", "fullName": "adds", "status": "failed", "failureMessages": [message]}
    suite = {"name": "/ws/a.test.js", "status": "failed", "assertionResults": [case]}
    document = {"numTotalTestSuites": 1, "success": False, "testResults": [suite]}
    report = tmp_path / "result.json"
    report.write_text(json.dumps(document))
    said = shell.regreen("classify", "--report", report, "--root", tmp_path / "ws", "--json")
    assert (said.status, said.document["runner"]) == (1, "jest")
    assert said.document["failures"][0]["code"] == "RG301"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "looks like that of no test runner"),
        (("--runner", "junit4"), "The runner 'junit4' is not known"),
        (("--report", "nowhere.xml"), "Cannot read nowhere.xml"),
    ],
)
def test_what_cannot_be_told_is_wrong_use_with_the_next_step(
    shell: Shell, arguments: tuple[str, ...], words: str
) -> None:
    said = shell.regreen("classify", "-", *arguments, stdin="hello\n")
    assert said.status == 2
    assert words in said.err
