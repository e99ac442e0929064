"""Candidates of Go, JavaScript and Rust share a build, and each gets the verdict that it would get alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from regreen.core.cancel import Cancellation
from tests.support.batches import CRASHES, FAILS, HANGS, PASSES, Case, check_batch, trials_of
from tests.support.fakes import replacing
from tests.support.workspace import lay, parse_files

pytestmark = pytest.mark.e2e

GO = """
-- go.mod --
module example.com/sum

go 1.21
-- sum.go --
package sum

// Sum adds the values up.
func Sum(values []int) int {
	total := 0
	for i := 0; i < len(values); i++ {
		total -= values[i]
	}
	return total
}

// Twice doubles a value.
func Twice(value int) int {
	return value * 2
}
-- sum_test.go --
package sum

import "testing"

func TestSum(t *testing.T) {
	if got := Sum([]int{1, 2, 4}); got != 7 {
		t.Fatalf("wanted 7, got %d", got)
	}
}

func TestTwice(t *testing.T) {
	if Twice(4) != 8 {
		t.Fatal("twice")
	}
}
"""
JAVASCRIPT = """
-- package.json --
{ "name": "sum", "type": "module", "scripts": { "test": "node --test" } }
-- sum.js --
export function sum(values) {
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    total -= values[i];
  }
  return total;
}

export const twice = (value) => value * 2;
-- sum.test.js --
import assert from "node:assert/strict";
import { test } from "node:test";
import { sum, twice } from "./sum.js";

test("sum", () => {
  assert.equal(sum([1, 2, 4]), 7);
});

test("twice", () => {
  assert.equal(twice(4), 8);
});
"""
RUST = """
-- Cargo.toml --
[package]
name = "sum"
version = "0.1.0"
edition = "2021"
-- Cargo.lock --
version = 3

[[package]]
name = "sum"
version = "0.1.0"
-- src/lib.rs --
/// Adds the values up.
pub fn sum(values: &[i32]) -> i32 {
    let mut total = 0;
    let mut i = 0;
    while i < values.len() {
        total -= values[i];
        i += 1;
    }
    total
}

/// Doubles a value.
pub fn twice(value: i32) -> i32 {
    value * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_sum() {
        assert_eq!(sum(&[1, 2, 4]), 7);
    }

    #[test]
    fn of_twice() {
        assert_eq!(twice(4), 8);
    }
}
"""
CASES = (
    Case("go", GO, "sum.go", ".::TestSum", ".::TestTwice", (
        ("total -= values[i]", "total += values[i]", PASSES),
        ("i < len(values)", "i <= len(values)", FAILS),
        ("total -= values[i]", "total += valeus[i]", CRASHES),
        ("i++", "", HANGS),
        ("total -= values[i]", "total = 7", PASSES),
        ("return total\n", 'return "7"\n', CRASHES),
        ("value * 2", "value + 2", FAILS),
        ("Sum(values []int)", "Sum(values []int, _ ...int)", FAILS),
    )),
    Case("javascript", JAVASCRIPT, "sum.js", "sum.test.js::sum", "sum.test.js::twice", (
        ("total -= values[i]", "total += values[i]", PASSES),
        ("i < values.length", "i <= values.length", FAILS),
        ("let total = 0", "let total = 0, total = 1", CRASHES),
        ("i++", "i", HANGS),
        ("total -= values[i]", "process.exit(0)", FAILS),
        ("value * 2", "value + 2", FAILS),
        ("sum(values)", "sum(values = [])", FAILS),
    )),
    Case("rust", RUST, "src/lib.rs", "src/lib.rs::tests::of_sum", "src/lib.rs::tests::of_twice", (
        ("total -= values[i]", "total += values[i]", PASSES),
        ("i < values.len()", "i <= values.len()", FAILS),
        ("total -= values[i]", "total += valeus[i]", CRASHES),
        ("        i += 1;\n", "", HANGS),
        ("    total\n}", '    "7"\n}', CRASHES),
        ("let mut total = 0", "let mut total = values; let values = total; let mut total = 0", FAILS),
    )),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.language)
def test_each_candidate_of_a_batch_gets_its_own_verdict(case: Case, tmp_path: Path) -> None:
    check_batch(case, tmp_path)


def test_which_lines_a_go_test_runs_is_measured(tmp_path: Path) -> None:
    case = CASES[0]
    spectrum = trials_of(case, lay(tmp_path / "ws", case.text)).spectrum(Cancellation())
    assert (spectrum.n_failing, spectrum.n_passing) == (1, 1)
    rows = GO.partition("-- sum.go --\n")[2].split("\n")
    of_sum, of_twice = rows.index("\t\ttotal -= values[i]") + 1, rows.index("\treturn value * 2") + 1
    assert spectrum.lines["sum.go"][of_sum] == (1, 0)
    assert spectrum.lines["sum.go"][of_twice] == (0, 1)


def test_which_lines_a_javascript_test_runs_is_measured(tmp_path: Path) -> None:
    case = CASES[1]
    spectrum = trials_of(case, lay(tmp_path / "ws", case.text)).spectrum(Cancellation())
    assert (spectrum.n_failing, spectrum.n_passing) == (1, 1)
    rows = JAVASCRIPT.partition("-- sum.js --\n")[2].split("\n")
    of_sum = rows.index("    total -= values[i];") + 1
    of_twice = rows.index("export const twice = (value) => value * 2;") + 1
    assert spectrum.lines["sum.js"][of_sum] == (1, 0)
    assert spectrum.lines["sum.js"][of_twice] == (0, 1)


def test_which_lines_a_rust_test_runs_is_measured(tmp_path: Path) -> None:
    case = CASES[2]
    root = lay(tmp_path / "ws", case.text)
    before = (root / "src/lib.rs").read_bytes()
    spectrum = trials_of(case, root).spectrum(Cancellation(), ("src/lib.rs",))
    assert (spectrum.n_failing, spectrum.n_passing) == (1, 1)
    rows = RUST.partition("-- src/lib.rs --\n")[2].split("\n")
    of_sum = rows.index("        total -= values[i];") + 1
    of_twice = rows.index("    value * 2") + 1
    assert spectrum.lines["src/lib.rs"][of_sum] == (1, 0)
    assert spectrum.lines["src/lib.rs"][of_twice] == (0, 1)
    assert (root / "src/lib.rs").read_bytes() == before


def test_where_nothing_can_be_built_each_candidate_has_a_run_of_its_own(tmp_path: Path) -> None:
    broken = Case("go", GO.replace("total := 0", "totl := 0"), "sum.go", ".::TestSum", ".::TestTwice", ())
    root = lay(tmp_path / "ws", broken.text)
    trials = trials_of(broken, root, keep=False)
    patch = replacing(parse_files(broken.text), "sum.go", "totl := 0", "total := 0")
    (found,) = trials.evaluate_many(Cancellation(), (patch,))
    assert found.verdict is FAILS
    assert trials.is_slow
    assert trials.batch == 1
