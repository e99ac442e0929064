"""Mutants of Go, JavaScript and Rust share a build, and each meets the fate that it would meet alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regreen.core.cancel import Cancellation, Cancelled
from regreen.core.mutation import Fate, Judged, Mutant
from regreen.core.ports import Hearing
from regreen.core.testing import TestId
from tests.support.mutants import judge_mutants, mutants_in, told
from tests.support.shell import Shell
from tests.support.workspace import lay

pytestmark = pytest.mark.e2e

GO = """
-- go.mod --
module example.com/sum

go 1.21
-- sum.go --
package sum

var limit = 100

// Sum adds the values up.
func Sum(values []int) int {
	total := 0
	for i := 0; i < len(values); i++ {
		total += values[i]
	}
	if total > limit {
		return limit
	}
	return total
}

// Unseen is not tested.
func Unseen(value int) int {
	return value * 2
}
-- sum_test.go --
package sum

import "testing"

func TestEmpty(t *testing.T) {
	if Sum(nil) != 0 {
		t.Fatal("not empty")
	}
}

func TestSum(t *testing.T) {
	if got := Sum([]int{1, 2, 4}); got != 7 {
		t.Fatalf("wanted 7, got %d", got)
	}
}
"""
JAVASCRIPT = """
-- package.json --
{ "name": "sum", "type": "module", "scripts": { "test": "node --test" } }
-- sum.js --
const limit = 100;

export function sum(values) {
  let total = 0;
  let i = 0;
  while (i < values.length) {
    total += values[i];
    i += 1;
  }
  return total > limit ? limit : total;
}
-- sum.test.js --
import assert from "node:assert/strict";
import { test } from "node:test";
import { sum } from "./sum.js";

test("sum", () => {
  assert.equal(sum([1, 2, 4]), 7);
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
const LIMIT: i32 = 100;

/// Adds the values up.
pub fn sum(values: &[i32]) -> i32 {
    let mut total = 0;
    for value in &values[0..values.len()] {
        total += value;
    }
    if LIMIT < total { LIMIT } else { total }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_sum() {
        assert_eq!(sum(&[1, 2, 4]), 7);
    }
}
"""


FATES = {
    "go": """
        3 100 -> 101: Survived
        7 0 -> 1: Killed, TestEmpty
        8 0 -> 1: Killed, TestSum
        8 i < len(values) -> false: Killed, TestSum
        8 < -> <=: Killed, TestEmpty
        9 += -> -=: Killed, TestSum
        9 += -> =: Killed, TestSum
        11 total > limit -> false: Survived
        11 > -> !=: Killed, TestEmpty
        12 return limit -> return 0: NoCoverage
        14 return total -> return 0: Killed, TestSum
        19 return value * 2 -> return 0: NoCoverage
        19 * -> /: NoCoverage
        19 2 -> 3: NoCoverage
    """,
    "javascript": """
        1 100 -> 101: Survived
        4 0 -> 1: Killed, sum
        5 0 -> 1: Killed, sum
        6 i < values.length -> false: Killed, sum
        6 < -> <=: Killed, sum
        7 += -> -=: Killed, sum
        7 += -> =: Killed, sum
        8 += -> -=: Timeout
        8 += -> =: Timeout
        10 total > limit -> false: Survived
        10 total > limit ? limit : total -> undefined: Killed, sum
        10 > -> !=: Killed, sum
    """,
    "rust": """
        1 100 -> 101: Survived
        5 0 -> 1: Killed, of_sum
        6 0 -> 1: Killed, of_sum
        6 .. -> ..=: Killed, of_sum
        7 += -> -=: Killed, of_sum
        7 += -> =: CompileError
        9 LIMIT < total -> false: Survived
        9 < -> !=: Killed, of_sum
    """,
}
WORKSPACES = {"go": (GO, "sum.go"), "javascript": (JAVASCRIPT, "sum.js"), "rust": (RUST, "src/lib.rs")}


@pytest.mark.parametrize("language", sorted(FATES))
def test_each_mutant_meets_its_fate_in_a_build_that_all_share(language: str, tmp_path: Path) -> None:
    text, path = WORKSPACES[language]
    strength = judge_mutants(language, text, mutants_in(text, path), tmp_path)
    assert told(strength) == [line.strip() for line in FATES[language].strip().splitlines()]
    assert (strength.complete, strength.refused) == (True, "")


def test_a_build_of_its_own_gives_the_same_fate_where_lines_are_not_measured(tmp_path: Path) -> None:
    mutants = tuple(mutant for mutant in mutants_in(RUST, "src/lib.rs") if mutant.line in (7, 9))
    strength = judge_mutants("rust", RUST, mutants, tmp_path, shares_builds=False)
    expected = [line.strip() for line in FATES["rust"].strip().splitlines()]
    assert told(strength) == [line for line in expected if line.startswith(("7", "9"))]


def test_a_crate_without_the_standard_library_shares_a_build_too(tmp_path: Path) -> None:
    text = RUST.replace("const LIMIT", "#![no_std]\n\nconst LIMIT")
    mutants = tuple(mutant for mutant in mutants_in(text, "src/lib.rs") if mutant.operator == "assignment")
    assert told(judge_mutants("rust", text, mutants, tmp_path)) == [
        "9 += -> -=: Killed, of_sum",
        "9 += -> =: CompileError",
    ]


def test_red_tests_are_no_measure(tmp_path: Path) -> None:
    red = GO.replace("got != 7", "got != 8")
    strength = judge_mutants("go", red, mutants_in(red, "sum.go"), tmp_path)
    assert (strength.judged, strength.score) == ((), None)
    assert strength.refused == ".::TestSum fails on the untouched code."


def test_no_mutant_is_begun_when_the_time_is_up(tmp_path: Path) -> None:
    strength = judge_mutants("go", GO, mutants_in(GO, "sum.go"), tmp_path, hearing=Hearing(seconds=0.001))
    assert not strength.complete
    assert {one.fate for one in strength.judged} <= {Fate.NO_COVERAGE}


def test_what_is_known_already_is_not_judged_again(tmp_path: Path) -> None:
    told_of: list[Judged] = []

    def recall(mutant: Mutant, tests: tuple[TestId, ...]) -> Judged | None:
        return Judged(mutant, Fate.IGNORED, covered_by=tests) if mutant.function == "Sum" else None

    mutants = mutants_in(GO, "sum.go")
    strength = judge_mutants("go", GO, mutants, tmp_path, hearing=Hearing(recall=recall, on_judged=told_of.append))
    assert sorted(told(strength)) == sorted(told(type(strength)(tuple(told_of))))
    known = [one for one in strength.judged if one.fate is Fate.IGNORED]
    assert {one.mutant.function for one in known} == {"Sum"}
    assert {test.name for one in known for test in one.covered_by} == {".::TestEmpty", ".::TestSum"}


def test_only_the_tests_that_are_named_are_asked(tmp_path: Path) -> None:
    mutants = tuple(mutant for mutant in mutants_in(GO, "sum.go") if mutant.line in (8, 9))
    strength = judge_mutants("go", GO, mutants, tmp_path, tests=(TestId(".", ".::TestEmpty"),))
    assert told(strength) == [
        "8 0 -> 1: Survived",
        "8 i < len(values) -> false: Survived",
        "8 < -> <=: Killed, TestEmpty",
        "9 += -> -=: NoCoverage",
        "9 += -> =: NoCoverage",
    ]


def test_each_fate_is_told_while_others_are_still_waiting(tmp_path: Path) -> None:
    cancel, told_of = Cancellation(), list[Judged]()

    def on_judged(judged: Judged) -> None:
        told_of.append(judged)
        if judged.fate is Fate.KILLED:
            cancel.cancel()

    mutants = mutants_in(GO, "sum.go")
    with pytest.raises(Cancelled):
        judge_mutants("go", GO, mutants, tmp_path, hearing=Hearing(on_judged=on_judged), cancel=cancel)
    assert len(told_of) < len(mutants)


@pytest.mark.parametrize("language", sorted(WORKSPACES))
def test_the_shell_tells_of_survivors_as_they_are_meant(language: str, tmp_path: Path) -> None:
    text, path = WORKSPACES[language]
    root = lay(tmp_path / "ws", text)
    said = Shell(tmp_path).regreen("mutate", root, "--json", "--report", tmp_path / "report")
    assert (said.status, said.document["outcome"]) == (0, "measured")
    survivors = said.document["survivors"]
    assert {one["path"] for one in survivors} == {path}
    assert any(meant in one["diff"] for one in survivors for meant in ("+\tif false {", "    if false {", " false ?"))
    document = json.loads((tmp_path / "report/mutation.json").read_text("utf-8"))
    assert [len(file["mutants"]) for file in document["files"].values()] == [len(mutants_in(text, path))]


SIGN = """
pub fn sign(value: i32) -> i32 {
    match value {
        0 => 7,
        n if n < 0 => -n,
        _ => 3 + value,
    }
}
"""


def test_what_no_rust_test_runs_is_told_as_such(tmp_path: Path) -> None:
    test = "    #[test]\n    fn of_sign() {\n        assert_eq!(sign(-4), 4);\n    }\n\n"
    text = RUST.replace("const LIMIT", f"{SIGN.strip()}\n\nconst LIMIT").replace("    #[test]", f"{test}    #[test]", 1)
    mutants = tuple(mutant for mutant in mutants_in(text, "src/lib.rs") if mutant.function == "sign")
    strength = judge_mutants("rust", text, mutants, tmp_path)
    assert told(strength) == [
        "3 0 -> 1: Survived",
        "3 7 -> 8: NoCoverage",
        "4 n < 0 -> false: Killed, of_sign",
        "4 < -> !=: Survived",
        "4 < -> <=: Survived",
        "4 -n -> n: Killed, of_sign",
        "5 + -> -: NoCoverage",
    ]
    assert {test.name for one in strength.judged for test in one.covered_by} == {"src/lib.rs::tests::of_sign"}
