"""Patches that cheat, as a model would send them: none is taken for green, and each layer holds without the other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from regreen.analysis import classify
from regreen.app.compose import language_named
from regreen.app.runner import ToolRunner
from regreen.core.cancel import Cancellation
from regreen.core.testing import Selection, TestOutcome, TestResult
from regreen.execution import LocalExecutor
from tests.support.runs import model_of, project_of
from tests.support.tamper import check_no_trick_is_taken_for_green, stage, table_of_tricks, tricks_of
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e
PYTHON = """
-- pyproject.toml --
[project]
name = "calc"
version = "1"
-- calc.py --
def add(a, b):
    return a - b


def twice(a):
    return a * 2
-- conftest.py --
import calc
-- test_calc.py --
from calc import add, twice


def test_add():
    assert add(1, 2) == 3
    assert add(10, 4) == 14


def test_twice():
    assert twice(2) == 4
-- test_case.py --
import unittest

from calc import twice


class Case(unittest.TestCase):
    def test_twice(self):
        self.assertEqual(twice(3), 6)
"""
REST = """
def twice(a):
    return a * 2


"""


GO = """
-- go.mod --
module example.com/calc

go 1.21
-- calc.go --
package calc

func Add(a, b int) int {
	return a - b
}

func Twice(a int) int {
	return a * 2
}
-- calc_test.go --
package calc

import "testing"

func TestAdd(t *testing.T) {
	if got := Add(1, 2); got != 3 {
		t.Errorf("Add(1, 2) = %d, want 3", got)
	}
	if got := Add(10, 4); got != 14 {
		t.Errorf("Add(10, 4) = %d, want 14", got)
	}
}

func TestTwice(t *testing.T) {
	if got := Twice(2); got != 4 {
		t.Errorf("Twice(2) = %d, want 4", got)
	}
}
"""
JAVASCRIPT = """
-- package.json --
{"name": "calc", "type": "module", "scripts": {"test": "node --test"}}
-- calc.js --
export function add(a, b) {
  return a - b;
}

export function twice(a) {
  return a * 2;
}
-- test/calc.test.js --
import assert from "node:assert/strict";
import { test } from "node:test";
import { add, twice } from "../calc.js";

test("adds", () => {
  assert.equal(add(1, 2), 3);
  assert.equal(add(10, 4), 14);
});

test("doubles", () => {
  assert.equal(twice(2), 4);
});
"""
JS_REST = """export function twice(a) {
  return a * 2;
}

"""
RUST = """
-- Cargo.toml --
[package]
name = "calc"
version = "0.1.0"
edition = "2021"
-- src/lib.rs --
pub fn add(a: i32, b: i32) -> i32 {
    a - b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds() {
        assert_eq!(add(1, 2), 3);
        assert_eq!(add(10, 4), 14);
    }
}
-- tests/outside.rs --
use calc::add;

#[test]
fn nothing() {
    assert_eq!(add(0, 0), 0);
}
"""
RUST_REST = """
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds() {
        assert_eq!(add(1, 2), 3);
        assert_eq!(add(10, 4), 14);
    }
}
"""


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, plain_venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGREEN_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("VIRTUAL_ENV", str(plain_venv))
    monkeypatch.setenv("PATH", f"{plain_venv / 'bin'}{os.pathsep}{os.environ['PATH']}")


def test_no_trick_in_python_is_taken_for_green(tmp_path: Path) -> None:
    tricks = tricks_of("python", "calc.py", REST)
    with stage(tmp_path / "calc", PYTHON) as scene:
        check_no_trick_is_taken_for_green(scene, tricks, "test_calc.py::test_add")


def test_a_run_that_changes_its_report_after_it_was_read_says_neither_green_nor_red(tmp_path: Path) -> None:
    """A false assertion that is seen before the report is rewritten proves as little as one that is not."""
    go = tmp_path / "go"
    workspace = f"""
-- test_two.py --
def test_a():
    assert 1 == 2
-- conftest.py --
import atexit, os, sys, time

def rewrite():
    while not os.path.exists({str(go)!r}):
        time.sleep(0.01)
    path = sys.modules["regreen_facts"]._REPORT
    text = open(path).read().replace('"failed"', '"passed"').replace('"status": 1', '"status": 0')
    with open(path, "w") as report:
        report.write(text)
    os._exit(0)

atexit.register(rewrite)
"""
    root = lay(tmp_path / "ws", workspace)
    runner = ToolRunner(language_named, LocalExecutor(), str(root), lambda: 120.0, lambda: False)
    seen: list[TestResult] = []

    def on_result(result: TestResult) -> None:
        seen.append(result)
        go.touch()

    run = runner.run(Cancellation(), project_of(), Selection(), None, on_result)
    assert [result.outcome for result in seen] == [TestOutcome.FAILED]
    assert (run.results, run.collected, run.complete, run.green_for()) == ((), (), False, False)
    (failure,) = classify(run, project_of(), model_of(root), lambda _path: None)
    assert failure.message.startswith("The run changed what it had reported already")


def test_no_trick_in_go_is_taken_for_green(tmp_path: Path) -> None:
    with stage(tmp_path / "calc", GO) as scene:
        check_no_trick_is_taken_for_green(scene, tricks_of("go", "calc.go"), ".::TestAdd")


def test_no_trick_in_javascript_is_taken_for_green(tmp_path: Path) -> None:
    tricks = tricks_of("javascript", "calc.js", JS_REST)
    with stage(tmp_path / "calc", JAVASCRIPT) as scene:
        check_no_trick_is_taken_for_green(scene, tricks, "test/calc.test.js::adds")


def test_no_trick_in_rust_is_taken_for_green(tmp_path: Path) -> None:
    tricks = tricks_of("rust", "src/lib.rs", tail=RUST_REST)
    with stage(tmp_path / "calc", RUST) as scene:
        check_no_trick_is_taken_for_green(scene, tricks, "src/lib.rs::tests::adds")


def test_the_documentation_tells_which_layer_stops_which_trick() -> None:
    assert table_of_tricks() in (Path(__file__).parents[2] / "docs" / "safety.md").read_text(encoding="utf-8")
