"""Tests that pass one time and fail another on the untouched code are no measure, in the languages that are built."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.mutants import judge_mutants, mutants_in

pytestmark = pytest.mark.e2e

NODE = """
-- package.json --
{ "type": "module", "scripts": { "test": "node --test" } }
-- total.js --
export const total = (a) => a + 1;
export const half = (a) => a / 2;
-- total.test.js --
import assert from 'node:assert';
import { appendFileSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { half, total } from './total.js';

test('total', () => {
  appendFileSync('runs', '.');
  assert.equal(total(1), 2);
  assert.ok(readFileSync('runs', 'utf8').length < FIRST);
});

test('half', () => assert.equal(half(4), 2));
"""
FLAKY = "total.test.js::total fails on the untouched code. It passed there before: it is flaky."


@pytest.mark.parametrize("first", [3, 5])
def test_a_test_that_fails_later_is_called_flaky(first: int, tmp_path: Path) -> None:
    text = NODE.replace("FIRST", str(first))
    strength = judge_mutants("javascript", text, mutants_in(text, "total.js"), tmp_path)
    assert (strength.judged, strength.refused) == ((), FLAKY)


def test_tests_that_go_on_passing_are_a_measure(tmp_path: Path) -> None:
    text = NODE.replace("FIRST", "99")
    strength = judge_mutants("javascript", text, mutants_in(text, "total.js"), tmp_path)
    assert (strength.refused, {one.fate.value for one in strength.judged}) == ("", {"Killed"})


GO = """
-- go.mod --
module example.com/total

go 1.21
-- total.go --
package total

func Total(a int) int {
	return a + 1
}
-- total_test.go --
package total

import (
	"os"
	"testing"
)

func TestTotal(t *testing.T) {
	if Total(1) != 2 {
		t.Fatal("total")
	}
}

func TestRuns(t *testing.T) {
	file, err := os.OpenFile("runs", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	file.WriteString(".")
	text, _ := os.ReadFile("runs")
	if len(text) == 7 {
		t.Fatal("the seventh run")
	}
}
"""


def test_a_go_test_that_fails_once_in_several_runs_is_called_flaky(tmp_path: Path) -> None:
    strength = judge_mutants("go", GO, mutants_in(GO, "total.go"), tmp_path)
    assert (strength.judged, strength.refused) == (
        (),
        ".::TestRuns fails on the untouched code. It passed there before: it is flaky.",
    )
