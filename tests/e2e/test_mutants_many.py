"""As many mutants and tests as a large file has are judged in a few starts of a runner."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.support.mutants import judge_mutants, mutants_in, told

pytestmark = pytest.mark.e2e

N_TESTS = 120
NAME = "what is added up is one more than it was " + "and " * 250
LONG = "  // " + "and so on, " * 160 + "\n"
SOURCE = (
    '-- package.json --\n{ "type": "module", "scripts": { "test": "node --test" } }\n'
    "-- total.js --\nexport function total(a) {\n" + 300 * LONG + "  return a < 9 ? a + 1 : 9;\n}\n"
    "-- total.test.js --\nimport assert from 'node:assert';\nimport { test } from 'node:test';\n"
    "import { total } from './total.js';\n"
    + "".join(f"test('{NAME}{number}', () => assert.equal(total(1), 2));\n" for number in range(N_TESTS))
)


def test_a_body_that_is_too_long_for_all_its_mutants_is_judged_in_parts(tmp_path: Path) -> None:
    mutants = mutants_in(SOURCE, "total.js")
    strength = judge_mutants("javascript", SOURCE, mutants, tmp_path)
    assert strength.complete
    assert Counter(one.fate.value for one in strength.judged) == {"Killed": 3, "Survived": 3}


APART = """
-- package.json --
{ "type": "module", "scripts": { "test": "node --test" } }
-- total.js --
export function total(a) {
  return a + 0;
}
-- other.js --
export function other() {
  return 1;
}
-- total.test.js --
import assert from 'node:assert';
import { test } from 'node:test';
import { total } from './total.js';

test('total', () => assert.equal(total(1), 1));
-- other.test.js --
import assert from 'node:assert';
import { test } from 'node:test';
import { other } from './other.js';

test('other', () => assert.equal(other() + Number(process.env.REGREEN_PICK ?? 0), 1));
"""


def test_a_mutant_meets_no_file_of_tests_that_does_not_run_its_line(tmp_path: Path) -> None:
    strength = judge_mutants("javascript", APART, mutants_in(APART, "total.js"), tmp_path)
    assert told(strength) == [
        "2 a + 0 -> undefined: Killed, total",
        "2 + -> -: Survived",
    ]
