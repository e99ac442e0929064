"""Mutants judged on modules that stay loaded fare as each does with modules of its own, whatever modules remember."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.mutants import judge_mutants, mutants_in, told
from tests.support.node import PACKAGES, kept_packages

pytestmark = pytest.mark.e2e

PACKAGE = (
    '-- package.json --\n{ "name": "shop", "scripts": { "test": "RUNNER" }, "devDependencies": { "RUNNER": "1" } }\n'
)
# What is kept: answers of a function, what was ever sold, and a value that is made when the module is loaded.
SHOP = """
-- src/shop.js --
const kept = new Map();
const sold = [];
const rate = half(4);

function half(value) {
  return value / 2;
}

function price(name) {
  if (!kept.has(name)) {
    kept.set(name, name.length * rate);
  }
  return kept.get(name);
}

function sell(name) {
  sold.push(name);
  return sold.indexOf(name) + 1;
}

function later(name, done) {
  setTimeout(() => done(price(name) + 1), 5);
}

module.exports = { price, sell, later };
"""
TESTS = """
-- test/price.test.js --
const { price, later } = require("../src/shop.js");

test("price", () => {
  expect(price("tea")).toBe(6);
  expect(price("tea")).toBe(6);
});

test("later", async () => {
  expect(await new Promise((done) => later("milk", done))).toBe(9);
}, 1000);
-- test/sell.test.js --
const { sell } = require("../src/shop.js");

describe("sell", () => {
  beforeEach(() => {
    globalThis.shop = "open";
  });

  test("first", () => {
    expect(sell("tea")).toBe(1);
    expect(globalThis.shop).toBe("open");
  });

  test("next", () => {
    expect(sell("milk")).toBe(2);
    expect(sell("tea")).toBe(1);
  });
});
"""
FATES = """
    3 4 -> 5: Killed, price
    6 value / 2 -> undefined: Killed, price
    6 / -> *: Killed, price
    6 2 -> 3: Killed, price
    10 !kept.has(name) -> false: Killed, price
    10 !kept.has(name) -> kept.has(name): Killed, price
    10 !kept.has(name) -> true: Survived
    11 kept.set(name, name.length * rate); -> ;: Killed, price
    11 * -> /: Killed, price
    13 kept.get(name) -> undefined: Killed, price
    17 sold.push(name); -> ;: Killed, sell > first
    18 sold.indexOf(name) + 1 -> undefined: Killed, sell > first
    18 + -> -: Killed, sell > first
    22 setTimeout(() => done(price(name) + 1), 5); -> ;: Killed, later
    22 done(price(name) + 1) -> undefined: Killed, later
    22 + -> -: Killed, later
    22 5 -> 6: Survived
"""


@pytest.fixture(scope="session")
def packages() -> Path:
    return kept_packages(*PACKAGES)


def check_fates(runner: str, tests: str, tmp_path: Path, packages: Path, package: str = PACKAGE) -> None:
    text = package.replace("RUNNER", runner) + SHOP.lstrip() + tests.lstrip()
    strength = judge_mutants("javascript", text, mutants_in(text, "src/shop.js"), tmp_path, packages=packages)
    assert told(strength) == [line.strip() for line in FATES.strip().splitlines()]


def test_what_modules_remember_changes_no_fate_under_jest(tmp_path: Path, packages: Path) -> None:
    check_fates("jest", TESTS, tmp_path, packages)


def test_what_modules_remember_changes_no_fate_under_vitest(tmp_path: Path, packages: Path) -> None:
    imports = 'import { beforeEach, describe, expect, test } from "vitest";\nimport {'
    tests = TESTS.replace("const {", imports).replace("= require(", "from ").replace('js");', 'js";')
    check_fates("vitest", tests, tmp_path, packages)


def test_a_project_s_own_test_framework_has_modules_of_its_own_for_each_mutant(tmp_path: Path, packages: Path) -> None:
    own = PACKAGE.replace(" } }\n", ' }, "jest": { "testRunner": "./own.js" } }\n')
    framework = '-- own.js --\nmodule.exports = require("jest-circus/runner");\n'
    check_fates("jest", framework + TESTS.lstrip(), tmp_path, packages, own)
