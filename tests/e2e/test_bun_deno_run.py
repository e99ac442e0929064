"""Bun and Deno, run for real: what their report says, and what only their output does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from regreen.core.testing import TestRun
from tests.support.node import PROGRAMS, NodeWorkspace, kept_packages, lay_node

pytestmark = pytest.mark.e2e
BUN = """-- package.json --
{"name": "w", "scripts": {"test": "bun test"}}
-- app.ts --
export const city = (user: any): string =>
  user.address.city;
-- a.test.ts --
import { describe, expect, test } from 'bun:test';
import { city } from './app';
describe('s', () => {
  test('good', () => {});
  test('adds', () => {
    expect(1 + 1).toBe(3);
  });
  test.each([1, 2])('is one: %i', (n) => { expect(n).toBe(1); });
});
test('reads', () => { expect(city({})).toBe('x'); });
"""
DENO = """-- deno.json --
{}
-- app.ts --
// deno-lint-ignore no-explicit-any
export const city = (user: any): string =>
  user.address.city;
-- a_test.ts --
import { city } from './app.ts';
Deno.test('good', () => {});
Deno.test('reads', () => { city({}); });
Deno.test('outer', async (t) => {
  await t.step('inner', () => {
    throw new Error('nope');
  });
});
"""


@pytest.fixture(scope="session")
def programs() -> Path:
    return kept_packages(*PROGRAMS, scripts=True) / ".bin"


@pytest.fixture(autouse=True)
def on_the_path(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")


def outcomes(run: TestRun) -> list[str]:
    return sorted(f"{result.id.name.partition('::')[2] or result.id.name}: {result.outcome}" for result in run.results)


def workspace(tmp_path: Path, text: str, runner: str) -> NodeWorkspace:
    found = lay_node(tmp_path / "w", text, None)
    assert found.project.runner == runner
    return found


def test_bun_names_each_test_and_places_what_fails(tmp_path: Path) -> None:
    found = workspace(tmp_path, BUN, "bun")
    run = found.run()
    assert outcomes(run) == [
        "reads: failed",
        "s > adds: failed",
        "s > good: passed",
        "s > is one: 1: passed",
        "s > is one: 2: failed",
    ]
    assert run.complete
    assert sorted(found.failures(run)) == [
        "a.test.ts::reads: null-deref app.ts:2",
        "a.test.ts::s > adds: assertion a.test.ts:6",
        "a.test.ts::s > is one: 2: assertion a.test.ts:8",
    ]


def test_bun_runs_one_test(tmp_path: Path) -> None:
    run = workspace(tmp_path, BUN, "bun").run("a.test.ts::s > good")
    assert run.green_for()
    assert [each for each in outcomes(run) if each.endswith("passed")] == ["s > good: passed"]


def test_deno_names_each_test_and_places_what_fails(tmp_path: Path) -> None:
    found = workspace(tmp_path, DENO, "deno")
    run = found.run()
    assert "good: passed" in outcomes(run)
    assert run.complete
    assert sorted(found.failures(run)) == [
        "a_test.ts::outer > inner: unhandled-error a_test.ts:6",
        "a_test.ts::reads: null-deref app.ts:3",
    ]


def test_deno_runs_one_test(tmp_path: Path) -> None:
    run = workspace(tmp_path, DENO, "deno").run("a_test.ts::good")
    assert run.green_for()
    assert [each for each in outcomes(run) if each.endswith("passed")] == ["good: passed"]


@pytest.mark.parametrize(
    ("text", "runner", "ending"), [(BUN, "bun", "process.exit(0)"), (DENO, "deno", "Deno.exit(0)")]
)
def test_an_exit_is_never_green(text: str, runner: str, ending: str, tmp_path: Path) -> None:
    run = workspace(tmp_path, text.replace("city({})", ending), runner).run()
    assert not run.green_for()
