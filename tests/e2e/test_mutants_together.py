"""Mutants that share a worker of Vitest fare as each does in a worker of its own, whatever tests leave behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.mutants import judge_mutants, mutants_in, told
from tests.support.node import PACKAGES, kept_packages

pytestmark = pytest.mark.e2e

PACKAGE = (
    '-- package.json --\n{ "name": "cart", "type": "module", "scripts": { "test": "vitest" },'
    ' "devDependencies": { "vitest": "4" } }\n'
)
CLOCK = """
-- src/clock.js --
export function until(n, step) {
  let at = 0;
  while (at < n) {
    at += step;
  }
  return at;
}

export function late(ms, done) {
  setTimeout(done, ms + 1);
}
-- src/clock.test.js --
import { expect, test, vi } from "vitest";
import { late, until } from "./clock.js";

test("until", () => {
  expect(until(4, 2)).toBe(4);
});

test("late", () => {
  vi.useFakeTimers();
  const done = vi.fn();
  late(9, done);
  vi.advanceTimersByTime(10);
  expect(done).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(9);
  expect(until(1, 1)).toBe(1);
  vi.useRealTimers();
});
"""
CLOCK_FATES = """
    2 0 -> 1: Killed, until
    3 at < n -> false: Killed, until
    3 < -> <=: Killed, until
    4 += -> -=: Timeout
    4 += -> =: Timeout
    6 at -> undefined: Killed, until
    10 setTimeout(done, ms + 1); -> ;: Killed, late
    10 + -> -: Survived
"""
LEAKING = """
-- src/cart.js --
import { rate } from "./rate.js";

export function total(price) {
  return price * rate();
}

export function size(items) {
  return items.length + 0.5;
}
-- src/rate.js --
export const rate = () => 1;
-- src/mocked.test.js --
import { expect, test, vi } from "vitest";
import { total } from "./cart.js";

vi.mock("./rate.js", () => ({ rate: () => 3 }));

test("total", () => {
  expect(total(2)).toBe(6);
});
-- src/global.test.js --
import { expect, test } from "vitest";
import { size } from "./cart.js";

test("size", () => {
  const kept = Array.prototype.at;
  Array.prototype.at = () => 7;
  expect(size([1]) + [].at(0)).toBe(8.5);
  Array.prototype.at = kept;
});

test("size, as long as nobody meddles", () => {
  expect([].at(0)).toBe(undefined);
  expect(size([])).toBe(0.5);
});
"""
LEAKING_FATES = """
    4 price * rate() -> undefined: Killed, total
    4 * -> /: Killed, total
    8 items.length + 0.5 -> undefined: Killed, size
    8 + -> -: Killed, size
"""
ONCE = """
-- src/cart.js --
export function total(price) {
  return price + 1;
}
-- src/once.test.js --
import { expect, test } from "vitest";
import { total } from "./cart.js";

test("first", () => {
  expect(process.shopIsOpen).toBe(undefined);
  process.shopIsOpen = true;
});

test("total", () => {
  expect(total(0)).toBe(1);
});
"""
ONCE_FATES = """
    2 price + 1 -> undefined: Killed, total
    2 + -> -: Killed, total
"""


def check_fates(text: str, path: str, fates: str, tmp_path: Path, packages: Path) -> None:
    strength = judge_mutants("javascript", PACKAGE + text.lstrip(), mutants_in(text, path), tmp_path, packages=packages)
    assert told(strength) == [line.strip() for line in fates.strip().splitlines()]


@pytest.fixture(scope="session")
def packages() -> Path:
    return kept_packages(*PACKAGES)


def test_what_hangs_and_timers_that_stay_false_change_no_other_fate(tmp_path: Path, packages: Path) -> None:
    check_fates(CLOCK, "src/clock.js", CLOCK_FATES, tmp_path, packages)


def test_mocked_modules_and_what_a_failed_test_leaves_changed_are_as_before_for_the_next(
    tmp_path: Path, packages: Path
) -> None:
    check_fates(LEAKING, "src/cart.js", LEAKING_FATES, tmp_path, packages)


def test_tests_that_pass_only_once_in_a_process_have_a_process_for_each_mutant(tmp_path: Path, packages: Path) -> None:
    check_fates(ONCE, "src/cart.js", ONCE_FATES, tmp_path, packages)


@pytest.mark.parametrize("version", ["1.6.1", "2.1.9", "3.2.7"])
def test_mutants_share_a_worker_under_older_versions_too(version: str, tmp_path: Path) -> None:
    check_fates(LEAKING, "src/cart.js", LEAKING_FATES, tmp_path, kept_packages(f"vitest@{version}"))
