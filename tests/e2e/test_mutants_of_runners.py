"""Mutants of JavaScript and TypeScript meet the files of tests that run them, under the runner of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.mutants import judge_mutants, mutants_in, told
from tests.support.node import PACKAGES, kept_packages

pytestmark = pytest.mark.e2e

SOURCE = """
-- src/cart.ts --
const LIMIT: number = 100;
export const FREE = 50;

export class Cart<T extends { price: number }> {
  step = 1;
  #items: T[] = [];

  add(item: T): this {
    this.#items.push(item);
    return this;
  }

  total(rate = 1): number {
    const sum = this.#items.map((item) => item.price * rate).reduce((a, b) => a + b, 0);
    return sum > LIMIT ? LIMIT : sum;
  }

  get size(): number {
    return this.#items.length * this.step;
  }

  static of(count: number): number {
    return count + 1;
  }
}

export async function later(value: number): Promise<number> {
  return value - 1;
}

export function unseen(value: number): number {
  return value * 2;
}
"""
TESTS = """
-- src/total.test.ts --
import { Cart } from "./cart";

test("total", () => {
  expect(new Cart().add({ price: 3 }).add({ price: 4 }).total()).toBe(7);
});
-- src/rest.test.ts --
import { Cart, later } from "./cart";

test("size", () => {
  expect(new Cart().add({ price: 3 }).size).toBe(1);
});

test("later", async () => {
  expect(await later(4)).toBe(3);
});
"""
FATES = """
    1 100 -> 101: Survived
    2 50 -> 51: Survived
    5 1 -> 2: Killed, size
    9 this.#items.push(item); -> ;: Killed, size
    13 1 -> 2: Killed, total
    14 item.price * rate -> undefined: Killed, total
    14 * -> /: Survived
    14 a + b -> undefined: Killed, total
    14 + -> -: Killed, total
    14 0 -> 1: Killed, total
    15 sum > LIMIT -> false: Survived
    15 sum > LIMIT ? LIMIT : sum -> undefined: Killed, total
    15 > -> !=: Killed, total
    19 this.#items.length * this.step -> undefined: Killed, size
    19 * -> /: Survived
    23 count + 1 -> undefined: NoCoverage
    23 + -> -: NoCoverage
    28 value - 1 -> undefined: Killed, later
    28 - -> +: Killed, later
    32 value * 2 -> undefined: NoCoverage
    32 * -> /: NoCoverage
    32 2 -> 3: NoCoverage
"""
JEST = """
-- package.json --
{ "name": "cart", "scripts": { "test": "jest" }, "devDependencies": { "jest": "30" } }
-- src/cart.js --
const limit = 100;

const clamped = (value, most = limit) => (value > most ? most : value);

function* counted(n) {
  for (let i = 0; i < n; i += 1) {
    yield i;
  }
}

const adder = (by) => {
  const add = (value) => value + by;
  return add;
};

module.exports = { clamped, counted, adder, unseen: () => limit - 1 };
-- test/clamped.test.js --
const { clamped } = require("../src/cart");

test("clamped", () => {
  expect(clamped(7)).toBe(7);
  expect(clamped(101)).toBe(100);
});
-- test/rest.test.js --
const { adder, counted } = require("../src/cart");

test("counted", () => {
  expect([...counted(2)]).toEqual([0, 1]);
});

test("adder", () => {
  expect(adder(0)(4)).toBe(4);
});
"""
JEST_FATES = """
    1 100 -> 101: Killed, clamped
    3 (value > most ? most : value) -> undefined: Killed, clamped
    3 value > most -> false: Killed, clamped
    3 > -> !=: Killed, clamped
    6 0 -> 1: Killed, counted
    6 i < n -> false: Killed, counted
    6 < -> <=: Killed, counted
    6 += -> -=: Timeout
    6 += -> =: Timeout
    7 i -> undefined: Killed, counted
    12 value + by -> undefined: Killed, adder
    12 + -> -: Survived
    13 add -> undefined: Killed, adder
    16 limit - 1 -> undefined: NoCoverage
    16 - -> +: NoCoverage
"""
VITEST = (
    '-- package.json --\n{ "name": "cart", "type": "module", "scripts": { "test": "vitest" },'
    ' "devDependencies": { "vitest": "4" } }\n'
    + SOURCE.lstrip()
    + TESTS.lstrip().replace("import { Cart", 'import { expect, test } from "vitest";\nimport { Cart')
)


@pytest.fixture(scope="session")
def packages() -> Path:
    return kept_packages(*PACKAGES)


def check_fates(language: str, text: str, path: str, fates: str, tmp_path: Path, packages: Path) -> None:
    strength = judge_mutants(language, text, mutants_in(text, path), tmp_path, packages=packages)
    assert told(strength) == [line.strip() for line in fates.strip().splitlines()]


def test_a_mutant_meets_the_files_of_tests_that_run_it_under_vitest(tmp_path: Path, packages: Path) -> None:
    check_fates("typescript", VITEST, "src/cart.ts", FATES, tmp_path, packages)


def test_a_mutant_meets_the_files_of_tests_that_run_it_under_jest(tmp_path: Path, packages: Path) -> None:
    check_fates("javascript", JEST, "src/cart.js", JEST_FATES, tmp_path, packages)
