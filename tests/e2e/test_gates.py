"""A fix that makes the tests pass and a real checker complain is no fix: the next one is taken."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from regreen.app.compose import language_named
from regreen.app.gates import ToolGates
from regreen.app.runner import ToolRunner
from regreen.core.cancel import Cancellation
from regreen.core.confine import Enclosure
from regreen.core.repair import Outcome, Verdict
from regreen.execution import LocalExecutor
from tests.support.bugs import Bug, repair_bug
from tests.support.fakes import ScriptedProvider
from tests.support.node import copy_packages, kept_packages
from tests.support.runs import project_of
from tests.support.workspace import lay, parse_files

pytestmark = pytest.mark.e2e
Answer = tuple[str, str, str]

VET = """
-- go.mod --
module example.com/till

go 1.21
-- till.go --
package till

// Till counts money.
type Till struct{ Sum int }

// Add puts money in.
func (t *Till) Add(amount int) {
	t.Sum -= amount
}
-- till_test.go --
package till

import "testing"

func TestAdd(t *testing.T) {
	till := Till{}
	till.Add(3)
	if till.Sum != 3 {
		t.Errorf("got %d, want 3", till.Sum)
	}
}
-- broken/broken.go --
package broken

// Keep was complained of before, and is none of this fix's business.
func Keep(x int) int {
	x = x
	return x
}
"""
BENCH = """
-- Cargo.toml --
[package]
name = "till"
version = "0.1.0"
edition = "2021"

[[bench]]
name = "speed"
harness = false
-- src/lib.rs --
pub fn add(a: i32, b: i32) -> i32 {
    a - b
}

#[cfg(test)]
mod tests {
    #[test]
    fn adds() {
        assert_eq!(super::add(1, 2), 3);
    }
}
-- benches/speed.rs --
fn main() {
    let sum: i32 = till::add(1, 2);
    println!("{sum}");
}
"""
MYPY = """
-- pyproject.toml --
[tool.mypy]
files = ["till.py"]
-- till.py --
def add(a: int, b: int) -> int:
    return a - b
-- test_till.py --
from till import add


def test_add() -> None:
    assert add(1, 2) == 3
"""


TSC = """
-- package.json --
{"name": "till", "type": "module", "scripts": {"test": "vitest"}, "devDependencies": {"typescript": "5", "vitest": "4"}}
-- tsconfig.json --
{"compilerOptions": {"strict": true, "noEmit": true, "module": "esnext", "moduleResolution": "bundler",
  "target": "es2022"}, "include": ["src"]}
-- src/till.ts --
export function add(a: number, b: number): number {
  return a - b;
}
-- src/till.test.ts --
import { expect, test } from "vitest";
import { add } from "./till";

test("adds", () => {
  expect(add(1, 2)).toEqual(3);
});
"""


def check_second_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: Bug, complained: Answer, right: Answer, said: str
) -> None:
    monkeypatch.setenv("REGREEN_STATE_DIR", str(tmp_path / "state"))
    report = repair_bug(bug, tmp_path / "ws", ScriptedProvider([complained, right]))
    assert report.outcome is Outcome.REPAIRED, report.reason
    first, second = report.attempts
    assert (first.verdict, second.verdict) == (Verdict.BROKE_OTHERS, Verdict.GREEN)
    assert said in first.reason


def test_go_vet_must_go_on_passing_for_the_packages_that_a_fix_touches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug = Bug("vet", "go", {"red": ".::TestAdd"}, parse_files(VET))
    complained = ("till.go", "t.Sum -= amount", "t.Sum += amount\n\tamount = amount")
    right = ("till.go", "t.Sum -= amount", "t.Sum += amount")
    check_second_fix(tmp_path, monkeypatch, bug, complained, right, "go vet passed before and fails now")


def test_what_cargo_leaves_out_of_the_tests_must_go_on_compiling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug = Bug("bench", "rust", {"red": "src/lib.rs::tests::adds"}, parse_files(BENCH))
    complained = ("src/lib.rs", "-> i32 {\n    a - b", "-> i64 {\n    i64::from(a + b)")
    right = ("src/lib.rs", "a - b", "a + b")
    check_second_fix(tmp_path, monkeypatch, bug, complained, right, "cargo check passed before and fails now: error")


def test_tsc_must_go_on_passing_and_passes_for_the_fix_that_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_packages(kept_packages("typescript@5.9.3", "vitest@4.1.12"), tmp_path / "ws")
    bug = Bug("tsc", "typescript", {"red": "src/till.test.ts::adds"}, parse_files(TSC))
    complained = ("src/till.ts", "return a - b", "const sum: string = a + b;\n  return sum")
    right = ("src/till.ts", "return a - b", "return a + b")
    check_second_fix(tmp_path, monkeypatch, bug, complained, right, "tsc passed before and fails now: src/till.ts(2,")


def test_mypy_must_go_on_passing_and_passes_for_the_fix_that_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    bug = Bug("mypy", "python", {"red": "test_till.py::test_add"}, parse_files(MYPY))
    complained = ("till.py", "return a - b", "return float(a + b)")
    right = ("till.py", "return a - b", "return a + b")
    check_second_fix(tmp_path, monkeypatch, bug, complained, right, "mypy passed before and fails now: till.py:2")


def test_mypy_says_what_the_tests_do_not_see(tmp_path: Path) -> None:
    root = lay(tmp_path, MYPY)
    project = replace(project_of(), gates=((sys.executable, "-m", "mypy"),))
    runner = ToolRunner(language_named, LocalExecutor(), str(root), lambda: 120.0, lambda: False)
    place = Enclosure.at(str(root))
    assert [gate.passed for gate in ToolGates(runner).run(Cancellation(), project, place)] == [True]
    (root / "till.py").write_text("def add(a: int, b: int) -> int:\n    return float(a + b)\n", encoding="utf-8")
    (gate,) = ToolGates(runner).run(Cancellation(), project, place)
    assert (gate.name, gate.passed, gate.said.partition("error:")[0]) == ("mypy", False, "till.py:2: ")
