"""The plugin inside real runs: it reports everything and changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from regreen.core.testing import TestId, TestOutcome
from tests.support.runs import printed, run_tests
from tests.support.workspace import lay

_INJECTED = Path(__file__).parents[3] / "server" / "regreen" / "injected"


def test_the_plugin_imports_the_standard_library_and_pytest_only() -> None:
    imports = [
        line.split()[1].partition(".")[0]
        for name in ("regreen_pytest.py", "regreen_facts.py", "regreen_patience.py")
        for line in (_INJECTED / name).read_text(encoding="utf-8").splitlines()
        if line.startswith(("import ", "from "))
    ]
    assert set(imports) - set(sys.stdlib_module_names) == {"pytest", "regreen_facts", "regreen_patience"}


def test_exit_code_and_outcomes_are_those_of_a_run_without_the_plugin(tmp_path: Path) -> None:
    workspace = (Path(__file__).parents[2] / "data" / "kinds_workspace.txt").read_text(encoding="utf-8")
    root = lay(tmp_path / "ws", workspace)
    run = run_tests(root)
    counts = printed(root, "-m", "pytest", "-p", "no:cacheprovider").splitlines()[-1].strip("= ")
    assert counts.partition(" in ")[0] in run.output
    assert run.exit_code == 1


def test_a_test_sees_none_of_the_plugins_variables(tmp_path: Path) -> None:
    workspace = """
-- test_a.py --
import os
def test_a():
    assert [name for name in os.environ if name.startswith("REGREEN_") and name != "REGREEN_RUN"] == []
"""
    assert run_tests(lay(tmp_path / "ws", workspace)).green_for()


def test_nothing_is_written_into_the_workspace(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", "-- app.py --\nx = 1\n-- test_a.py --\nimport app\ndef test_a(): assert app.x == 2\n")
    run_tests(root)
    assert sorted(path.name for path in root.rglob("*")) == ["app.py", "test_a.py"]


def test_tests_that_tear_at_the_process_are_still_reported(tmp_path: Path) -> None:
    workspace = """
-- test_a.py --
import os
import sys

def test_closes_every_descriptor():
    os.closerange(30, 100)

def test_goes_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

def test_empties_the_environment(monkeypatch):
    for name in list(os.environ):
        monkeypatch.delenv(name)

def test_replaces_functions(monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("refused")
    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "write", refuse)
    monkeypatch.setattr(os, "getpid", refuse)

def test_forks():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)

class Unprintable:
    def __repr__(self):
        raise ZeroDivisionError
    __str__ = __repr__

def test_cannot_be_printed():
    assert Unprintable() == 1

class Sly(Exception):
    @property
    def name(self):
        raise ZeroDivisionError

def test_raises_a_sly_exception():
    raise Sly("x")
"""
    run = run_tests(lay(tmp_path / "ws", workspace))
    assert run.complete
    assert [result.outcome for result in run.results] == [TestOutcome.PASSED] * 5 + [TestOutcome.FAILED] * 2


def test_a_forked_child_that_runs_on_does_not_speak_for_the_run(tmp_path: Path) -> None:
    workspace = """
-- test_a.py --
import os
def test_forks_and_both_return():
    if os.fork():
        os.wait()
def test_next():
    pass
"""
    run = run_tests(lay(tmp_path / "ws", workspace))
    assert [result.id.name for result in run.results] == [
        "test_a.py::test_forks_and_both_return",
        "test_a.py::test_next",
    ]


def test_tests_with_odd_parameters_are_run_by_their_ids_and_nothing_else_is(tmp_path: Path) -> None:
    names = ["a/b [c]", "x::y", "a - b", "[", "é", "%s", "-k", "'\"$(x)"]
    mark = f"@pytest.mark.parametrize('x', {[*names, 'other']!r})"
    root = lay(tmp_path / "ws", f"-- test_a.py --\nimport pytest\n{mark}\ndef test_a(x): pass\n")
    wanted = tuple(test for test in run_tests(root).collected if not test.name.endswith("[other]"))
    assert len(wanted) == len(names)
    run = run_tests(root, *(test.name for test in wanted))
    assert tuple(result.id for result in run.results) == wanted
    assert run.green_for(wanted)


def test_modules_loaded_from_the_original_are_named(tmp_path: Path) -> None:
    files = "-- src/app.py --\nx = 1\n-- test_a.py --\nimport app\ndef test_a(): assert app.x == 1\n"
    original, copy = (
        lay(tmp_path / "original", files),
        lay(tmp_path / "copy", "-- test_a.py --\nimport app\ndef test_a(): pass\n"),
    )
    (copy / "conftest.py").write_text(f"import sys\nsys.path.insert(0, {str(original / 'src')!r})\n")
    run = run_tests(copy, original=original)
    assert run.passed_ids == {TestId(".", "test_a.py::test_a")}
    assert run.foreign == ("app",)


def test_modules_of_the_copy_and_of_an_environment_in_the_original_are_not_foreign(tmp_path: Path) -> None:
    files = "-- app.py --\nx = 1\n-- test_a.py --\nimport app, tool\ndef test_a(): pass\n"
    original, copy = lay(tmp_path / "original", files), lay(tmp_path / "copy", files)
    packages = lay(original / "env" / "lib" / "site-packages", "-- tool.py --\nx = 1\n")
    (copy / "conftest.py").write_text(f"import sys\nsys.path.append({str(packages)!r})\n")
    run = run_tests(copy, original=original)
    assert run.green_for()
    assert run.foreign == ()


def test_the_copy_wins_over_an_editable_install_of_the_original(tmp_path: Path) -> None:
    original = lay(tmp_path / "original", "-- app.py --\nvalue = 'original'\n")
    copy = lay(
        tmp_path / "copy",
        "-- app.py --\nvalue = 'copy'\n-- tests/test_a.py --\nimport app\ndef test_a(): assert app.value == 'copy'\n",
    )
    (copy / "conftest.py").write_text(f"import sys\nsys.path.append({str(original)!r})\n")
    run = run_tests(copy, original=original)
    assert run.green_for()
    assert run.foreign == ()


def test_a_plugin_without_a_report_is_silent(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", "-- test_a.py --\ndef test_a(): assert 1 == 2\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "regreen_pytest", "-p", "no:cacheprovider"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(_INJECTED)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert b"1 failed" in done.stdout


def test_every_line_is_written_at_once_and_carries_the_nonce(tmp_path: Path) -> None:
    root = lay(tmp_path / "ws", "-- test_a.py --\ndef test_a(): pass\n")
    report = tmp_path / "report.jsonl"
    env = {**os.environ, "PYTHONPATH": str(_INJECTED), "REGREEN_REPORT": str(report), "REGREEN_NONCE": "n1"}
    subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "regreen_pytest"],
        cwd=root, env=env, capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    events = [json.loads(line) for line in report.read_text().splitlines()]
    assert {event["nonce"] for event in events} == {"n1"}
    assert [event["event"] for event in events] == [
        "start",
        "collecting",
        "collected",
        "test",
        "report",
        "end",
        "finish",
    ]


def test_an_endless_test_ends_alone_and_the_others_are_still_run(tmp_path: Path) -> None:
    workspace = """
-- test_a.py --
import pytest

def spin():
    while True:
        pass

@pytest.mark.parametrize("n", [1, 2])
def test_endless(n):
    spin()

def test_catches_everything():
    while True:
        try:
            spin()
        except Exception:
            pass

def test_after():
    pass
"""
    run = run_tests(lay(tmp_path / "ws", workspace), env={"REGREEN_PATIENCE": "0.1"})
    said = {result.id.name: result.exception.message for result in run.failed if result.exception is not None}
    assert {name.partition("::")[2]: text.partition(">")[0] for name, text in said.items()} == {
        "test_endless[1]": "Timeout ",
        "test_endless[2]": "Timeout ",
        "test_catches_everything": "Timeout ",
    }
    assert run.has_passed(TestId(".", "test_a.py::test_after"))
    assert run.complete
