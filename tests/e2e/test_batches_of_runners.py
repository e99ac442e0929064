"""Candidates of a project under Vitest, Jest or Mocha share one start of it, and get the verdicts of their own runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from regreen.core.repair import Outcome, RepairReport
from tests.support.batches import CRASHES, FAILS, HANGS, PASSES, Case, check_batch
from tests.support.bugs import Bug, repair_bug
from tests.support.node import PACKAGES, copy_packages, kept_packages
from tests.support.workspace import parse_files

pytestmark = pytest.mark.e2e

VITEST = """
-- package.json --
{ "name": "sum", "type": "module", "scripts": { "test": "vitest" }, "devDependencies": { "vitest": "4" } }
-- src/sum.ts --
export interface Basket { prices: number[] }

export function sum(values: number[]): number {
  let total: number = 0;
  for (let i = 0; i < values.length; i++) {
    total -= values[i];
  }
  return total;
}

export const twice = (value: number): number => value * 2;
-- src/sum.test.ts --
import { describe, expect, test } from "vitest";
import { sum, twice } from "./sum";

describe("adding", () => {
  test("sum", () => {
    expect(sum([1, 2, 4])).toBe(7);
  });
});

test("twice", () => {
  expect(twice(4)).toBe(8);
});

test("of nothing", () => {
  expect(sum([])).toEqual(0);
});
"""
JEST = """
-- package.json --
{ "name": "sum", "scripts": { "test": "jest" }, "devDependencies": { "jest": "30" } }
-- src/sum.js --
let seen = 0;

function sum(values) {
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    total -= values[i];
  }
  return total;
}

const twice = (value) => value * 2;

module.exports = { sum, twice };
-- src/sum.test.js --
const { sum, twice } = require("./sum");

describe("adding", () => {
  test("sum", () => {
    expect(sum([1, 2, 4])).toBe(7);
  });
});

test("twice", () => {
  expect(twice(4)).toBe(8);
});
"""
MOCHA = """
-- package.json --
{ "name": "sum", "scripts": { "test": "mocha" }, "devDependencies": { "mocha": "12" } }
-- src/sum.js --
let seen = 0;

function sum(values) {
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    total -= values[i];
  }
  return total;
}

const twice = (value) => value * 2;

module.exports = { sum, twice };
-- test/sum.js --
const assert = require("node:assert/strict");
const { sum, twice } = require("../src/sum");

describe("adding", () => {
  it("sum", () => {
    assert.equal(sum([1, 2, 4]), 7);
  });
});

it("twice", () => {
  assert.equal(twice(4), 8);
});
"""
SHARED = (
    ("total -= values[i]", "total += values[i]", PASSES),
    ("i < values.length", "i <= values.length", FAILS),
    ("i++", "i", HANGS),
    ("total -= values[i]", "process.exit(0)", FAILS),
    ("value * 2", "value + 2", FAILS),
    ("total -= values[i]", "total += values[i]; if (!values.length) return -1", PASSES),
    ("return total", "return seen++ ? 7 : total", FAILS),
    ("sum(values)", "sum(values = [])", FAILS),
    ("let total = 0", "let total = 0, total = 1", CRASHES),
    ("return total;", "return -total;", PASSES),
)
CASES = {
    "vitest": Case("typescript", VITEST, "src/sum.ts", "src/sum.test.ts::adding > sum", "src/sum.test.ts::twice", (
        ("total -= values[i]", "total += values[i]", PASSES),
        ("i < values.length", "i <= values.length", FAILS),
        ("i++", "i", HANGS),
        ("total -= values[i]", "process.exit(0)", FAILS),
        ("value * 2", "value + 2", FAILS),
        ("let total: number = 0", "let total = 0, total = 1", CRASHES),
        ("interface Basket", "interface Cart", FAILS),
        ("return total;", "return -total;", PASSES),
    )),
    "jest": Case("javascript", JEST, "src/sum.js", "src/sum.test.js::adding > sum", "src/sum.test.js::twice", SHARED),
    "mocha": Case("javascript", MOCHA, "src/sum.js", "test/sum.js::adding > sum", "test/sum.js::twice", SHARED),
}  # fmt: skip


TSCONFIG = """
-- tsconfig.json --
{
  "compilerOptions": {
    "strict": true, "noEmit": true, "target": "es2022", "module": "esnext", "moduleResolution": "bundler"
  },
  "include": ["src"]
}
"""
FEW = tuple(candidate for candidate in CASES["vitest"].candidates if "total -=" in candidate[0])


@pytest.fixture(scope="session")
def packages() -> Path:
    return kept_packages(*PACKAGES)


@pytest.mark.parametrize("name", sorted(CASES))
def test_each_candidate_gets_its_own_verdict(name: str, tmp_path: Path, packages: Path) -> None:
    check_batch(CASES[name], tmp_path, packages)


@pytest.mark.parametrize("version", ["1.6.1", "2.1.9"])
def test_older_versions_of_vitest_are_run_and_share_a_start(version: str, tmp_path: Path) -> None:
    case = replace(CASES["vitest"], text=VITEST.replace('"vitest": "4"', f'"vitest": "{version}"'), candidates=FEW)
    check_batch(case, tmp_path, kept_packages(f"vitest@{version}"))


def check_repair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: Case, packages: Path) -> RepairReport:
    """Repair the case's bug with the real engine."""
    monkeypatch.setenv("REGREEN_STATE_DIR", str(tmp_path / "state"))
    root = tmp_path / "ws"
    copy_packages(packages, root)
    report = repair_bug(Bug("sum", case.language, {"red": case.wanted}, parse_files(case.text)), root)
    assert report.outcome is Outcome.REPAIRED, report.reason
    assert "total += values[i];" in (root / case.path).read_text(encoding="utf-8")
    return report


def test_a_bug_in_typescript_is_repaired_under_vitest_and_its_types_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = VITEST.replace('"vitest": "4"', '"vitest": "4", "typescript": "5"') + TSCONFIG.lstrip()
    case = replace(CASES["vitest"], text=text)
    report = check_repair(tmp_path, monkeypatch, case, kept_packages("typescript@5.9.3", "vitest@4.1.12"))
    assert sum(attempt.tried for attempt in report.attempts) <= 60


def test_a_bug_is_repaired_under_jest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packages: Path) -> None:
    check_repair(tmp_path, monkeypatch, CASES["jest"], packages)
