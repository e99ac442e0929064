// What the scenarios play with: small projects with one bug each.
import { CONFIGURATION } from "../scenario.ts";

/** A project with a red test, and where a person finds what about it. */
export interface Project {
  readonly files: string;
  readonly test: string; // the test's file
  readonly definition: string; // the line that defines it
  readonly code: string; // the file to blame
  readonly line: number; // the line to blame, as it is and as it should be
  readonly wrong: string;
  readonly right: string;
  readonly kind: string;
  readonly says: string;
  readonly runner: string; // a word of the command that runs its tests
}

/** A name is wrong in a line that only tests reach. */
export const MEAN = `-- pyproject.toml --
[project]
name = "mean"
version = "1.0"

[tool.pytest.ini_options]
pythonpath = ["."]
-- mean.py --
def mean(values):
    return sum(values) / len(value)


def double(number):
    return number * 2
-- test_mean.py --
from mean import double, mean


def test_the_mean_lies_between():
    assert mean([1, 2, 6]) == 3


def test_double():
    assert double(2) == 4
`;
export const WRONG = "return sum(values) / len(value)";
export const RIGHT = "return sum(values) / len(values)";

export const PYTHON: Project = {
  files: MEAN,
  test: "test_mean.py",
  definition: "def test_the_mean_lies_between():",
  code: "mean.py",
  line: 2,
  wrong: WRONG,
  right: RIGHT,
  kind: "RG104",
  says: "name 'value' is not defined",
  runner: "pytest",
};

/** The test waits as long as a file says: nothing at first. */
export const SLOW = `${MEAN}-- conftest.py --
import pathlib
import time

import pytest


@pytest.fixture(autouse=True)
def wait():
    time.sleep(float(pathlib.Path(__file__).with_name("seconds.txt").read_text()))
-- seconds.txt --
0
`;

/** The same in JavaScript, with the runner that Node.js has; its test waits as well. */
export const SLUG = `-- package.json --
{
  "name": "slug",
  "version": "1.0.0",
  "type": "module",
  "scripts": { "test": "node --test" }
}
-- slug.js --
export function slug(title) {
  return title.trim().toLowercase().replaceAll(" ", "-");
}
-- test/slug.test.js --
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { slug } from "../slug.js";

const seconds = Number(readFileSync(new URL("../seconds.txt", import.meta.url), "utf8"));

test("a title becomes a part of an address", async () => {
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  assert.equal(slug(" Hello World "), "hello-world");
});
-- seconds.txt --
0
`;
export const SCRIPT: Project = {
  files: SLUG,
  test: "test/slug.test.js",
  definition: 'test("a title becomes a part of an address", async () => {',
  code: "slug.js",
  line: 2,
  wrong: 'return title.trim().toLowercase().replaceAll(" ", "-");',
  right: 'return title.trim().toLowerCase().replaceAll(" ", "-");',
  kind: "RG105",
  says: "toLowercase is not a function",
  runner: "--test",
};

/** A value comes out wrong: there is something to compare. */
export const TITLE = `-- pyproject.toml --
[project]
name = "title"
version = "1.0"

[tool.pytest.ini_options]
pythonpath = ["."]
-- title.py --
def title(text):
    return text.strip()
-- test_title.py --
from title import title


def test_a_title_stands_in_capitals():
    assert title(" a b ") == "A B"
`;

/** The person's own configuration: a model at an address, whose key the editor keeps. */
export function providerAt(url: string): string {
  return `[[provider]]\nname = "mine"\nwire = "openai"\nurl = "${url}"\nmodel = "any"\nkey = { editor = true }\n`;
}
export const PROVIDER = `-- ${CONFIGURATION} --\n${providerAt("https://models.invalid/v1")}`;

/** Who pays is decided here: a person is asked before a repair begins. */
export const REFUND = `-- pyproject.toml --
[project]
name = "shop"
version = "1.0"

[tool.pytest.ini_options]
pythonpath = ["."]
-- payments/__init__.py --
-- payments/refund.py --
def refund(paid, fee):
    return paid + fee
-- test_refund.py --
from payments.refund import refund


def test_the_fee_is_kept():
    assert refund(10, 3) == 7
`;

/** The test passes, and would pass as well if the boundary were another one. */
export const SHIPPING = `-- pyproject.toml --
[project]
name = "shipping"
version = "1.0"

[tool.pytest.ini_options]
pythonpath = ["."]
-- shipping.py --
def cost(total):
    if total < 50:
        return 5
    return 0
-- test_shipping.py --
from shipping import cost


def test_small_orders_pay():
    assert cost(10) == 5


def test_large_orders_ship_free():
    assert cost(90) == 0
`;
