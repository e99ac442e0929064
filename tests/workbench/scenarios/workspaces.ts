// What the scenarios play with: small projects with one bug each.

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

/** The same in JavaScript, with the runner that Node.js has. */
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
import { test } from "node:test";
import { slug } from "../slug.js";

test("a title becomes a part of an address", () => {
  assert.equal(slug(" Hello World "), "hello-world");
});
`;

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

/** The person's own configuration: a model whose key the editor keeps. */
export const PROVIDER = `-- .config/regreen/config.toml --
[[provider]]
name = "mine"
preset = "openai"
model = "any"
key = { editor = true }
`;
