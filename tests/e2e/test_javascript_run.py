"""The runners of JavaScript, run for real: what each of them must never get wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from regreen.core.testing import Ended, TestId, TestResult, TestRun
from tests.support.node import PACKAGES, NodeWorkspace, kept_packages, lay_node

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Runner:
    """How a test is written for a runner."""

    name: str
    head: str  # of a test file
    file: str
    package: str


_TYPES = '"type": "module", '
RUNNERS = {
    "vitest": Runner(
        "vitest",
        "import { test, describe, beforeAll, assert } from 'vitest';",
        "a.test.js",
        '{"name": "w", "type": "module", "scripts": {"test": "vitest"}, "devDependencies": {"vitest": "4"}}',
    ),
    "jest": Runner(
        "jest",
        "const assert = require('node:assert/strict');",
        "a.test.js",
        '{"name": "w", "scripts": {"test": "jest"}, "devDependencies": {"jest": "30"}}',
    ),
    "mocha": Runner(
        "mocha",
        "const assert = require('node:assert/strict'); const test = it, beforeAll = before;",
        "test/a.js",
        '{"name": "w", "scripts": {"test": "mocha"}, "devDependencies": {"mocha": "12"}}',
    ),
    "node:test": Runner(
        "node:test",
        "const { test, describe, before: beforeAll } = require('node:test');"
        " const assert = require('node:assert/strict');",
        "a.test.js",
        '{"name": "w", "scripts": {"test": "node --test"}}',
    ),
}
ALL = tuple(RUNNERS)


@pytest.fixture(scope="session")
def packages() -> Path:
    return kept_packages(*PACKAGES)


def workspace(tmp_path: Path, packages: Path, name: str, body: str, more: str = "") -> NodeWorkspace:
    runner = RUNNERS[name]
    text = f"-- package.json --\n{runner.package}\n-- {runner.file} --\n{runner.head}\n{body.strip()}\n{more}"
    found = lay_node(tmp_path / "w", text, packages)
    assert found.project.runner == name
    return found


def outcomes(run: TestRun) -> list[str]:
    return [f"{result.id.name.partition('::')[2] or result.id.name}: {result.outcome}" for result in run.results]


@pytest.mark.parametrize("name", ALL)
def test_green_is_green_and_streams(name: str, tmp_path: Path, packages: Path) -> None:
    found = workspace(
        tmp_path, packages, name, "describe('s', () => { test('one', () => {}); });\ntest('two', () => {});"
    )
    seen: list[TestResult] = []
    run = found.run(on_result=seen.append)
    assert run.green_for()
    assert sorted(outcomes(run)) == ["s > one: passed", "two: passed"]
    assert len(seen) == 2
    assert found.failures(run) == []


@pytest.mark.parametrize("name", ALL)
def test_what_fails_is_named_and_placed(name: str, tmp_path: Path, packages: Path) -> None:
    body = """
describe('s', () => {
  test('adds', () => { assert.equal(1 + 1, 3); });
  test('reads', () => {
    ({}).user.name;
  });
});
describe('set up', () => {
  beforeAll(() => { throw new Error('no database'); });
  test('never runs', () => {});
});
test('prints --- FAIL: decoy', () => { console.log('✖ decoy\\nnot ok 9 - decoy\\n  ● decoy\\n 1) decoy'); });
"""
    found = workspace(tmp_path, packages, name, body)
    file = RUNNERS[name].file
    run = found.run()
    assert not run.green_for()
    assert run.complete
    assert sorted(found.failures(run)) == [
        f"{file}::s > adds: assertion {file}:3",
        f"{file}::s > reads: null-deref {file}:5",
        f"{file}::set up > never runs: test-setup {file}:9",
    ]
    assert all("decoy" not in each.id.name or each.outcome == "passed" for each in run.results)


@pytest.mark.parametrize("name", ALL)
def test_one_test_runs_alone(name: str, tmp_path: Path, packages: Path) -> None:
    body = """
describe('s', () => {
  test('a (b) [c] $d', () => {});
  test('other', () => { throw new Error('must not run'); });
});
"""
    found = workspace(tmp_path, packages, name, body)
    wanted = f"{RUNNERS[name].file}::s > a (b) [c] $d"
    run = found.run(wanted)
    if name != "node:test":  # Its patterns match suites and tests one by one: a suite brings all of its tests.
        assert run.green_for()
    assert [each for each in outcomes(run) if each.endswith("passed")] == ["s > a (b) [c] $d: passed"]


def test_a_test_that_vitest_refuses_before_it_starts_is_named(tmp_path: Path, packages: Path) -> None:
    found = workspace(tmp_path, packages, "vitest", "test.only('alone', () => {});\ntest('other', () => {});")
    run = found.run()
    assert outcomes(run) == ["other: skipped", "alone: failed"]
    (failure,) = found.failures(run)
    assert failure.startswith("a.test.js::alone: runner-config")


@pytest.mark.parametrize("name", ALL)
def test_an_exit_in_a_test_is_a_crash(name: str, tmp_path: Path, packages: Path) -> None:
    found = workspace(
        tmp_path, packages, name, "test('before', () => {});\ntest('quits', () => {\n  process.exit(0);\n});"
    )
    run = found.run()
    assert not run.green_for()
    file = RUNNERS[name].file
    assert found.failures(run) == [f"{file}::quits: process-crash {file}:4"]


@pytest.mark.parametrize("name", ["vitest", "node:test"])  # The others overlook it themselves.
def test_what_nobody_catches_is_not_green(name: str, tmp_path: Path, packages: Path) -> None:
    body = """
test('fires', async () => {
  Promise.reject(new Error('late'));
  await new Promise((r) => setTimeout(r, 50));
});
"""
    found = workspace(tmp_path, packages, name, body)
    run = found.run()
    assert not run.green_for()
    (failure,) = found.failures(run)
    assert failure.endswith(f"{RUNNERS[name].file}:3")


@pytest.mark.parametrize("name", ALL)
def test_no_test_is_never_green(name: str, tmp_path: Path, packages: Path) -> None:
    found = workspace(tmp_path, packages, name, "test('here', () => {});")
    run = found.run(f"{RUNNERS[name].file}::not here")
    assert not run.green_for()


@pytest.mark.parametrize("name", ALL)
def test_an_import_that_leads_nowhere_is_no_crash(name: str, tmp_path: Path, packages: Path) -> None:
    line = "import { x } from './missing.js';" if name == "vitest" else "const { x } = require('./missing.js');"
    found = workspace(tmp_path, packages, name, f"{line}\ntest('a', () => {{ x(); }});")
    run = found.run()
    assert not run.green_for()
    (failure,) = found.failures(run)
    assert failure.partition(": ")[2] == f"import-unresolved {RUNNERS[name].file}:2"


@pytest.mark.parametrize("name", ALL)
def test_broken_syntax_is_a_syntax_failure(name: str, tmp_path: Path, packages: Path) -> None:
    load = "import { add } from './app.js';" if name == "vitest" else "const { add } = require('../w/app.js');"
    load = load.replace("../w", ".." if name == "mocha" else ".")
    broken = "export const add = (a, b) => {\n  return a + ;\n};" if name == "vitest" else (
        "exports.add = (a, b) => {\n  return a + ;\n};"
    )  # fmt: skip
    found = workspace(tmp_path, packages, name, f"{load}\ntest('a', () => {{ add(); }});", f"-- app.js --\n{broken}\n")
    (failure,) = found.failures(found.run())
    assert failure.partition(": ")[2] == "syntax app.js:2"


@pytest.mark.parametrize("name", ["vitest", "node:test"])
def test_a_loop_without_end_is_a_timeout(name: str, tmp_path: Path, packages: Path) -> None:
    found = workspace(tmp_path, packages, name, "test('ok', () => {});\ntest('spins', () => {\n  for (;;) {}\n});")
    run = found.run(timeout=5.0)
    assert run.ended is Ended.TIMED_OUT
    assert f"{RUNNERS[name].file}::spins: timeout {RUNNERS[name].file}:4" in found.failures(run)


def test_ava_is_read_from_its_tap(tmp_path: Path, packages: Path) -> None:
    text = """-- package.json --
{"name": "w", "type": "module", "scripts": {"test": "xo && ava"}, "devDependencies": {"ava": "7"}}
-- test/a.js --
import test from 'ava';
test('adds', (t) => {
  t.is(1 + 1, 3);
});
test('ok', (t) => { console.log('not ok 7 - decoy'); t.pass(); });
-- test/b.js --
import test from 'ava';
test('fine', (t) => { t.pass(); });
"""
    found = lay_node(tmp_path / "w", text, packages)
    run = found.run()
    assert sorted(each.id.name for each in run.results) == ["test/a.js::adds", "test/a.js::ok", "test/b.js::fine"]
    assert found.failures(run) == ["test/a.js::adds: assertion test/a.js:3"]
    assert found.run("test/a.js::ok").green_for()


def test_typescript_runs_as_it_is(tmp_path: Path, packages: Path) -> None:
    text = """-- package.json --
{"name": "w", "type": "module", "scripts": {"test": "vitest"}, "devDependencies": {"vitest": "4"}}
-- tsconfig.json --
{}
-- src/box.ts --
type Box = { size?: { width: number } };
export function width(box: Box): number {
  return box.size!.width;
}
-- src/box.test.ts --
import { expect, test } from 'vitest';
import { width } from './box';
test.each([[{}, 1]])('width of %o', (box, expected) => {
  expect(width(box)).toBe(expected);
});
"""
    found = lay_node(tmp_path / "w", text, packages)
    assert (found.project.language, found.project.runner) == ("typescript", "vitest")
    (failure,) = found.failures(found.run())
    assert failure.endswith("null-deref src/box.ts:3")


_TABLES = """
describe.each(['tin', 'wood'])('a box of %s', (kind) => {
  test.each([[1, 2], [3, 4]])('adds %i and %i', (a, b) => { assert.equal(a + b < 7 || kind === 'wood', true); });
  test('adds up', () => { throw new Error('must not run'); });
});
"""


@pytest.mark.parametrize("name", ["vitest", "jest"])
def test_a_table_runs_by_its_definition_and_by_one_of_its_cases(name: str, tmp_path: Path, packages: Path) -> None:
    found = workspace(tmp_path, packages, name, _TABLES)
    table = TestId(".", "a.test.js::a box of %s > adds %i and %i")
    assert [case.name for case in found.model.tests_in("a.test.js")][:1] == [table.name]
    run = found.run(table.name)
    assert found.failures(run) == ["a.test.js::a box of tin > adds 3 and 4: assertion a.test.js:3"]
    assert not run.has_passed(table)
    assert len([test for test in run.passed_ids if table.defines(test)]) == 3
    alone = found.run("a.test.js::a box of wood > adds 3 and 4")
    assert alone.green_for((TestId(".", "a.test.js::a box of wood > adds 3 and 4"), table))
    assert [each for each in outcomes(alone) if each.endswith("passed")] == ["a box of wood > adds 3 and 4: passed"]


@pytest.mark.parametrize("name", ["mocha", "node:test"])
def test_tests_of_a_loop_run_by_their_definition(name: str, tmp_path: Path, packages: Path) -> None:
    found = workspace(
        tmp_path, packages, name, "for (const n of [1, 2]) {\n  test(`takes ${n}`, () => { assert.equal(n, 1); });\n}"
    )
    file = RUNNERS[name].file
    table = TestId(".", f"{file}::takes ${{n}}")
    assert [case.name for case in found.model.tests_in(file)] == [table.name]
    run = found.run(table.name)
    assert found.failures(run) == [f"{file}::takes 2: assertion {file}:3"]
    assert not run.has_passed(table)
    assert found.run(f"{file}::takes 1").green_for((table,))


def test_two_runners_of_one_package_each_run_their_own_files(tmp_path: Path, packages: Path) -> None:
    text = """-- package.json --
{"name": "w", "scripts": {"test": "npm run unit && npm run extra", "unit": "node --test", "extra": "jest"},
 "devDependencies": {"jest": "30"}}
-- a.test.js --
const { test } = require('node:test');
test('of node', () => {});
-- b.test.js --
const { test, expect } = require('@jest/globals');
test('of jest', () => { expect(1).toBe(1); });
"""
    found = lay_node(tmp_path / "w", text, packages)
    assert [use.name for use in found.project.runners] == ["node:test", "jest"]
    run = found.run("a.test.js::of node", "b.test.js::of jest")
    assert run.green_for()
    assert sorted(each.id.name for each in run.results) == ["a.test.js::of node", "b.test.js::of jest"]
    assert found.run("b.test.js::of jest").green_for()
